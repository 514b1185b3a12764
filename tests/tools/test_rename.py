"""Renaming many files by a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmos.errors import ToolError
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"old": "img", "new": "photo"}, ["photo 1.JPG", "photo 2.JPG"]),
        ({"old": " ", "new": "_"}, ["img_1.JPG", "img_2.JPG"]),
        ({"old": r"img (\d)", "new": r"\1-img", "regex": True}, ["1-img.JPG", "2-img.JPG"]),
        ({"old": r"img (\d)", "new": "$1-img", "regex": True}, ["1-img.JPG", "2-img.JPG"]),
        ({"new_extension": ".png"}, ["img 1.png", "img 2.png"]),
        ({"letter_case": "lower"}, ["img 1.jpg", "img 2.jpg"]),
        ({"letter_case": "upper"}, ["IMG 1.JPG", "IMG 2.JPG"]),
        ({"letter_case": "title"}, ["Img 1.JPG", "Img 2.JPG"]),
        ({"prefix": "old_"}, ["old_img 1.JPG", "old_img 2.JPG"]),
        ({"suffix": "_old"}, ["img 1_old.JPG", "img 2_old.JPG"]),
        ({"new": "trip", "number_from": 9}, ["trip10.JPG", "trip9.JPG"]),
        ({"prefix": "trip_", "number_from": 1}, ["trip_1.JPG", "trip_2.JPG"]),
        ({"number_from": 1}, ["img 1_1.JPG", "img 2_2.JPG"]),
    ],
)
def test_renames_by_each_rule(work: Work, rule: dict[str, str], names: list[str]) -> None:
    work.files(**{"img 1_JPG": "", "img 2_JPG": ""})
    work.do("rename_files", extension="jpg", **rule)
    assert work.names() == names


def test_numbers_follow_the_natural_order(work: Work) -> None:
    work.files(img10_jpg="ten", img9_jpg="nine")
    work.do("rename_files", extension="jpg", new="x", number_from=1)
    assert (work.cwd / "x1.jpg").read_text() == "nine"


def test_names_shift_along_without_loss(work: Work) -> None:
    for number in (1, 2, 3):
        work.write(f"p{number}.txt", str(number))
    work.do("rename_files", path=["p1.txt", "p2.txt", "p3.txt"], new="p", number_from=2)
    assert [(work.cwd / name).read_text() for name in ("p2.txt", "p3.txt", "p4.txt")] == ["1", "2", "3"]


def test_two_files_swap_their_names(work: Work) -> None:
    work.files(p1="one", p2="two")
    work.do("rename_files", path=["p2", "p1"], new="p", number_from=1)
    assert ((work.cwd / "p1").read_text(), (work.cwd / "p2").read_text()) == ("two", "one")
    assert work.names() == ["p1", "p2"]


def test_one_name_for_two_files_is_refused_before_anything_is_renamed(work: Work) -> None:
    work.files(a_txt="", A_txt="", b_txt="")
    with pytest.raises(ToolError, match=r"nothing was renamed"):
        work.plan("rename_files", extension="txt", letter_case="lower")


def test_an_existing_file_is_never_overwritten(work: Work) -> None:
    work.files(a_txt="", a_md="mine")
    with pytest.raises(ToolError, match=r"a\.md exists already"):
        work.plan("rename_files", extension="txt", new_extension="md")


@pytest.mark.parametrize("new", ["x/y", "..", "a" * 300])
def test_what_is_no_name_is_refused(work: Work, new: str) -> None:
    work.write("a")
    with pytest.raises(ToolError):
        work.plan("rename_files", path="a", old="a", new=new)


def test_a_broken_expression_is_told(work: Work) -> None:
    work.write("a")
    with pytest.raises(ToolError, match="no regular expression"):
        work.plan("rename_files", path="a", old="(", regex=True)


def test_the_current_folder_means_the_files_in_it(work: Work) -> None:
    for name in ("A.txt", "sub/B.txt", ".Hidden"):
        work.write(name)
    work.do("rename_files", letter_case="lower")
    assert work.names() == [".Hidden", "a.txt", "sub/B.txt"]


def test_a_folder_whose_own_name_would_not_change_means_its_files(work: Work) -> None:
    work.write("Photos/a b.jpg")
    work.do("rename_files", path="Photos", old=" ", new="_")
    assert work.names() == ["Photos/a_b.jpg"]


def test_a_folder_and_what_is_in_it_can_both_be_renamed(work: Work) -> None:
    work.write("old a/old b/old c")
    outcome = work.do("rename_files", name="old *", old="old", new="new")
    assert work.names() == ["new a/new b/new c"]
    assert all(Path(item).exists() for item in outcome.items) and len(outcome.items) == 3


def test_nothing_to_change_is_told(work: Work) -> None:
    work.write("a")
    with pytest.raises(ToolError, match="Nothing to rename"):
        work.plan("rename_files", path="a", old="zzz", new="y")


def test_a_suffix_stands_before_a_double_extension(work: Work) -> None:
    work.write("a.tar.gz")
    work.do("rename_files", path="a.tar.gz", suffix="-2")
    assert work.names() == ["a-2.tar.gz"]


def test_names_that_are_not_unicode_survive(work: Work) -> None:
    work.write("a\udcff b")
    work.do("rename_files", name="*", old=" ", new="_")
    assert work.names() == ["a\udcff_b"]


def test_several_are_told_by_their_old_and_new_names(work: Work) -> None:
    work.write("d/a.txt")
    work.write("b.txt")
    outcome = work.do("rename_files", extension="txt", new_extension="md")
    assert outcome.text == "Renamed 2 files.\nd/a.txt -> a.md\nb.txt -> b.md"

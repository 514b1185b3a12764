"""Counting, checksums, comparisons."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.messages import JSON, Outcome
from llmos.values.plain import plain_text
from llmos.values.table import Cell
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def rows(outcome: Outcome) -> list[tuple[Cell, ...]]:
    assert outcome.table is not None
    return list(outcome.table.rows)


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ({}, 6),
        ({"what": "files"}, 3),
        ({"what": "folders"}, 2),
        ({"what": "files", "extension": "txt"}, 2),
        ({"what": "entries", "depth": 1}, 3),
        ({"what": "lines"}, 5),
        ({"what": "words", "extension": "txt"}, 6),
        ({"what": "characters", "path": "a.txt"}, 12),
        ({"what": "bytes", "path": "a.txt"}, 16),
        ({"what": "lines", "path": ["a.txt", "d/b.txt"]}, 4),
    ],
)
def test_what_can_be_counted(work: Work, arguments: dict[str, JSON], number: int) -> None:
    work.write("a.txt", "one two\n二三\n\n")
    work.write("d/b.txt", "no line end")
    work.write("d/e/.hidden", "x\n")
    (work.cwd / "link").symlink_to("a.txt")
    assert work.do("count", **arguments).text == str(number)


def test_counts_of_each_file(work: Work) -> None:
    work.files(a_txt="1\n2\n", b_txt="1\n", c_txt="1\n2\n3\n")
    outcome = work.do("count", what="lines", each=True, sort="largest", limit=2)
    assert rows(outcome) == [(3, "c.txt"), (2, "a.txt")]
    assert outcome.items == (f"{work.cwd}/c.txt", f"{work.cwd}/a.txt")


def test_the_total_of_all_files_comes_last_as_with_wc(work: Work) -> None:
    work.files(a_txt="1\n2\n", b_txt="1\n")
    outcome = work.do("count", what="lines", each=True)
    assert rows(outcome) == [(2, "a.txt"), (1, "b.txt"), (3, "total")]
    assert outcome.items == (f"{work.cwd}/a.txt", f"{work.cwd}/b.txt")
    assert rows(work.do("count", what="lines", each=True, path="a.txt")) == [(2, "a.txt")]


def test_files_in_each_folder(work: Work) -> None:
    for name in ("a/1", "a/x/2", "b/3", "4"):
        work.write(name)
    (work.cwd / "none").mkdir()
    assert rows(work.do("count", what="files", each=True)) == [(2, "a"), (1, "b"), (0, "none")]
    assert rows(work.do("count", what="files", each=True, path=["b", "a"])) == [(1, "b"), (2, "a")]


def test_a_named_file_that_is_not_there_is_an_error(work: Work) -> None:
    with pytest.raises(ToolError, match="There is no 'nothing'"):
        work.do("count", what="lines", path="nothing")


def test_one_checksum_reads_as_md5sum_prints_it(work: Work) -> None:
    work.files(a_txt="hello\n")
    outcome = work.do("checksum", path="a.txt", algorithm="md5")
    assert outcome.text == "b1946ac92492d2347c6235b4d2611184  a.txt"


def test_checksums_of_a_folder_are_those_of_its_files(work: Work) -> None:
    work.write("d/a", "")
    work.write("d/e/b", "x")
    outcome = work.do("checksum", path="d", algorithm="sha1")
    assert [row[1] for row in rows(outcome)] == ["d/a", "d/e/b"]
    assert plain_text(outcome).splitlines()[0] == "da39a3ee5e6b4b0d3255bfef95601890afd80709  d/a"


def test_differences_are_told_as_diff_does(work: Work) -> None:
    work.files(a="1\n2\n3\n", b="1\ntwo\n3\n4\n")
    assert work.do("compare_files", first="a", second="b").text == "2c2\n< 2\n---\n> two\n3a4\n> 4"
    assert work.do("compare_files", first="a", second="b", show="count").text == "3"
    assert work.do("compare_files", first="a", second="b", show="same").text == "The files differ."


def test_the_same_file_is_the_same(work: Work) -> None:
    work.files(a="1\n", b="1\n")
    assert work.do("compare_files", first="a", second="b").text == "The files are the same."
    assert work.do("compare_files", first="a", second="./a", show="count").text == "0"


def test_binary_files_are_only_said_to_differ(work: Work) -> None:
    (work.cwd / "a").write_bytes(b"\0\1")
    (work.cwd / "b").write_bytes(b"\0\2")
    assert work.do("compare_files", first="a", second="b").text == "The files differ; they are binary."


def test_a_file_is_compared_with_its_like_in_a_folder(work: Work) -> None:
    work.write("a", "1\n")
    work.write("d/a", "2\n")
    assert work.do("compare_files", first="a", second="d").text == "1c1\n< 1\n---\n> 2"
    with pytest.raises(ToolError, match="without a file 'b'"):
        work.write("b")
        work.do("compare_files", first="b", second="d")


def test_folders_are_compared_entry_by_entry(work: Work) -> None:
    for name, text in (("x/a", "1"), ("y/a", "2"), ("x/b/c", ""), ("x/b/d", ""), ("y/e", ""), ("x/f", "=")):
        work.write(name, text)
    work.write("y/f", "=")
    outcome = work.do("compare_files", first="x", second="y")
    assert plain_text(outcome).splitlines() == ["a: differs", "b: only in x", "e: only in y"]
    assert outcome.items == (f"{work.cwd}/x/a", f"{work.cwd}/x/b", f"{work.cwd}/y/e")
    assert work.do("compare_files", first="x", second="y", show="count").text == "3"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_one_unreadable_file_among_many_is_noted_and_the_rest_counted(work: Work) -> None:
    work.files(a="1\n", b="2\n")
    (work.cwd / "a").chmod(0)
    outcome = work.do("count", what="lines")
    assert (plain_text(outcome), outcome.text) == ("1", f"Could not read {work.cwd}/a (permission denied).")
    with pytest.raises(ToolError, match="permission denied"):
        work.do("count", what="lines", path="a")

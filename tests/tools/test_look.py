"""Looking at folders: list, tree, find, describe, go there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.messages import ItemKind, Outcome
from llmos.values.plans import Effect
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def shown(outcome: Outcome) -> list[str]:
    """The last column."""
    assert outcome.table is not None
    return [str(row[-1]) for row in outcome.table.rows]


def test_list_folder_leaves_hidden_names_out_unless_asked(work: Work) -> None:
    for name in ("b/x", "a", ".c"):
        work.write(name)
    assert shown(work.do("list_folder")) == ["a", "b"]
    assert shown(work.do("list_folder", hidden=True)) == [".c", "a", "b"]


def test_list_folder_gives_absolute_items_in_the_order_shown(work: Work) -> None:
    for name, size in (("a", 1), ("b", 3), ("c", 2)):
        work.write(name, "x" * size)
    outcome = work.do("list_folder", sort="largest", limit=2)
    assert outcome.items == (f"{work.cwd}/b", f"{work.cwd}/c") and outcome.kind is ItemKind.PATH
    assert outcome.table is not None and outcome.table.rows == ((3, "b"), (2, "c"))


def test_list_folder_details_show_where_links_lead(work: Work) -> None:
    work.files(target="x")
    (work.cwd / "link").symlink_to("target")
    assert shown(work.do("list_folder", details=True, type="link")) == ["link -> target"]


def test_list_folder_of_several_tells_which_is_where(work: Work) -> None:
    work.write("a/x")
    work.write("b/y")
    assert shown(work.do("list_folder", path=["a", "b"])) == ["a/x", "b/y"]


def test_an_empty_folder_is_said_to_be_empty(work: Work) -> None:
    assert work.do("list_folder").text == f"{work.cwd} is empty."
    work.write(".x")
    assert work.do("list_folder").text == f"There are only hidden entries in {work.cwd}."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list everything")
def test_a_folder_that_may_not_be_listed_is_an_error(work: Work) -> None:
    (work.cwd / "closed").mkdir(mode=0)
    with pytest.raises(ToolError, match=r"You may not list .*closed"):
        work.do("list_folder", path="closed")


def test_names_that_are_no_text_are_shown_escaped_and_kept_whole(work: Work) -> None:
    name = os.fsdecode(b"caf\xe9\n\x1b[2J.txt")
    work.write(name)
    for tool in ("list_folder", "find_files"):
        outcome = work.do(tool)
        assert shown(outcome) == [r"caf\xe9\n\x1b[2J.txt"]
        assert outcome.items == (f"{work.cwd}/{name}",)


def test_the_tree_is_drawn_and_counted(work: Work) -> None:
    for name in ("a/b/c", "a/d", "e", ".hidden"):
        work.write(name)
    (work.cwd / "f").symlink_to("a")
    lines = [".", "├── a", "│   ├── b", "│   │   └── c", "│   └── d", "├── e", "└── f -> a"]
    assert work.do("show_tree").text.split("\n") == [*lines, "", "3 directories, 4 files"]


def test_the_tree_can_be_of_folders_only_and_cut_off(work: Work) -> None:
    for name in ("a/b/c", "a/d"):
        work.write(name)
    assert work.do("show_tree", type="folder", depth=1).text.split("\n") == [".", "└── a", "", "2 directories"]


def test_paths_are_shown_as_the_folder_was_written(work: Work) -> None:
    work.write("src/a b.c")
    assert shown(work.do("find_files", type="file")) == ["src/a b.c"]
    assert shown(work.do("find_files", path="./src/")) == ["src/a b.c"]
    assert shown(work.do("find_files", path=str(work.cwd / "src"))) == [f"{work.cwd}/src/a b.c"]


def test_find_files_orders_files_alone_by_size(work: Work) -> None:
    for name, size in (("d/a", 5), ("b", 9), ("c", 1)):
        work.write(name, "x" * size)
    outcome = work.do("find_files", sort="largest", limit=2)
    assert outcome.table is not None and outcome.table.rows == ((9, "b"), (5, "d/a"))
    assert shown(work.do("find_files", sort="smallest")) == ["c", "d/a", "b"]


@pytest.mark.parametrize(
    ("order", "names"),
    [("newest", "cba"), ("oldest", "abc"), ("extension", "bca"), ("deepest", "bac"), ("shallowest", "acb")],
)
def test_find_files_orders(work: Work, order: str, names: str) -> None:
    for age, name in enumerate(("c.x", "d/b.a", "a.y")):
        os.utime(work.write(name), (0, 10_000 - age))
    found = shown(work.do("find_files", type="file", sort=order, show="names"))
    assert "".join(name[0] for name in found) == names


def test_find_files_stops_looking_once_the_limit_is_reached(work: Work) -> None:
    for index in range(50):
        work.write(f"f{index:02}")
    assert shown(work.do("find_files", limit=3)) == ["f00", "f01", "f02"]
    assert shown(work.do("find_files", limit=0)) == []


def test_nothing_found_says_what_was_looked_for(work: Work) -> None:
    outcome = work.do("find_files", name="*.log", older_than="3 days")
    assert outcome.text == f"Nothing found: no files named *.log, older than 3 days in {work.cwd}."
    assert outcome.table is not None and outcome.table.columns and not outcome.table.rows


def test_finding_plans_to_read_where_the_path_really_leads(work: Work) -> None:
    (work.cwd / "link").symlink_to("/etc")
    plan = work.plan("find_files", path="link")
    assert [(target.effect, target.what) for target in plan.targets] == [(Effect.READ, "/etc")]
    assert plan.summary == "search link"


def test_file_info_of_one_file(work: Work) -> None:
    os.chmod(work.write("a.txt", "é" * 1000), 0o640)
    lines = work.do("file_info", path="a.txt").text.split("\n")
    assert f"path:     {work.cwd}/a.txt" in lines and "type:     text (UTF-8)" in lines
    assert "size:     2,000 bytes (2.0 KB)" in lines and "mode:     -rw-r----- (0640)" in lines


def test_file_info_tells_where_a_link_leads(work: Work) -> None:
    work.files(a_txt="x")
    (work.cwd / "link").symlink_to("a.txt")
    (work.cwd / "broken").symlink_to("nowhere")
    assert f"leads to: {work.cwd}/a.txt: text (ASCII), 1 byte" in work.do("file_info", path="link").text
    assert f"leads to: {work.cwd}/nowhere, which is not there" in work.do("file_info", path="broken").text


def test_file_info_of_several_is_a_table(work: Work) -> None:
    (work.cwd / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    work.write("d/x")
    table = work.do("file_info", path=["p.png", "d"]).table
    assert table is not None and [row[:2] for row in table.rows] == [("p.png", "PNG image"), ("d", "folder")]


def test_change_folder_says_where_the_session_goes_on(work: Work) -> None:
    work.write("sub/x")
    outcome = work.do("change_folder", path="sub")
    assert outcome.cwd == outcome.text == f"{work.cwd}/sub"
    assert work.do("current_folder").text == str(work.cwd)


@pytest.mark.parametrize(("path", "says"), [("file", "is not a folder"), ("nowhere", "There is no 'nowhere'")])
def test_change_folder_refuses_what_is_no_folder(work: Work, path: str, says: str) -> None:
    work.write("file")
    with pytest.raises(ToolError, match=says):
        work.do("change_folder", path=path)

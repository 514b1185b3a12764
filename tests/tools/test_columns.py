"""Lines sorted, once each, and columns of them; the files stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.messages import JSON
from llmos.values.plain import plain_text
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def lines(work: Work, tool: str, text: str, **arguments: JSON) -> list[str]:
    """What the tool makes of a file with this text."""
    work.write("a.txt", text)
    shown = plain_text(work.do(tool, path="a.txt", **arguments)).splitlines()
    assert (work.cwd / "a.txt").read_text() == text
    return shown


@pytest.mark.parametrize(
    ("options", "order"),
    [
        ({}, ["10 b", "9 a", "9 a", "B 1", "a 2"]),
        ({"reverse": True}, ["a 2", "B 1", "9 a", "9 a", "10 b"]),
        ({"numeric": True}, ["B 1", "a 2", "9 a", "9 a", "10 b"]),
        ({"ignore_case": True}, ["10 b", "9 a", "9 a", "a 2", "B 1"]),
        ({"unique": True}, ["10 b", "9 a", "B 1", "a 2"]),
        ({"column": 2}, ["B 1", "a 2", "9 a", "9 a", "10 b"]),
        ({"column": 2, "numeric": True, "reverse": True}, ["a 2", "B 1", "9 a", "9 a", "10 b"]),
    ],
)
def test_orders_of_lines(work: Work, options: dict[str, JSON], order: list[str]) -> None:
    assert lines(work, "sort_lines", "9 a\n10 b\nB 1\na 2\n9 a\n", **options) == order


def test_columns_to_sort_by_may_have_a_delimiter_given_or_found(work: Work) -> None:
    assert lines(work, "sort_lines", "x,3\ny,1\n", column=2, delimiter="comma") == ["y,1", "x,3"]
    assert lines(work, "sort_lines", "x:3\ny:1\n", column=2) == ["y:1", "x:3"]


def test_several_files_are_sorted_together(work: Work) -> None:
    work.files(a="2\n", b="1\n3")
    assert plain_text(work.do("sort_lines", path=["a", "b"])) == "1\n2\n3"


def test_each_line_once_in_the_order_of_first_sight(work: Work) -> None:
    assert lines(work, "unique_lines", "b\na\nb\nB\n") == ["b", "a", "B"]
    assert lines(work, "unique_lines", "b\na\nb\nB\n", ignore_case=True) == ["b", "a"]


def test_only_repeated_or_only_single_lines(work: Work) -> None:
    assert lines(work, "unique_lines", "b\na\nb\n", show="repeated") == ["b"]
    assert lines(work, "unique_lines", "b\na\nb\n", show="single") == ["a"]
    assert work.do("unique_lines", path="a.txt", show="repeated", count=True).items == ("b",)


def test_how_often_each_line_occurs_most_frequent_first(work: Work) -> None:
    work.write("a.txt", "x\ny\ny\n")
    table = work.do("unique_lines", path="a.txt", count=True).table
    assert table is not None and table.rows == ((2, "y"), (1, "x"))


@pytest.mark.parametrize(
    ("text", "columns", "cut"),
    [
        ("a,b,c\nd,e,f\n", "2", ["b", "e"]),
        ("a  b   c\nd e f\n", "1,3", ["a c", "d f"]),
        ("k:v:w\n", "2-", ["v:w"]),
        ("name,size\nx,1\n", "size", ["size", "1"]),
        ('1,"Doe, Jane"\n2,Bob\n', "2", ["Doe, Jane", "Bob"]),
        ("a,b\r\nc,d\r\n", "last", ["b", "d"]),
    ],
)
def test_columns(work: Work, text: str, columns: str, cut: list[str]) -> None:
    (work.cwd / "a.txt").write_bytes(text.encode())
    assert plain_text(work.do("cut_columns", path="a.txt", columns=columns)).splitlines() == cut


def test_columns_that_are_none_are_refused_with_how_to_write_them(work: Work) -> None:
    work.files(a="x y\n")
    with pytest.raises(ToolError, match="there is no column 'z'; write columns like 2 or 1,3 or 2-4"):
        work.do("cut_columns", path="a", columns="z")


@pytest.mark.parametrize("tool", ["sort_lines", "unique_lines", "cut_columns"])
def test_an_empty_file_has_no_lines_and_a_binary_one_is_refused(work: Work, tool: str) -> None:
    more: dict[str, JSON] = {"columns": "1"} if tool == "cut_columns" else {}
    work.files(empty="")
    assert work.do(tool, path="empty", **more).text.startswith("Nothing found")
    (work.cwd / "b").write_bytes(b"\0")
    with pytest.raises(ToolError, match="not text but binary"):
        work.do(tool, path="b", **more)

"""Searching the text of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmos.adapters.files.search import expression
from llmos.errors import ToolError
from llmos.values.messages import JSON, ItemKind
from llmos.values.plain import plain_text
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def lines(work: Work, pattern: str, **arguments: JSON) -> list[str]:
    """What a pipe would get."""
    return plain_text(work.do("search_text", pattern=pattern, **arguments)).splitlines()


def test_in_a_folder_each_line_is_told_with_its_place(work: Work) -> None:
    work.write("b.txt", "x\nneedle\n")
    work.write("a/c.txt", "needle here\n")
    outcome = work.do("search_text", pattern="needle")
    assert plain_text(outcome).splitlines() == ["a/c.txt:1:needle here", "b.txt:2:needle"]
    assert outcome.items == (f"{work.cwd}/a/c.txt", f"{work.cwd}/b.txt") and outcome.kind is ItemKind.PATH


def test_in_one_file_the_lines_stand_alone(work: Work) -> None:
    work.files(a_txt="one\ntwo\none more\n")
    assert lines(work, "one", path="a.txt") == ["one", "one more"]
    assert lines(work, "one", path="a.txt", line_numbers=True) == ["1:one", "3:one more"]
    assert lines(work, "one", path="a.txt", limit=1) == ["one"]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"pattern": "cat"}, ["cat", "concatenate", "a.cat"]),
        ({"pattern": "cat", "whole_word": True}, ["cat", "a.cat"]),
        ({"pattern": "CAT", "ignore_case": True}, ["cat", "concatenate", "Cat!", "a.cat"]),
        ({"pattern": "a.c"}, ["a.cat"]),
        ({"pattern": "a.c", "regex": True}, ["a.cat", "abc"]),
        ({"pattern": "^[cC]at", "regex": True}, ["cat", "Cat!"]),
        ({"pattern": "a", "invert": True}, ["dog", "ÄRGER"]),
        ({"pattern": "ärger", "ignore_case": True}, ["ÄRGER"]),
        ({"pattern": "[[:upper:]]$", "regex": True}, ["ÄRGER"]),
    ],
)
def test_ways_to_match(work: Work, options: dict[str, JSON], found: list[str]) -> None:
    work.files(a_txt="cat\nconcatenate\nCat!\na.cat\nabc\ndog\nÄRGER\n")
    assert plain_text(work.do("search_text", path="a.txt", **options)).splitlines() == found


def test_numbers_of_lines_and_of_occurrences(work: Work) -> None:
    work.files(a_txt="x x\nx\n", b_txt="x\ny\n")
    assert work.do("search_text", pattern="x", show="count").text == "3"
    assert work.do("search_text", pattern="x", show="occurrences").text == "4"
    assert work.do("search_text", pattern="z", show="count").text == "0"


def test_files_with_and_without(work: Work) -> None:
    work.files(a_txt="x", b_txt="y", c_txt="x")
    assert lines(work, "x", show="files") == ["a.txt", "c.txt"]
    assert lines(work, "x", show="files_without") == ["b.txt"]


def test_only_what_matched(work: Work) -> None:
    work.files(a_txt="mail ada@x.org or bob@y.org\n")
    assert lines(work, r"\w+@[\w.]+", regex=True, show="matches") == ["ada@x.org", "bob@y.org"]


def test_context_is_shown_as_grep_does(work: Work) -> None:
    work.write("a.txt", "".join(f"{number}\n" for number in range(1, 13)))
    text = work.do("search_text", path="a.txt", pattern="^(3|11)$", regex=True, context=1, line_numbers=True).text
    assert text.split("\n") == ["2-2", "3:3", "4-4", "--", "10-10", "11:11", "12-12"]


def test_lines_of_binary_files_are_not_shown_but_can_be_counted(work: Work) -> None:
    (work.cwd / "b").write_bytes(b"needle\0\nneedle\n")
    work.files(t="needle\n")
    assert lines(work, "needle") == ["t:1:needle"]
    assert work.do("search_text", path="b", pattern="needle").text == f"{work.cwd}/b is not text but binary: data."
    assert work.do("search_text", path="b", pattern="needle", show="count").text == "2"


def test_text_that_is_not_utf8_and_text_that_is_utf16(work: Work) -> None:
    (work.cwd / "a").write_bytes(b"caf\xe9 needle\n")
    (work.cwd / "b").write_bytes("eine nädel\n".encode("utf-16"))
    assert lines(work, "needle") == ["a:1:caf\\xe9 needle"]
    assert lines(work, "nädel") == ["b:1:eine nädel"]


def test_windows_line_ends_are_no_part_of_the_line(work: Work) -> None:
    (work.cwd / "a").write_bytes(b"one\r\ntwo\r\n")
    assert lines(work, "e$", path="a", regex=True) == ["one"]


def test_a_file_larger_than_what_is_read_at_once(work: Work) -> None:
    (work.cwd / "a").write_bytes(b"x" * 99 + b"\n" + (b"y" * 99 + b"\n") * 90_000 + b"needle\nlast needle")
    assert lines(work, "needle", path="a", line_numbers=True) == ["90002:needle", "90003:last needle"]


def test_an_expression_that_never_ends_is_stopped() -> None:
    needle = expression(r"(a|aa)+$", False, False, False, seconds=0.2)
    with pytest.raises(ToolError, match="takes too long"):
        needle.find(b"a" * 200 + b"b")


def test_an_expression_that_cannot_be_read_is_refused(work: Work) -> None:
    work.files(a="x")
    with pytest.raises(ToolError, match=r"'\(' is no regular expression"):
        work.do("search_text", pattern="(", regex=True)


def test_nothing_found_is_said(work: Work) -> None:
    work.files(a_txt="x")
    assert work.do("search_text", pattern="zebra").text == f"Nothing found: 'zebra' is not in {work.cwd}."


def test_filters_choose_the_files(work: Work) -> None:
    work.files(a_py="TODO\n", b_md="TODO\n")
    assert lines(work, "TODO", extension="py") == ["a.py:1:TODO"]

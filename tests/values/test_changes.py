"""Change sets: counted, sized, and compared only when somebody looks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmos.values.changes import Change, ChangeKind, ChangeSet, Contents, as_json, difference, in_words
from tests.at_work import Work


def changed(old: bytes, new: bytes) -> Change:
    return Change(ChangeKind.CHANGED, "/w/a", size=len(old), contents=Contents(lambda: old, lambda: new))


def test_a_change_set_is_counted_and_sized() -> None:
    gone = tuple(Change(ChangeKind.DELETED, f"/elsewhere/{number}", size=1 << 20) for number in range(412))
    changes = ChangeSet((*gone, Change(ChangeKind.CREATED, "/w/new", size=10)))
    assert in_words(changes, "/w") == "creates 1 thing, 10 bytes; deletes 412 things, 412 MB, outside this folder"


def test_a_part_that_is_outside_is_counted() -> None:
    moved = (Change(ChangeKind.MOVED, "/w/a", "/x/a"), Change(ChangeKind.MOVED, "/w/b", "/w/c"))
    assert in_words(ChangeSet(moved), "/w") == "moves 2 things, 1 of them outside this folder"


def test_the_difference_of_texts_is_shown_line_by_line() -> None:
    lines = list(difference(changed(b"one\ntwo\n", b"one\n2\n")))
    assert "-two" in lines and "+2" in lines


def test_of_binaries_the_sizes_are_shown() -> None:
    assert list(difference(changed(b"\0" * 2048, b"x"))) == ["2.0 KB become 1 byte"]


def test_what_cannot_be_read_has_no_difference() -> None:
    def gone() -> bytes:
        raise FileNotFoundError

    assert list(difference(Change(ChangeKind.CHANGED, "/w/a", contents=Contents(gone, gone)))) == []


def test_as_json_with_and_without_the_difference() -> None:
    (plain,), (whole,) = as_json([changed(b"a", b"b")]), as_json([changed(b"a", b"b")], with_differences=True)
    assert json.loads(json.dumps(plain)) == {"kind": "changed", "path": "/w/a", "to": "", "size": 1}
    assert whole["difference"][-2:] == ["-a", "+b"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("write_file", {"path": "a", "text": "new"}),
        ("append_file", {"path": "a", "text": "new"}),
        ("replace_text", {"path": "a", "old": "old", "new": "new"}),
    ],
)
def test_tools_that_write_text_know_the_difference(tmp_path: Path, tool: str, arguments: dict[str, str]) -> None:
    work = Work(tmp_path)
    work.write("a", "old\n")
    (change,) = work.plan(tool, **arguments).changes.changes
    assert "+new" in list(difference(change))

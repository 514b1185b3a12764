"""Replacing text in files: what changes, what stays, what is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.changes import ChangeKind
from llmos.values.messages import JSON
from llmos.values.plans import Effect
from tests.at_work import Work

WRITE = Effect.WRITE
CHANGED = ChangeKind.CHANGED


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def test_the_plan_shows_the_files_that_change_and_changes_nothing(work: Work) -> None:
    work.files(a_txt="x x", b_txt="x", c_txt="y")
    plan = work.plan("replace_text", old="x", new="zz")
    assert [(t.effect, os.path.basename(t.what)) for t in plan.targets] == [(WRITE, "a.txt"), (WRITE, "b.txt")]
    assert next((c.kind, os.path.basename(c.path), c.size) for c in plan.changes.changes) == (CHANGED, "a.txt", 5)
    assert plan.summary.startswith("replace 3 occurrences in 2 files of 'x' with 'zz': ")
    assert (work.cwd / "a.txt").read_text() == "x x"


def test_what_was_planned_is_done_and_the_old_versions_are_kept(work: Work) -> None:
    work.files(a_txt="x x", b_txt="x", c_txt="y")
    outcome = work.do("replace_text", old="x", new="z")
    assert outcome.text == "Replaced 3 occurrences in 2 files.\na.txt\nb.txt"
    assert [(work.cwd / name).read_text() for name in ("a.txt", "b.txt", "c.txt")] == ["z z", "z", "y"]
    assert work.kept() == ["x", "x x"] and outcome.items == (f"{work.cwd}/a.txt", f"{work.cwd}/b.txt")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"old": "cat", "new": "dog"}, "dog dogs Cat a.c\n"),
        ({"old": "cat", "new": "dog", "whole_word": True}, "dog cats Cat a.c\n"),
        ({"old": "cat", "new": "dog", "ignore_case": True}, "dog dogs dog a.c\n"),
        ({"old": "a.c", "new": r"\1"}, "cat cats Cat \\1\n"),
        ({"old": r"(c)(a)t", "new": r"\2\1", "regex": True}, "ac acs Cat a.c\n"),
        ({"old": r"(c)(a)t", "new": "$2$1", "regex": True}, "ac acs Cat a.c\n"),
        ({"old": r"^\w+ ", "regex": True}, "cats Cat a.c\n"),
    ],
)
def test_ways_to_replace(work: Work, options: dict[str, JSON], text: str) -> None:
    work.files(a_txt="cat cats Cat a.c\n")
    work.do("replace_text", path="a.txt", **options)
    assert (work.cwd / "a.txt").read_text() == text


def test_all_other_bytes_stay(work: Work) -> None:
    path = work.cwd / "a"
    path.write_bytes(b"\xef\xbb\xbfold\r\n\xff\xfe old")
    work.do("replace_text", path="a", old="old", new="新")
    assert path.read_bytes() == b"\xef\xbb\xbf" + "新".encode() + b"\r\n\xff\xfe " + "新".encode()


def test_utf16_stays_utf16(work: Work) -> None:
    (work.cwd / "a").write_bytes(b"\xfe\xff" + "one".encode("utf-16-be"))
    work.do("replace_text", path="a", old="one", new="two")
    assert (work.cwd / "a").read_bytes() == b"\xfe\xff" + "two".encode("utf-16-be")


def test_the_mode_stays(work: Work) -> None:
    work.write("run.sh", "echo old\n").chmod(0o750)
    work.do("replace_text", path="run.sh", old="old", new="new")
    assert (work.cwd / "run.sh").stat().st_mode & 0o7777 == 0o750


def test_a_named_link_stays_and_what_it_leads_to_changes(work: Work) -> None:
    work.files(real="old")
    (work.cwd / "link").symlink_to("real")
    plan = work.plan("replace_text", path="link", old="old", new="new")
    assert [target.what for target in plan.targets] == [f"{work.cwd}/real"]
    work.run(plan)
    assert (work.cwd / "link").is_symlink() and (work.cwd / "real").read_text() == "new"


def test_links_come_across_in_a_folder_are_not_followed(work: Work, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("old")
    (work.cwd / "link").symlink_to(outside)
    assert work.do("replace_text", old="old", new="new").text.startswith("Nothing to replace")
    assert outside.read_text() == "old"


def test_a_file_that_changed_since_the_plan_stays_as_it_is(work: Work) -> None:
    path = work.write("a", "old")
    plan = work.plan("replace_text", path="a", old="old", new="new")
    path.write_text("old, and more")
    with pytest.raises(ToolError, match="changed by somebody else"):
        work.run(plan)
    assert path.read_text() == "old, and more"


def test_binary_files_are_passed_over_and_refused_when_named(work: Work) -> None:
    (work.cwd / "b").write_bytes(b"old\0")
    work.files(t="old")
    assert work.do("replace_text", old="old", new="new").text == "Replaced 1 occurrence in 1 file."
    with pytest.raises(ToolError, match="not text but binary"):
        work.do("replace_text", path="b", old="old", new="new")


def test_nothing_to_replace_only_reads_and_says_so(work: Work) -> None:
    work.files(a_txt="x")
    plan = work.plan("replace_text", path="a.txt", old="zebra")
    assert plan.only_reads
    assert work.run(plan).text == f"Nothing to replace: 'zebra' is not in {work.cwd}/a.txt."


@pytest.mark.parametrize(("old", "new", "regex"), [("", "x", False), ("(", "x", True), ("a", r"\9", True)])
def test_what_cannot_be_replaced_is_refused(work: Work, old: str, new: str, regex: bool) -> None:
    work.files(a_txt="a")
    with pytest.raises(ToolError):
        work.plan("replace_text", old=old, new=new, regex=regex)

"""Undo, redo and the history as tools: every tool that changes files can be taken back through them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.changes import ChangeKind
from llmos.values.messages import JSON
from llmos.values.plans import Effect
from tests.at_work import Work
from tests.journal.folder_under_change import picture


@pytest.fixture
def work(tmp_path: Path) -> Work:
    made = Work(tmp_path)
    for name in ("a.jpeg", "b.jpeg", "c.txt", "d/e.txt"):
        made.write(name, f"text of {name}\n")
    made.do("archive_files", path="c.txt", to="packed.tar")
    return made


CALLS: list[tuple[str, dict[str, JSON]]] = [
    ("create_file", {"path": "new/deep/file"}),
    ("make_folder", {"path": "x/y/z"}),
    ("write_file", {"path": "c.txt", "text": "new"}),
    ("append_file", {"path": "c.txt", "text": "new"}),
    ("link_file", {"target": "c.txt", "link": "link"}),
    ("link_file", {"target": "c.txt", "link": "link", "hard": True}),
    ("copy_files", {"path": "d", "to": "copy"}),
    ("copy_files", {"path": "d/e.txt", "to": "c.txt"}),
    ("move_files", {"path": "d", "to": "moved"}),
    ("move_files", {"path": "d/e.txt", "to": "c.txt"}),
    ("rename_files", {"path": ".", "new_extension": "jpg", "extension": "jpeg"}),
    ("delete_files", {"path": "d"}),
    ("delete_files", {"path": ".", "name": "*"}),
    ("change_mode", {"path": ["a.jpeg", "d"], "mode": "700", "recursive": True}),
    ("archive_files", {"path": "d", "to": "new.zip"}),
    ("archive_files", {"path": "c.txt", "format": "gz"}),
    ("extract_archive", {"path": "packed.tar", "to": "out"}),
    ("extract_archive", {"path": "packed.tar"}),
    ("replace_text", {"path": ".", "old": "text", "new": "word"}),
]


@pytest.mark.parametrize(("tool", "arguments"), CALLS, ids=lambda part: part if isinstance(part, str) else "")
def test_what_a_tool_did_is_undone_exactly_and_redone(work: Work, tool: str, arguments: dict[str, JSON]) -> None:
    before = picture(str(work.cwd))
    work.do(tool, **arguments)
    after = picture(str(work.cwd))
    assert after != before
    work.do("undo")
    assert picture(str(work.cwd)) == before
    work.do("redo")
    assert {path: seen[:2] for path, seen in picture(str(work.cwd)).items()} == {p: s[:2] for p, s in after.items()}


def test_several_changes_are_undone_at_once(work: Work) -> None:
    before = picture(str(work.cwd))
    for text in ("one", "two", "three"):
        work.do("write_file", path="c.txt", text=text)
    outcome = work.do("undo", steps=3)
    assert picture(str(work.cwd)) == before and outcome.text.startswith("Undone: ")


def test_an_undo_is_planned_like_every_change(work: Work) -> None:
    work.do("move_files", path="c.txt", to="z.txt")
    plan = work.plan("undo")
    (change,) = plan.changes.changes
    assert (change.kind, change.path, change.to) == (ChangeKind.MOVED, str(work.cwd / "z.txt"), str(work.cwd / "c.txt"))
    assert {target.effect for target in plan.targets} == {Effect.WRITE} and plan.summary.startswith("undo: move ")


def test_what_was_edited_since_is_named_and_left_alone(work: Work) -> None:
    work.do("write_file", path="c.txt", text="ours")
    work.write("c.txt", "theirs")
    with pytest.raises(ToolError, match=r"c\.txt was changed after that.*llmos undo --keep-both"):
        work.plan("undo")


def test_with_nothing_changed_there_is_nothing_to_undo(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="Nothing to undo"):
        Work(tmp_path).plan("undo")


def test_the_history_says_what_can_be_undone_and_why_not(work: Work) -> None:
    work.do("write_file", path="c.txt", text="ours")
    work.do("delete_files", path="a.jpeg", permanently=True)
    work.do("move_files", path="b.jpeg", to="z")
    work.do("undo")
    os.unlink(work.cwd / "c.txt")
    table = work.do("show_history").table
    assert table is not None
    states = [row[3] for row in table.rows]
    assert states[:3] == ["can be redone", "undone", "no: nothing was kept"] and "no longer there" in str(states[3])


def test_the_history_of_one_file(work: Work) -> None:
    work.do("write_file", path="c.txt", text="ours")
    work.do("move_files", path="b.jpeg", to="z")
    table = work.do("show_history", path="z", newer_than="1 hour").table
    assert table is not None and len(table.rows) == 1 and "b.jpeg" in str(table.rows[0][2])


def test_the_history_is_as_long_as_wanted(work: Work) -> None:
    for number in range(4):
        work.do("create_file", path=f"new{number}")
    table = work.do("show_history", limit=2).table
    assert table is not None and len(table.rows) == 2 and "new3" in str(table.rows[0][2])


def test_what_is_too_large_to_keep_is_asked_for_as_destroyed(work: Work) -> None:
    big = work.write("big", "")
    os.truncate(big, 200 << 30)  # a hole: it takes no room
    plan = work.plan("write_file", path="big", text="small")
    assert Effect.DESTROY in {target.effect for target in plan.targets} and "too large to be kept" in plan.summary
    work.run(plan)
    assert big.read_text() == "small\n" and work.kept() == []

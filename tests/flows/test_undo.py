"""`llmos undo`, `redo` and `history` as somebody types them."""

from __future__ import annotations

import json

import pexpect
import pytest

from tests.flows.conftest import Llmos


@pytest.fixture
def changed(llmos: Llmos) -> Llmos:
    """a.txt was written, then moved to b.txt."""
    write = {"name": "write_file", "arguments": {"path": "a.txt", "text": "new"}}
    move = {"name": "move_files", "arguments": {"path": "a.txt", "to": "b.txt"}}
    (llmos.folder / "a.txt").write_text("old\n")
    for call in (write, move):
        assert llmos.run("--yes", "do it", script=[{"calls": [call], "final": True}]).returncode == 0
    return llmos


def test_undo_and_redo_step_by_step(changed: Llmos) -> None:
    assert changed.run("undo", "2", "--yes").returncode == 0
    assert (changed.folder / "a.txt").read_text() == "old\n" and not (changed.folder / "b.txt").exists()
    assert changed.run("redo", "2", "--yes").returncode == 0
    assert (changed.folder / "b.txt").read_text() == "new\n"


def test_nobody_there_to_ask_is_exit_code_4(changed: Llmos) -> None:
    done = changed.run("undo")
    assert done.returncode == 4 and (changed.folder / "b.txt").exists() and "--yes approves" in done.stderr


def test_an_undo_is_shown_and_asked(changed: Llmos) -> None:
    python, *arguments = changed.command("undo")
    child = pexpect.spawn(python, arguments, cwd=str(changed.folder), env={**changed.env, "TERM": "dumb"}, timeout=30)  # type: ignore[arg-type]
    child.expect("undo: move .*a.txt.*b.txt")
    child.expect(r"\[y/N\]")
    child.sendline("y")
    child.expect(pexpect.EOF)
    assert (changed.folder / "a.txt").read_text() == "new\n"


def test_one_change_by_its_id(changed: Llmos) -> None:
    (changed.folder / "c.txt").write_text("c")
    call = {"name": "delete_files", "arguments": {"path": "c.txt"}}
    changed.run("--yes", "do it", script=[{"calls": [call], "final": True}])
    assert changed.run("undo", "c2", "--yes").returncode == 0
    assert (changed.folder / "a.txt").exists() and not (changed.folder / "c.txt").exists()


def test_a_refusal_names_the_file_and_the_way_to_save_both(changed: Llmos) -> None:
    (changed.folder / "b.txt").unlink()
    done = changed.run("undo", "--yes")
    assert done.returncode == 1 and "b.txt is no longer there" in done.stderr and "--keep-both" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_history_as_lines_of_json(changed: Llmos) -> None:
    changed.run("undo", "--yes")
    rows = [json.loads(line) for line in changed.run("history", "--json").stdout.splitlines()]
    assert [row["state"] for row in rows] == ["can be redone", "undone", "can be undone"]
    assert [json.loads(line)["id"] for line in changed.run("history", "--json", "-n", "1").stdout.splitlines()] == [
        "c3"
    ]


def test_what_is_neither_a_number_nor_an_id_is_a_usage_error(llmos: Llmos) -> None:
    done = llmos.run("undo", "everything")
    assert done.returncode == 2 and "c12" in done.stderr


def test_with_an_empty_history(llmos: Llmos) -> None:
    assert llmos.run("history").stdout == "Nothing was changed.\n"
    assert "Nothing to undo" in llmos.run("undo").stderr


def test_old_versions_beyond_the_setting_are_asked_for_as_lost(llmos: Llmos) -> None:
    (llmos.home / ".config/llmos").mkdir(parents=True)
    (llmos.home / ".config/llmos/config.toml").write_text("keep = 3\n")
    (llmos.folder / "a").write_text("more than three bytes")
    call = {"name": "write_file", "arguments": {"path": "a", "text": "new"}}
    done = llmos.run("--yes", "do it", script=[{"calls": [call], "final": True}])
    assert done.returncode == 0 and "too large to be kept" in done.stderr
    assert "nothing was kept" in llmos.run("history").stdout

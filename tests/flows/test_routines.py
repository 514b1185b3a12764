"""Routines from the outside: shown before they are put in, listed, run, taken out."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from llmos.memory.log import Entry, Log
from tests.adapters.test_timers import KEPT_IN_A_FILE
from tests.flows.conftest import Llmos
from tests.flows.terminal import shell
from tests.flows.test_once import reply

LOOK = reply(("list_folder", {}))
EVENING = ("routines", "add", "-y", "look", "every evening", "list the files here")


@pytest.fixture
def timed(llmos: Llmos, tmp_path: Path) -> Llmos:
    """With a crontab and systemctl that are not those of this machine."""
    for name, text in (("crontab", KEPT_IN_A_FILE), ("systemctl", "#!/bin/sh\nexit 1\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    llmos.env |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", "KEPT": str(tmp_path / "kept")}
    return llmos


def test_a_routine_is_shown_and_then_added(timed: Llmos, tmp_path: Path) -> None:
    done = timed.run(*EVENING)
    assert "+ crontab\n    0 21 * * *" in done.stderr and "routines run look" in (tmp_path / "kept").read_text()
    assert timed.run("routines").stdout.startswith("look\tevery day at 21:00\tlist the files here\t")


def test_nothing_is_added_unasked(timed: Llmos, tmp_path: Path) -> None:
    assert timed.run("routines", "add", "look", "every evening", "list the files").returncode == 4
    assert not (tmp_path / "kept").exists()


def test_removed_it_is_gone_everywhere(timed: Llmos, tmp_path: Path) -> None:
    timed.run(*EVENING)
    assert timed.run("routines", "remove", "look").returncode == 0
    assert not (tmp_path / "kept").exists() and "look" not in timed.run("routines").stdout


def test_it_runs_in_the_folder_where_it_was_added(timed: Llmos) -> None:
    (timed.folder / "here.txt").touch()
    timed.run(*EVENING)
    timed.folder = timed.home
    assert "here.txt" in timed.run("routines", "run", "look").stdout


def test_what_would_be_asked_is_left_undone(timed: Llmos) -> None:
    (timed.folder / "old.txt").touch()
    timed.run("routines", "add", "-y", "tidy", "every evening", "delete old.txt")
    assert timed.run("routines", "run", "tidy").returncode == 4
    assert (timed.folder / "old.txt").exists()


def test_what_was_approved_beforehand_is_done_and_can_be_undone(timed: Llmos) -> None:
    (timed.folder / "old.txt").touch()
    timed.run("routines", "add", "-y", "--approve", "tidy", "every evening", "delete old.txt")
    timed.run("routines", "run", "tidy")
    assert not (timed.folder / "old.txt").exists()
    timed.run("undo", "-y")
    assert (timed.folder / "old.txt").exists()


def test_a_time_that_is_not_understood_is_one_line(timed: Llmos) -> None:
    done = timed.run("routines", "add", "look", "sometimes", "list the files")
    assert done.returncode == 2 and done.stderr.count("\n") == 1


def week_of(llmos: Llmos, request: str) -> None:
    """As if it had been said each day until now about this time."""
    (llmos.base / "state").mkdir(exist_ok=True)
    log = Log(llmos.base / "state" / "log.sqlite")
    for day in range(7, 0, -1):
        said = Entry(time.time() - day * 86400, str(llmos.folder), json.dumps({"user": request}))
        log.add(f"day{day}", [said], ())
    log.close()


def test_what_is_said_day_after_day_is_proposed_and_done_only_after_a_yes(timed: Llmos, tmp_path: Path) -> None:
    week_of(timed, "list the files here")
    with shell(timed, [LOOK]) as terminal:
        terminal.type("list the files here\r")
        terminal.see("add it? [y/N")
        assert not (tmp_path / "kept").exists()
        terminal.type("y\r")
        terminal.see("llmos routines remove list-the-files-here")
    assert "routines run list-the-files-here" in (tmp_path / "kept").read_text()


def test_after_a_no_it_is_not_proposed_again(timed: Llmos, tmp_path: Path) -> None:
    (timed.folder / "old.txt").touch()
    week_of(timed, "list the files here")
    for answer in ("\r", ""):
        with shell(timed, [LOOK]) as terminal:
            terminal.type("list the files here\r")
            terminal.see("add it? [y/N" if answer else "old.txt")
            terminal.type(answer)
            terminal.prompt()
    assert not terminal.sees("add it?") and not (tmp_path / "kept").exists()

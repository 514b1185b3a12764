"""Every attempt at every level, as whoever runs the tests and as an ordinary user: what is stopped, what is open.

The attempts are carried out once for each level and user; each test is about one of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from llmos.sandbox.detect import candidates, find
from tests.attacks.attempts import ATTEMPTS

NOBODY = 65534
ROOT = Path(__file__).parents[2]
LEVELS = list(candidates())
USERS = ["ordinary user"] + (["root"] if os.geteuid() == 0 else [])

RUNS_LATER = {"write_git_hook", "change_git_config", "replace_git_folder", "replace_hooks_folder", "add_editor_tasks"}

OPEN: Mapping[str, Mapping[str, str]] = {
    "L3": dict.fromkeys(
        RUNS_LATER - {"replace_git_folder", "replace_hooks_folder"}, "in the overlay, where it is held back"
    ),
    "L2": {"add_editor_tasks": "what is not there cannot be pinned"},
    "L1": {
        **dict.fromkeys(RUNS_LATER, "Landlock cannot take away a part of what it grants"),
        **dict.fromkeys(
            ("change_mode_outside", "change_time_outside", "set_attribute_outside"), "not Landlock's business"
        ),
        **dict.fromkeys(("look_at_ssh_key", "watch_ssh_folder"), "Landlock hides content, not that there is some"),
        "read_command_line": "there is one list of processes for all",
    },
}
"""Attempts that get through, and why that is known."""


def results(level: str, user: str) -> dict[str, Any]:
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    prefix = as_nobody if user == "ordinary user" and os.geteuid() == 0 else []
    if prefix and not can_run(*prefix):
        pytest.skip("an ordinary user cannot reach this Python or these tests")
    return carried_out(level, *prefix)


@cache
def can_run(*prefix: str) -> bool:
    # In a second step: what changes the user may still reach what that user cannot.
    again = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import tests.attacks.harness'], check=True)"
    argv = [*prefix, sys.executable, "-c", again]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, check=False).returncode == 0


@cache
def carried_out(level: str, *prefix: str) -> dict[str, Any]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [*prefix, sys.executable, "-m", "tests.attacks.harness", level]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_attempt(name: str, level: str, user: str) -> None:
    outcome = results(level, user)["outcomes"][name]
    if name in OPEN[level]:
        assert outcome == "through", f"closed by now: take it off the list ({outcome})"
    else:
        assert outcome != "through"


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("level", LEVELS)
def test_nothing_outside_has_changed(level: str, user: str) -> None:
    found = results(level, user)
    assert found["intact"] and found["outside"] == ["empty", "expendable", "service", "victim"]


@pytest.mark.parametrize("user", USERS)
def test_what_runs_by_itself_later_is_held_back_by_an_overlay(user: str) -> None:
    if "L3" not in LEVELS:
        pytest.skip("there is no L3 here")
    assert results("L3", user)["planted"] == []


def test_the_attempts_are_real() -> None:
    """Most get through where nothing stops them; never tried as root, who could do harm."""
    outcomes = results("none", "ordinary user")["outcomes"]
    assert sum(outcome == "through" for outcome in outcomes.values()) >= 60


@pytest.mark.parametrize("level", LEVELS)
def test_attempts_fail_for_the_right_reason(level: str) -> None:
    broken = {"NameError", "TypeError", "AttributeError", "ValueError", "KeyError", "killed", "StopIteration"}
    outcomes = results(level, USERS[-1])["outcomes"]
    assert {name: outcome for name, outcome in outcomes.items() if outcome in broken} == {}


def test_the_best_level_that_can_be_tried_holds_here() -> None:
    assert find("").level == LEVELS[0]

"""`llmos privacy`: everything that is kept is shown, and erased only when the user says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from llmos.commands import privacy


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """After one change, so that there is something to erase."""
    folder = tmp_path / "state"
    monkeypatch.setenv("LLMOS_STATE", str(folder))
    monkeypatch.setenv("LLMOS_CONFIG", str(tmp_path / "config" / "config.toml"))
    monkeypatch.setenv("LC_ALL", "C")
    (tmp_path / "a.txt").write_text("a")
    subprocess.run([sys.executable, "-m", "llmos", "-y", "delete a.txt"], cwd=tmp_path, check=True)
    return folder


def llmos(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "llmos", "privacy", *arguments]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def test_everything_that_is_kept_is_shown_with_what_it_is(state: Path) -> None:
    shown = llmos().stdout
    assert all(path.name in shown for path in state.iterdir())
    assert {path.name for path in state.iterdir()} <= privacy.KEPT.keys()


def test_erase_leaves_nothing(state: Path) -> None:
    assert llmos("erase", "--yes").returncode == 0
    assert list(state.iterdir()) == []


def test_nobody_there_to_agree_erases_nothing(state: Path) -> None:
    assert llmos("erase").returncode == 4
    assert (state / "log.sqlite").exists()


def test_what_the_user_wrote_stays(state: Path, tmp_path: Path) -> None:
    own = tmp_path / "config" / "config.toml"
    own.parent.mkdir()
    own.write_text('mode = "ask"\n')
    llmos("erase", "--yes")
    assert own.exists()


@pytest.mark.parametrize(("typed", "erased"), [("yes", True), ("y", False), ("", False)])
def test_the_question_takes_a_whole_yes(state: Path, typed: str, erased: bool) -> None:
    child = pexpect.spawn(sys.executable, ["-m", "llmos", "privacy", "erase"], env=os.environ, timeout=30)
    child.expect_exact("Type yes: ")
    child.sendline(typed)
    child.expect(pexpect.EOF)
    assert (list(state.iterdir()) == []) == erased


def test_a_folder_that_is_not_llmos_s_own_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    monkeypatch.setenv("LLMOS_STATE", str(tmp_path))
    assert llmos("erase", "--yes").returncode == 1
    assert (tmp_path / "letter.txt").exists()


def test_a_running_daemon_is_stopped_first(state: Path) -> None:
    (state / "daemon").mkdir()
    (state / "daemon" / "socket").touch()
    assert "llmos daemon stop" in llmos("erase", "--yes").stderr
    assert (state / "log.sqlite").exists()

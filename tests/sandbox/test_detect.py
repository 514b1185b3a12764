"""Which level is found, remembered, and refused; the profile for macOS as text; the terminal handed over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from llmos.errors import NoSandbox
from llmos.sandbox import detect
from llmos.sandbox.base import Confinement, Level, Limits, may_be_root, outermost
from llmos.sandbox.none import Nothing, how_to_install, refusal
from llmos.sandbox.seatbelt import profile
from llmos.sandbox.selfcheck import check
from tests.sandbox.running import LEVELS, at_every_level, run

HERE = "import sys; from llmos.sandbox import detect; found = detect.find(sys.argv[1]); print(found.level, found.new)"


def found(state: Path) -> list[str]:
    done = subprocess.run([sys.executable, "-c", HERE, str(state)], capture_output=True, text=True, check=True)
    return done.stdout.split()


@at_every_level
def test_every_attempt_of_the_self_check_is_stopped(level: Level) -> None:
    assert [one for one in check(detect.make(level)) if not one.held] == []


def test_what_was_found_is_remembered(tmp_path: Path) -> None:
    assert found(tmp_path) == [LEVELS[0], "True"]
    assert found(tmp_path) == [LEVELS[0], "False"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"key": "x", "level": "L3", "tried": []}', "\xff"])
def test_a_memory_that_does_not_fit_is_not_believed(content: str, tmp_path: Path) -> None:
    (tmp_path / "sandbox.json").write_text(content, "latin-1")
    assert found(tmp_path)[1] == "True"


def test_a_state_folder_that_cannot_be_written_is_no_obstacle() -> None:
    assert found(Path("/proc/no/such/folder")) == [LEVELS[0], "True"]


def test_a_sandbox_that_does_not_hold_is_found_out() -> None:
    class Open:
        level = Level.L2

        def enter(self, command, confinement, report):  # type: ignore[no-untyped-def]
            from llmos.sandbox.base import Entered

            os.chdir(command.cwd)
            return Entered(command.argv)

    assert len([one for one in check(Open()) if not one.held]) >= 5


def test_without_a_sandbox_nothing_runs_and_one_line_says_what_to_install(tmp_path: Path) -> None:
    assert refusal().exit_code == 5 and "\n" not in str(refusal())
    assert "refused" not in str(check(Nothing())[0].held)
    assert how_to_install("bubblewrap", ["no-such-manager"]) == "install the package bubblewrap"
    with pytest.raises(NoSandbox):
        Nothing().enter(None, Confinement(()), 0)  # type: ignore[arg-type]


def test_doctor_says_level_and_what_was_tried(tmp_path: Path) -> None:
    env = {**os.environ, "LLMOS_STATE": str(tmp_path), "HOME": str(tmp_path)}
    argv = [sys.executable, "-m", "llmos", "doctor"]
    text = subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout
    assert f"level {LEVELS[0]}: " in text and "attempts to get out were stopped" in text
    told = json.loads(subprocess.run([*argv, "--json"], env=env, capture_output=True, text=True, check=True).stdout)
    assert told["level"] == LEVELS[0] and told["stopped"][LEVELS[0]]["write outside"] is True


def test_a_command_that_only_looks_changes_nothing(tmp_path: Path) -> None:
    done = run(LEVELS[0], "cat there; touch new", _with_file(tmp_path), reads=True)
    assert "content" in done.output and done.ended.code != 0 and os.listdir(tmp_path) == ["there"]


def _with_file(folder: Path) -> Path:
    (folder / "there").write_text("content")
    return folder


@pytest.mark.parametrize("folder", ["/", "/etc", "/usr/local", "/var", "/proc/1", "/dev"])
def test_the_system_is_never_writable(folder: str) -> None:
    assert not may_be_root(folder)


def test_folders_within_others_need_no_overlay_of_their_own() -> None:
    assert outermost(["/a/b", "/a", "/ab", "/a/c/d"]) == ("/a", "/ab")


def test_the_profile_for_macos(tmp_path: Path) -> None:
    text = profile(Confinement(('/Users/ada/my "work"',), ("/Users/ada/.ssh",), limits=Limits()), "/private/tmp/x")
    lines = text.splitlines()
    assert lines[:2] == ["(version 1)", "(deny default)"] and text.count("(") == text.count(")")
    assert '(allow file-write* (subpath "/Users/ada/my \\"work\\""))' in lines
    assert lines.index('(deny file-read* file-write* (subpath "/Users/ada/.ssh"))') > lines.index("(allow file-read*)")
    assert '(deny file-write* (subpath "/Users/ada/my \\"work\\"/.git/hooks"))' in lines
    assert "network" not in text


def test_the_profile_for_macos_with_the_network() -> None:
    assert "(allow network-outbound)" in profile(Confinement(("/w",), network=True), "/t")


TERMINAL = """
import os, sys
from llmos.sandbox.terminal import run_with_terminal
from llmos.values.place import Place
print('code', run_with_terminal(sys.argv[1], Place(os.getcwd(), os.getcwd(), dict(os.environ))), flush=True)
print('line', input())
"""


def test_the_terminal_is_handed_over_and_taken_back() -> None:
    child = pexpect.spawn(
        sys.executable, ["-c", TERMINAL, "stty -echo; test -t 0 && read x && echo got $x; exit 3"], timeout=10
    )
    child.sendline("typed")
    child.expect("got typed")
    child.expect("code 3")
    child.sendline("after")
    child.expect("after")  # the echo is back
    child.expect("line after")


def test_ctrl_c_is_for_the_program_in_front() -> None:
    child = pexpect.spawn(
        sys.executable, ["-c", TERMINAL, "trap 'echo caught; exit 4' INT; echo ready; sleep 9"], timeout=10
    )
    child.expect("ready")
    child.sendintr()
    child.expect("caught")
    child.expect("code 4")

"""Running command lines, for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from llmos.adapters.commands import readable, run
from llmos.errors import ToolError
from llmos.sandbox import detect
from llmos.tools.shell import RunCommand
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan
from tests.carrying_out import carry_out, finish, place_in, planned

held_back = pytest.mark.skipif(detect.find("").level != "L3", reason="needs level L3, which holds changes back")


def rehearsed(place: Place, command: str) -> Plan:
    further = RunCommand().run(planned("run_command", place, command=command), place)
    assert isinstance(further, Plan)
    return further


def command_lines() -> Iterator[bytes]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield file.read_bytes()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_in(tmp_path)


def test_output_of_both_streams_comes_in_order(place: Place) -> None:
    assert carry_out("run_command", place, command="echo a; echo b >&2; echo c").text == "a\nb\nc"


@held_back
def test_before_it_is_rehearsed_nothing_is_touched(place: Place) -> None:
    plan = planned("run_command", place, command="LANG=C sleep 1")
    assert plan.targets[0].effect is Effect.RUN and plan.level == "L3" and "/sleep)" in plan.summary


@held_back
def test_a_rehearsed_command_names_its_argument_list_and_its_changes(place: Place) -> None:
    plan = rehearsed(place, "echo x > made")
    assert plan.targets[0].what.endswith("-c 'echo x > made'") and plan.rehearsed
    assert [(change.kind, change.path) for change in plan.changes.changes] == [("created", f"{place.cwd}/made")]
    assert os.listdir(place.cwd) == []


@held_back
def test_what_is_approved_is_made_real_and_can_be_undone(place: Place) -> None:
    outcome = carry_out("run_command", place, command="echo x > made")
    assert Path(place.cwd, "made").read_text() == "x\n" and outcome.text == "Done: 1 created."
    assert outcome.items == (f"{place.cwd}/made",)


@held_back
def test_one_that_is_stopped_changes_nothing_and_says_so(place: Place) -> None:
    with pytest.raises(ToolError, match=r"took longer than 0.3 s; nothing was changed"):
        carry_out("run_command", place, command="touch made; sleep 60", timeout=0.3)
    assert os.listdir(place.cwd) == []


@held_back
def test_a_folder_that_the_command_names_may_be_changed_too(place: Place, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    carry_out("run_command", place, command=f"echo x > {tmp_path}/other/made")
    assert (tmp_path / "other/made").exists()


@held_back
def test_secrets_and_the_state_of_llmos_are_not_there(tmp_path: Path) -> None:
    place = place_in(tmp_path, cwd=str(tmp_path), home=str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/key").write_text("secret")
    assert carry_out("run_command", place, command="ls .ssh state; cat .ssh/key || true").text.count("key") == 1


@held_back
def test_passwords_in_the_environment_are_kept_from_it(tmp_path: Path) -> None:
    place = place_in(tmp_path, env={"SERVICE_TOKEN": "secret", "COLOR": "blue"})
    assert carry_out("run_command", place, command="env | grep -c -e secret -e blue").text == "1"


@held_back
def test_a_command_that_fails_keeps_what_it_did_and_is_still_a_failure(place: Place) -> None:
    plan = rehearsed(place, "touch made; echo bad; exit 3")
    assert "though it ended with exit code 3" in plan.summary
    with pytest.raises(ToolError, match="exit code 3: bad"):
        finish("run_command", plan, place)
    assert os.listdir(place.cwd) == ["made"]


@held_back
def test_what_somebody_else_changed_meanwhile_is_left_alone(place: Place) -> None:
    Path(place.cwd, "notes").write_text("mine")
    plan = rehearsed(place, "echo theirs > notes")
    Path(place.cwd, "notes").write_text("newer")
    with pytest.raises(ToolError, match="changed by somebody else"):
        finish("run_command", plan, place)
    assert Path(place.cwd, "notes").read_text() == "newer"


@held_back
def test_what_needs_the_network_is_asked_for_with_its_host(place: Place) -> None:
    plan = planned("run_command", place, command="curl -s http://example.org/x")
    assert (plan.targets[0].effect, plan.targets[0].what) == (Effect.NETWORK, "example.org")


@held_back
def test_what_fails_for_lack_of_the_network_asks_for_it(place: Place) -> None:
    plan = rehearsed(place, "echo 'Could not resolve host: example.org' >&2; exit 6")
    assert plan.targets[0].effect is Effect.NETWORK


@pytest.mark.parametrize("command", ["vim notes.txt", "python3", "top", "ls; nano x"])
def test_what_waits_for_keys_is_refused_at_once_with_the_way_to_run_it(place: Place, command: str) -> None:
    with pytest.raises(ToolError, match=f"at a terminal; run it yourself: !{command}"):
        planned("run_command", place, command=command)


def test_what_needs_more_rights_is_explained(place: Place) -> None:
    with pytest.raises(ToolError, match=r"sudo needs rights .* run it yourself: !sudo id"):
        planned("run_command", place, command="sudo id")


def test_planning_runs_nothing(place: Place) -> None:
    planned("run_command", place, command="touch made")
    assert os.listdir(place.cwd) == []


def test_it_runs_in_the_folder_and_environment_of_the_place(tmp_path: Path) -> None:
    place = place_in(tmp_path, env={"COLOR": "blue"})
    assert carry_out("run_command", place, command="pwd; echo $COLOR").text == f"{place.cwd}\nblue"


def test_a_failure_says_the_exit_code_and_what_was_printed(place: Place) -> None:
    with pytest.raises(ToolError, match=r"exit code 3: no such thing"):
        carry_out("run_command", place, command="echo no such thing >&2; exit 3")


def test_there_is_nothing_to_read(place: Place) -> None:
    assert carry_out("run_command", place, command="cat; echo end").text == "end"


def test_piped_input_reaches_the_command(tmp_path: Path) -> None:
    (tmp_path / "input").write_text("from the pipe\n")
    place = place_in(tmp_path, input=str(tmp_path / "input"))
    assert carry_out("run_command", place, command="cat").text == "from the pipe"


def test_there_is_no_terminal(place: Place) -> None:
    with pytest.raises(ToolError):
        carry_out("run_command", place, command="echo password > /dev/tty")


def test_time_runs_out(place: Place) -> None:
    began = time.monotonic()
    with pytest.raises(ToolError, match=r"stopped: it took longer than 0.3 s: begun"):
        carry_out("run_command", place, command="echo begun; sleep 60", timeout=0.3)
    assert time.monotonic() - began < 5


def test_what_it_started_ends_with_it_when_time_runs_out(place: Place) -> None:
    with pytest.raises(ToolError):
        carry_out("run_command", place, command="sleep 61.0317 & wait", timeout=0.3)
    assert not [line for line in command_lines() if b"61.0317" in line]


def test_one_that_ignores_the_request_is_killed(place: Place) -> None:
    began = time.monotonic()
    with pytest.raises(ToolError, match="took longer"):
        carry_out("run_command", place, command="trap '' TERM; while :; do sleep 1; done", timeout=0.2)
    assert time.monotonic() - began < 5


def test_something_left_in_the_background_does_not_hold_up_the_answer(place: Place) -> None:
    began = time.monotonic()
    assert carry_out("run_command", place, command="sleep 5 & echo done").text == "done"
    assert time.monotonic() - began < 3


def test_long_output_keeps_its_end_and_the_whole_in_a_file(place: Place) -> None:
    outcome = carry_out("run_command", place, command="seq 100000")
    assert outcome.text.endswith("\n100000") and len(outcome.text) <= 65536
    assert outcome.more is not None and Path(outcome.more).read_text().startswith("1\n2\n")


def test_short_output_leaves_no_file(place: Place) -> None:
    carry_out("run_command", place, command="echo hello")
    assert os.listdir(Path(place.state, "output")) == []


def test_an_interrupt_ends_the_command_too(tmp_path: Path) -> None:
    code = (
        "import sys; from llmos.adapters.commands import run\n"
        "run(['/bin/sh', '-c', 'echo $$ > pid; exec sleep 60'], sys.argv[1], {}, None, 60)"
    )
    llmos = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.DEVNULL)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        time.sleep(0.01)
    llmos.send_signal(signal.SIGINT)
    llmos.wait(10)
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


def test_colours_and_progress_bars_are_dropped() -> None:
    assert readable(b"\x1b[31mred\x1b[0m\n10%\r50%\r100%\ntitle\x1b]0;x\x07\n") == "red\n100%\ntitle\n"


def test_bytes_that_are_not_text_are_escaped() -> None:
    assert readable(b"a\xffb\x00") == "a\\xffb\\0"


def test_a_missing_program_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="There is no '/no/such/program'"):
        run(["/no/such/program"], str(tmp_path), {}, None, 5)


def test_an_empty_command_is_refused(place: Place) -> None:
    with pytest.raises(ToolError):
        planned("run_command", place, command="  ")

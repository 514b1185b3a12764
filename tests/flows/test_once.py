"""One request and out: arguments and pipes in; answer, notes, files and exit codes out."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.flows.conftest import Llmos


def reply(*calls: tuple[str, dict[str, Any]], text: str = "", final: bool = True, **more: Any) -> dict[str, Any]:
    made = [{"name": name, "arguments": arguments} for name, arguments in calls]
    return {"text": text, "calls": made, "final": final, **more}


LIST = [reply(("list_folder", {}))]
DELETE = [reply(("delete_files", {"path": ["file"]}))]
COUNT_INPUT = [reply(("count", {"path": ["-"], "what": "lines"}))]


def test_the_answer_is_on_stdout_and_nothing_else_anywhere(llmos: Llmos) -> None:
    (llmos.folder / "b c").touch()
    (llmos.folder / "a").touch()
    done = llmos.run("list", "the", "files", script=LIST)
    assert (done.stdout, done.stderr, done.returncode) == ("a\nb c\n", "", 0)


def test_c_is_the_same_as_an_argument(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    assert llmos.run("-c", "list the files", script=LIST).stdout == "a\n"


def test_in_a_pipe_a_working_step_is_no_part_of_the_answer(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    script = [reply(("list_folder", {}), text="Looking.", final=False), reply(text="That is all.")]
    done = llmos.run("list", script=script)
    assert (done.stdout, done.stderr) == ("Looking.\nThat is all.\n", "a\n")


def test_a_failed_call_is_one_line_on_stderr_and_exit_1(llmos: Llmos) -> None:
    done = llmos.run("list", script=[reply(("list_folder", {"path": ["gone"]}))])
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("llmos: ") and done.stderr.count("\n") == 1


def test_a_change_with_nobody_to_approve_it_is_exit_4(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    done = llmos.run("delete it", script=DELETE)
    assert done.returncode == 4 and "--yes" in done.stderr and (llmos.folder / "file").exists()


def test_yes_approves_and_still_shows_what_is_done(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    done = llmos.run("--yes", "delete it", script=DELETE)
    assert done.returncode == 0 and not (llmos.folder / "file").exists()
    assert "file" in done.stderr


def test_what_is_piped_in_approves_nothing(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    done = llmos.run("delete it", script=DELETE, input="y\nyes\ny\n")
    assert done.returncode == 4 and (llmos.folder / "file").exists()


def test_read_only_mode_is_exit_3(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    assert llmos.run("--yes", "--mode", "read-only", "delete it", script=DELETE).returncode == 3


def test_a_dry_run_shows_and_changes_nothing(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    done = llmos.run("--yes", "--mode", "dry-run", "delete it", script=DELETE)
    assert done.stdout.startswith("would ") and (llmos.folder / "file").exists()


def test_a_question_back_is_the_answer_and_exit_7(llmos: Llmos) -> None:
    done = llmos.run("it", script=[reply(text="Which file?", asks_back=True)])
    assert (done.stdout, done.stderr, done.returncode) == ("Which file?\n", "", 7)


def test_what_was_not_done_after_a_failure_is_said(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    script = [reply(("list_folder", {"path": ["gone"]}), ("delete_files", {"path": ["file"]}))]
    done = llmos.run("--yes", "x", script=script)
    assert done.returncode == 1 and "not run, a call before it failed: delete" in done.stderr
    assert (llmos.folder / "file").exists()


def test_a_limit_is_exit_6(llmos: Llmos) -> None:
    done = llmos.run("list", script=[reply(("current_folder", {}), final=False)] * 9)
    assert done.returncode == 6 and done.stdout == ""
    assert done.stderr.splitlines()[-1] == "llmos: stopped: the model asked for the same current_folder 5 times"


def test_a_timeout_stops_a_tool_too(llmos: Llmos) -> None:
    began = time.monotonic()
    done = llmos.run("--timeout", "1", "--yes", "x", script=[reply(("run_command", {"command": "sleep 20"}))])
    assert done.returncode == 6 and time.monotonic() - began < 10


def test_a_timeout_ends_all_lines(llmos: Llmos) -> None:
    waits = [reply(("wait_process", {"target": [str(os.getpid())], "seconds": 20}))] * 3
    began = time.monotonic()
    assert llmos.run("--timeout", "1", script=waits, input="a\nb\nc\n").returncode == 6
    assert time.monotonic() - began < 10


def test_a_missing_model_is_one_line(llmos: Llmos) -> None:
    done = llmos.run("--model", "embeded", "list")
    assert done.returncode == 2 and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [("",), ("-c", ""), ("--nonsense",), ("-C", "gone", "x"), ("-c", "a", "b"), ("--timeout", "0", "x")]
)
def test_wrong_usage_is_exit_2(llmos: Llmos, arguments: tuple[str, ...]) -> None:
    assert llmos.run(*arguments, script=LIST).returncode == 2


def test_a_folder_that_is_gone_is_one_line(llmos: Llmos) -> None:
    gone = llmos.folder / "gone"
    gone.mkdir()
    command = " ".join(llmos.command("list", script=LIST))
    shell = ["sh", "-c", f"cd {gone} && rmdir {gone} && {command}"]
    done = subprocess.run(shell, env=llmos.env, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


# What is piped in


def test_input_is_read_to_its_end_and_can_be_used(llmos: Llmos) -> None:
    done = llmos.run("count lines", script=COUNT_INPUT, input=b"ERROR \xff\n" * 100_000)
    assert done.stdout == "100000\n" and done.stderr == ""


def test_the_file_with_the_input_is_gone_afterwards(llmos: Llmos) -> None:
    temporary = llmos.base / "tmp"
    temporary.mkdir()
    llmos.run("count lines", script=COUNT_INPUT, input="a\n", env={"TMPDIR": str(temporary)})
    assert list(temporary.iterdir()) == []


def test_a_file_as_standard_input_is_read(llmos: Llmos) -> None:
    (llmos.folder / "in").write_text("a\nb\n")
    with (llmos.folder / "in").open() as file:
        process = llmos.start("count", script=COUNT_INPUT, stdin=file)
        assert process.communicate(timeout=30)[0] == "2\n"


def test_a_pipe_that_stays_silent_is_given_up(llmos: Llmos) -> None:
    process = llmos.start("list", script=LIST)
    assert process.wait(timeout=20) == 0
    assert process.stderr and "going on without it" in process.stderr.read()
    process.communicate()


def test_a_slow_pipe_is_waited_for_when_told_to(llmos: Llmos) -> None:
    process = llmos.start("--stdin", "count", script=COUNT_INPUT)
    time.sleep(2.5)
    out, err = process.communicate("a\nb\n", timeout=20)
    assert out == "2\n" and "reading what is piped in" in err


def test_no_stdin_reads_nothing(llmos: Llmos) -> None:
    done = llmos.run("--no-stdin", "count", script=COUNT_INPUT, input="a\n")
    assert done.returncode == 1


def test_closed_streams_are_no_input_and_no_crash(llmos: Llmos) -> None:
    command = " ".join(llmos.command("list", script=LIST))
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        done = subprocess.run(["sh", "-c", f"{command} {closed}"], env=llmos.env, cwd=llmos.folder, check=False)
        assert done.returncode == 0


def test_a_dash_reads_the_request_itself(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    assert llmos.run("-", script=LIST, input="list the\nfiles \xff\n".encode("latin-1")).stdout == "a\n"


def test_lines_on_stdin_are_turns_of_one_session(llmos: Llmos) -> None:
    (llmos.folder / "sub").mkdir()
    (llmos.folder / "sub" / "inside").touch()
    script = [reply(("change_folder", {"path": "sub"})), reply(("list_folder", {}))]
    done = llmos.run(script=script, input="go to sub\n\nlist files")
    assert done.stdout.splitlines()[-1] == "inside" and done.returncode == 0


# Programs that read llmos


def test_json_is_one_object_a_line_and_nothing_else(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    done = llmos.run("--json", "列出文件", script=[reply(("list_folder", {}), final=False), reply(text="好")])
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["started", "finished", "said"]
    assert events[1]["items"] == [str(llmos.folder / "a")] and events[2]["text"] == "好"


def test_json_tells_a_failure(llmos: Llmos) -> None:
    done = llmos.run("--json", "x", script=[])
    assert json.loads(done.stdout) == {"event": "failed", "reason": "the script has no more replies", "exit_code": 1}


def test_a_stdout_that_cannot_say_it_does_not_crash(llmos: Llmos) -> None:
    done = llmos.run("x", script=[reply(text="你好 \ud83d ok")], env={"PYTHONIOENCODING": "cp1252"})
    assert done.stdout == "?? ? ok\n" and done.returncode == 0


def test_half_a_character_is_replaced(llmos: Llmos) -> None:
    assert llmos.run("x", script=[reply(text="\ud83d ok")]).stdout == "? ok\n"


def test_a_closed_pipe_is_silent(llmos: Llmos) -> None:
    for number in range(300):
        (llmos.folder / f"{number:03}{'x' * 240}").touch()
    command = " ".join(llmos.command("list", script=LIST))
    shell = ["sh", "-c", f"{command} | head -1"]
    done = subprocess.run(shell, cwd=llmos.folder, env=llmos.env, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("000") and done.stderr == ""


def test_a_time_that_is_none_is_said_in_words(llmos: Llmos) -> None:
    done = llmos.run("--timeout", "soon", "x")
    assert done.returncode == 2 and "not a number of seconds: 'soon'" in done.stderr


def test_a_full_disk_behind_standard_output_is_one_line(llmos: Llmos) -> None:
    with open("/dev/full", "wb") as full:
        process = llmos.start("x", script=[reply(text="hello")], stdin=subprocess.DEVNULL, stdout=full)
        _, err = process.communicate(timeout=20)
    assert err == "llmos: cannot write the answer: No space left on device\n" and process.returncode == 1


# Sessions and the log


def test_a_session_goes_on_in_its_folder(llmos: Llmos) -> None:
    (llmos.folder / "sub").mkdir()
    (llmos.folder / "sub" / "inside").touch()
    llmos.run("--session", "s", "go", script=[reply(("change_folder", {"path": "sub"}))])
    assert llmos.run("--session", "s", "list", script=LIST).stdout == "inside\n"
    assert llmos.run("--session", "s", "-C", ".", "list", script=LIST).stdout == "sub\n"


def test_a_session_whose_folder_is_gone_goes_on_here(llmos: Llmos) -> None:
    (llmos.folder / "sub").mkdir()
    llmos.run("--session", "s", "go", script=[reply(("change_folder", {"path": "sub"}))])
    (llmos.folder / "sub").rmdir()
    (llmos.folder / "here").touch()
    assert llmos.run("--session", "s", "list", script=LIST).stdout == "here\n"


def test_a_request_without_a_session_is_recorded_too(llmos: Llmos) -> None:
    llmos.run("list", script=LIST)
    log = sqlite3.connect(llmos.base / "state" / "log.sqlite")
    assert log.execute("SELECT count(*) FROM messages").fetchone() == (3,)
    assert log.execute("SELECT verdict, ran FROM decisions").fetchall() == [("allow", 1)]


def test_a_state_folder_that_cannot_be_written_is_one_note(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    done = llmos.run("list", script=LIST, env={"LLMOS_STATE": "/proc/llmos"})
    assert done.stdout == "a\n" and done.returncode == 0 and done.stderr.count("\n") == 1


# Ctrl-C and the terminal


def test_ctrl_c_is_130_and_the_log_is_whole(llmos: Llmos) -> None:
    process = llmos.start(
        "x", script={"replies": [reply(text="one two three")], "delay": 0.3}, stdin=subprocess.DEVNULL
    )
    assert process.stdout and process.stdout.read(3) == "one"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    log = sqlite3.connect(llmos.base / "state" / "log.sqlite")
    assert log.execute("SELECT count(*) FROM messages").fetchone() == (2,)


def test_ctrl_c_kills_the_command_that_runs(llmos: Llmos) -> None:
    command = f"sleep 30.{os.getpid()}1"
    process = llmos.start("--yes", "x", script=[reply(("run_command", {"command": command}))], stdin=subprocess.DEVNULL)
    pid = running(command)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130 and ends(pid)
    assert "part of it may be done" in err


def test_told_to_terminate_it_ends_as_after_ctrl_c(llmos: Llmos) -> None:
    command = f"sleep 30.{os.getpid()}2"
    process = llmos.start("--yes", "x", script=[reply(("run_command", {"command": command}))], stdin=subprocess.DEVNULL)
    pid = running(command)
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 130 and ends(pid)


def running(command: str) -> int:
    """The pid of this very command, which a sandbox does not tell."""
    for _ in range(400):
        for process in psutil.process_iter(["cmdline"]):
            if process.info["cmdline"] == command.split():
                return int(process.pid)
        time.sleep(0.05)
    raise AssertionError(f"{command} never ran")


def ends(pid: int) -> bool:
    for _ in range(100):
        if not os.path.exists(f"/proc/{pid}") or _is_zombie(pid):
            return True
        time.sleep(0.05)
    return False


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize(("typed", "deleted"), [("y", True), ("n", False), ("", False), ("yep", False)])
def test_on_a_terminal_a_change_asks_and_no_is_safe(llmos: Llmos, typed: str, deleted: bool) -> None:
    (llmos.folder / "file").touch()
    screen, code = _on_terminal(llmos, ["delete it"], DELETE, typed)
    assert "[y/N]" in screen and "file" in screen
    assert (llmos.folder / "file").exists() is not deleted and code == (0 if deleted else 3)


def _on_terminal(llmos: Llmos, arguments: list[str], script: object, typed: str) -> tuple[str, int]:
    """With a controlling terminal; `typed` is entered at the first question."""
    command = llmos.command(*arguments, script=script)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(llmos.folder)
        os.execvpe(command[0], command, llmos.env)
    screen = b""
    try:
        while chunk := os.read(terminal, 4096):
            screen += chunk
            if b"[y/N] " in screen and typed is not None:
                time.sleep(0.5)  # what is typed before anybody could read the question is dropped
                os.write(terminal, typed.encode() + b"\n")
                typed = None  # type: ignore[assignment]
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(terminal)
    return screen.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_terminal_gets_a_table_in_human_units(llmos: Llmos) -> None:
    (llmos.folder / "big").write_bytes(b"x" * 2048)
    screen, _ = _on_terminal(llmos, ["list"], [reply(("list_folder", {"details": True}))], "")
    assert "2.0 KB" in screen and "size" in screen.splitlines()[0]

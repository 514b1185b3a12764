"""The interactive shell on a real terminal: keystrokes in, screen and files out."""

from __future__ import annotations

import time

import pexpect
import psutil

from llmos.memory.log import Log
from llmos.memory.sessions import recall
from tests.flows.conftest import Llmos
from tests.flows.terminal import CONTROL_C, UP, shell
from tests.flows.test_once import ends, reply


def test_turns_share_the_conversation_and_the_folder(llmos: Llmos) -> None:
    (llmos.folder / "sub").mkdir()
    (llmos.folder / "sub" / "inside").touch()
    with shell(llmos, [reply(("change_folder", {"path": "sub"})), reply(("list_folder", {}))]) as terminal:
        terminal.type("go to sub\r")
        terminal.prompt("work/sub")
        terminal.type("列出文件\r")
        terminal.see("inside")
        terminal.prompt("work/sub")
        assert terminal.leave() == 0


def test_a_change_is_asked_about(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    with shell(llmos, [reply(("delete_files", {"path": ["file"]}))] * 2) as terminal:
        for answer, stays in (("n", True), ("y", False)):
            terminal.type("delete it\r")
            terminal.until(lambda lines: lines[-1].endswith("[y/N]"))
            terminal.type(answer + "\r")
            terminal.prompt()
            assert (llmos.folder / "file").exists() is stays


def test_ctrl_c_cancels_the_turn_and_the_shell_goes_on(llmos: Llmos) -> None:
    script = [reply(("wait_process", {"target": ["1"], "seconds": 30})), reply(text="still here")]
    with shell(llmos, {"replies": script, "delay": 0.3}) as terminal:
        terminal.type("wait\r")
        terminal.see("wait")
        time.sleep(0.6)
        terminal.type(CONTROL_C)
        terminal.until(lambda lines: "llmos: interrupted" in lines)
        terminal.prompt()
        terminal.type("and now?\r")
        terminal.see("still here")


def test_ctrl_c_clears_the_line(llmos: Llmos) -> None:
    with shell(llmos, [reply(text="heard you")]) as terminal:
        terminal.type("half a requ" + CONTROL_C)
        terminal.prompt()
        terminal.type("whole\r")
        terminal.see("heard you")
        terminal.prompt()
        assert terminal.leave() == 0


def test_ctrl_c_at_a_question_is_no(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    with shell(llmos, [reply(("delete_files", {"path": ["file"]}))]) as terminal:
        terminal.type("delete it\r")
        terminal.until(lambda lines: lines[-1].endswith("[y/N]"))
        terminal.type(CONTROL_C)
        terminal.prompt()
        assert any("[y/N]" in line for line in terminal.lines()) and "llmos: interrupted" in terminal.lines()
        assert (llmos.folder / "file").exists()


def test_commands(llmos: Llmos) -> None:
    shown = {
        "/help": "Anything that changes",
        "/mode": "mode is ask",
        "/mode read-only": "mode is read-only",
        "/clear": "",
    }
    with shell(llmos, []) as terminal:
        for typed, text in shown.items():
            terminal.enter(typed)
            terminal.see(text)
        terminal.type("/quit\r")
        terminal.child.expect(pexpect.EOF)


def test_a_cleared_session_is_clear_in_the_next_process_too(llmos: Llmos) -> None:
    with shell(llmos, [reply(text="ok")], "--session", "s") as terminal:
        terminal.type("something private\r")
        terminal.see("ok")
        terminal.prompt()
        terminal.enter("/clear")
        terminal.leave()
    remembered = recall(Log(llmos.base / "state" / "log.sqlite"), "s")
    assert remembered.messages == () and remembered.cwd == str(llmos.folder)


def test_an_error_is_one_line_and_the_shell_goes_on(llmos: Llmos) -> None:
    with shell(llmos, []) as terminal:
        terminal.type("anything\r")
        terminal.see("llmos: the script has no more replies")
        terminal.prompt()


def test_what_was_typed_is_remembered(llmos: Llmos) -> None:
    with shell(llmos, [reply(text="ok")]) as terminal:
        terminal.type("first request\r")
        terminal.see("ok")
        terminal.prompt()
        terminal.leave()
    with shell(llmos, [reply(text="again")]) as terminal:
        terminal.type(UP)
        terminal.see("first request")
        terminal.type("\r")
        terminal.see("again")
    assert (llmos.base / "state" / "history").stat().st_mode & 0o777 == 0o600


def test_a_terminal_that_can_do_nothing_will_do(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    with shell(llmos, [reply(("list_folder", {}))], TERM="dumb") as terminal:
        terminal.type("list\r")
        terminal.until(lambda lines: "file" in lines)
        terminal.prompt()
        assert terminal.leave() == 0


def test_a_closed_window_stops_what_runs(llmos: Llmos) -> None:
    script = [reply(("run_command", {"command": "exec sleep 31.415"}))]
    with shell(llmos, script, "--yes") as terminal:
        terminal.type("sleep\r")
        pid = pid_of("sleep", "31.415")
        terminal.child.close(force=False)
        assert ends(pid)


def pid_of(*argv: str) -> int:
    """Of the process with these words, when it has come."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for process in psutil.process_iter(["cmdline"]):
            if process.info["cmdline"] == list(argv):
                return process.pid
        time.sleep(0.05)
    raise AssertionError(f"{argv} never came")

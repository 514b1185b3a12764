"""Help while typing in the interactive shell: completion, mentions, suggestions."""

from __future__ import annotations

import time

from llmos.memory.log import Entry, Log
from llmos.memory.sessions import recall
from llmos.values.messages import UserMessage
from tests.flows.conftest import Llmos
from tests.flows.terminal import CONTROL_C, RIGHT, TAB, Terminal, shell
from tests.flows.test_once import reply

OK = reply(text="ok")


def typed(terminal: Terminal, expected: str) -> None:
    terminal.until(lambda lines: any(line.endswith(expected) for line in lines))


def test_tab_completes_names_in_a_request(llmos: Llmos) -> None:
    for name in ("notes.txt", "报告.txt", "my file"):
        (llmos.folder / name).touch()
    (llmos.folder / "sub").mkdir()
    (llmos.folder / "sub" / "inside.md").touch()
    completed = {
        "delete no": "delete notes.txt",
        "删除no": "删除notes.txt",
        "打开报": "打开报告.txt",
        "show sub/in": "show sub/inside.md",
        "copy my": 'copy "my file"',
        "!cat my": "!cat my\\ file",
        "kill pyth": "kill python",
    }
    with shell(llmos, []) as terminal:
        for begun, expected in completed.items():
            terminal.type(begun + TAB)
            terminal.see(expected)
            terminal.type(CONTROL_C)


def test_commands_are_offered_while_they_are_typed(llmos: Llmos) -> None:
    with shell(llmos, []) as terminal:
        terminal.type("/hi")
        terminal.see("the changes that were made")


def test_arguments_of_commands_are_completed(llmos: Llmos) -> None:
    with shell(llmos, []) as terminal:
        terminal.type("/mode re")
        terminal.see("read-only")
        terminal.type(TAB)
        typed(terminal, "/mode read-only")


def test_a_mention_finds_files_beneath_and_the_request_names_the_path(llmos: Llmos) -> None:
    (llmos.folder / "sub").mkdir()
    (llmos.folder / "sub" / "report.md").touch()
    with shell(llmos, [OK], "--session", "s") as terminal:
        terminal.type("summarise @repo")
        terminal.see("sub/report.md")
        terminal.type(TAB + "\r")
        terminal.see("ok")
        terminal.prompt()
        terminal.leave()
    remembered = recall(Log(llmos.base / "state" / "log.sqlite"), "s")
    assert remembered.messages[0] == UserMessage("summarise sub/report.md")


def test_the_right_arrow_takes_what_was_said_before(llmos: Llmos) -> None:
    with shell(llmos, [OK, reply(text="again")]) as terminal:
        terminal.enter("count the pears")
        terminal.type("cou")
        typed(terminal, "> count the pears")
        terminal.type(RIGHT + "\r")
        terminal.see("again")


def test_what_is_suggested_does_not_run(llmos: Llmos) -> None:
    with shell(llmos, [OK], "--session", "s") as terminal:
        terminal.enter("count the pears")
        terminal.type("cou")
        typed(terminal, "> count the pears")
        terminal.type("\r")
        terminal.see("no more replies")
        terminal.prompt()
        terminal.leave()
    messages = recall(Log(llmos.base / "state" / "log.sqlite"), "s").messages
    assert [m.text for m in messages if isinstance(m, UserMessage)] == ["count the pears", "cou"]


def test_a_long_history_does_not_slow_the_start(llmos: Llmos) -> None:
    log = Log(llmos.base / "state" / "log.sqlite")
    entries = [
        Entry(time.time() - 5000 + i, str(llmos.folder), f'{{"user": "request {i}", "input": null}}')
        for i in range(5000)
    ]
    log.add("s", entries, ())
    log.close()
    with shell(llmos, []) as terminal:
        terminal.type("request 499")
        typed(terminal, "> request 4999")

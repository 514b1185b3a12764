"""The log: what was said and done comes back the same, across processes and across versions."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from llmos.memory.log import Decided, Entry, Log
from llmos.memory.migrations import MIGRATIONS
from llmos.memory.sessions import CLEARED, ITEMS, as_entries, from_json, recall, to_json
from llmos.values.messages import (
    AssistantMessage,
    ItemKind,
    Message,
    Outcome,
    ToolCall,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from llmos.values.table import Column, Table, Unit

CALL = ToolCall("1", "find_files", {"name": ["*.py"], "limit": 5}, 0.9)
TABLE = Table((Column("size", Unit.BYTES), Column("name")), ((1, "a"), (None, "b\udcff")))
OUTCOME = Outcome("two", TABLE, ("/tmp/a", "/tmp/b\udcff"), ItemKind.PATH, "/more", "/tmp")
TURN: tuple[Message, ...] = (
    UserMessage("找文件", "/tmp/in"),
    AssistantMessage("", (CALL,)),
    ToolMessage(ToolResult(CALL, True, OUTCOME)),
    ToolMessage(ToolResult(CALL, False, error="no", refused="denied", level="L3")),
    AssistantMessage("done"),
)


def test_messages_come_back_the_same() -> None:
    assert tuple(from_json(to_json(message)) for message in TURN) == TURN


def test_a_session_is_recalled_from_the_file(tmp_path: Path) -> None:
    log = Log(tmp_path / "state" / "log.sqlite")
    log.add("work", as_entries(TURN, "/tmp/a b", 1.0), ())
    log.add("other", as_entries(TURN[:1], "/", 2.0), ())
    log.close()
    remembered = recall(Log(tmp_path / "state" / "log.sqlite"), "work")
    assert remembered.messages == TURN and remembered.cwd == "/tmp/a b"


def test_an_unknown_session_is_empty(tmp_path: Path) -> None:
    remembered = recall(Log(tmp_path / "log.sqlite"), "new")
    assert remembered.messages == () and remembered.cwd == ""


def test_a_long_session_is_recalled_from_the_beginning_of_a_turn(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.sqlite")
    log.add("work", as_entries(TURN * 2, "/", 1.0), ())
    assert recall(log, "work", last=7).messages == TURN


def test_what_was_before_clearing_is_forgotten_but_not_the_folder(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.sqlite")
    log.add("work", [*as_entries(TURN, "/tmp", 1.0), Entry(2.0, "/tmp", CLEARED)], ())
    assert recall(log, "work").messages == () and recall(log, "work").cwd == "/tmp"


def test_only_so_many_items_are_kept() -> None:
    many = Outcome(items=tuple(str(i) for i in range(ITEMS + 1)))
    message = from_json(to_json(ToolMessage(ToolResult(CALL, True, many))))
    assert isinstance(message, ToolMessage) and len(message.result.outcome.items) == ITEMS


def test_folders_that_are_not_utf_8_are_kept(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.sqlite")
    for cwd in ("/tmp/\udcff", '/tmp/"x"', '"', "/tmp/中文"):
        log.add("work", [Entry(1.0, cwd, "{}")], ())
        assert log.entries("work", 1)[0].cwd == cwd


def test_decisions_are_kept(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.sqlite")
    decided = Decided(1.0, "{}", "delete 3 files", "[]", "ask", "write in ask mode", True)
    log.add("work", (), [decided])
    assert log.decisions("work") == [decided]


def test_only_the_user_can_read_the_log(tmp_path: Path) -> None:
    Log(tmp_path / "state" / "log.sqlite")
    assert (tmp_path / "state" / "log.sqlite").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    def write(number: int) -> None:
        log = Log(tmp_path / "log.sqlite")
        log.add("work", [Entry(1.0, "/", str(number))], ())
        log.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert {entry.body for entry in Log(tmp_path / "log.sqlite").entries("work", 99)} == set(map(str, range(40)))


def test_an_older_file_is_brought_up_to_date(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "log.sqlite").execute("PRAGMA user_version = 0").close()
    Log(tmp_path / "log.sqlite").close()
    (version,) = sqlite3.connect(tmp_path / "log.sqlite").execute("PRAGMA user_version").fetchone()
    assert version == len(MIGRATIONS)

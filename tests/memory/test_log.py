"""The log shows what was done to it, and holds no secrets."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from llmos.memory.chain import Broken, Link
from llmos.memory.log import Decided, Entry, Log, Wanted
from llmos.memory.migrations import MIGRATIONS
from llmos.memory.sessions import to_json
from llmos.values.messages import Outcome, ToolCall, ToolMessage, ToolResult, UserMessage


def said(text: str, time: float = 1.0) -> Entry:
    return Entry(time, "/tmp", to_json(UserMessage(text)))


def decided(tool: str, *, ran: bool = True, time: float = 1.0) -> Decided:
    return Decided(
        time, f'{{"name": "{tool}"}}', f"{tool} it", "[]", "allow" if ran else "deny", "a rule", ran, 2, "yes"
    )


def filled(tmp_path: Path) -> Log:
    log = Log(tmp_path / "log.sqlite")
    log.add("one", [said("first"), said("second")], [decided("find_files")])
    log.add("two", [said("第三", 50.0)], [decided("delete_files", ran=False, time=50.0)])
    return log


def tampered(tmp_path: Path, *statements: str) -> Broken | Link | None:
    """As somebody would who has no qualms about triggers."""
    filled(tmp_path).close()
    with sqlite3.connect(tmp_path / "log.sqlite") as db:
        for table in ("messages", "decisions", "chain"):
            db.execute(f"DROP TRIGGER {table}_no_update")
            db.execute(f"DROP TRIGGER {table}_no_delete")
        for statement in statements:
            db.execute(statement)
    db.close()
    return Log(tmp_path / "log.sqlite").verify()


def test_what_was_written_holds(tmp_path: Path) -> None:
    last = filled(tmp_path).verify()
    assert isinstance(last, Link) and last.number == 5


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE messages SET body = '{}' WHERE id = 2", 2),
        ("UPDATE decisions SET ran = 1 WHERE id = 2", 5),
        ("UPDATE decisions SET taint = 0 WHERE id = 1", 3),
        ("DELETE FROM messages WHERE id = 1", 1),
        ("DELETE FROM chain WHERE number = 2", 2),
        ("INSERT INTO messages (session, time, cwd, body) VALUES ('one', 1, '/', '{}')", 0),
    ],
)
def test_a_row_that_was_tampered_with_is_named(tmp_path: Path, statement: str, where: int) -> None:
    found = tampered(tmp_path, statement)
    assert isinstance(found, Broken) and found.number == where


def test_rows_taken_off_the_end_are_missed_by_who_kept_the_hash(tmp_path: Path) -> None:
    last = filled(tmp_path).verify()
    assert isinstance(last, Link) and Log(tmp_path / "log.sqlite").holds(last.hash)
    (tmp_path / "log.sqlite").rename(tmp_path / "kept")
    tampered(tmp_path, "DELETE FROM chain WHERE number = 5", "DELETE FROM decisions WHERE id = 2")
    assert not Log(tmp_path / "log.sqlite").holds(last.hash)


@pytest.mark.parametrize("change", ["UPDATE messages SET body = ''", "DELETE FROM decisions", "DELETE FROM chain"])
def test_the_log_is_only_added_to(tmp_path: Path, change: str) -> None:
    filled(tmp_path).close()
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        sqlite3.connect(tmp_path / "log.sqlite").execute(change)


def test_a_log_from_before_the_chain_is_linked_as_it_stands(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "log.sqlite") as db:
        MIGRATIONS[0](db)
        db.execute("PRAGMA user_version = 1")
        db.execute("INSERT INTO messages VALUES (1, 'old', 1.0, '/', '{\"user\": \"x\", \"input\": null}')")
        db.execute("INSERT INTO decisions VALUES (1, 'old', 1.0, '{}', 's', '[]', 'allow', 'r', 1)")
    log = Log(tmp_path / "log.sqlite")
    log.add("new", [said("more")], ())
    last = log.verify()
    assert isinstance(last, Link) and last.number == 3
    assert [row.session for row in log.rows(Wanted())] == ["old", "old", "new"]


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        (Wanted(), [1, 2, 3, 4, 5]),
        (Wanted(since=10.0), [4, 5]),
        (Wanted(sessions=("one",)), [1, 2, 3]),
        (Wanted(tool="find_files"), [3]),
        (Wanted(denied=True), [5]),
        (Wanted(text="SECOND"), [2]),
        (Wanted(text="第三"), [4]),
        (Wanted(since=10.0, tool="find_files"), []),
    ],
)
def test_rows_are_filtered(tmp_path: Path, wanted: Wanted, rows: list[int]) -> None:
    assert [row.number for row in filled(tmp_path).rows(wanted)] == rows


SECRETS = (
    "AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1B2" * 9, "sk-proj-" + "x1Y2" * 8, "hf_" + "abCD" * 8,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlMTIz", "hunter2hunter2",
)  # fmt: skip


def test_no_secret_reaches_the_file(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.sqlite")
    text = "\n".join([*SECRETS[:-1], f"DB_PASSWORD={SECRETS[-1]}"])
    call = ToolCall("1", "run_command", {"command": f"curl -H 'Authorization: Bearer {SECRETS[1]}' {text}"})
    messages = (UserMessage(text), ToolMessage(ToolResult(call, True, Outcome(text, items=SECRETS[:-1]))))
    decision = Decided(
        1.0, f'{{"name": "x", "arguments": {{"a": "{SECRETS[0]}"}}}}', f"run {text}", "[]", "ask", "", True
    )
    log.add("s", [Entry(1.0, "/", to_json(message)) for message in messages], [decision])
    log.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not [secret for secret in SECRETS if secret.encode() in kept]

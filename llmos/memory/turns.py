"""One turn read from the log: the request with what was said before it, what became of it, and how it was decided on.

Whole sessions are in `past`. The log is only read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from llmos.errors import UsageError
from llmos.memory.log import Decided
from llmos.memory.sessions import REMEMBERED, from_json, is_message
from llmos.values.messages import AssistantMessage, Message, ToolCall, ToolMessage, ToolResult, UserMessage


@dataclass(frozen=True)
class LoggedTurn:
    session: str
    time: float
    """Seconds since 1970."""

    cwd: str
    """The folder the request was made in."""

    before: tuple[Message, ...]
    """What was said before, and the request itself."""

    after: tuple[Message, ...]
    decisions: tuple[Decided, ...]

    @property
    def request(self) -> str:
        return next(message.text for message in reversed(self.before) if isinstance(message, UserMessage))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return tuple(call for message in self.after if isinstance(message, AssistantMessage) for call in message.calls)

    @property
    def results(self) -> tuple[ToolResult, ...]:
        return tuple(message.result for message in self.after if isinstance(message, ToolMessage))


def back(state: str, count: int) -> LoggedTurn:
    """The last turn of all is 1, the one before it 2. Raises UsageError where there is none."""
    return _turn(state, "ORDER BY id DESC LIMIT 1 OFFSET ?", count - 1, f"there is no turn {count} back")


def at(state: str, time: float) -> LoggedTurn:
    """The turn that was made at that time. Raises UsageError."""
    nothing = "the log does not know the request; it was made in another way, or the log is of another time"
    return _turn(state, "AND abs(time - ?) < 0.01 ORDER BY id LIMIT 1", time, nothing)


def _turn(state: str, which: str, value: float, nothing: str) -> LoggedTurn:
    file = Path(state) / "log.sqlite"
    if not file.exists():
        raise UsageError("nothing was asked yet")
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5.0)) as db:
        found = db.execute(f"SELECT id, session, time FROM messages WHERE body LIKE '{{\"user\": %' {which}", [value])
        row = found.fetchone()
        if row is None:
            raise UsageError(f"{nothing}; `llmos log` lists what there is")
        return _read(db, *row)


def _read(db: sqlite3.Connection, number: int, session: str, time: float) -> LoggedTurn:
    earlier = db.execute(
        "SELECT cwd, body FROM messages WHERE session = ? AND id <= ? ORDER BY id DESC LIMIT ?",
        (session, number, REMEMBERED),
    ).fetchall()
    following = db.execute(
        "SELECT min(id), min(time) FROM messages WHERE session = ? AND id > ? AND body LIKE '{\"user\": %'",
        (session, number),
    ).fetchone()
    later = db.execute(
        "SELECT body FROM messages WHERE session = ? AND id > ? AND id < ? ORDER BY id",
        (session, number, following[0] or float("inf")),
    ).fetchall()
    decided = db.execute(
        "SELECT time, call, summary, targets, verdict, rule, ran, taint, answer FROM decisions"
        " WHERE session = ? AND time >= ? AND time < ? ORDER BY id",
        (session, time, following[1] or float("inf")),
    ).fetchall()
    cwd = earlier[1 if len(earlier) > 1 else 0][0]
    before = _messages(body for _, body in reversed(earlier))
    return LoggedTurn(session, time, cwd, before, _messages(b for (b,) in later), tuple(Decided(*d) for d in decided))


def _messages(bodies: Iterable[str]) -> tuple[Message, ...]:
    return tuple(from_json(body) for body in bodies if is_message(body))

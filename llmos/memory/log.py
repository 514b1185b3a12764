"""The log: one append-only SQLite file with every message and every decision.

How a message is written as JSON is in `sessions`. Nothing is ever changed or deleted here.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from llmos.memory.migrations import migrate


@dataclass(frozen=True)
class Entry:
    """One message of a session as it is stored."""

    time: float
    cwd: str
    """The folder the session was in when the turn with this message was over."""

    body: str


@dataclass(frozen=True)
class Decided:
    """One decision as it is stored; `call` and `targets` are JSON."""

    time: float
    call: str
    summary: str
    targets: str
    verdict: str
    rule: str
    ran: bool


class Log:
    """Raises sqlite3.Error and OSError; whether a log that cannot be written matters is for the session to say."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        self._db = sqlite3.connect(file, timeout=5.0)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        migrate(self._db)

    def add(self, session: str, entries: Iterable[Entry], decisions: Iterable[Decided]) -> None:
        """All of it or nothing."""
        with self._db:
            self._db.executemany(
                "INSERT INTO messages (session, time, cwd, body) VALUES (?, ?, ?, ?)",
                [(session, e.time, _storable(e.cwd), e.body) for e in entries],
            )
            self._db.executemany(
                "INSERT INTO decisions (session, time, call, summary, targets, verdict, rule, ran)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (session, d.time, d.call, _storable(d.summary), d.targets, d.verdict, _storable(d.rule), d.ran)
                    for d in decisions
                ],
            )

    def entries(self, session: str, last: int) -> list[Entry]:
        """The last so many messages of a session, oldest first."""
        rows = self._db.execute(
            "SELECT time, cwd, body FROM messages WHERE session = ? ORDER BY id DESC LIMIT ?", (session, last)
        ).fetchall()
        return [Entry(time, _restored(cwd), body) for time, cwd, body in reversed(rows)]

    def decisions(self, session: str) -> list[Decided]:
        rows = self._db.execute(
            "SELECT time, call, summary, targets, verdict, rule, ran FROM decisions WHERE session = ? ORDER BY id",
            (session,),
        )
        return [Decided(*row) for row in rows]

    def close(self) -> None:
        self._db.close()


def _storable(text: str) -> str:
    """SQLite takes UTF-8 only; names that are not are written as JSON writes them."""
    return text if text.isprintable() and not text.startswith('"') else json.dumps(text)


def _restored(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text

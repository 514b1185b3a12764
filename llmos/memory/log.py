"""The log: one append-only SQLite file with every message and every decision, secrets hidden, rows chained by hashes.

How a message is written as JSON is in `sessions`. Nothing is ever changed or deleted here.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmos.memory.chain import COLUMNS, Broken, Link, extend, holds, verify
from llmos.memory.migrations import migrate
from llmos.memory.redact import redact, redact_json


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
    taint: int = 0
    """0 the user's words, 1 names, 2 content: the most foreign thing in the context when it was decided."""

    answer: str = ""
    """What the user said, where they were asked."""


@dataclass(frozen=True)
class Row:
    """A message or a decision, in the order in which they were written."""

    number: int
    session: str
    time: float
    body: str
    """A message, as JSON; "" for a decision."""

    decided: Decided | None = None


@dataclass(frozen=True)
class Wanted:
    """Which rows; all that is given has to hold."""

    since: float = 0.0
    """Seconds since 1970."""

    sessions: tuple[str, ...] | None = None
    tool: str = ""
    denied: bool = False
    """Decisions that ran nothing."""

    text: str = ""


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
        said = [(session, e.time, _storable(e.cwd), redact_json(e.body)) for e in entries]
        decided = [
            (session, d.time, redact_json(d.call), _storable(redact(d.summary)), redact_json(d.targets), d.verdict,
             _storable(redact(d.rule)), d.ran, d.taint, d.answer)
            for d in decisions
        ]  # fmt: skip
        self._db.execute("BEGIN IMMEDIATE")  # two shells at once each need to know the last link
        with self._db:
            extend(self._db, "messages", self._insert("messages", said))
            extend(self._db, "decisions", self._insert("decisions", decided))

    def _insert(self, table: str, rows: Sequence[tuple[object, ...]]) -> list[int]:
        columns = COLUMNS[table]
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        return [self._db.execute(statement, row).lastrowid or 0 for row in rows]

    def entries(self, session: str, last: int) -> list[Entry]:
        """The last so many messages of a session, oldest first."""
        rows = self._db.execute(
            "SELECT time, cwd, body FROM messages WHERE session = ? ORDER BY id DESC LIMIT ?", (session, last)
        ).fetchall()
        return [Entry(time, _restored(cwd), body) for time, cwd, body in reversed(rows)]

    def decisions(self, session: str) -> list[Decided]:
        columns = ", ".join(COLUMNS["decisions"][1:])
        rows = self._db.execute(f"SELECT {columns} FROM decisions WHERE session = ? ORDER BY id", (session,))
        return [_decided(row) for row in rows]

    def rows(self, wanted: Wanted) -> Iterator[Row]:
        """Oldest first, one by one."""
        where, values = _conditions(wanted)
        decided = ", ".join(f"d.{column}" for column in COLUMNS["decisions"][1:])
        query = (
            f"SELECT number, coalesce(m.session, d.session), coalesce(m.time, d.time), m.body, {decided}"
            " FROM chain LEFT JOIN messages AS m ON source = 'messages' AND m.id = chain.row"
            f" LEFT JOIN decisions AS d ON source = 'decisions' AND d.id = chain.row WHERE {where} ORDER BY number"
        )
        for number, session, time, body, *rest in self._db.execute(query, values):
            yield Row(number, session, time, body or "", None if body is not None else _decided(rest))

    def verify(self) -> Broken | Link | None:
        return verify(self._db)

    def holds(self, hash: str) -> bool:
        return holds(self._db, hash)

    def close(self) -> None:
        self._db.close()


def _decided(row: Sequence[Any]) -> Decided:
    time, call, summary, targets, verdict, rule, ran, taint, answer = row
    return Decided(time, call, _restored(summary), targets, verdict, _restored(rule), bool(ran), taint, answer)


def _conditions(wanted: Wanted) -> tuple[str, list[object]]:
    """SQL and its values. Sessions beyond what SQLite takes as values are unheard of."""
    found: list[tuple[str, list[object]]] = [("coalesce(m.time, d.time) >= ?", [wanted.since])]
    if wanted.sessions is not None:
        marks = ", ".join("?" * len(wanted.sessions))
        found.append((f"coalesce(m.session, d.session) IN ({marks})", list(wanted.sessions)))
    if wanted.tool:
        found.append(("json_extract(d.call, '$.name') = ?", [wanted.tool]))
    if wanted.denied:
        found.append(("d.ran = 0", []))
    if wanted.text:
        written = json.dumps(wanted.text)[1:-1]  # as it stands in JSON
        contains = "instr(lower(coalesce(m.body, d.summary || ' ' || d.call || ' ' || d.targets)), lower(?)) > 0"
        found.append((f"({contains} OR {contains})", [wanted.text, written]))
    return " AND ".join(sql for sql, _ in found), [value for _, values in found for value in values]


def _storable(text: str) -> str:
    """SQLite takes UTF-8 only; names that are not are written as JSON writes them."""
    return text if text.isprintable() and not text.startswith('"') else json.dumps(text)


def _restored(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text

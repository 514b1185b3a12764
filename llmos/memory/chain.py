"""The hash chain over the rows of the log: each link holds the hash of the one before it and of its own row.

It shows that a row was changed, taken out or slipped in. Who can write the file can also write a new chain: keep a
hash that `llmos log verify` printed in another place, and ask later whether it still stands in the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from sqlite3 import Connection
from typing import NamedTuple

START = "0" * 64

COLUMNS = {
    "messages": ("session", "time", "cwd", "body"),
    "decisions": ("session", "time", "call", "summary", "targets", "verdict", "rule", "ran", "taint", "answer"),
}
"""What of each table is hashed, in this order."""


class Link(NamedTuple):
    number: int
    table: str
    row: int
    hash: str


class Broken(NamedTuple):
    """The first link at which the chain does not hold."""

    number: int
    why: str


def hashed(before: str, number: int, table: str, row: Iterable[object]) -> str:
    """SHA-256 of the hash before and the canonical row: a JSON array in ASCII without spaces."""
    canonical = json.dumps([number, table, *row], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{canonical}".encode()).hexdigest()


def extend(db: Connection, table: str, rows: Iterable[int]) -> None:
    """Link rows that were just added. Inside the transaction that added them."""
    last = db.execute("SELECT number, hash FROM chain ORDER BY number DESC LIMIT 1").fetchone()
    number, before = last or (0, START)
    for row in rows:
        number += 1
        before = hashed(before, number, table, _row(db, table, row) or ())
        db.execute("INSERT INTO chain VALUES (?, ?, ?, ?)", (number, table, row, before))


def _row(db: Connection, table: str, row: int) -> tuple[object, ...] | None:
    found = db.execute(f"SELECT {', '.join(COLUMNS[table])} FROM {table} WHERE id = ?", (row,)).fetchone()
    return None if found is None else tuple(found)


def verify(db: Connection) -> Broken | Link | None:
    """The last link when all of it holds; None when there is none. Reads every row."""
    before, last = START, None
    for link in _links(db):
        number = last.number + 1 if last else 1
        if link.number != number:
            return Broken(number, f"link {number} is missing")
        row = _row(db, link.table, link.row) if link.table in COLUMNS else None
        if row is None:
            return Broken(number, f"row {link.row} of {link.table} is missing")
        if hashed(before, number, link.table, row) != link.hash:
            return Broken(number, f"row {link.row} of {link.table} is not what was written")
        before, last = link.hash, link
    return _unlinked(db) or last


def _links(db: Connection) -> Iterator[Link]:
    for row in db.execute("SELECT number, source, row, hash FROM chain ORDER BY number"):
        yield Link(*row)


def _unlinked(db: Connection) -> Broken | None:
    for table in COLUMNS:
        linked = "SELECT row FROM chain WHERE source = ?"
        found = db.execute(f"SELECT min(id) FROM {table} WHERE id NOT IN ({linked})", (table,)).fetchone()
        if found[0] is not None:
            return Broken(0, f"row {found[0]} of {table} was added behind the chain's back")
    return None


def holds(db: Connection, hash: str) -> bool:
    """Whether a hash that was printed once, or its beginning, still stands in the chain."""
    return db.execute("SELECT 1 FROM chain WHERE hash LIKE ? || '%'", (hash,)).fetchone() is not None

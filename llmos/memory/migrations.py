"""How the log's tables came to be: one function a step, run once each, in order, never changed afterwards."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Connection


def _messages_and_decisions(db: Connection) -> None:
    db.execute(
        """CREATE TABLE messages (
            id INTEGER PRIMARY KEY,
            session TEXT NOT NULL,
            time REAL NOT NULL,
            cwd TEXT NOT NULL,
            body TEXT NOT NULL
        )"""
    )
    db.execute("CREATE INDEX messages_by_session ON messages (session, id)")
    db.execute(
        """CREATE TABLE decisions (
            id INTEGER PRIMARY KEY,
            session TEXT NOT NULL,
            time REAL NOT NULL,
            call TEXT NOT NULL,
            summary TEXT NOT NULL,
            targets TEXT NOT NULL,
            verdict TEXT NOT NULL,
            rule TEXT NOT NULL,
            ran INTEGER NOT NULL
        )"""
    )


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_messages_and_decisions,)


def migrate(db: Connection) -> None:
    """Bring the tables up to date; two processes may try at once, one of them does it."""
    if _version(db) == len(MIGRATIONS):
        return
    db.execute("BEGIN IMMEDIATE")
    with db:
        for step in MIGRATIONS[_version(db) :]:
            step(db)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(db: Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)

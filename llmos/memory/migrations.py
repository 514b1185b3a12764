"""How the log's tables came to be: one function a step, run once each, in order, never changed afterwards."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Connection

from llmos.memory.chain import extend


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


def _chain(db: Connection) -> None:
    """What is there already is linked as it stands now."""
    db.execute("ALTER TABLE decisions ADD COLUMN taint INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE decisions ADD COLUMN answer TEXT NOT NULL DEFAULT ''")
    db.execute(
        """CREATE TABLE chain (
            number INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            row INTEGER NOT NULL,
            hash TEXT NOT NULL,
            UNIQUE (source, row)
        )"""
    )
    rows = "SELECT 'messages', id, time, 0 FROM messages UNION ALL SELECT 'decisions', id, time, 1 FROM decisions"
    for table, row, _time, _order in db.execute(f"{rows} ORDER BY 3, 4, 2").fetchall():
        extend(db, table, [row])
    for table in ("messages", "decisions", "chain"):
        for change in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END"
            )


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_messages_and_decisions, _chain)


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

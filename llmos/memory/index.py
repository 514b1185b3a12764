"""The search index: the words of documents in folders the user named, in one private SQLite file.

Ranking is SQLite's BM25 over stemmed words; there are no embeddings. What is in a folder is index_scan's business,
what a document says index_text's.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from llmos.memory.index_scan import Found, scan
from llmos.memory.index_text import text_of

AT_ONCE = 200
"""Files between two commits: what is lost when it is interrupted."""

PATIENCE = 30
"""A folder is looked through again when this many times as long has passed as that took: about 3 % of the time."""

NAME_WEIGHT = 3.0
"""A word in a file's name against one in its text."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS folders (
    id INTEGER PRIMARY KEY, path BLOB UNIQUE, exclude TEXT, scanned REAL DEFAULT 0, took REAL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, folder INTEGER, path BLOB UNIQUE, size INTEGER, modified INTEGER, inode INTEGER
);
CREATE INDEX IF NOT EXISTS files_by_folder ON files (folder);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (name, text, tokenize = 'porter unicode61');
"""

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

STOP = frozenset(
    """a about all an and any are as at be been but by can could did do does for from had has have he her his how i if
    in into is it its me my of on or our she so some that the their them there they this to was we were what when
    where which who why will with would write wrote written document documents file files text note notes find search
    """.split()  # noqa: SIM905
)
"""They stand in most documents or in most questions, and say nothing of the one that is looked for."""

STOP_CHINESE = re.compile(
    "我们|我|你|的|了|在|那个|那份|这个|哪个|哪里|关于|写过|写的|写|文档|文件|找到|找|是|和|有|吗|里面|里"
)


class Folder(NamedTuple):
    id: int
    path: str
    exclude: tuple[str, ...]
    scanned: float
    """Seconds since 1970; 0 before it was looked through to its end."""

    took: float
    """Seconds."""

    files: int


class Hit(NamedTuple):
    path: str
    part: str
    """Where the words stand, with some around them."""

    score: float
    """The larger the better; comparable within one search only."""


class Index:
    def __init__(self, file: Path) -> None:
        """Raises OSError and sqlite3.Error."""
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(file, timeout=10)
        self._db.executescript(SCHEMA)

    def folders(self) -> list[Folder]:
        rows = self._db.execute(
            "SELECT id, path, exclude, scanned, took, (SELECT count(*) FROM files WHERE folder = folders.id)"
            " FROM folders ORDER BY path"
        )
        return [Folder(i, os.fsdecode(path), tuple(json.loads(x)), *rest) for i, path, x, *rest in rows]

    def add(self, path: str, exclude: Sequence[str]) -> None:
        """A folder by its resolved path, or new exclusions for it; folders beneath it become part of it."""
        for inner in self.folders():
            if inner.path.startswith(os.path.join(path, "")):
                self.remove(inner)
        self._db.execute(
            "INSERT INTO folders (path, exclude) VALUES (?, ?)"
            " ON CONFLICT (path) DO UPDATE SET exclude = excluded.exclude, scanned = 0",
            (os.fsencode(path), json.dumps(list(exclude))),
        )
        self._db.commit()

    def remove(self, folder: Folder) -> None:
        """Also from the disk: SQLite overwrites what it deletes."""
        self._db.execute("PRAGMA secure_delete = ON")
        self._forget(id for (id,) in self._db.execute("SELECT id FROM files WHERE folder = ?", (folder.id,)).fetchall())
        self._db.execute("DELETE FROM folders WHERE id = ?", (folder.id,))
        self._db.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._db.commit()
        self._db.execute("VACUUM")

    def stale(self, folder: Folder, now: float) -> bool:
        return not folder.scanned or now - folder.scanned > PATIENCE * folder.took

    def update(self, folder: Folder, is_secret: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
        """Yields how many of how many changed files are read. Raises OSError when the folder is gone.

        Whoever stops listening has a usable index of what was read; the rest comes with the next update.
        """
        began = time.time()
        found = {os.fsencode(one.path): one for one in scan(folder.path, folder.exclude, is_secret)}
        known = {
            path: (id, tuple(rest))
            for id, path, *rest in self._db.execute(
                "SELECT id, path, size, modified, inode FROM files WHERE folder = ?", (folder.id,)
            )
        }
        took = time.time() - began
        changed = [path for path, one in found.items() if path not in known or known[path][1] != tuple(one[1:])]
        try:
            self._forget(id for path, (id, _) in known.items() if path not in found)
            for number, path in enumerate(changed, 1):
                self._put(folder, path, found[path])
                if number % AT_ONCE == 0:
                    self._db.commit()
                yield number, len(changed)
            self._db.execute("UPDATE folders SET scanned = ?, took = ? WHERE id = ?", (began, took, folder.id))
        except BaseException:
            self._db.rollback()  # a file that is half written down would count as read
            raise
        self._db.commit()

    def _put(self, folder: Folder, path: bytes, one: Found) -> None:
        old = self._db.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchall()
        self._forget(id for (id,) in old)
        try:
            # A folder on the way may have become a link since it was listed.
            text = text_of(one.path) if os.path.realpath(one.path) == one.path else ""
        except OSError:
            text = ""
        row = (folder.id, path, *one[1:])
        made = self._db.execute("INSERT INTO files (folder, path, size, modified, inode) VALUES (?, ?, ?, ?, ?)", row)
        name = re.sub(r"[_\W]+", " ", os.path.relpath(one.path, folder.path))
        values = (made.lastrowid, *(apart(words).encode("utf-8", "replace").decode() for words in (name, text)))
        self._db.execute("INSERT INTO words (rowid, name, text) VALUES (?, ?, ?)", values)

    def _forget(self, ids: Iterator[int]) -> None:
        for id in ids:
            self._db.execute("DELETE FROM words WHERE rowid = ?", (id,))
            self._db.execute("DELETE FROM files WHERE id = ?", (id,))

    def search(self, asked: str, limit: int) -> list[Hit]:
        """Best first. What is left of the question when its small words are taken away; any of them may match."""
        if not (query := query_for(asked)):
            return []
        rows = self._db.execute(
            "SELECT files.path, snippet(words, -1, '', '', ' … ', 24), -bm25(words, ?, 1.0) AS score"
            " FROM words JOIN files ON files.id = words.rowid WHERE words MATCH ? ORDER BY score DESC LIMIT ?",
            (NAME_WEIGHT, query, limit),
        )
        return [Hit(os.fsdecode(path), together(part), score) for path, part, score in rows]

    def close(self) -> None:
        self._db.close()


def apart(text: str) -> str:
    """Each Chinese character a word of its own: SQLite's tokenizer takes a run of them for one word."""
    return re.sub(f"([{CHINESE}])", r" \1 ", text)


def together(text: str) -> str:
    """On one line, Chinese without the spaces of `apart`."""
    return re.sub(f"(?<=[{CHINESE}]) +(?=[{CHINESE}])", "", " ".join(text.split()))


def query_for(asked: str) -> str:
    """In the language of FTS5 (sqlite.org/fts5.html, "Full-text Query Syntax"), every word quoted; "" for nothing."""
    parts = STOP_CHINESE.sub(" ", asked)
    runs = re.findall(f"[{CHINESE}]+", parts)
    words: list[str] = re.findall(rf"[^\W_{CHINESE}]+", parts.lower())
    said = [word for word in words if word not in STOP] or words
    pairs = [" ".join(run[i : i + 2]) for run in runs for i in range(max(1, len(run) - 1))]
    return " OR ".join(f'"{term}"' for term in dict.fromkeys((*said, *pairs)))

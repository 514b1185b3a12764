"""The journal's files: one for each entry, lines of JSON that are only ever added to.

    STATE/journal/open/000012.jsonl   while its process works on it, which holds a lock on it
    STATE/journal/000012.jsonl        afterwards
    STATE/kept/000012/3               what operation 3 of entry 12 left behind

The first line is the header; then {"n": 3, "op": ...} is an intent (a later one replaces it), {"done": 3} and
{"failed": 3} say what came of it. Which line has to be on the disk when is journal.py's business.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from llmos.adapters.files.clone import write_all

ENDING = ".jsonl"
Line = dict[str, Any]

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True)
class Header:
    number: int
    time: float
    """Seconds since 1970."""

    summary: str
    kind: str = "change"
    """ "change", "undo" or "redo"."""

    of: int = 0
    """The entry that this one takes back or makes again."""

    call: dict[str, Any] = field(default_factory=dict)


@dataclass
class Written:
    """An entry as it was read."""

    header: Header
    records: dict[int, Line]
    done: dict[int, None]
    """In the order they were done, which need not be that of the intents."""

    failed: set[int]

    @property
    def in_doubt(self) -> list[int]:
        """The operations that nobody knows the end of, the latest first."""
        return sorted(self.records.keys() - self.done.keys() - self.failed, reverse=True)


class EntryFile:
    """One entry's file, open for adding lines. Raises OSError."""

    def __init__(self, path: str, held: int) -> None:
        self.path = path
        self._held = held
        self._torn = False
        self._synced = False
        self._folder_synced = False

    def add(self, lines: Iterable[Line], intents: bool = False) -> None:
        """All of them or, to whoever reads, none after the first that is torn. Only intents are worth a `sync`: what
        came of them recovery can find out by itself."""
        text = "".join(_encode(line) + "\n" for line in lines)
        self._synced = self._synced and not intents
        try:
            write_all(self._held, (("\n" if self._torn else "") + text).encode())
        except OSError:
            self._torn = True
            raise
        self._torn = False

    def sync(self) -> None:
        if not self._synced:
            os.fsync(self._held)
            self._synced = True
        if not self._folder_synced:
            _sync_folder(os.path.dirname(self.path))
            self._folder_synced = True

    def close(self, target: str | None) -> None:
        """Let go of the lock, and of the file's place among the open ones where it has a `target`."""
        try:
            if target:
                os.rename(self.path, target)
        finally:
            _unlock(self._held)

    def discard(self) -> None:
        with suppress(OSError):
            os.unlink(self.path)
        _unlock(self._held)


def _unlock(held: int) -> None:
    """Also where closing fails: whoever opens the file next would wait for a lock that stayed, even ourselves."""
    with suppress(OSError):
        fcntl.flock(held, fcntl.LOCK_UN)
    with suppress(OSError):
        os.close(held)


def _sync_folder(path: str) -> None:
    held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(held)
    finally:
        os.close(held)


class Store:
    """Nothing is made before the first entry."""

    def __init__(self, state: str) -> None:
        self.root = os.path.join(os.path.realpath(state), "journal")
        self._open = os.path.join(self.root, "open")
        self.kept = os.path.join(os.path.realpath(state), "kept")

    def create(self, header: Header) -> tuple[EntryFile, Header]:
        """With the next number, and its first line written."""
        os.makedirs(self._open, mode=0o700, exist_ok=True)
        with self._locked():
            # The open ones first: one that is finished meanwhile would be in neither list the other way round.
            number = max(self._numbers(self._open) + self.numbers(), default=0) + 1
            numbered = Header(number, header.time, header.summary, header.kind, header.of, header.call)
            path = _file(self._open, number)
            held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            fcntl.flock(held, fcntl.LOCK_EX)
        made = EntryFile(path, held)
        try:
            made.add([vars(numbered)])
        except OSError:
            made.discard()
            raise
        return made, numbered

    @contextmanager
    def _locked(self) -> Iterator[None]:
        held = os.open(os.path.join(self.root, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            _unlock(held)

    def finished(self, number: int) -> str:
        return _file(self.root, number)

    def kept_folder(self, number: int) -> str:
        return os.path.join(self.kept, f"{number:06}")

    def numbers(self) -> list[int]:
        """Of the finished entries, oldest first."""
        return self._numbers(self.root)

    @staticmethod
    def _numbers(folder: str) -> list[int]:
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            return []
        return sorted(int(name[: -len(ENDING)]) for name in names if name.endswith(ENDING) and name[:1].isdigit())

    def abandoned(self) -> Iterator[tuple[EntryFile, Written | None]]:
        """Entries whose process is gone, locked for us; None where not even a header was written."""
        if not os.path.isdir(self._open):
            return
        with self._locked():
            found = [_adopted(_file(self._open, number)) for number in self._numbers(self._open)]
        for file in filter(None, found):
            yield file, read(file.path)

    def read(self, number: int) -> Written | None:
        return read(self.finished(number))

    def header(self, number: int) -> Header | None:
        return _header(self.finished(number))


def _file(folder: str, number: int) -> str:
    return os.path.join(folder, f"{number:06}{ENDING}")


def _adopted(path: str) -> EntryFile | None:
    """None where somebody works on it, or has just finished it."""
    try:
        held = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.stat(path), os.fstat(held)):
            file = EntryFile(path, held)
            file._torn = True  # its last line may be
            return file
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.ENOENT):
            os.close(held)
            raise
    os.close(held)
    return None


def read(path: str) -> Written | None:
    """None where there is no header; a torn line counts for nothing."""
    lines = _lines(path)
    header = _as_header(next(lines, {}))
    if header is None:
        return None
    written = Written(header, {}, {}, set())
    for line in lines:
        if "op" in line:
            written.records[line.pop("n")] = line
        elif "done" in line:
            written.done[line["done"]] = None
        elif "failed" in line:
            written.failed.add(line["failed"])
    return written


def _header(path: str) -> Header | None:
    return _as_header(next(_lines(path), {}))


def _as_header(line: Line) -> Header | None:
    try:
        return Header(**line)
    except TypeError:
        return None


def _lines(path: str) -> Iterator[Line]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for text in file:
                with suppress(ValueError):
                    line = json.loads(text)
                    if isinstance(line, dict):
                        yield line
    except FileNotFoundError:
        return

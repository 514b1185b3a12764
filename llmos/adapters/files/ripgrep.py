"""Has ripgrep sort out, many files at a time, those that surely do not hold a text: it reads with all processors.

What is left over is searched by `search.py`, whose answer counts: with ripgrep and without it is the same. Expressions
are not left to it, because they mean other things there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from llmos.adapters.files.walk import Entry

if TYPE_CHECKING:
    import subprocess

FEW = 48
"""Files that are read here in less time than it takes to start a program."""

AT_ONCE = 1000
"""Paths in one command line: enough that its start does not count, and Linux takes 2 MiB."""

_OPTIONS = (
    "--no-config", "--no-messages", "--no-mmap", "--files-with-matches", "--null", "--text", "--encoding", "none"
)  # fmt: skip

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""Those that a mark at the beginning of a file may tell."""


def pattern(text: bytes, ignore_case: bool) -> str:
    """The bytes of the text in every encoding; only ASCII letters have capitals then. "" when that says nothing."""
    try:
        written = text.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    if "\ufffd" in written:  # stands for whatever cannot be read
        return ""
    ways = (written.encode(encoding) for encoding in _ENCODINGS)
    flags = "i-u" if ignore_case else "-u"
    return f"(?{flags}:" + "|".join("".join(rf"\x{byte:02X}" for byte in way) for way in ways) + ")"


def sorted_out(entries: Iterable[Entry], sought: str) -> Iterator[tuple[Entry, bool]]:
    """All entries in their order, each with whether it may hold what is sought.

    While some are looked at by the caller, ripgrep reads the next.
    """
    running: list[Batch] = []
    try:
        for paths in _batches(entries):
            running.append(Batch(paths, sought if len(paths) >= FEW else ""))
            if len(running) > 1:
                yield from running[0].told()
                del running[0]
        for batch in running:
            yield from batch.told()
    finally:
        for batch in running:
            batch.end()


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Few at first, so that the first answer comes at once."""
    left, count = iter(entries), FEW
    while batch := list(islice(left, count)):
        yield batch
        count = min(count * 4, AT_ONCE)


class Batch:
    """Files that ripgrep reads in the background."""

    def __init__(self, entries: list[Entry], sought: str) -> None:
        self._entries = entries
        self._process = _started([entry.path for entry in entries], sought) if sought else None

    def told(self) -> Iterator[tuple[Entry, bool]]:
        held = self._held()
        return ((entry, held is None or entry.path in held) for entry in self._entries)

    def _held(self) -> set[str] | None:
        """The paths of those that may hold it; None when that cannot be said."""
        if self._process is None:
            return None
        output, _ = self._process.communicate()
        if self._process.returncode > 1:  # a file could not be read: here is said which, and why
            return None
        return {os.fsdecode(path) for path in output.split(b"\0")}

    def end(self) -> None:
        """Nobody wants to know any more."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def _started(paths: list[str], sought: str) -> subprocess.Popen[bytes] | None:
    program = _program()
    if program is None or not all(map(os.path.isabs, paths)):
        return None
    import subprocess  # noqa: PLC0415  # 10 ms, for many files only

    try:
        return subprocess.Popen(
            [program, *_OPTIONS, "-e", sought, "--", *paths],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:  # too long a command line, no such program any more
        return None


@cache
def _program() -> str | None:
    found = shutil.which("rg")
    return found if found and os.path.isabs(found) else None

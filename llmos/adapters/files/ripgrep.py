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

from llmos.adapters.files.walk import Entry

FEW = 48
"""Files that are read here in less time than it takes to start a program."""

AT_ONCE = 4000
"""Paths in one command line: Linux takes 2 MiB, and a path is seldom longer than 100 bytes."""

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
    """All entries in their order, each with whether it may hold what is sought."""
    left = iter(entries)
    count = FEW
    while batch := list(islice(left, count)):
        held = _holding(batch, sought) if sought and (count > FEW or len(batch) == FEW) else None
        yield from ((entry, held is None or entry.path in held) for entry in batch)
        count = min(count * 8, AT_ONCE)


def _holding(batch: list[Entry], sought: str) -> set[str] | None:
    """The paths of those that may hold it; None when that cannot be said."""
    program = _program()
    if program is None or any(not os.path.isabs(entry.path) for entry in batch):
        return None
    import subprocess  # noqa: PLC0415  # 10 ms, for many files only

    paths = [entry.path for entry in batch]
    try:
        done = subprocess.run(
            [program, *_OPTIONS, "-e", sought, "--", *paths],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:  # too long a command line, no such program any more
        return None
    if done.returncode > 1:  # a file could not be read: here is said which, and why
        return None
    return {os.fsdecode(path) for path in done.stdout.split(b"\0")}


@cache
def _program() -> str | None:
    found = shutil.which("rg")
    return found if found and os.path.isabs(found) else None

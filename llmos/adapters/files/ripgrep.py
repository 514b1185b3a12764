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

_MARKS = r"(?-u:^\xFF\xFE|^\xFE\xFF|^\x00\x00\xFE\xFF)"
"""Files that begin with these are not UTF-8 and have to be looked at here."""


def pattern(text: bytes, ignore_case: bool) -> str:
    """As bytes, so that it means the same in every locale; only ASCII letters have capitals then."""
    flags = "i-u" if ignore_case else "-u"
    return f"(?{flags}:" + "".join(rf"\x{byte:02X}" for byte in text) + ")"


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
            [program, *_OPTIONS, "-e", sought, "-e", _MARKS, "--", *paths],
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

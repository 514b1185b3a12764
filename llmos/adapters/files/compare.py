"""What differs between two files or two folders, as `diff` tells it. Lays nothing out beyond diff's own form."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from llmos.adapters.failures import explained
from llmos.adapters.files.content import open_text
from llmos.adapters.files.details import link_target
from llmos.adapters.files.walk import Entry, Root, Unread, walk
from llmos.errors import ToolError

_BLOCK = 1 << 18
_EDITS = 1000
"""Up to so many differing lines the shortest way from one file to the other is sought; beyond, a good one."""


class Hunk(NamedTuple):
    """Lines [a1:a2] of the first file stand where [b1:b2] stand in the second."""

    a1: int
    a2: int
    b1: int
    b2: int


def same_bytes(first: str, second: str) -> bool:
    with open(open_text(first), "rb") as one, open(open_text(second), "rb") as other, explained("read", first):
        sizes = [os.fstat(file.fileno()) for file in (one, other)]
        if all(stat.S_ISREG(size.st_mode) and size.st_size for size in sizes) and sizes[0].st_size != sizes[1].st_size:
            return False
        while block := one.read(_BLOCK):
            if block != other.read(_BLOCK):
                return False
        return not other.read(1)


def hunks(a: Sequence[bytes], b: Sequence[bytes]) -> list[Hunk]:
    """Where two lists of lines differ, in order."""
    begin = 0
    while begin < len(a) and begin < len(b) and a[begin] == b[begin]:
        begin += 1
    end = 0
    while end < min(len(a), len(b)) - begin and a[-1 - end] == b[-1 - end]:
        end += 1
    middle_a, middle_b = a[begin : len(a) - end], b[begin : len(b) - end]
    found = _shortest(middle_a, middle_b)
    if found is None:
        found = _good(middle_a, middle_b)
    return [Hunk(h.a1 + begin, h.a2 + begin, h.b1 + begin, h.b2 + begin) for h in found]


def _good(a: Sequence[bytes], b: Sequence[bytes]) -> list[Hunk]:
    from difflib import SequenceMatcher  # noqa: PLC0415 - only needed for files that differ very much

    matcher = SequenceMatcher(None, a, b, autojunk=len(a) > 5000)
    return [Hunk(a1, a2, b1, b2) for tag, a1, a2, b1, b2 in matcher.get_opcodes() if tag != "equal"]


def _shortest(a: Sequence[bytes], b: Sequence[bytes]) -> list[Hunk] | None:
    """Myers' greedy algorithm; None when more than `_EDITS` lines differ."""
    furthest = {1: 0}  # diagonal x - y → largest x reached on it
    steps: list[dict[int, int]] = []
    for edits in range(min(len(a) + len(b), _EDITS) + 1):
        steps.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            down = _goes_down(furthest, diagonal, edits)
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while x < len(a) and x - diagonal < len(b) and a[x] == b[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            if x >= len(a) and x - diagonal >= len(b):
                return _trace(steps, len(a), len(b))
    return None


def _goes_down(furthest: dict[int, int], diagonal: int, edits: int) -> bool:
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _trace(steps: list[dict[int, int]], x: int, y: int) -> list[Hunk]:
    """Back along the way that was found, joining edits that touch."""
    found: list[Hunk] = []
    for edits in range(len(steps) - 1, 0, -1):
        diagonal = x - y
        before = diagonal + 1 if _goes_down(steps[edits], diagonal, edits) else diagonal - 1
        x0 = steps[edits][before]
        y0 = x0 - before
        # after the edit from (x0, y0) there may be a run of equal lines up to (x, y)
        edit = Hunk(x0, x0, y0, y0 + 1) if before == diagonal + 1 else Hunk(x0, x0 + 1, y0, y0)
        if found and found[-1].a1 == edit.a2 and found[-1].b1 == edit.b2:
            edit = Hunk(edit.a1, found[-1].a2, edit.b1, found.pop().b2)
        found.append(edit)
        x, y = x0, y0
    return found[::-1]


def normal(a: Sequence[bytes], b: Sequence[bytes], found: Sequence[Hunk]) -> Iterator[bytes]:
    """The lines of diff's normal format."""
    for a1, a2, b1, b2 in found:
        letter = b"a" if a1 == a2 else b"d" if b1 == b2 else b"c"
        yield _range(a1, a2) + letter + _range(b1, b2)
        yield from (b"< " + line for line in a[a1:a2])
        if letter == b"c":
            yield b"---"
        yield from (b"> " + line for line in b[b1:b2])


def _range(begin: int, end: int) -> bytes:
    if begin >= end:
        return b"%d" % begin
    return b"%d" % end if end - begin == 1 else b"%d,%d" % (begin + 1, end)


class Unlike(NamedTuple):
    path: str
    """Beneath both folders."""

    how: str
    """"only in A", "differs", "file in A, folder in B"."""


def unlike_entries(first: Root, second: Root, unread: Unread) -> Iterator[Unlike]:
    """What is in only one of two folders, or differs; a folder in only one stands for all it holds."""
    one, other = (_tree(root, unread) for root in (first, second))
    skipped: list[str] = []
    for path in sorted(one.keys() | other.keys(), key=lambda path: path.split("/")):
        if skipped and path.startswith(skipped[-1]):
            continue
        how = _how(one.get(path), other.get(path), first.shown or ".", second.shown or ".")
        if how:
            if path not in one or path not in other or how != "differs":
                skipped.append(path + "/")
            yield Unlike(path, how)


def _tree(root: Root, unread: Unread) -> dict[str, Entry]:
    return {entry.shown: entry for entry in walk(Root(root.path, ""), unread, internals=True)}


def _how(one: Entry | None, other: Entry | None, first: str, second: str) -> str:
    if one is None or other is None:
        return f"only in {first if other is None else second}"
    if one.format != other.format:
        return "is of another type"
    if one.is_link:
        return "" if link_target(one) == link_target(other) else "differs"
    try:
        return "differs" if one.is_file and not same_bytes(one.path, other.path) else ""
    except ToolError:
        return "cannot be read"

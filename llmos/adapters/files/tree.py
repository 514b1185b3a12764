"""Draws folders as a tree, line by line, as `tree` does. Counting and totals are the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from llmos.adapters.files.details import link_target
from llmos.adapters.files.walk import Entry, Root, Unread, walk
from llmos.adapters.terminal import clean_name


class Branch(NamedTuple):
    line: str
    path: str
    is_folder: bool


def draw(root: Root, unread: Unread, depth: int | None, hidden: bool, only_folders: bool) -> Iterator[Branch]:
    """The root's own line first. Links are shown with where they point to and not followed."""
    yield Branch(clean_name(root.shown or "."), root.path, True)
    level = [_Level(_shown(root, unread, hidden, only_folders), "")]
    while level:
        entry = level[-1].take()
        if entry is None:
            level.pop()
            continue
        last = level[-1].next is None
        prefix = level[-1].prefix
        target = link_target(entry)
        name = f"{entry.name} -> {target}" if target else entry.name
        yield Branch(f"{prefix}{'└── ' if last else '├── '}{clean_name(name)}", entry.path, entry.is_folder)
        if entry.is_folder and (depth is None or len(level) < depth):
            inside = _shown(Root(entry.path, ""), unread, hidden, only_folders)
            level.append(_Level(inside, prefix + ("    " if last else "│   ")))


class _Level:
    """The entries of one folder, read one ahead to know which is the last."""

    def __init__(self, entries: Iterator[Entry], prefix: str) -> None:
        self._entries = entries
        self.prefix = prefix
        self.next = next(entries, None)

    def take(self) -> Entry | None:
        entry = self.next
        if entry is not None:
            self.next = next(self._entries, None)
        return entry


def _shown(root: Root, unread: Unread, hidden: bool, only_folders: bool) -> Iterator[Entry]:
    for entry in walk(root, unread, depth=1):
        if (hidden or not entry.name.startswith(".")) and (not only_folders or entry.is_folder):
            yield entry

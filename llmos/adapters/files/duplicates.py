"""Finds files with the same content or the same name among given ones. Which files those are is the caller's choice."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable

from llmos.adapters.files.walk import Entry, Unread, still_there

_HEAD = 1 << 14


def same_content(entries: Iterable[Entry], unread: Unread) -> list[list[Entry]]:
    """Groups of files that are equal byte for byte; several names of one file (hard links) count as one."""
    by_identity: dict[tuple[int, int], Entry] = {}
    for entry in still_there(entries):
        by_identity.setdefault((entry.stat.st_dev, entry.stat.st_ino), entry)
    groups = _split([list(by_identity.values())], lambda entry: entry.stat.st_size)
    groups = _split(groups, lambda entry: _digest(entry, _HEAD, unread))
    return _split(groups, lambda entry: entry.stat.st_size <= _HEAD or _digest(entry, None, unread))


def same_name(entries: Iterable[Entry], ignore_case: bool) -> list[list[Entry]]:
    return _split([list(entries)], lambda entry: entry.name.lower() if ignore_case else entry.name)


def _split(groups: Iterable[list[Entry]], key: Callable[[Entry], Hashable]) -> list[list[Entry]]:
    """Each group parted by a key; entries without a like, or whose key is None, are left out."""
    parted: list[list[Entry]] = []
    for group in groups:
        alike: defaultdict[Hashable, list[Entry]] = defaultdict(list)
        for entry in group:
            alike[key(entry)].append(entry)
        parted += [entries for value, entries in alike.items() if len(entries) > 1 and value is not None]
    return parted


def _digest(entry: Entry, limit: int | None, unread: Unread) -> bytes | None:
    """Of the first `limit` bytes; None when the file cannot be read."""
    try:
        with open(entry.path, "rb") as file:
            if limit is not None:
                return hashlib.blake2b(file.read(limit)).digest()
            return hashlib.file_digest(file, "blake2b").digest()
    except OSError as error:
        unread.add(entry.path, error)
        return None

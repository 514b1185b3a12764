"""Passes over entries that surely have none of the names sought, a whole folder at a time, before they are entries.

What passes may still be wrong: `match.py` decides. Folders always pass, because of what may be in them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence

from llmos.adapters.files.paths import braces

Sieve = Callable[[list[os.DirEntry[str]]], list[os.DirEntry[str]]]

_WILD = re.compile(r"\[!?\]?[^\]]*\]|[*?\[]")


def sieve(names: Iterable[str] | None, extensions: Iterable[str] | None) -> Sieve | None:
    """None where nothing can be said beforehand."""
    parts = [_literal(one) for name in names for one in braces(name)] if names else []
    parts = parts or [_ending(extension.lower()) for extension in extensions or ()]
    return _holding(parts) if parts and all(part and part.isascii() for part in parts) else None


def _ending(extension: str) -> str:
    """What stands in every name with that extension, or that is one: see `match.has_extension`."""
    return _literal(extension) if not extension or "." in extension or _WILD.search(extension) else f".{extension}"


def _literal(glob: str) -> str:
    """The longest part of a glob, in small letters, that stands in every name it fits."""
    return max(_WILD.split(glob), key=len).lower()


def _holding(parts: Sequence[str]) -> Sieve:
    search = re.compile("|".join(map(re.escape, parts)), re.IGNORECASE | re.ASCII).search

    def keep(found: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
        names = "/".join([entry.name for entry in found])
        if not names.isascii():  # letters that fold to ASCII ones are left to the real test
            return found
        if not search(names):
            return [entry for entry in found if not _is_file(entry)]
        return [entry for entry in found if search(entry.name) or not _is_file(entry)]

    return keep


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False

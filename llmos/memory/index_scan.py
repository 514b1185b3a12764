"""Which files of a folder belong in the search index.

Links are never followed; hidden names, .gitignore rules, the user's own exclusions and secrets are left out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pathspec import GitIgnoreSpec

BUILT = frozenset(("node_modules", "__pycache__", "venv", "site-packages"))
"""Folders that programs make, which nobody wrote in."""


class Found(NamedTuple):
    path: str
    size: int
    modified: int
    """Nanoseconds since 1970."""

    inode: int


class _Rules(NamedTuple):
    folder: str
    spec: GitIgnoreSpec

    def leave_out(self, path: str, *, folder: bool) -> bool | None:
        return self.spec.check_file(os.path.relpath(path, self.folder) + "/" * folder).include


def scan(root: str, exclude: Sequence[str], is_secret: Callable[[str], bool]) -> Iterator[Found]:
    """`root` is resolved already. What cannot be listed is passed over; a root that is gone raises OSError."""
    os.stat(root)
    yield from _scan(root, (_Rules(root, GitIgnoreSpec.from_lines(exclude)),), is_secret)


def _scan(folder: str, rules: tuple[_Rules, ...], is_secret: Callable[[str], bool]) -> Iterator[Found]:
    rules = (*rules, *_ignored(folder))
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in listed:
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name.startswith(".") or entry.name in BUILT or is_secret(entry.path):
            continue
        if _left_out(entry.path, rules, folder=is_folder):
            continue
        if is_folder:
            yield from _scan(entry.path, rules, is_secret)
        elif entry.is_file(follow_symlinks=False):
            yield from _found(entry)


def _found(entry: os.DirEntry[str]) -> Iterator[Found]:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return
    if stat.S_ISREG(status.st_mode):
        yield Found(entry.path, status.st_size, status.st_mtime_ns, status.st_ino)


def _left_out(path: str, rules: Sequence[_Rules], *, folder: bool) -> bool:
    """The last rule that speaks of it decides, except that what the user excluded stays out."""
    said = [rule.leave_out(path, folder=folder) for rule in rules]
    return said[0] is True or next((one for one in reversed(said) if one is not None), False)


def _ignored(folder: str) -> Iterator[_Rules]:
    try:
        descriptor = os.open(os.path.join(folder, ".gitignore"), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, encoding="utf-8", errors="replace") as file:
            yield _Rules(folder, GitIgnoreSpec.from_lines(file.read(1 << 20).splitlines()))
    except (OSError, ValueError):
        return

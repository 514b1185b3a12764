"""What a change to files amounts to before it is made: sizes, free space, names nobody has, errors in plain words.

Changing them is the journal's business.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from llmos.adapters.failures import explain

MEASURED = 200_000
"""Entries counted in folders at most: a preview must not take longer than the change."""


@contextmanager
def told(doing: str, path: str) -> Iterator[None]:
    """An OSError about `path`, or about something beneath it, becomes a ToolError."""
    try:
        yield
    except OSError as error:
        beneath = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
        raise explain(error, doing, beneath if beneath.startswith(path + "/") else path) from error


@dataclass(frozen=True)
class Measure:
    """What a file, or a folder with all beneath it, amounts to."""

    files: int = 0
    folders: int = 0
    size: int = 0
    whole: bool = True
    """False when counting was cut short."""

    def __add__(self, other: Measure) -> Measure:
        return Measure(
            self.files + other.files,
            self.folders + other.folders,
            self.size + other.size,
            self.whole and other.whole,
        )


def measure(path: str, limit: int = MEASURED) -> Measure:
    """Counts at most `limit` entries; what cannot be read counts as nothing."""
    try:
        status = os.lstat(path)
    except OSError:
        return Measure()
    if not stat.S_ISDIR(status.st_mode):
        return Measure(files=1, size=status.st_size)
    return _measure_tree(path, limit)


def _measure_tree(path: str, limit: int) -> Measure:
    files = size = 0
    folders = 1
    pending = [path]
    while pending:
        entries = _entries(pending.pop())
        for entry in entries:
            if files + folders >= limit:
                return Measure(files, folders, size, whole=False)
            if entry.is_dir(follow_symlinks=False):
                folders += 1
                pending.append(entry.path)
            else:
                files += 1
                size += _size(entry)
    return Measure(files, folders, size)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def beside(path: str) -> str:
    """A name that nobody else has, in the same folder: what is written there can be renamed to `path` in one step."""
    return os.path.join(os.path.dirname(path), f".llmos-{os.urandom(6).hex()}")


def free_space(path: str) -> int:
    """Bytes free where `path` is, or will be once its folders exist."""
    while not os.path.isdir(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    with told("look at", path):
        status = os.statvfs(path)
    return status.f_bavail * status.f_frsize


def device(path: str) -> int:
    """Which file system `path` is on, or will be once its folders exist."""
    while not os.path.lexists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return os.lstat(path).st_dev


def is_same(one: str, other: str) -> bool:
    """Two names of one file; a link to the file is something else."""
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except OSError:
        return False

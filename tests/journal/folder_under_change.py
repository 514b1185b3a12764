"""A folder with a journal, and pictures of the folder to compare: for tests of what is undone and what survives."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmos.journal.journal import Entry, Journal
from llmos.journal.undo import carry_out, plan, to_redo, to_undo

Picture = dict[str, tuple[object, ...]]


class Ground:
    def __init__(self, folder: Path, quota: int | None = None) -> None:
        self.root = folder.resolve() / "work"
        self.root.mkdir(exist_ok=True)
        self.state = folder.resolve() / "state"
        self.quota = quota

    @property
    def journal(self) -> Journal:
        return Journal(str(self.state), str(self.root.parent / "home/Trash"), self.quota)

    def __truediv__(self, name: str) -> str:
        return str(self.root / name)

    @contextmanager
    def changing(self, summary: str = "change") -> Iterator[Entry]:
        with self.journal.begin(summary) as entry:
            yield entry

    def undo(self, steps: int = 1, keep_both: bool = False) -> str:
        journal = self.journal
        return carry_out(journal, plan(journal, to_undo(journal, steps), keep_both), None, 0).trouble

    def redo(self, steps: int = 1) -> str:
        journal = self.journal
        return carry_out(journal, plan(journal, to_redo(journal, steps)), None, 0).trouble

    def picture(self) -> Picture:
        return picture(str(self.root))


def picture(root: str) -> Picture:
    """Everything that a person could tell apart: names, kinds, contents, modes, owners, times of change, attributes,
    and which names are one file."""
    found: Picture = {}
    numbers: dict[int, int] = {}
    for folder, folders, files in os.walk(root):
        for name in sorted((*folders, *files)):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            twin = numbers.setdefault(status.st_ino, len(numbers)) if status.st_nlink > 1 else -1
            found[os.path.relpath(path, root)] = (*_seen(path, status), -1 if stat.S_ISDIR(status.st_mode) else twin)
    return found


def _seen(path: str, status: os.stat_result) -> tuple[object, ...]:
    rights = stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid
    attributes = {name: os.getxattr(path, name, follow_symlinks=False) for name in _attribute_names(path)}
    if stat.S_ISLNK(status.st_mode):
        return ("link", os.readlink(path), rights[1:])
    if stat.S_ISREG(status.st_mode):
        return ("file", Path(path).read_bytes(), rights, status.st_mtime_ns, str(attributes))
    return ("folder", rights, str(attributes))


def _attribute_names(path: str) -> list[str]:
    try:
        return sorted(os.listxattr(path, follow_symlinks=False))
    except OSError:
        return []

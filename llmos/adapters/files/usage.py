"""How much room folders take on the disk, as `du` counts it: blocks, not lengths; a file with several names once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from stat import S_ISDIR

from llmos.adapters.files.walk import Root, Unread, real_path

_BLOCK = 512  # st_blocks counts these, whatever the block size of the file system is


MANY = 64
"""Folders after which it pays to start a program that is twice as fast."""


@dataclass
class Folder:
    path: str
    shown: str
    depth: int
    size: int
    above: Folder | None


class Usage:
    """Sizes of folders; what was counted for one root is not counted again for another."""

    def __init__(self, unread: Unread) -> None:
        self.unread = unread
        self._seen: set[tuple[int, int]] = set()

    def total(self, root: Root) -> int:
        """Bytes on the disk of a file, or of a folder with all it holds."""
        return next(self.folders(root, 0)).size

    def folders(self, root: Root, depth: int) -> Iterator[Folder]:
        """The root and its subfolders down to `depth`, each with all it holds, in path order."""
        path = real_path(root.path)
        start = Folder(path, root.shown or ".", 0, self._size(os.lstat(path)), None)
        reported = [start]
        pending = [start] if os.path.isdir(path) else []
        looked, first = 0, not self._seen
        while pending:
            looked += 1
            if looked == MANY and first and (measured := _by_du(start, depth)):
                yield from measured
                return
            folder = pending.pop()
            inside = self._look(folder)
            if folder.depth < depth:
                reported += inside
            pending += inside
        reported.sort(key=lambda folder: folder.path.split("/"))
        yield from reported

    def _look(self, folder: Folder) -> list[Folder]:
        """Adds the sizes of what stands in a folder to it and to all above it; gives its subfolders."""
        inside: list[Folder] = []
        size = 0
        for entry, stat in _entries(folder.path, self.unread):
            taken = self._size(stat)
            size += taken
            if entry.is_dir(follow_symlinks=False):
                shown = entry.name if folder.shown == "." else os.path.join(folder.shown, entry.name)
                inside.append(Folder(entry.path, shown, folder.depth + 1, taken, folder))
        above: Folder | None = folder
        while above is not None:
            above.size += size
            above = above.above
        return inside

    def _size(self, stat: os.stat_result) -> int:
        if stat.st_nlink > 1 and not S_ISDIR(stat.st_mode):
            identity = (stat.st_dev, stat.st_ino)
            if identity in self._seen:
                return 0
            self._seen.add(identity)
        return stat.st_blocks * _BLOCK


def _by_du(start: Folder, depth: int) -> list[Folder]:
    from llmos.adapters.files.du import sizes  # noqa: PLC0415  # subprocess, for big folders only

    return sorted(
        (_reported(path, size, start) for path, size in sizes(start.path, depth) or ()),
        key=lambda folder: folder.path.split("/"),
    )


def _reported(path: str, size: int, start: Folder) -> Folder:
    inside = os.path.relpath(path, start.path) if path != start.path else ""
    shown = start.shown if not inside else inside if start.shown == "." else os.path.join(start.shown, inside)
    return Folder(path, shown, inside.count("/") + 1 if inside else 0, size, None)


def _entries(path: str, unread: Unread) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    try:
        with os.scandir(path) as found:
            for entry in found:
                try:
                    yield entry, entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # vanished since
    except FileNotFoundError:
        return
    except OSError as error:
        unread.add(path, error)

"""Where deleted things go: the desktop's trash (freedesktop.org Trash 1.0).

Moving them there is the journal's business, emptying the trash is not covered. Send2Trash 2.2 was tried and left out:
it refuses links that point nowhere and names that are not UTF-8, and reads the environment when it is imported.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from llmos.adapters.files.anchored import Ground
from llmos.adapters.files.clone import write_all

_ELSEWHERE = {errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOENT, errno.ENOSPC}
"""What says that this trash will not do, but another one may."""


def home_trash(home: str, env: Mapping[str, str]) -> str:
    """The user's own trash folder; it need not exist yet."""
    if sys.platform == "darwin":
        return os.path.join(home, ".Trash")
    data = env.get("XDG_DATA_HOME", "")
    return os.path.join(data if os.path.isabs(data) else os.path.join(home, ".local", "share"), "Trash")


@dataclass(frozen=True)
class _Bin:
    """One trash folder."""

    root: str
    top: str
    """The mount point that the paths in it are relative to; "" in the home trash."""


@dataclass(frozen=True)
class TrashSpot:
    """A free place in a trash folder."""

    to: str
    info: str
    """The .trashinfo that has to be written first."""

    top: str
    is_last: bool

    def may_be_passed_over(self, error: OSError) -> bool:
        """Another trash folder may still do. The user's own is tried twice: at last also from other file systems."""
        return not self.is_last and error.errno in _ELSEWHERE


class Trash:
    """Finds places for things in the trash of the file system they are on, else in the user's own."""

    def __init__(self, home: str) -> None:
        self._home = _Bin(os.path.join(os.path.realpath(os.path.dirname(home)), os.path.basename(home)), "")
        self._made: set[_Bin] = set()
        self._tops: dict[str, str] = {}
        self._promised: set[str] = set()

    def spots(self, ground: Ground, path: str) -> Iterator[TrashSpot]:
        """Where the thing may go, the best place first. Raises OSError when there is none."""
        status = ground.status(path)
        folder = os.path.dirname(path)
        if status and not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "permission denied", path)
        for bin_ in self._bins(folder, status.st_dev) if status else ():
            with suppress(OSError):
                yield self._spot(bin_, path, False)
        yield self._spot(self._home, path, True)

    def _bins(self, folder: str, device: int) -> Iterator[_Bin]:
        if device == _device_of(self._home.root):
            yield self._home
        top = self._top(folder)
        shared = os.path.join(top, ".Trash")
        if _is_sticky_folder(shared):
            yield _Bin(os.path.join(shared, str(os.getuid())), top)
        yield _Bin(os.path.join(top, f".Trash-{os.getuid()}"), top)

    def _top(self, folder: str) -> str:
        if folder not in self._tops:
            self._tops[folder] = mount_point(folder)
        return self._tops[folder]

    def _spot(self, bin_: _Bin, path: str, is_last: bool) -> TrashSpot:
        self._make(bin_)
        to, info = self._free(bin_.root, os.path.basename(path))
        return TrashSpot(to, info, bin_.top, is_last)

    def _free(self, root: str, name: str) -> tuple[str, str]:
        for candidate in _candidates(name):
            to, info = os.path.join(root, "files", candidate), os.path.join(root, "info", candidate + ".trashinfo")
            if to not in self._promised and not os.path.lexists(to) and not os.path.lexists(info):
                self._promised.add(to)
                return to, info
        raise AssertionError("candidates never end")

    def _make(self, bin_: _Bin) -> None:
        if bin_ in self._made:
            return
        for folder in (bin_.root, os.path.join(bin_.root, "files"), os.path.join(bin_.root, "info")):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.path.islink(bin_.root):  # somebody else may have put it there
            raise OSError(errno.EACCES, "the trash is a link", bin_.root)
        self._made.add(bin_)


def _device_of(path: str) -> int:
    """Of the nearest folder above that exists."""
    while not os.path.isdir(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return os.stat(path).st_dev


def _is_sticky_folder(path: str) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    return stat.S_ISDIR(mode) and bool(mode & stat.S_ISVTX)


def mount_point(folder: str) -> str:
    folder = os.path.realpath(folder)
    while not os.path.ismount(folder):
        folder = os.path.dirname(folder)
    return folder


def _candidates(name: str) -> Iterator[str]:
    stem, extension = os.path.splitext(os.fsdecode(os.fsencode(name)[:220]))  # ".trashinfo" must fit behind it
    yield stem + extension
    for number in range(2, 6):
        yield f"{stem}.{number}{extension}"
    while True:  # thousands of things with one name: counting on would take ever longer
        yield f"{stem}.{os.urandom(6).hex()}{extension}"


def write_info(ground: Ground, info: str, path: str, top: str) -> None:
    """Says where the thing came from and holds its name in the trash. Raises FileExistsError where that is taken."""
    when = time.strftime("%Y-%m-%dT%H:%M:%S")
    held = ground.open(info, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        write_all(held, f"[Trash Info]\n{_origin(path, top)}\nDeletionDate={when}\n".encode())
    finally:
        os.close(held)


def remove_info(ground: Ground, info: str, path: str, top: str) -> None:
    """Only the one that was written for this path: another thing may have got the name first."""
    with suppress(FileNotFoundError):
        held = ground.open(info, os.O_RDONLY)
        try:
            ours = _origin(path, top).encode() in os.read(held, 1 << 16).splitlines()
        finally:
            os.close(held)
        if ours or not os.stat(info).st_size:
            ground.unlink(info)


def _origin(path: str, top: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - slow to import, not always needed

    stored = os.path.relpath(path, top) if top else path
    return f"Path={quote(os.fsencode(stored))}"

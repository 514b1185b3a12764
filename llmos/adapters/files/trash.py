"""Where deleted and overwritten things go: the desktop's trash (freedesktop.org Trash 1.0) and the kept old versions.

Emptying the trash and the quota of kept versions are not its business. Send2Trash 2.2 was tried and left out: it
refuses links that point nowhere and names that are not UTF-8, and reads the environment when it is imported.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from llmos.adapters.files import change
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError

_ELSEWHERE = {errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOENT, errno.ENOSPC}
"""What says that this trash will not do, but another one may."""

_numbers = itertools.count(1)


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


class Trash:
    """Puts things into the trash of the file system they are on, else into the user's own."""

    def __init__(self, home: str) -> None:
        self._home = _Bin(home, "")
        self._made: set[_Bin] = set()
        self._tops: dict[str, str] = {}

    def put(self, path: str) -> str:
        """Where the thing stands now. A link goes, not what it points to. Raises ToolError."""
        with change.told("delete", path):
            device = os.lstat(path).st_dev
            folder = os.path.dirname(path)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "permission denied", path)
            for bin_ in self._bins(folder, device):
                try:
                    return self._put(bin_, path, change.rename)
                except OSError as error:
                    if error.errno not in (_ELSEWHERE if bin_.top else {errno.EXDEV}):
                        raise
            return self._put(self._home, path, change.move)

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

    def _put(self, bin_: _Bin, path: str, move: Callable[[str, str], None]) -> str:
        self._make(bin_)
        name, info = _reserve(bin_.root, os.path.basename(path))
        target = os.path.join(bin_.root, "files", name)
        try:
            with open(info, "wb") as file:
                file.write(_info(path, bin_.top))
            move(path, target)
        except BaseException:
            os.unlink(info)
            raise
        return target

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


def _reserve(root: str, name: str) -> tuple[str, str]:
    """A name free in this trash, held by its new .trashinfo file."""
    for candidate in _candidates(name):
        info = os.path.join(root, "info", candidate + ".trashinfo")
        try:
            os.close(os.open(info, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            continue
        if not os.path.lexists(os.path.join(root, "files", candidate)):
            return candidate, info
        os.unlink(info)
    raise AssertionError("candidates never end")


def _candidates(name: str) -> Iterator[str]:
    stem, extension = os.path.splitext(os.fsdecode(os.fsencode(name)[:220]))  # ".trashinfo" must fit behind it
    yield stem + extension
    for number in range(2, 6):
        yield f"{stem}.{number}{extension}"
    while True:  # thousands of things with one name: counting on would take ever longer
        yield f"{stem}.{os.urandom(6).hex()}{extension}"


def _info(path: str, top: str) -> bytes:
    from urllib.parse import quote  # noqa: PLC0415 - slow to import, not always needed

    stored = os.path.relpath(path, top) if top else path
    when = time.strftime("%Y-%m-%dT%H:%M:%S")
    return f"[Trash Info]\nPath={quote(os.fsencode(stored))}\nDeletionDate={when}\n".encode()


def keep(path: str, state: str, take: bool = False) -> str:
    """Copies the version that is about to go into `state`/kept and returns where it is; `take` moves it there instead.

    Every call adds a line to `state`/kept/index.jsonl with the original path, the kept path and the time.
    """
    import json  # noqa: PLC0415 - slow to import, not always needed

    if not state:
        raise ToolError(f"There is no folder to keep the old version of {clean_name(path)} in.")
    store = os.path.join(state, "kept")
    with change.told("keep the old version of", path):
        os.makedirs(store, mode=0o700, exist_ok=True)
        kept = os.path.join(_new_folder(store), os.path.basename(path))
        (change.move if take else change.copy)(path, kept)
        line = json.dumps({"path": path, "kept": kept, "time": time.time()})
        with open(os.path.join(store, "index.jsonl"), "a", encoding="ascii") as index:
            index.write(line + "\n")
    return kept


def _new_folder(store: str) -> str:
    when = time.strftime("%Y%m%d-%H%M%S")
    for number in _numbers:
        folder = os.path.join(store, f"{when}-{number}")
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            continue
        return folder
    raise AssertionError("numbers never end")

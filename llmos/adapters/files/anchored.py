"""Files reached through folders that were opened without following a link, and renames that never overwrite.

A path was resolved when it was planned; that no part of it has become a link since, the kernel checks here
(openat2(2), RESOLVE_NO_SYMLINKS). What is done to the files, and in which order, is the journal's business.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import stat
import struct
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from types import TracebackType
from typing import NamedTuple, cast

_HELD = 16
"""Folders held open at once."""

_NO_MAGIC_LINKS, _NO_SYMLINKS = 0x02, 0x04
_OPENAT2 = 437
"""The same number on every architecture; openat2(2), Linux 5.6."""

_RENAMEAT2 = {"x86_64": 316, "aarch64": 276, "riscv64": 276}
"""renameat2(2), Linux 3.15, by machine; where the C library has no function of that name."""

_O_PATH = getattr(os, "O_PATH", os.O_RDONLY)
_FOLDER = _O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_AT_FDCWD = -100
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
"""What says that the kernel or the file system has no such rename."""


class Mark(NamedTuple):
    """Which file it is and whether its content was touched; a rename changes none of it."""

    inode: int
    size: int = -1
    """-1 for what is no file."""

    modified: int = 0
    """Nanoseconds since 1970; 0 for what is no file."""


def marked(status: os.stat_result) -> Mark:
    if stat.S_ISREG(status.st_mode):
        return Mark(status.st_ino, status.st_size, status.st_mtime_ns)
    return Mark(status.st_ino)


class Spot(NamedTuple):
    """A name in a folder that is held open."""

    folder: int
    name: str

    def path(self) -> str:
        """The same place for what takes paths only: the folder in it can no longer be exchanged."""
        return f"/proc/self/fd/{self.folder}/{self.name}"


class Ground:
    """Paths made into spots; the last folders stay open. All methods raise OSError with the path in it."""

    def __init__(self) -> None:
        self._folders: OrderedDict[str, int] = OrderedDict()

    def __enter__(self) -> Ground:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Let go of the folders: after one was renamed its path leads elsewhere."""
        while self._folders:
            _let_go(self._folders.popitem()[1])

    def spot(self, path: str) -> Spot:
        folder, _, name = path.rpartition("/")
        held = self._folders.get(folder)
        if held is None:
            held = self._folders[folder] = open_folder(folder or "/")
            if len(self._folders) > _HELD:
                _let_go(self._folders.popitem(last=False)[1])
        else:
            self._folders.move_to_end(folder)
        return Spot(held, name)

    def status(self, path: str) -> os.stat_result | None:
        """None where nothing is."""
        try:
            folder, name = self.spot(path)
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _about(error, path) from None

    def mark(self, path: str) -> Mark | None:
        status = self.status(path)
        return marked(status) if status else None

    def open(self, path: str, flags: int, mode: int = 0o600) -> int:
        """A link at the end is not followed either."""
        with naming(path):
            spot = self.spot(path)
            return os.open(spot.name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=spot.folder)

    def rename(self, old: str, new: str) -> None:
        """Raises FileExistsError where there is something already."""
        try:
            _rename(self.spot(old), self.spot(new))
        except OSError as error:
            raise _about(error, old, new) from None

    def exchange(self, one: str, other: str, aside: str) -> None:
        """Both get each other's name in one step. Where the system cannot do that, `one` gets the name `other`, after
        what stood there got the name `aside`, where it stays."""
        with naming(one, other):
            _exchange(self.spot(one), self.spot(other), self.spot(aside))

    def unlink(self, path: str) -> None:
        with naming(path):
            spot = self.spot(path)
            os.unlink(spot.name, dir_fd=spot.folder)

    def remove(self, path: str) -> None:
        """A folder with all beneath it."""
        status = self.status(path)
        if status is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        if not stat.S_ISDIR(status.st_mode):
            self.unlink(path)
            return
        import shutil  # noqa: PLC0415 - slow to import, not always needed

        spot = self.spot(path)
        with naming(path):
            shutil.rmtree(spot.name, dir_fd=spot.folder)
        self.leave()


def _let_go(folder: int) -> None:
    """Nothing was written through it, so nothing can be lost."""
    with suppress(OSError):
        os.close(folder)


@contextmanager
def opened(folder: str) -> Iterator[int]:
    held = open_folder(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield held
    finally:
        _let_go(held)


@contextmanager
def naming(*paths: str) -> Iterator[None]:
    """An OSError from calls that only knew names in folders tells of the whole paths."""
    try:
        yield
    except OSError as error:
        raise _about(error, *paths) from None


def _about(error: OSError, path: str, other: str | None = None) -> OSError:
    return OSError(error.errno, error.strerror, path, None, other)


def open_folder(path: str, flags: int = _FOLDER) -> int:
    """No part of the absolute path may be a link. Raises OSError (ELOOP) where one has become a link."""
    if _has_openat2():
        try:
            return _openat2(path, flags)
        except OSError as error:
            if error.errno not in (errno.ENOSYS, errno.EPERM):  # a filter for system calls says EPERM
                raise
            _has_openat2.cache_clear()
    return _walked(path, flags)


@cache
def _has_openat2() -> bool:
    return sys.platform == "linux"


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, path: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return result


def _openat2(path: str, flags: int) -> int:
    how = struct.pack("QQQ", flags, 0, _NO_SYMLINKS | _NO_MAGIC_LINKS)
    return _checked(_libc().syscall(_OPENAT2, _AT_FDCWD, os.fsencode(path), how, len(how)), path)


def _walked(path: str, flags: int) -> int:
    """Folder by folder, for older kernels."""
    held = os.open("/", _FOLDER)
    try:
        for part in filter(None, path.split("/")):
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=held)
            os.close(held)
            held = below
        return os.open(".", flags, dir_fd=held)
    except NotADirectoryError as error:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path) from error
    finally:
        os.close(held)


_NEW, _SWAP = (0x4, 0x2) if sys.platform == "darwin" else (0x1, 0x2)
"""RENAME_NOREPLACE and RENAME_EXCHANGE of renameat2(2); RENAME_EXCL and RENAME_SWAP of renameatx_np(2)."""


def _flagged_rename(one: Spot, other: Spot, flag: int) -> None:
    result = _renamer()(one.folder, os.fsencode(one.name), other.folder, os.fsencode(other.name), flag)
    _checked(result, one.name)


@cache
def _renamer() -> Callable[[int, bytes, int, bytes, int], int]:
    libc = _libc()
    if sys.platform == "darwin":
        return cast(Callable[[int, bytes, int, bytes, int], int], libc.renameatx_np)
    if hasattr(libc, "renameat2"):
        return cast(Callable[[int, bytes, int, bytes, int], int], libc.renameat2)
    return partial(libc.syscall, _RENAMEAT2[platform.machine()])


def _rename(old: Spot, new: Spot) -> None:
    try:
        _flagged_rename(old, new, _NEW)
    except OSError as error:
        if error.errno not in _UNKNOWN or _is_into_itself(old, new):
            raise
        _rename_looking_first(old, new)


def _is_into_itself(old: Spot, new: Spot) -> bool:
    """EINVAL also says that a folder cannot go into itself."""
    return new.path().startswith(old.path() + "/")


def _rename_looking_first(old: Spot, new: Spot) -> None:
    with suppress(FileNotFoundError):
        os.stat(new.name, dir_fd=new.folder, follow_symlinks=False)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new.name)
    os.rename(old.name, new.name, src_dir_fd=old.folder, dst_dir_fd=new.folder)


def _exchange(one: Spot, other: Spot, aside: Spot) -> None:
    try:
        _flagged_rename(one, other, _SWAP)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
        _replace_keeping(one, other, aside)


def _replace_keeping(one: Spot, other: Spot, aside: Spot) -> None:
    """A second name for the old file first, so that at no moment there is none; where no file can have two names, on
    exFAT for one, the old one steps aside."""
    try:
        os.link(other.name, aside.name, src_dir_fd=other.folder, dst_dir_fd=aside.folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (*_UNKNOWN, errno.EPERM):
            raise
        _rename(other, aside)
    try:
        os.rename(one.name, other.name, src_dir_fd=one.folder, dst_dir_fd=other.folder)
    except OSError:
        os.rename(aside.name, other.name, src_dir_fd=aside.folder, dst_dir_fd=other.folder)
        raise

"""Copies a file, link, pipe or folder with all it holds, without ever following a link on the way.

Mode, times and extended attributes are taken over; a hard link becomes a file of its own. Replacing what is at the
target is not covered.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from llmos.adapters.files.anchored import Ground, Spot, opened

_BLOCK = 1 << 20
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_UNCOPIED = (errno.EINVAL, errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF)
"""copy_file_range(2) cannot do it between these two files."""


def clone(source: str, target: str, owners: bool = False) -> list[str]:
    """What in a folder could not be copied: devices, sockets, files that may not be read; the rest is.

    `owners` gives everything to whom it belonged, which only the superuser may. Raises OSError when there is nothing
    at `target` that is worth having.
    """
    missed: list[str] = []
    with Ground() as ground:
        folder = os.open(os.path.dirname(target), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _clone(ground.spot(source), Spot(folder, os.path.basename(target)), source, owners, missed)
        except OSError as error:
            named = isinstance(error.filename, str) and os.path.isabs(error.filename)
            raise OSError(error.errno, error.strerror, error.filename if named else source) from None
        finally:
            os.close(folder)
    return missed


def _clone(source: Spot, target: Spot, path: str, owners: bool, missed: list[str]) -> None:
    status = os.stat(source.name, dir_fd=source.folder, follow_symlinks=False)
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFDIR:
        _clone_folder(source, target, path, owners, missed)
    elif kind == stat.S_IFREG:
        _clone_file(source, target)
    elif kind == stat.S_IFLNK:
        os.symlink(os.readlink(source.name, dir_fd=source.folder), target.name, dir_fd=target.folder)
    elif kind == stat.S_IFIFO:
        os.mkfifo(target.name, dir_fd=target.folder)
    else:
        raise _Uncopied(errno.EINVAL, "devices and sockets cannot be copied", path)
    _take_over(status, target, owners)


class _Uncopied(OSError):
    """What else is in the folder can be."""


def _open_source(source: Spot, flags: int = 0) -> int:
    try:
        return os.open(source.name, _READ | flags, dir_fd=source.folder)
    except PermissionError as error:
        raise _Uncopied(error.errno, error.strerror, source.name) from None


def _clone_folder(source: Spot, target: Spot, path: str, owners: bool, missed: list[str]) -> None:
    held = _open_source(source, os.O_DIRECTORY)
    try:
        os.mkdir(target.name, 0o700, dir_fd=target.folder)
        made = os.open(target.name, _READ | os.O_DIRECTORY, dir_fd=target.folder)
        try:
            for name in os.listdir(held):
                below = os.path.join(path, name)
                try:
                    _clone(Spot(held, name), Spot(made, name), below, owners, missed)
                except _Uncopied:
                    missed.append(below)
            _copy_attributes(held, made)
        finally:
            os.close(made)
    finally:
        os.close(held)


def _clone_file(source: Spot, target: Spot) -> None:
    read = _open_source(source)
    try:
        written = os.open(target.name, _NEW, 0o600, dir_fd=target.folder)
        try:
            copy_content(read, written)
            _copy_attributes(read, written)
        finally:
            os.close(written)
    finally:
        os.close(read)


def copy_content(source: int, target: int) -> None:
    """From where both stand to the end of `source`."""
    try:
        while os.copy_file_range(source, target, 1 << 30):
            pass
    except OSError as error:
        if error.errno not in _UNCOPIED:
            raise
    while block := os.read(source, _BLOCK):
        write_all(target, block)


def write_all(target: int, content: bytes | memoryview) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(target, rest) :]


def _copy_attributes(source: int, target: int) -> None:
    """Those the user may set and the file system can hold."""
    with suppress(OSError):
        for name in os.listxattr(source):
            with suppress(OSError):
                os.setxattr(target, name, os.getxattr(source, name))


def _take_over(status: os.stat_result, target: Spot, owners: bool) -> None:
    if owners:
        os.chown(target.name, status.st_uid, status.st_gid, dir_fd=target.folder, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(target.name, stat.S_IMODE(status.st_mode), dir_fd=target.folder)
    times = (status.st_atime_ns, status.st_mtime_ns)
    os.utime(target.name, ns=times, dir_fd=target.folder, follow_symlinks=False)


def take_over_rights(ground: Ground, path: str, target: int) -> None:
    """A new version of a file gets what the old one had; somebody else's file in our folder becomes ours."""
    status = ground.status(path)
    if status is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):
            os.chown(target, status.st_uid, status.st_gid)
    with suppress(PermissionError):  # what may not be read cannot be asked for its attributes either
        old = ground.open(path, _READ)
        try:
            _copy_attributes(old, target)
        finally:
            os.close(old)
    os.chmod(target, stat.S_IMODE(status.st_mode))


def sync(ground: Ground, path: str) -> None:
    """The content is on the disk after this; of a folder all that its file system has still to write."""
    status = ground.status(path)
    if status is None or stat.S_IFMT(status.st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
        return
    with suppress(PermissionError):
        held = ground.open(path, _READ)
        try:
            sync_file_system(held) if stat.S_ISDIR(status.st_mode) else os.fsync(held)
        finally:
            os.close(held)


def sync_file_system(held: int) -> None:
    """syncfs(2): one call instead of one for each of a thousand files."""
    import ctypes  # noqa: PLC0415 - only needed for folders

    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "syncfs"):
        os.sync()
    elif libc.syncfs(held):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def sync_folders(folders: set[str]) -> None:
    """Renames in them are on the disk after this."""
    if len(folders) <= 8:
        for folder in folders:
            with suppress(OSError), opened(folder) as held:
                os.fsync(held)
        return
    done: set[int] = set()
    for folder in folders:
        with suppress(OSError), opened(folder) as held:
            device = os.fstat(held).st_dev
            if device not in done:
                done.add(device)
                sync_file_system(held)

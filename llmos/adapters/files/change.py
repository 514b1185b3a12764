"""Changing files: create, write, copy, move, remove, rights.

Decides nothing and keeps nothing: what is lost here is lost, see trash.py.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from llmos.adapters.failures import explain
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError

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


def make_folder(path: str) -> None:
    """The folder and those above it; one that exists stays as it is."""
    with told("create", path):
        os.makedirs(path, exist_ok=True)


def create_or_touch(path: str) -> None:
    """An empty file; what exists gets the present time."""
    with told("create", path):
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            os.utime(path)


def write(path: str, content: bytes) -> None:
    """The whole new content, in one step; an existing file keeps its mode, owner and further names."""
    with told("write", path):
        if _stays_in_place(path):
            with open(path, "wb") as file:
                file.write(content)
        else:
            _write_and_replace(path, content)


def _stays_in_place(path: str) -> bool:
    """A file with several names, or in a folder closed to us, cannot be replaced by another one."""
    try:
        return os.lstat(path).st_nlink > 1 or not os.access(os.path.dirname(path), os.W_OK)
    except FileNotFoundError:
        return False


def _write_and_replace(path: str, content: bytes) -> None:
    temporary = beside(path)
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        if os.path.exists(path):
            _take_over_rights(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        _unlink_if_there(temporary)
        raise


def _take_over_rights(old: str, new: str) -> None:
    import shutil  # noqa: PLC0415 - slow to import, not always needed

    status = os.stat(old)
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):  # somebody else's file in our folder becomes ours, as with every editor
            os.chown(new, status.st_uid, status.st_gid)
    shutil.copystat(old, new)
    os.utime(new)


def _unlink_if_there(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def append(path: str, content: bytes) -> None:
    """Adds at the end, on a line of its own. In place, because somebody may be following the file."""
    with told("write", path), open(path, "ab+") as file:
        if file.tell() and _last_byte(path) != b"\n":
            content = b"\n" + content
        file.write(content)


def _last_byte(path: str) -> bytes:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def link(target: str, path: str) -> None:
    with told("create", path):
        os.symlink(target, path)


def hard_link(target: str, path: str) -> None:
    with told("create", path):
        os.link(target, path, follow_symlinks=False)


def copy(source: str, target: str) -> None:
    """A file, link, pipe or folder with all beneath it; mode and times are kept, the owner is who copies.

    An existing file at `target` is replaced in one step. A folder that is copied in part is left as far as it got.
    """
    with told("copy", source):
        mode = os.lstat(source).st_mode
        if stat.S_ISDIR(mode):
            _copy_tree(source, target)
        else:
            _copy_and_replace(source, target)


def _copy_tree(source: str, target: str) -> None:
    import shutil  # noqa: PLC0415 - slow to import, not always needed

    try:
        shutil.copytree(source, target, symlinks=True, copy_function=_copy_one)
    except shutil.Error as error:
        failures = error.args[0]
        more = f" and {len(failures) - 1} more" if len(failures) > 1 else ""
        raise ToolError(f"Could not copy {clean_name(failures[0][0])}{more}; the rest was copied.") from error


def _copy_and_replace(source: str, target: str) -> None:
    temporary = beside(target)
    try:
        _copy_one(source, temporary)
        os.replace(temporary, target)
    except BaseException:
        _unlink_if_there(temporary)
        raise


def _copy_one(source: str, target: str) -> str:
    """One entry that is no folder."""
    import shutil  # noqa: PLC0415 - slow to import, not always needed

    status = os.lstat(source)
    if stat.S_ISFIFO(status.st_mode):
        os.mkfifo(target, stat.S_IMODE(status.st_mode))
    elif stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
        shutil.copy2(source, target, follow_symlinks=False)
    else:
        raise OSError(errno.EINVAL, "devices and sockets cannot be copied", source)
    return target


def move(source: str, target: str) -> None:
    """Renames; to another file system copies, looks whether all arrived, then removes the original."""
    with told("move", source):
        try:
            rename(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _move_across(source, target)


def rename(source: str, target: str) -> None:
    """Within one file system. A folder closed for writing cannot go elsewhere: it is opened for the while."""
    try:
        os.rename(source, target)
    except PermissionError:
        status = os.lstat(source)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or os.access(source, os.W_OK):
            raise
        mode = stat.S_IMODE(status.st_mode)
        os.chmod(source, mode | stat.S_IWUSR)
        try:
            os.rename(source, target)
        except OSError:
            os.chmod(source, mode)
            raise
        os.chmod(target, mode)


def _move_across(source: str, target: str) -> None:
    copy(source, target)
    missing = first_difference(source, target)
    if missing:
        raise ToolError(f"{clean_name(missing)} did not arrive whole; nothing was removed.")
    if os.geteuid() == 0:
        _give_to_owners(source, target)
    remove(source)


def _give_to_owners(source: str, target: str) -> None:
    for one, other in _pairs(source, target):
        status = os.lstat(one)
        os.chown(other, status.st_uid, status.st_gid, follow_symlinks=False)
        if not stat.S_ISLNK(status.st_mode):
            os.chmod(other, stat.S_IMODE(status.st_mode))  # chown takes the set-user-id bit away


def first_difference(source: str, target: str) -> str:
    """The first path from `source` down whose like is not in `target`, by type and size; "" if there is none."""
    return next((one for one, other in _pairs(source, target) if _kind_and_size(one) != _kind_and_size(other)), "")


def _pairs(source: str, target: str) -> Iterator[tuple[str, str]]:
    pending = [(source, target)]
    while pending:
        one, other = pending.pop()
        yield one, other
        if os.path.isdir(one) and not os.path.islink(one):
            pending += [(os.path.join(one, name), os.path.join(other, name)) for name in os.listdir(one)]


def _kind_and_size(path: str) -> tuple[int, int | str] | None:
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            return stat.S_IFMT(status.st_mode), os.readlink(path)
    except FileNotFoundError:
        return None
    return stat.S_IFMT(status.st_mode), status.st_size if stat.S_ISREG(status.st_mode) else 0


def remove(path: str) -> None:
    """For good. A link goes, not what it points to; a folder goes with all beneath it."""
    import shutil  # noqa: PLC0415 - slow to import, not always needed

    with told("delete", path):
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)


def set_mode(path: str, mode: int) -> None:
    with told("change the mode of", path):
        if os.path.islink(path):  # it was no link when it was planned
            raise ToolError(f"{clean_name(path)} became a link; its mode was not changed.")
        os.chmod(path, mode)


def set_owner(path: str, user: int, group: int) -> None:
    """-1 leaves the user or the group as it is. A link itself is changed, never what it points to."""
    with told("change the owner of", path):
        os.chown(path, user, group, follow_symlinks=False)

"""What differs between the two layers of an overlay: the exact changes of a command, and whether they still fit.

Reads both layers and writes to neither. How changes are made real is overlay.py.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from llmos.values.changes import ChangeKind

_OPAQUE = "user.overlay.opaque"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Difference:
    kind: ChangeKind
    path: str
    """Where it is, or will be, on the disk."""

    source: str = ""
    """The new thing in the upper layer, by a path that leads there; for what is moved, where it goes on the disk."""

    size: int = 0
    mode: int = 0
    replaces: bool = False
    """Created where something of another kind goes away."""

    goes: bool = False
    """Deleted to make room for something of another kind."""

    top: bool = True
    """Not within a folder that is created as a whole."""


def differences(upper: str, lower: str) -> list[Difference]:
    """What the command did to `lower`, parents before what they hold. Pipes, sockets and devices are left out."""
    own = _mode(lower, os.stat(lower), os.stat(upper))
    return _with_moves([*own, *_compared(upper, lower, opaque=False)])


def is_stale(found: Iterable[Difference], since: int) -> str:
    """A path that somebody else has changed after `since` (nanoseconds since 1970), or ""."""
    for one in found:
        if one.kind is ChangeKind.CREATED:
            if not one.replaces and os.path.lexists(one.path) and one.top:
                return one.path
        elif not os.path.lexists(one.path) or _latest(one) > since:
            return one.path
        elif one.kind is ChangeKind.MOVED and os.path.lexists(one.source):
            return one.source
    return ""


def _latest(one: Difference) -> int:
    """Of a folder that only gets another mode, what others do in it does not matter."""
    return os.lstat(one.path).st_ctime_ns if one.kind is ChangeKind.MODE else _newest(one.path)


def _newest(path: str) -> int:
    """The latest change of status of it and all it holds."""
    status = os.lstat(path)
    inside = _names(path) if stat.S_ISDIR(status.st_mode) else []
    return max([status.st_ctime_ns, *(_newest(os.path.join(path, name)) for name in inside)])


def _compared(upper: str, lower: str, *, opaque: bool) -> Iterator[Difference]:
    with opened_up(upper):
        entries = sorted(os.scandir(upper), key=lambda entry: entry.name)
        if opaque:
            gone = set(_names(lower)) - {entry.name for entry in entries}
            for name in sorted(gone):
                yield _deleted(os.path.join(lower, name))
        for entry in entries:
            yield from _entry(entry.path, os.path.join(lower, entry.name))


def _entry(upper: str, lower: str) -> Iterator[Difference]:
    new, old = os.lstat(upper), _status(lower)
    if stat.S_ISCHR(new.st_mode) and new.st_rdev == 0:
        if old:
            yield _deleted(lower)
    elif stat.S_IFMT(new.st_mode) not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
        return
    elif old is None:
        yield from _created(upper, lower, new)
    elif stat.S_IFMT(old.st_mode) != stat.S_IFMT(new.st_mode):
        yield _deleted(lower, goes=True)
        yield from _created(upper, lower, new, replaces=True)
    elif stat.S_ISDIR(new.st_mode):
        yield from _mode(lower, old, new)
        yield from _compared(upper, lower, opaque=_is_opaque(upper))
    else:
        if _differ(upper, new, lower, old):
            yield Difference(ChangeKind.CHANGED, lower, upper, new.st_size, stat.S_IMODE(new.st_mode))
        yield from _mode(lower, old, new)


def _created(
    upper: str, lower: str, new: os.stat_result, *, replaces: bool = False, top: bool = True
) -> Iterator[Difference]:
    folder = stat.S_ISDIR(new.st_mode)
    size = 0 if folder else new.st_size
    yield Difference(ChangeKind.CREATED, lower, upper, size, stat.S_IMODE(new.st_mode), replaces, top=top)
    if folder:
        with opened_up(upper):
            for entry in sorted(os.scandir(upper), key=lambda entry: entry.name):
                inner = entry.stat(follow_symlinks=False)
                if stat.S_IFMT(inner.st_mode) in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
                    yield from _created(entry.path, os.path.join(lower, entry.name), inner, top=False)


def _deleted(lower: str, *, goes: bool = False) -> Difference:
    return Difference(ChangeKind.DELETED, lower, size=_size(lower), goes=goes)


def _mode(lower: str, old: os.stat_result, new: os.stat_result) -> Iterator[Difference]:
    if not stat.S_ISLNK(new.st_mode) and stat.S_IMODE(old.st_mode) != stat.S_IMODE(new.st_mode):
        yield Difference(ChangeKind.MODE, lower, mode=stat.S_IMODE(new.st_mode))


def _differ(upper: str, new: os.stat_result, lower: str, old: os.stat_result) -> bool:
    """By content; a time of change that was set is a change too: `make` goes by it."""
    if new.st_size != old.st_size:
        return True
    if stat.S_ISLNK(new.st_mode):
        return os.readlink(upper) != os.readlink(lower)
    return new.st_mtime_ns != old.st_mtime_ns or not _same_content(upper, lower)


def _same_content(one: str, other: str) -> bool:
    """A file that cannot be read is taken for another one."""
    try:
        with opened_up(one), open(one, "rb") as a, open(other, "rb") as b:
            while True:
                block = a.read(_BLOCK)
                if block != b.read(_BLOCK):
                    return False
                if not block:
                    return True
    except OSError:
        return False


def _status(path: str) -> os.stat_result | None:
    with suppress(FileNotFoundError, NotADirectoryError):
        return os.lstat(path)
    return None


def _is_opaque(folder: str) -> bool:
    try:
        return os.getxattr(folder, _OPAQUE) == b"y"
    except OSError:
        return False


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _size(path: str) -> int:
    """Of all regular files in it."""
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode):
        return status.st_size
    return sum(_size(os.path.join(path, name)) for name in _names(path))


@contextmanager
def opened_up(path: str) -> Iterator[None]:
    """A file or folder in the upper layer whose mode keeps us out of it: ours, so that for a moment it need not."""
    mode = stat.S_IMODE(os.lstat(path).st_mode)
    shut = mode & 0o500 != 0o500 and os.geteuid() != 0 and not os.path.islink(path)
    if shut:
        os.chmod(path, mode | 0o700)
    try:
        yield
    finally:
        if shut:
            os.chmod(path, mode)


# What was renamed looks like something deleted and something else made: an overlay knows no names.


def _with_moves(found: list[Difference]) -> list[Difference]:
    gone = {_shape(one.path): one for one in found if one.kind is ChangeKind.DELETED and not one.goes}
    within = [one.path + "/" for one in found if one.goes or one.replaces]
    moved: dict[str, Difference] = {}
    taken: list[str] = []
    for one in found:
        if one.kind is not ChangeKind.CREATED or one.replaces or one.path.startswith((*within, *taken)):
            continue
        old = gone.get(_shape(one.source))
        if old and old.path not in moved and _same(old.path, one.source):
            moved[old.path] = Difference(ChangeKind.MOVED, old.path, one.path, old.size, top=one.top)
            taken += [one.path + "/"]
    arrived = {one.source for one in moved.values()}
    return [
        moved.get(one.path, one) if one.kind is ChangeKind.DELETED else one
        for one in found
        if not (one.kind is ChangeKind.CREATED and (one.path in arrived or one.path.startswith(tuple(taken))))
    ]


def _shape(path: str) -> tuple[object, ...]:
    """The same before and after a rename, and seldom the same for two things."""
    status = os.lstat(path)
    if stat.S_ISDIR(status.st_mode):
        with opened_up(path):
            return (stat.S_IFDIR, *sorted(_names(path)))
    return (status.st_mode, status.st_size, status.st_mtime_ns)


def _same(lower: str, upper: str) -> bool:
    """In everything that is shown or kept: the user will be told that it was only renamed."""
    old, new = os.lstat(lower), os.lstat(upper)
    if old.st_mode != new.st_mode:
        return False
    if stat.S_ISDIR(new.st_mode):
        with opened_up(upper):
            names = sorted(_names(upper))
            pairs = [(os.path.join(lower, name), os.path.join(upper, name)) for name in names]
            return names == sorted(_names(lower)) and all(_same(*pair) for pair in pairs)
    if old.st_mtime_ns != new.st_mtime_ns:
        return False
    return not _differ(upper, new, lower, old)


def copy_out(upper: str, target: str) -> None:
    """Make at `target` what stands in the upper layer: content, mode, times, attributes; not those of the overlay."""
    status = os.lstat(upper)
    with opened_up(upper):
        if stat.S_ISLNK(status.st_mode):
            os.symlink(os.readlink(upper), target)
        elif stat.S_ISDIR(status.st_mode):
            os.mkdir(target, 0o700)
            for name in sorted(os.listdir(upper)):
                copy_out(os.path.join(upper, name), os.path.join(target, name))
        elif stat.S_ISREG(status.st_mode):
            _copy_content(upper, target)
        else:
            return
    _copy_rest(upper, status, target)


def _copy_content(upper: str, target: str) -> None:
    made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(upper, "rb") as source, open(made, "wb") as file:
        while block := source.read(_BLOCK):
            file.write(block)


def _copy_rest(upper: str, status: os.stat_result, target: str) -> None:
    link = stat.S_ISLNK(status.st_mode)
    with suppress(PermissionError):
        os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)
    if not link:
        for name in os.listxattr(upper):
            if not name.startswith("user.overlay."):
                with suppress(OSError):
                    os.setxattr(target, name, os.getxattr(upper, name))
        os.chmod(target, stat.S_IMODE(status.st_mode))
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)

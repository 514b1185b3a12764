"""The six things a journal entry is made of, each with its one moment before which nothing and after which all is done.

    Put         something prepared gets a name, free until then or a file's whose old version is kept
    Take        something leaves its name for the trash or the kept versions
    Move        something gets another name
    Splice      a file is changed in place from some byte on, because it has several names or is being followed
    Attributes  mode, owner, times
    Purge       something is deleted for good

An operation is written to the journal (`intend`), makes what it needs (`prepare`), is done (`commit`, one rename),
and clears up (`tidy`). After a failure or a crash `is_done` tells by inode on which side of the commit it stopped, and
`revoke` clears up on the other side. When and what is written to the journal is the entry's business.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from functools import cache, partial
from typing import Any, ClassVar

from llmos.adapters.failures import missing
from llmos.adapters.files import trash
from llmos.adapters.files.anchored import Ground, Mark, marked, naming
from llmos.adapters.files.change import beside
from llmos.adapters.files.clone import clone, copy_content, sync, write_all
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError

_UNWRITTEN = {"unwritten": True}
"""Marks a field that has no place in the journal."""


@dataclass(eq=False)
class Operation(ABC):
    """Paths are absolute and resolved."""

    kind: ClassVar[str]
    doing: ClassVar[str]
    """As an error says what could not be done: "Cannot move ..."."""

    path: str

    seen: Mark | None = field(default=None, kw_only=True, metadata=_UNWRITTEN)
    """What stood at `path` when it was planned; another file is left alone."""

    of: str = field(default="", kw_only=True)
    """Which operation this one takes back, as `undo.py` names it."""

    hides: ClassVar[bool] = True
    """After a power failure nobody could find what this did without the journal: its intent has to be on the disk."""

    def record(self) -> dict[str, Any]:
        """As JSON; what has its default value is left out."""
        values = vars(self)
        kept = {name: values[name] for name, usual in _defaults(type(self)) if values[name] != usual}
        return {"op": self.kind, **kept}

    @property
    def keeps(self) -> str:
        """Where it puts an old version into the kept ones, or ""."""
        return str(getattr(self, "kept", ""))

    @property
    def moves_folders(self) -> bool:
        """A folder that is held open may have another path afterwards."""
        return False

    @abstractmethod
    def intend(self, ground: Ground, kept: str) -> None:
        """Look, refuse what cannot be, and choose all names; `kept` is where an old version may go.

        Raises ToolError and OSError."""

    def still_fits(self, ground: Ground) -> bool:
        """Is what it was intended for still there? Asked again right before it is done."""
        intended: Mark | None = getattr(self, "mark", None) or getattr(self, "old", None)
        return intended is None or ground.mark(self.path) == intended

    def prepare(self, ground: Ground) -> Iterator[None]:
        """Yields where the record has changed and has to be written down before it goes on."""
        yield from ()

    @abstractmethod
    def commit(self, ground: Ground) -> None:
        """Raises OSError, and then nothing has happened."""

    def tidy(self, ground: Ground) -> None:  # noqa: B027 - most often nothing is left to do
        """May be repeated. Raises OSError: what remains is tidied by the next recovery."""

    @abstractmethod
    def is_done(self, ground: Ground) -> bool:
        """Asked after a failure or a crash."""

    def revoke(self, ground: Ground) -> None:  # noqa: B027 - most often nothing was prepared
        """Undo what was prepared. May be repeated, also where nothing was."""

    def touched(self) -> Iterable[str]:
        """The folders whose entries it changes."""
        return (os.path.dirname(self.path),)


@cache
def _defaults(kind: type[Operation]) -> tuple[tuple[str, Any], ...]:
    """The fields that are written down."""
    written = (one for one in fields(kind) if not one.metadata.get("unwritten"))
    return tuple((one.name, {} if one.default_factory is dict else one.default) for one in written)


def _there(ground: Ground, path: str, seen: Mark | None, doing: str) -> os.stat_result:
    """What stands there. Raises ToolError when nothing does, or another thing than was planned."""
    status = ground.status(path)
    if status is None:
        raise missing(path)
    if seen is not None and seen.inode != status.st_ino:
        raise ToolError(f"{clean_name(path)} is no longer what it was when this was planned; it was left alone.")
    return status


def _free(ground: Ground, path: str) -> None:
    if ground.status(path) is not None:
        raise ToolError(f"{clean_name(path)} has appeared meanwhile; it was left alone.")


def _is_folder(ground: Ground, path: str) -> bool:
    status = ground.status(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def _device(ground: Ground, folder: str) -> int:
    return os.fstat(ground.spot(os.path.join(folder, ".")).folder).st_dev


def _remove_if_there(ground: Ground, path: str) -> None:
    with suppress(FileNotFoundError):
        ground.remove(path)


def _is_root() -> bool:
    return os.geteuid() == 0


def _link_to(target: str, there: str) -> None:
    with Ground() as ground, naming(target):
        spot = ground.spot(target)
        os.link(spot.name, there, src_dir_fd=spot.folder, follow_symlinks=False)


def _clone_whole(source: str, target: str) -> None:
    """Nothing may be missing where the original goes away."""
    missed = clone(source, target, _is_root())
    if missed:
        raise ToolError(f"{clean_name(missed[0])} cannot be copied to another disk; nothing was changed.")


def _is(ground: Ground, path: str, mark: Mark | None) -> bool:
    there = ground.mark(path) if path else None
    return there is not None and mark is not None and there.inode == mark[0]


def _bring_back(ground: Ground, aside: str, path: str, old: Mark | None) -> None:
    """What had stepped aside, or only had a second name there."""
    if not old or not _is(ground, aside, old):
        return
    if ground.mark(path) is None:
        ground.rename(aside, path)
    else:
        ground.unlink(aside)


def _keep(ground: Ground, path: str, kept: str) -> None:
    """To the kept versions, by copying where they are on another file system."""
    try:
        ground.rename(path, kept)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = kept + ".part"
        _remove_if_there(ground, part)
        clone(path, part, _is_root())
        sync(ground, part)
        ground.rename(part, kept)
        ground.remove(path)


@dataclass(eq=False)
class Put(Operation):
    kind = "put"
    doing = "write"

    source: str = ""
    """Where the new thing stands until the commit."""

    mine: bool = False
    """`source` was made here and goes when the commit does not come."""

    replace: bool = False
    new: Mark | None = None
    old: Mark | None = None
    kept: str = ""
    """Where the old version goes; "" when it is not kept."""

    info: str = ""
    """The .trashinfo of what is taken out of the trash."""

    consumed: str = ""
    """What `source` is a copy of, from another file system; it goes after the commit."""

    twin: str = ""
    """The file that the new name is a hard link to."""

    when: int = 0
    """Nanoseconds since 1970 at the commit: what was changed in a folder later is somebody's work."""

    keep: bool = field(default=True, metadata=_UNWRITTEN)
    fill: Callable[[str], None] | None = field(default=None, metadata=_UNWRITTEN)
    """Makes the new thing at the path it gets."""

    lasting: bool = field(default=True, metadata=_UNWRITTEN)
    """The content is on the disk before it gets its name; not needed for what can be made again from what is."""

    @property
    def hides(self) -> bool:  # type: ignore[override]
        return self.replace

    def intend(self, ground: Ground, kept: str) -> None:
        if self.replace:
            status = _there(ground, self.path, self.seen, self.doing)
            if stat.S_ISDIR(status.st_mode):
                raise ToolError(f"{clean_name(self.path)} is a folder, not a file.")
            self.old = marked(status)
            self.kept = kept if self.keep else ""
        else:
            _free(ground, self.path)
        if self.twin:
            self.fill = partial(_link_to, self.twin)
        if self.fill is not None:
            self.source, self.mine = beside(self.path), True
            return
        status = _there(ground, self.source, None, self.doing)
        self.new = marked(status)
        if status.st_dev != _device(ground, os.path.dirname(self.path)):
            self._copy_first()

    def _copy_first(self) -> None:
        source = self.consumed = self.source
        self.source, self.mine, self.new = beside(self.path), True, None
        self.fill = partial(_clone_whole, source)

    def prepare(self, ground: Ground) -> Iterator[None]:
        if self.fill is not None:
            self.fill(ground.spot(self.source).path())
            if self.lasting:
                sync(ground, self.source)
            self.new = ground.mark(self.source)
        if self.replace and _is_folder(ground, self.source):
            raise ToolError(f"A folder cannot take the place of the file {clean_name(self.path)}.")
        self.when = time.time_ns()
        yield

    def commit(self, ground: Ground) -> None:
        if self.replace:
            ground.exchange(self.source, self.path, self._aside)
        else:
            ground.rename(self.source, self.path)

    @property
    def _aside(self) -> str:
        return os.path.join(os.path.dirname(self.path), f".llmos~{os.path.basename(self.source)[-12:]}")

    def tidy(self, ground: Ground) -> None:
        for place in (self.source, self._aside):
            if self.old and _is(ground, place, self.old):
                if self.kept:
                    _keep(ground, place, self.kept)
                else:
                    ground.remove(place)
        if self.consumed:
            _remove_if_there(ground, self.consumed)
        if self.info:
            _remove_if_there(ground, self.info)

    def is_done(self, ground: Ground) -> bool:
        if self.old is None:
            return self.new is not None and _is(ground, self.path, self.new)
        if _is(ground, self.path, self.old) or _is(ground, self.source, self.new):
            return False
        places = (self.source, self._aside, self.kept)
        return any(_is(ground, place, self.old) for place in places) or _is(ground, self.path, self.new)

    def revoke(self, ground: Ground) -> None:
        _bring_back(ground, self._aside, self.path, self.old)
        if self.mine and not _is(ground, self.source, self.old):
            _remove_if_there(ground, self.source)


@dataclass(eq=False)
class Take(Operation):
    kind = "take"
    doing = "delete"

    to: str = ""
    info: str = ""
    """The .trashinfo beside it, in the trash."""

    top: str = ""
    """The mount point that the path in `info` is relative to."""

    old: Mark | None = None
    hidden: str = ""
    """Where the original goes at the commit, when `to` holds a copy on another file system."""

    closed: int = 0
    """The mode of a folder that has to be opened for writing to be moved."""

    @property
    def keeps(self) -> str:
        return "" if self.info else self.to

    @property
    def moves_folders(self) -> bool:
        return self.old is not None and self.old.size < 0

    def intend(self, ground: Ground, kept: str) -> None:
        status = _there(ground, self.path, self.seen, self.doing)
        self.old = marked(status)
        self.to = self.to or kept
        self.closed = _closed(status)
        if status.st_dev != _device(ground, os.path.dirname(self.to)):
            self.hidden = beside(self.path)

    def prepare(self, ground: Ground) -> Iterator[None]:
        if self.info:
            trash.write_info(ground, self.info, self.path, self.top)
        if self.hidden:
            _clone_whole(self.path, self.to)
            sync(ground, self.to)
        _open_up(ground, self.path, self.closed)
        yield from ()

    def commit(self, ground: Ground) -> None:
        ground.rename(self.path, self.hidden or self.to)

    def tidy(self, ground: Ground) -> None:
        _close_again(ground, self.to, self.closed)
        if self.hidden:
            _remove_if_there(ground, self.hidden)

    def is_done(self, ground: Ground) -> bool:
        there = ground.mark(self.to)
        return there is not None and not _is(ground, self.path, self.old)

    def revoke(self, ground: Ground) -> None:
        _close_again(ground, self.path, self.closed)
        if self.hidden:
            _remove_if_there(ground, self.to)
        if self.info:
            trash.remove_info(ground, self.info, self.path, self.top)

    def touched(self) -> Iterable[str]:
        return os.path.dirname(self.path), os.path.dirname(self.to)


def _closed(status: os.stat_result) -> int:
    """A folder that its owner may not write to cannot leave its own folder: ".." in it would have to change."""
    mode = stat.S_IMODE(status.st_mode)
    mine = status.st_uid == os.geteuid() and os.geteuid() != 0
    return mode if stat.S_ISDIR(status.st_mode) and mine and not mode & stat.S_IWUSR else 0


def _open_up(ground: Ground, path: str, mode: int) -> None:
    if mode:
        spot = ground.spot(path)
        os.chmod(spot.name, mode | stat.S_IWUSR, dir_fd=spot.folder)


def _close_again(ground: Ground, path: str, mode: int) -> None:
    if mode and ground.status(path):
        spot = ground.spot(path)
        os.chmod(spot.name, mode, dir_fd=spot.folder)


@dataclass(eq=False)
class Move(Operation):
    kind = "move"
    doing = "move"

    to: str = ""
    replace: bool = False
    mark: Mark | None = None
    old: Mark | None = None
    kept: str = ""
    aside: str = ""
    copied: str = ""
    """The copy beside `to`, when that is on another file system."""

    new: Mark | None = None
    """What `copied` is."""

    hidden: str = ""
    """Where the original waits then."""

    closed: int = 0
    keep: bool = field(default=True, metadata=_UNWRITTEN)

    @property
    def hides(self) -> bool:  # type: ignore[override]
        return self.replace or bool(self.hidden)

    @property
    def moves_folders(self) -> bool:
        return self.mark is not None and self.mark.size < 0

    def intend(self, ground: Ground, kept: str) -> None:
        status = _there(ground, self.path, self.seen, self.doing)
        self.mark = marked(status)
        if self.replace:
            if _is_folder(ground, self.path) or _is_folder(ground, self.to):
                raise ToolError(f"{clean_name(self.path)} cannot take the place of {clean_name(self.to)}.")
            self.old = marked(_there(ground, self.to, None, self.doing))
            self.kept, self.aside = kept if self.keep else "", beside(self.path)
        if os.path.dirname(self.path) != os.path.dirname(self.to):
            self.closed = _closed(status)
            if status.st_dev != _device(ground, os.path.dirname(self.to)):
                self.copied, self.hidden = beside(self.to), beside(self.path)
        if self.hidden and not self.replace:
            _free(ground, self.to)  # else the rename itself will tell

    def _is_same_name(self, ground: Ground) -> bool:
        """On a disk that takes no notice of capitals."""
        return self.path.lower() == self.to.lower() and _is(ground, self.to, self.mark)

    def prepare(self, ground: Ground) -> Iterator[None]:
        _open_up(ground, self.path, self.closed)
        if self.hidden:
            _clone_whole(self.path, self.copied)
            sync(ground, self.copied)
            self.new = ground.mark(self.copied)
            yield
            ground.rename(self.path, self.hidden)

    def commit(self, ground: Ground) -> None:
        source = self.copied or self.path
        if self.replace:
            ground.exchange(source, self.to, self.aside)
        elif not self.copied and self._is_same_name(ground):
            one, other = ground.spot(self.path), ground.spot(self.to)
            os.rename(one.name, other.name, src_dir_fd=one.folder, dst_dir_fd=other.folder)
        else:
            ground.rename(source, self.to)

    def tidy(self, ground: Ground) -> None:
        _close_again(ground, self.to, self.closed)
        for place in (self.copied or self.path, self.aside):
            if self.old and _is(ground, place, self.old):
                if self.kept:
                    _keep(ground, place, self.kept)
                else:
                    ground.remove(place)
        if self.hidden:
            _remove_if_there(ground, self.hidden)

    def is_done(self, ground: Ground) -> bool:
        if self.hidden:
            return self.new is not None and not _is(ground, self.copied, self.new)
        return not _is(ground, self.path, self.mark)

    def revoke(self, ground: Ground) -> None:
        if self.hidden:
            _remove_if_there(ground, self.copied)
            with suppress(FileNotFoundError):
                ground.rename(self.hidden, self.path)
        _bring_back(ground, self.aside, self.to, self.old)
        _close_again(ground, self.path, self.closed)

    def touched(self) -> Iterable[str]:
        return os.path.dirname(self.path), os.path.dirname(self.to)


@dataclass(eq=False)
class Splice(Operation):
    kind = "splice"
    doing = "change"

    at: int = 0
    """What was from this byte on is kept, and the new content takes its place."""

    mark: Mark | None = None
    kept: str = ""
    """Holds what was there; "" where nothing was."""

    length: int = 0
    digest: str = ""
    """Of the new content from `at` on."""

    accessed: int = 0
    source: str = ""
    """A file with the new content, which is left alone."""

    after: Mark | None = None
    """What the file is afterwards."""

    restore: int = 0
    """The time of change it gets, in nanoseconds; 0 leaves the present one."""

    content: bytes = field(default=b"", metadata=_UNWRITTEN)
    at_end: bool = field(default=False, metadata=_UNWRITTEN)
    """Add at the end, on a line of its own."""

    def intend(self, ground: Ground, kept: str) -> None:
        status = _there(ground, self.path, self.seen, self.doing)
        if not stat.S_ISREG(status.st_mode):
            raise ToolError(f"{clean_name(self.path)} is no ordinary file.")
        self.mark, self.accessed = marked(status), status.st_atime_ns
        if self.at_end:
            self.at = status.st_size
            self.content = self._own_line(ground)
        if self.at < status.st_size:
            self.kept = kept
        self.length, self.digest = self._new_content(ground)

    def _own_line(self, ground: Ground) -> bytes:
        if not self.at:
            return self.content
        with _opened(ground, self.path, os.O_RDONLY) as held:
            last = os.pread(held, 1, self.at - 1)
        return self.content if last == b"\n" else b"\n" + self.content

    def _new_content(self, ground: Ground) -> tuple[int, str]:
        if not self.source:
            return len(self.content), _digest_of([self.content])
        with _opened(ground, self.source, os.O_RDONLY) as held:
            return os.fstat(held).st_size, _digest_of(_blocks(held))

    def prepare(self, ground: Ground) -> Iterator[None]:
        """May the file be written to at all, and is what goes safe?"""
        with _opened(ground, self.path, os.O_RDWR) as held:
            if self.kept:
                _remove_if_there(ground, self.kept)
                with _opened(ground, self.kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as safe:
                    os.lseek(held, self.at, os.SEEK_SET)
                    copy_content(held, safe)
                    os.fsync(safe)
        yield from ()

    def commit(self, ground: Ground) -> None:
        """Not one step: what is half done is taken back by `revoke`."""
        with _opened(ground, self.path, os.O_WRONLY | (os.O_APPEND if self.at_end else 0)) as held:
            os.lseek(held, self.at, os.SEEK_SET)
            if self.source:
                with _opened(ground, self.source, os.O_RDONLY) as source:
                    copy_content(source, held)
            else:
                write_all(held, self.content)
            if not self.at_end:
                os.ftruncate(held, self.at + self.length)
            if self.restore:
                os.utime(held, ns=(self.accessed, self.restore))
            os.fsync(held)

    def tidy(self, ground: Ground) -> None:
        self.after = ground.mark(self.path)

    def is_done(self, ground: Ground) -> bool:
        return self.is_there(ground)

    def is_there(self, ground: Ground) -> bool:
        """The new content is in its place and nothing follows it."""
        there = ground.mark(self.path)
        if there is None or self.mark is None or there.inode != self.mark[0] or there.size != self.at + self.length:
            return False
        with _opened(ground, self.path, os.O_RDONLY) as held:
            os.lseek(held, self.at, os.SEEK_SET)
            return _digest_of(_blocks(held)) == self.digest

    def revoke(self, ground: Ground) -> None:
        there = ground.mark(self.path)
        if self.mark is None or there is None or there.inode != self.mark[0] or there == self.mark:
            return
        if not self.kept and there.size > self.at + self.length:
            return  # somebody else wrote behind it: better too much than too little
        if self.kept and ground.mark(self.kept) is None:
            return  # not even begun
        with _opened(ground, self.path, os.O_WRONLY) as held:
            os.lseek(held, self.at, os.SEEK_SET)
            if self.kept:
                with _opened(ground, self.kept, os.O_RDONLY) as safe:
                    copy_content(safe, held)
            os.ftruncate(held, self.mark[1])
            os.utime(held, ns=(self.accessed, self.mark[2]))
            os.fsync(held)


@contextmanager
def _opened(ground: Ground, path: str, flags: int) -> Iterator[int]:
    held = ground.open(path, flags)
    try:
        yield held
    finally:
        os.close(held)


def _blocks(held: int) -> Iterator[bytes]:
    while block := os.read(held, 1 << 20):
        yield block


def _digest_of(blocks: Iterable[bytes]) -> str:
    import hashlib  # noqa: PLC0415 - slow to import, not always needed

    digest = hashlib.blake2b(digest_size=16)
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


@dataclass(eq=False)
class Attributes(Operation):
    kind = "attributes"
    doing = "change the rights of"
    hides = False

    mark: Mark | None = None
    mode: int | None = None
    user: int = -1
    group: int = -1
    times: list[int] | None = None
    """Accessed and modified, in nanoseconds since 1970."""

    before: dict[str, Any] = field(default_factory=dict)

    def intend(self, ground: Ground, kept: str) -> None:
        status = _there(ground, self.path, self.seen, self.doing)
        if stat.S_ISLNK(status.st_mode) and self.mode is not None:
            raise ToolError(f"{clean_name(self.path)} became a link; its mode was not changed.")
        self.mark = Mark(status.st_ino)
        self.before = _attributes(status)

    def commit(self, ground: Ground) -> None:
        self._set(ground, {"mode": self.mode, "user": self.user, "group": self.group, "times": self.times})

    def _set(self, ground: Ground, values: dict[str, Any]) -> None:
        """The owner first, because that takes the set-user-id bit away."""
        with _opened(ground, self.path, _O_PATH) as held:
            if self.mark is None or os.fstat(held).st_ino != self.mark[0]:
                raise OSError(errno.ESTALE, "it is another file by now", self.path)
            spot = ground.spot(self.path)
            if (values["user"], values["group"]) != (-1, -1):
                os.chown(spot.name, values["user"], values["group"], dir_fd=spot.folder, follow_symlinks=False)
            if values["mode"] is not None:
                os.chmod(f"/proc/self/fd/{held}", values["mode"])
            if values["times"]:
                os.utime(spot.name, ns=tuple(values["times"]), dir_fd=spot.folder, follow_symlinks=False)

    def is_so(self, ground: Ground) -> bool:
        """The file has them. When it was last read says nothing: looking at it changes that; no more does the time of
        a folder, which changes with what is in it."""
        status = ground.status(self.path)
        if status is None or not self._is_same(status):
            return False
        now, wanted = _attributes(status), self.wanted()
        modified = wanted.pop("times", now["times"])[1]
        is_folder = stat.S_ISDIR(status.st_mode)
        return all(now[name] == value for name, value in wanted.items()) and (is_folder or now["times"][1] == modified)

    def _is_same(self, status: os.stat_result) -> bool:
        return self.mark is not None and status.st_ino == self.mark[0]

    def wanted(self) -> dict[str, Any]:
        values = {"mode": self.mode, "user": self.user, "group": self.group, "times": self.times}
        return {name: value for name, value in values.items() if value not in (None, -1)}

    def is_done(self, ground: Ground) -> bool:
        return self.is_so(ground)

    def revoke(self, ground: Ground) -> None:
        status = ground.status(self.path)
        if status is None or not self._is_same(status) or not self.before:
            return
        wanted = self.wanted()
        owner = {name: self.before[name] if name in wanted else -1 for name in ("user", "group")}
        is_link = stat.S_ISLNK(status.st_mode)
        mode = None if is_link or not wanted.keys() - {"times"} else self.before["mode"]
        self._set(ground, {**owner, "mode": mode, "times": self.before["times"] if "times" in wanted else None})

    def touched(self) -> Iterable[str]:
        return ()


_O_PATH = getattr(os, "O_PATH", os.O_RDONLY)


def _attributes(status: os.stat_result) -> dict[str, Any]:
    return {
        "mode": stat.S_IMODE(status.st_mode),
        "user": status.st_uid,
        "group": status.st_gid,
        "times": [status.st_atime_ns, status.st_mtime_ns],
    }


@dataclass(eq=False)
class Purge(Operation):
    """What a folder holds goes one by one; cut off half-way the rest of it stays."""

    kind = "purge"
    doing = "delete"
    hides = False

    old: Mark | None = None
    twin: str = ""
    """Another name of the same file, from which this one can be made again."""

    def intend(self, ground: Ground, kept: str) -> None:
        self.old = marked(_there(ground, self.path, self.seen, self.doing))

    def commit(self, ground: Ground) -> None:
        ground.remove(self.path)

    def is_done(self, ground: Ground) -> bool:
        return not _is(ground, self.path, self.old)


KINDS: dict[str, type[Operation]] = {cls.kind: cls for cls in (Put, Take, Move, Splice, Attributes, Purge)}


def of_record(record: dict[str, Any]) -> Operation:
    """Raises KeyError and TypeError for what is none."""
    values = dict(record)
    cls = KINDS[values.pop("op")]
    for name in ("new", "old", "mark", "after"):
        if name in values:
            values[name] = Mark(*values[name])
    known = {one.name for one in fields(cls)}
    return cls(**{name: value for name, value in values.items() if name in known})

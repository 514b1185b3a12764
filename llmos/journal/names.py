"""Operations that change which names there are: put something under a name, take it away, move it, delete it for good.

Changing a file under its name is in in_place.py.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from llmos.adapters.files import trash
from llmos.adapters.files.anchored import Ground, Mark, marked, naming
from llmos.adapters.files.change import beside
from llmos.adapters.files.clone import clone, sync
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal.operation import (
    UNWRITTEN,
    Operation,
    device_of,
    is_folder,
    refuse_taken,
    remove_if_there,
    stands,
    there,
)
from llmos.translation import both


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

    keep: bool = field(default=True, metadata=UNWRITTEN)
    fill: Callable[[str], None] | None = field(default=None, metadata=UNWRITTEN)
    """Makes the new thing at the path it gets."""

    lasting: bool = field(default=True, metadata=UNWRITTEN)
    """The content is on the disk before it gets its name; not needed for what can be made again from what is."""

    @property
    def hides(self) -> bool:  # type: ignore[override]
        return self.replace

    def intend(self, ground: Ground, kept: str) -> None:
        if self.replace:
            status = there(ground, self.path, self.seen)
            if stat.S_ISDIR(status.st_mode):
                raise ToolError(both("{path} is a folder, not a file.").format(path=clean_name(self.path)))
            self.old = marked(status)
            self.kept = kept if self.keep else ""
        else:
            refuse_taken(ground, self.path)
        if self.twin:
            self.fill = partial(_link_to, self.twin)
        if self.fill is not None:
            self.source, self.mine = beside(self.path), True
            return
        status = there(ground, self.source, None)
        self.new = marked(status)
        if status.st_dev != device_of(ground, os.path.dirname(self.path)):
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
        if self.replace and is_folder(ground, self.source):
            raise ToolError(
                both("A folder cannot take the place of the file {path}.").format(path=clean_name(self.path))
            )
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
            if self.old and stands(ground, place, self.old):
                if self.kept:
                    _keep(ground, place, self.kept)
                else:
                    ground.remove(place)
        if self.consumed:
            remove_if_there(ground, self.consumed)
        if self.info:
            remove_if_there(ground, self.info)

    def is_done(self, ground: Ground) -> bool:
        if self.old is None:
            return self.new is not None and stands(ground, self.path, self.new)
        if stands(ground, self.path, self.old) or stands(ground, self.source, self.new):
            return False
        places = (self.source, self._aside, self.kept)
        return any(stands(ground, place, self.old) for place in places) or stands(ground, self.path, self.new)

    def revoke(self, ground: Ground) -> None:
        _bring_back(ground, self._aside, self.path, self.old)
        if self.mine and not stands(ground, self.source, self.old):
            remove_if_there(ground, self.source)


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
        status = there(ground, self.path, self.seen)
        self.old = marked(status)
        self.to = self.to or kept
        self.closed = _closed(status)
        if status.st_dev != device_of(ground, os.path.dirname(self.to)):
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
            remove_if_there(ground, self.hidden)

    def is_done(self, ground: Ground) -> bool:
        there = ground.mark(self.to)
        return there is not None and not stands(ground, self.path, self.old)

    def revoke(self, ground: Ground) -> None:
        _close_again(ground, self.path, self.closed)
        if self.hidden:
            remove_if_there(ground, self.to)
        if self.info:
            trash.remove_info(ground, self.info, self.path, self.top)

    def touched(self) -> Iterable[str]:
        return os.path.dirname(self.path), os.path.dirname(self.to)


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
    keep: bool = field(default=True, metadata=UNWRITTEN)

    @property
    def hides(self) -> bool:  # type: ignore[override]
        return self.replace or bool(self.hidden)

    @property
    def moves_folders(self) -> bool:
        return self.mark is not None and self.mark.size < 0

    def intend(self, ground: Ground, kept: str) -> None:
        status = there(ground, self.path, self.seen)
        if self.path == self.to:
            raise ToolError(both("{path} is there already.").format(path=clean_name(self.path)))
        self.mark = marked(status)
        if self.replace:
            if is_folder(ground, self.path) or is_folder(ground, self.to):
                raise ToolError(
                    both("{path} cannot take the place of {to}.").format(
                        path=clean_name(self.path), to=clean_name(self.to)
                    )
                )
            self.old = marked(there(ground, self.to, None))
            self.kept, self.aside = kept if self.keep else "", beside(self.path)
        if os.path.dirname(self.path) != os.path.dirname(self.to):
            self.closed = _closed(status)
            if status.st_dev != device_of(ground, os.path.dirname(self.to)):
                self.copied, self.hidden = beside(self.to), beside(self.path)
        if self.hidden and not self.replace:
            refuse_taken(ground, self.to)  # else the rename itself will tell

    def _is_same_name(self, ground: Ground) -> bool:
        """On a disk that takes no notice of capitals; else it would be another name of the same file."""
        if self.path.lower() != self.to.lower() or not stands(ground, self.to, self.mark):
            return False
        return os.path.basename(self.to) not in os.listdir(os.path.dirname(self.to))

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
            if self.old and stands(ground, place, self.old):
                if self.kept:
                    _keep(ground, place, self.kept)
                else:
                    ground.remove(place)
        if self.hidden:
            remove_if_there(ground, self.hidden)

    def is_done(self, ground: Ground) -> bool:
        if self.hidden:
            return self.new is not None and not stands(ground, self.copied, self.new)
        return not stands(ground, self.path, self.mark)

    def revoke(self, ground: Ground) -> None:
        if self.hidden:
            remove_if_there(ground, self.copied)
            with suppress(FileNotFoundError):
                ground.rename(self.hidden, self.path)
        _bring_back(ground, self.aside, self.to, self.old)
        _close_again(ground, self.path, self.closed)

    def touched(self) -> Iterable[str]:
        return os.path.dirname(self.path), os.path.dirname(self.to)


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
        self.old = marked(there(ground, self.path, self.seen))

    def commit(self, ground: Ground) -> None:
        ground.remove(self.path)

    def is_done(self, ground: Ground) -> bool:
        return not stands(ground, self.path, self.old)


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


def _keep(ground: Ground, path: str, kept: str) -> None:
    """To the kept versions, by copying where they are on another file system."""
    try:
        ground.rename(path, kept)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = kept + ".part"
        remove_if_there(ground, part)
        clone(path, part, _is_root())
        sync(ground, part)
        ground.rename(part, kept)
        ground.remove(path)


def _bring_back(ground: Ground, aside: str, path: str, old: Mark | None) -> None:
    """What had stepped aside, or only had a second name there."""
    if not old or not stands(ground, aside, old):
        return
    if ground.mark(path) is None:
        ground.rename(aside, path)
    else:
        ground.unlink(aside)


def _link_to(target: str, there: str) -> None:
    with Ground() as ground, naming(target):
        spot = ground.spot(target)
        os.link(spot.name, there, src_dir_fd=spot.folder, follow_symlinks=False)


def _clone_whole(source: str, target: str) -> None:
    """Nothing may be missing where the original goes away."""
    missed = clone(source, target, _is_root())
    if missed:
        raise ToolError(
            both("{name} cannot be copied to another disk; nothing was changed.").format(name=clean_name(missed[0]))
        )


def _is_root() -> bool:
    return os.geteuid() == 0

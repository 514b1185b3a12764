"""What takes one operation back, what stands in the way of that, and how both versions can be saved instead.

Which operations are taken back, and in which order, is undo.py.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from llmos.adapters.files.anchored import Ground, Mark, marked
from llmos.adapters.terminal import clean_name
from llmos.journal.operations import Attributes, Move, Operation, Purge, Put, Splice, Take


class Ours(NamedTuple):
    """What in a folder is no work of anybody else."""

    going: Collection[str] = ()
    """Paths of operations that are taken back before."""

    placed: Mapping[str, Mark] = MappingProxyType({})
    """What the journal has put where last."""

    def has(self, path: str, status: os.stat_result) -> bool:
        return path in self.going or self.placed.get(path) == marked(status)


NOTHING = Ours()


def paths_of(one: Operation) -> list[str]:
    """Those that its being taken back depends on."""
    other = one.to if isinstance(one, Move) else one.twin if isinstance(one, Put | Purge) else ""
    return [one.path, other] if other else [one.path]


def inverse(one: Operation) -> list[Operation]:  # noqa: PLR0911 - one for each kind
    match one:
        case Put(replace=True):
            return [Put(one.path, source=one.kept, replace=True)] if one.kept else []
        case Put(twin=twin) if twin:
            return [Purge(one.path, twin=twin)]
        case Purge(twin=twin) if twin:
            return [Put(one.path, twin=twin)]
        case Put():
            return [Take(one.path)]
        case Take():
            return [Put(one.path, source=one.to, info=one.info)]
        case Move():
            back: list[Operation] = [Move(one.to, one.path)]
            return [*back, Put(one.to, source=one.kept)] if one.kept else back
        case Splice():
            return [Splice(one.path, at=one.at, source=one.kept, restore=one.mark.modified if one.mark else 0)]
        case Attributes():
            before = {name: one.before[name] for name in one.wanted()}
            if "user" in before or "group" in before:
                before["mode"] = one.before["mode"]  # giving a file away may have taken its set-user-id bit
            return [Attributes(one.path, **before)]
        case _:
            return []


def is_final(one: Operation) -> bool:
    """Nothing was kept of what was there."""
    if isinstance(one, Purge):
        return not one.twin
    return isinstance(one, Put | Move) and one.replace and not one.kept


# What stands in the way


def conflict(one: Operation, ground: Ground, ours: Ours = NOTHING) -> str:  # noqa: PLR0911 - one a kind
    """Why it cannot be taken back without losing what somebody did since, or ""."""
    match one:
        case Put():
            return _changed(one.path, one.new, ground, one.when, ours) or _missing(one.kept, one.old, ground)
        case Take():
            return _missing(one.to, None if one.hidden else one.old, ground) or _taken(one.path, ground)
        case Move():
            gone = _changed(one.to, Mark((one.new or one.mark or Mark(0)).inode), ground, 0, ours)
            return gone or _taken(one.path, ground) or _missing(one.kept, one.old, ground)
        case Purge():
            return _taken(one.path, ground) or _missing(one.twin, one.old, ground)
        case Splice():
            there = one.after is not None and ground.mark(one.path) == one.after
            return "" if there or one.is_there(ground) else f"{clean_name(one.path)} was changed after that"
        case Attributes():
            return "" if one.is_so(ground) else f"the rights of {clean_name(one.path)} were changed after that"
        case _:
            return ""


def _changed(path: str, mark: Mark | None, ground: Ground, when: int, ours: Ours) -> str:
    there = ground.mark(path)
    if there is None:
        return f"{clean_name(path)} is no longer there"
    if mark is None or there.inode != mark.inode or (mark.size >= 0 and there != mark):
        return f"{clean_name(path)} was changed after that"
    if when and there.size < 0:
        inside = _newer(path, when, ours)
        return f"{clean_name(inside)} was changed after that" if inside else ""
    return ""


def _newer(path: str, when: int, ours: Ours) -> str:
    """What in a folder was made or changed later, "" if nothing was."""
    for folder, folders, files in os.walk(path):
        for name in (*files, *folders):
            below = os.path.join(folder, name)
            status = os.lstat(below)
            if not ours.has(below, status) and status.st_ctime_ns > when and not stat.S_ISDIR(status.st_mode):
                return below
    return ""


def _missing(path: str, mark: Mark | None, ground: Ground) -> str:
    if not path:
        return ""
    there = ground.mark(path)
    if there is None or (mark is not None and mark.size >= 0 and there.size != mark.size):
        return "the old version is no longer kept"
    return ""


def _taken(path: str, ground: Ground) -> str:
    return f"{clean_name(path)} is there again" if ground.status(path) is not None else ""


# What both is saved with


def saving_both(one: Operation, ground: Ground) -> list[Operation]:
    """Instead of taking it back: what there is now stays, what was before gets a name beside it."""
    match one:
        case Put(replace=True) if one.kept and ground.mark(one.kept):
            return [Put(_free_name(one.path, ground), source=one.kept)]
        case Take() if ground.mark(one.to):
            return [Put(_free_name(one.path, ground), source=one.to, info=one.info)]
        case Move() if ground.mark(one.to):
            return [Move(one.to, _free_name(one.path, ground) if ground.mark(one.path) else one.path)]
        case Splice(at=0) if one.kept and ground.mark(one.kept):
            return [Put(_free_name(one.path, ground), fill=partial(_fill_from, one.kept))]
        case _:
            return []


def _fill_from(path: str, there: str) -> None:
    from llmos.adapters.files.clone import clone  # noqa: PLC0415 - rarely needed

    clone(path, there)


def _free_name(path: str, ground: Ground) -> str:
    stem, extension = os.path.splitext(path)
    names = (f"{stem} (before{'' if count == 1 else f' {count}'}){extension}" for count in range(1, 10_000))
    return next(name for name in names if ground.status(name) is None)

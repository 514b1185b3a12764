"""The changes of a command, held back in the upper layers of its overlays until they are committed or dropped.

What they are is found out in layers.py; that they can be undone is the journal's business.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from llmos.adapters.files.anchored import marked
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal.journal import Entry
from llmos.journal.operations import Attributes, Move, Operation, Put, Splice, Take
from llmos.sandbox.layers import Difference, copy_out, differences, is_stale
from llmos.translation import both
from llmos.values.changes import Change, ChangeKind, ChangeSet


class Held:
    """Until `discard`, which may be called twice; nobody else can reach what is held."""

    def __init__(self, roots: Sequence[str], uppers: Sequence[int], since: int) -> None:
        """`uppers` are descriptors, one for each root, and are closed by `discard`."""
        self._uppers = tuple(uppers)
        self._since = since
        """When the command began, in nanoseconds since 1970."""

        self.found: list[Difference] = []
        for root, descriptor in zip(roots, uppers, strict=True):
            self.found += differences(f"/proc/self/fd/{descriptor}", root)

    def full(self) -> bool:
        """The layer could take no more: what the command did is not all there."""
        return any(os.fstatvfs(descriptor).f_bavail == 0 for descriptor in self._uppers)

    def discard(self) -> None:
        while self._uppers:
            descriptor, *rest = self._uppers
            self._uppers = tuple(rest)
            os.close(descriptor)

    def change_set(self) -> ChangeSet:
        return ChangeSet(tuple(map(_change, self.found)))

    def check(self) -> None:
        """Raises ToolError when somebody else has changed what the command changed."""
        if path := is_stale(self.found, self._since):
            raise ToolError(
                both("{path} was changed by somebody else meanwhile: nothing was changed; run it again.").format(
                    path=clean_name(path)
                )
            )

    def commit(self, entry: Entry) -> None:
        """Raises ToolError; what was done until then stays in the entry and can be undone."""
        self.check()
        for step in _steps(self.found):
            operations = list(step)
            entry.intend(operations)
            for operation in operations:
                entry.do(operation)


def _change(one: Difference) -> Change:
    to = {ChangeKind.MOVED: one.source, ChangeKind.MODE: f"{one.mode:o}"}.get(one.kind, "")
    return Change(one.kind, one.path, to, one.size)


def _steps(found: Sequence[Difference]) -> Iterator[Iterable[Operation]]:
    """In an order in which each finds its folder there and its name free."""
    moved_to = [one.source for one in found if one.kind is ChangeKind.MOVED]
    made = [one for one in found if one.kind is ChangeKind.CREATED]
    parts = {one.path for one in made if any(to.startswith(one.path + "/") for to in moved_to)}
    yield [_take(one) for one in found if one.kind is ChangeKind.DELETED and one.goes]
    for one in made:
        if one.path in parts:
            yield [Put(one.path, fill=partial(os.mkdir, mode=0o777), lasting=False)]
    yield [Move(one.path, one.source) for one in found if one.kind is ChangeKind.MOVED]
    yield [_take(one) for one in found if one.kind is ChangeKind.DELETED and not one.goes]
    yield [
        Put(one.path, fill=partial(copy_out, one.source))
        for one in made
        if one.path not in parts and (one.top or os.path.dirname(one.path) in parts)
    ]
    for one in found:
        if one.kind is ChangeKind.CHANGED:
            yield [_overwrite(one)]
    rewritten = {one.path for one in found if one.kind is ChangeKind.CHANGED}  # with its new mode
    modes = [one for one in found if one.kind is ChangeKind.MODE and one.path not in rewritten]
    # What a folder holds before the folder, which may be closed by it.
    yield [Attributes(one.path, mode=one.mode) for one in reversed(modes)]
    yield [Attributes(one.path, mode=one.mode) for one in reversed(made) if one.path in parts]


def _take(one: Difference) -> Operation:
    return Take(one.path, seen=marked(os.lstat(one.path)))


def _overwrite(one: Difference) -> Operation:
    """A file with further names keeps them, so its content is replaced in place.

    Also where the command put another file in its stead: an overlay does not tell the two apart.
    """
    status = os.lstat(one.path)
    seen = marked(status)
    if status.st_nlink > 1 and stat.S_ISREG(status.st_mode):
        with open(one.source, "rb") as file:
            return Splice(one.path, content=file.read(), seen=seen)
    return Put(one.path, fill=partial(copy_out, one.source), replace=True, seen=seen)

"""What every operation of a journal entry has in common: its record, and the steps it is done in.

The operations themselves are in names.py and in_place.py; in which order the steps reach the disk is the entry's
business.
"""

from __future__ import annotations

import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

from llmos.adapters.failures import missing
from llmos.adapters.files.anchored import Ground, Mark
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

UNWRITTEN = {"unwritten": True}
"""Marks a field that has no place in the journal."""


@dataclass(eq=False)
class Operation(ABC):
    """Paths are absolute and resolved."""

    kind: ClassVar[str]
    doing: ClassVar[str]
    """As an error says what could not be done: "Cannot move ..."."""

    path: str

    seen: Mark | None = field(default=None, kw_only=True, metadata=UNWRITTEN)
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


def there(ground: Ground, path: str, seen: Mark | None) -> os.stat_result:
    """What stands there. Raises ToolError when nothing does, or another thing than was planned."""
    status = ground.status(path)
    if status is None:
        raise missing(path)
    if seen is not None and seen.inode != status.st_ino:
        raise ToolError(
            both("{path} is no longer what it was when this was planned; it was left alone.").format(
                path=clean_name(path)
            )
        )
    return status


def refuse_taken(ground: Ground, path: str) -> None:
    if ground.status(path) is not None:
        raise ToolError(both("{path} has appeared meanwhile; it was left alone.").format(path=clean_name(path)))


def is_folder(ground: Ground, path: str) -> bool:
    status = ground.status(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def device_of(ground: Ground, folder: str) -> int:
    return os.fstat(ground.spot(os.path.join(folder, ".")).folder).st_dev


def remove_if_there(ground: Ground, path: str) -> None:
    with suppress(FileNotFoundError):
        ground.remove(path)


def stands(ground: Ground, path: str, mark: Mark | None) -> bool:
    there = ground.mark(path) if path else None
    return there is not None and mark is not None and there.inode == mark[0]

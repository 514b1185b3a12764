"""What a plan changes on disk, entry by entry: what is previewed, decided on, committed and undone.

It comes from a file tool's plan or from the overlay a command ran in. Contents are only asked for when a difference is
to be shown; how that is laid out is the front's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from llmos.values.display import format_size

COMPARED = 1 << 20
"""Bytes of a text that are compared; larger ones are only measured."""


class ChangeKind(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    MOVED = "moved"
    MODE = "mode"
    OWNER = "owner"


class Contents(NamedTuple):
    """How to get what a file held and will hold. Either may raise OSError."""

    old: Callable[[], bytes]
    new: Callable[[], bytes]


@dataclass(frozen=True)
class Change:
    kind: ChangeKind
    path: str
    """Absolute, resolved."""

    to: str = ""
    """Where it goes (moved), the new mode in octal (mode), the new owner (owner)."""

    size: int = 0
    """Bytes affected, folders with all they hold."""

    contents: Contents | None = field(default=None, compare=False, repr=False)
    """Where they are known: for a file that is created or changed."""


@dataclass(frozen=True)
class ChangeSet:
    changes: tuple[Change, ...] = ()

    def __len__(self) -> int:
        return len(self.changes)

    def totals(self) -> dict[ChangeKind, Total]:
        """In the order of the kinds; only those there are."""
        found: dict[ChangeKind, Total] = {}
        for kind in ChangeKind:
            sizes = [change.size for change in self.changes if change.kind is kind]
            if sizes:
                found[kind] = Total(len(sizes), sum(sizes))
        return found


class Total(NamedTuple):
    things: int
    size: int
    """Bytes."""


_DOES = {
    ChangeKind.CREATED: "creates",
    ChangeKind.CHANGED: "changes",
    ChangeKind.DELETED: "deletes",
    ChangeKind.MOVED: "moves",
    ChangeKind.MODE: "sets the mode of",
    ChangeKind.OWNER: "sets the owner of",
}


def in_words(changes: ChangeSet, folder: str = "") -> str:
    """ "deletes 412 things, 3.1 GB, outside this folder; creates 1 thing": what `folder` does not hold is outside."""
    return "; ".join(_total_in_words(kind, total, changes, folder) for kind, total in changes.totals().items())


def _total_in_words(kind: ChangeKind, total: Total, changes: ChangeSet, folder: str) -> str:
    parts = [f"{_DOES[kind]} {total.things:,} thing{'' if total.things == 1 else 's'}"]
    if total.size and kind not in (ChangeKind.MODE, ChangeKind.OWNER):
        parts.append(format_size(total.size))
    outside = sum(change.kind is kind and not _is_inside(change, folder) for change in changes.changes)
    if folder and outside:
        parts.append("outside this folder" if outside == total.things else f"{outside:,} of them outside this folder")
    return ", ".join(parts)


def _is_inside(change: Change, folder: str) -> bool:
    above = folder.rstrip("/") + "/"
    paths = [change.path, change.to] if change.kind is ChangeKind.MOVED else [change.path]
    return all(path.startswith(above) for path in paths)


def difference(change: Change) -> Iterator[str]:
    """The lines of a unified diff; of what is no text, or too much of it, one line with the sizes.

    Nothing where the contents are not known or cannot be read."""
    if change.contents is None:
        return
    try:
        old, new = change.contents.old(), change.contents.new()
    except OSError:
        return
    if max(len(old), len(new)) > COMPARED or b"\0" in old or b"\0" in new:
        yield f"{format_size(len(old))} become {format_size(len(new))}"
        return
    import difflib  # noqa: PLC0415 - 8 ms that only a preview needs

    before, after = (text.decode("utf-8", "replace").splitlines() for text in (old, new))
    yield from difflib.unified_diff(before, after, change.path, change.path, lineterm="")


def as_json(changes: Iterable[Change], with_differences: bool = False) -> list[dict[str, Any]]:
    return [_value(change, with_differences) for change in changes]


def _value(change: Change, with_difference: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"kind": change.kind, "path": change.path, "to": change.to, "size": change.size}
    lines = list(difference(change)) if with_difference else []
    return {**value, "difference": lines} if lines else value

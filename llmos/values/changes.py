"""What a plan changes on disk, entry by entry: what is previewed, decided on and (later) undone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    MOVED = "moved"
    MODE = "mode"
    OWNER = "owner"


@dataclass(frozen=True)
class Change:
    kind: ChangeKind
    path: str
    """Absolute, resolved."""

    to: str = ""
    """Where it goes (moved), the new mode in octal (mode), the new owner (owner)."""

    size: int = 0
    """Bytes affected, folders with all they hold."""


@dataclass(frozen=True)
class ChangeSet:
    changes: tuple[Change, ...] = ()

    def __len__(self) -> int:
        return len(self.changes)

"""What the log gets to know of every decision, and the seal that binds an answer to what was shown.

Writing the log is memory's business.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from llmos.dispatch.taint import Taint
from llmos.values.place import Place
from llmos.values.plans import Decision, Effect, Plan

_PATHS = (Effect.READ, Effect.WRITE, Effect.DESTROY)


@dataclass(frozen=True)
class Record:
    """What was decided about one plan, and whether it ran."""

    plan: Plan
    decision: Decision
    ran: bool
    taint: Taint = Taint.WORDS
    """The most foreign thing in the context when it was decided."""

    answer: str = field(default="")
    """What the user said, where they were asked."""


def seal(plan: Plan, place: Place, taint: Taint) -> str:
    """A hash of what an answer is about: tool, arguments, folder, targets with what lies there now, taint."""
    import hashlib  # noqa: PLC0415  # OpenSSL, for who is asked
    import json  # noqa: PLC0415

    shown = {
        "tool": plan.call.name,
        "arguments": dict(plan.call.arguments),
        "folder": [place.cwd, _lies_at(place.cwd)],
        "targets": [[t.effect, t.what, _lies_at(t.what) if t.effect in _PATHS else None] for t in plan.targets],
        "changes": [[c.kind, c.path, c.to, c.size] for c in plan.changes.changes],
        "taint": taint,
        "level": plan.level,
    }
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def _lies_at(path: str) -> list[int] | None:
    """Which file it is and whether it was written to since; of a folder, which one. None where nothing is."""
    try:
        stat = os.lstat(path)
    except (OSError, ValueError):
        return None
    written = [] if os.path.isdir(path) else [stat.st_size, stat.st_mtime_ns]
    return [stat.st_dev, stat.st_ino, stat.st_mode, *written]

"""Which old versions are too large to be kept: replacing those cannot be undone, so that is what is asked for.

How much is kept in all, and what goes first, is the journal's business.
"""

from __future__ import annotations

from collections.abc import Iterable

from llmos.adapters.files.change import measure
from llmos.journal.journal import open_journal
from llmos.tools.files.wording import listed
from llmos.translation import both
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target


def too_large(paths: Iterable[str], place: Place) -> frozenset[str]:
    """Those that do not fit any more, counted in order, into what may be kept."""
    room: int | None = None
    lost = set()
    for path in paths:
        size = measure(path).size
        room = open_journal(place).room() if room is None else room
        if size > room:
            lost.add(path)
        else:
            room -= size
    return frozenset(lost)


def written(path: str, lost: frozenset[str]) -> Target:
    return Target(Effect.DESTROY if path in lost else Effect.WRITE, path)


def lost_by(plan: Plan) -> frozenset[str]:
    return frozenset(target.what for target in plan.targets if target.effect is Effect.DESTROY)


def in_words(lost: frozenset[str]) -> str:
    """To be added to a summary; "" when everything is kept."""
    if not lost:
        return ""
    return both("; {listed} {plural} too large to be kept and cannot come back").format(
        listed=listed(sorted(lost)), plural="is" if len(lost) == 1 else "are"
    )

"""What the user does not want of habits: none at all, those from before, some; and suggestions they never take.

A small file in the state folder; without it everything is learned and offered.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

PATIENCE = 3
"""Times that a suggestion is shown and not taken before it is shown no more."""


WEEK = 7 * 86400.0
"""Seconds between two proposals."""


@dataclass(frozen=True)
class Unwanted:
    off: bool = False
    since: float = 0.0
    """Seconds since 1970; what was before is forgotten."""

    forgotten: tuple[str, ...] = ()
    """Requests that are never suggested."""

    passed_over: dict[str, int] = field(default_factory=dict)
    """Suggestions, with how often in a row they were shown and not taken."""

    proposed: tuple[str, ...] = ()
    """Requests that were proposed as a routine, whatever the answer was."""

    proposed_at: float = 0.0
    """Seconds since 1970; the last time that a routine was proposed."""

    refused: int = 0
    """Proposals in a row that were answered with no."""

    told: bool = False
    """The user was told once what the grey text is."""

    def allows(self, request: str, at: float) -> bool:
        return at >= self.since and request not in self.forgotten

    def is_welcome(self, request: str) -> bool:
        return self.passed_over.get(request, 0) < PATIENCE

    def may_propose(self, request: str, at: float) -> bool:
        """At most one a week, each once, and none to who has said no three times in a row."""
        return request not in self.proposed and at - self.proposed_at >= WEEK and self.refused < PATIENCE

    def with_proposal(self, request: str, at: float, *, taken: bool) -> Unwanted:
        """After it was answered."""
        refused = 0 if taken else self.refused + 1
        return replace(self, proposed=(*self.proposed, request), proposed_at=at, refused=refused)

    def seen(self, request: str, *, taken: bool) -> Unwanted:
        """After a suggestion was shown."""
        others = {shown: times for shown, times in self.passed_over.items() if shown != request}
        if taken:
            return replace(self, passed_over=others)
        return replace(self, passed_over={**others, request: self.passed_over.get(request, 0) + 1})


def file_in(state: str) -> Path:
    return Path(state) / "habits.json"


def read(state: str) -> Unwanted:
    """What was never written, or cannot be read, is as if nothing was said."""
    try:
        value = json.loads(file_in(state).read_text("utf-8"))
        return Unwanted(**{**value, **{name: tuple(value.get(name, ())) for name in ("forgotten", "proposed")}})
    except (OSError, ValueError, TypeError):
        return Unwanted()


def write(state: str, unwanted: Unwanted) -> None:
    """Raises OSError."""
    os.makedirs(state, mode=0o700, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=state, prefix="habits.", delete=False, encoding="utf-8") as made:
        json.dump(asdict(unwanted), made)
    os.replace(made.name, file_in(state))

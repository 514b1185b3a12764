"""What the user probably wants to say: their own earlier requests, by how often, how lately, where and after what.

Reads the log, never writes it. How a suggestion is shown is the front's business.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

READ = 5_000
"""Requests that are looked at, the latest."""

HALF_LIFE = 14 * 86400.0
"""Seconds after which an earlier use counts half."""

SAME_FOLDER = 4.0
AFTER_THE_SAME = 6.0
"""How many times more it counts when it was said in this folder, and after what was said last."""

LONGEST = 300
"""Characters; a text that was pasted in is not said again."""


@dataclass(frozen=True)
class Use:
    """One time a request was made."""

    time: float
    cwd: str
    """The folder it was made in."""

    after: str
    """The request before it, "" for the first of a session."""


@dataclass
class Past:
    uses: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))

    def add(self, request: str, use: Use) -> None:
        if request and len(request) <= LONGEST and "\n" not in request:
            self.uses[request].append(use)

    def best(self, typed: str, cwd: str, after: str, now: float) -> str:
        """The likeliest request that begins like this; "" when there is none."""
        fitting = (request for request in self.uses if request.startswith(typed) and request != typed)
        return max(fitting, key=lambda r: (self._score(r, cwd, after, now), self.uses[r][-1].time), default="")

    def next(self, after: str) -> str:
        """What else was said at least twice after this, and more often than not; "" when nothing was."""
        followed = {request: sum(use.after == after for use in uses) for request, uses in self.uses.items()}
        request = max(followed, key=followed.__getitem__, default="")
        often = followed.get(request, 0)
        usual = often >= 2 and often * 2 > sum(followed.values())
        return request if after and usual and request != after else ""

    def _score(self, request: str, cwd: str, after: str, now: float) -> float:
        return sum(
            math.pow(2.0, -max(0.0, now - use.time) / HALF_LIFE)
            * (SAME_FOLDER if use.cwd == cwd else 1.0)
            * (AFTER_THE_SAME if after and use.after == after else 1.0)
            for use in self.uses[request]
        )


def read(file: Path) -> Past:
    """What the log holds; nothing where there is no log, or none that can be read."""
    past = Past()
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as db:
            rows = db.execute(
                "SELECT session, time, cwd, body FROM messages WHERE body LIKE '{\"user\": %' ORDER BY id DESC LIMIT ?",
                (READ,),
            ).fetchall()
    except sqlite3.Error:
        return past
    _learn(past, reversed(rows))
    return past


def _learn(past: Past, rows: Iterable[tuple[str, float, str, str]]) -> None:
    before: dict[str, tuple[str, str]] = {}
    for session, time, cwd, body in rows:
        request = str(json.loads(body)["user"])
        # The log has the folder in which a turn ended; it began where the one before it ended.
        after, began_in = before.get(session, ("", cwd))
        past.add(request, Use(time, began_in, after))
        before[session] = (request, cwd)

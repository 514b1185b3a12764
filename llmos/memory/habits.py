"""What the user usually does, learned from the log on this machine alone: what comes next, usual arguments, favourite
applications. By how often, how lately, in which folder, after what and at what time of day.

Reads the log, never writes it. What the user wants of it (off, forgotten, not taken) is in `unwanted`; how a suggestion
is shown is the front's business.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median_low
from typing import NamedTuple

from llmos.memory.routines import When
from llmos.memory.unwanted import Unwanted

READ = 5_000
"""Requests that are looked at, the latest."""

HALF_LIFE = 14 * 86400.0
"""Seconds after which an earlier use counts half."""

SAME_FOLDER = 4.0
AFTER_THE_SAME = 12.0
SAME_HOUR = 3.0
SAME_WEEKDAY = 1.5
"""How many times more a use counts that was in this folder, after the same request, at this hour, on this weekday."""

HOUR = 3600.0
DAY = 86400.0

LONGEST = 300
"""Characters; a text that was pasted in is not said again."""

OFTEN = 3
"""Times that make a habit."""

MOSTLY = 0.6
"""The part of the times that makes one."""

ROUTINE = 5
"""Days on which the same was said at about the same time before it is proposed as a routine."""

ABOUT = 2700.0
"""Seconds to either side that are about the same time."""

_OF_BEFORE = re.compile(r"\b(it|its|them|they|that|this|those|these)\b|[它这那]", re.IGNORECASE)
"""What only means something after something else."""

USUAL = ("limit", "sort", "format", "show", "details", "hidden", "depth", "algorithm")
"""Arguments in which people have habits; names and paths are about the matter."""


class Moment(NamedTuple):
    """Where and when a request is made."""

    time: float
    """Seconds since 1970-01-01 00:00 UTC."""

    cwd: str
    after: str = ""
    """The request before it, "" for the first of a session."""


class Habit(NamedTuple):
    """`often` of `of` times."""

    what: str
    often: int
    of: int


@dataclass
class Habits:
    uses: dict[str, list[Moment]] = field(default_factory=lambda: defaultdict(list))
    arguments: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """(tool, argument) → its values."""

    applications: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Extension → what such files were opened with."""

    unwanted: Unwanted = field(default_factory=Unwanted)

    def add(self, request: str, at: Moment) -> None:
        if request and len(request) <= LONGEST and "\n" not in request and self.unwanted.allows(request, at.time):
            self.uses[request].append(at)

    def add_call(self, tool: str, arguments: Mapping[str, object]) -> None:
        for name in USUAL:
            if arguments.get(name) not in (None, False, []):
                self.arguments[tool, name][str(arguments[name])] += 1
        application, path = arguments.get("name"), arguments.get("path")
        if tool == "open_app" and isinstance(application, str) and isinstance(path, str):
            self.applications[extension(path)][application] += 1

    def ranked(self, now: Moment, typed: str = "") -> list[tuple[str, float]]:
        """Requests that begin like this with their share of all that was said, the likeliest first."""
        scores = {r: self._score(r, now) for r in self.uses if r.startswith(typed) and r != typed}
        total = sum(scores.values()) or 1.0
        order = sorted(scores, key=lambda r: (scores[r], self.uses[r][-1].time), reverse=True)
        return [(request, scores[request] / total) for request in order]

    def best(self, typed: str, now: Moment) -> str:
        """The likeliest request that begins like this; "" when there is none."""
        return next((request for request, _ in self.ranked(now, typed)), "")

    def next(self, now: Moment) -> str:
        """What has come here often enough to be offered before anything is typed; "" when nothing has."""
        if not now.after:
            return ""
        followed = {request: sum(use.after == now.after for use in uses) for request, uses in self.uses.items()}
        fitting = [r for r, often in followed.items() if often >= 2 and r != now.after and self.unwanted.is_welcome(r)]
        request = max(fitting, key=lambda r: self._score(r, now), default="")
        return request if request and followed[request] * 2 > sum(followed.values()) else ""

    def _score(self, request: str, now: Moment) -> float:
        return sum(_weight(use, now) for use in self.uses[request])

    # ---- what was learned, in figures

    def following(self) -> Iterator[tuple[str, Habit]]:
        """Requests with what usually came after them."""
        after: dict[str, Counter[str]] = defaultdict(Counter)
        for request, uses in self.uses.items():
            for use in uses:
                after[use.after][request] += 1
        yield from ((before, habit) for before, counts in after.items() if before for habit in _habit(counts))

    def in_folders(self) -> Iterator[tuple[str, Habit]]:
        """Folders with what is usually asked for there."""
        said: dict[str, Counter[str]] = defaultdict(Counter)
        for request, uses in self.uses.items():
            for use in uses:
                said[use.cwd][request] += 1
        for folder, counts in said.items():
            request, often = counts.most_common(1)[0]
            if often >= OFTEN:
                yield folder, Habit(request, often, counts.total())

    def at_hours(self) -> Iterator[tuple[int, Habit]]:
        """Hours of the day with what is usually said then, and seldom else."""
        for request, uses in self.uses.items():
            hours = Counter(int(_of_day(use.time) // HOUR) for use in uses)
            hour, often = hours.most_common(1)[0]
            if often >= OFTEN and often >= MOSTLY * len(uses):
                yield hour, Habit(request, often, len(uses))

    def routine(self, request: str) -> When | None:
        """When this is said day after day; None when it is not, means nothing by itself, or is not to be proposed."""
        firsts = {int((use.time + _EAST) // DAY): _of_day(use.time) for use in reversed(self.uses.get(request, []))}
        if len(firsts) < ROUTINE or _OF_BEFORE.search(request):
            return None
        if not self.unwanted.may_propose(request, self.uses[request][-1].time):
            return None
        middle = median_low(firsts.values())
        near = [day for day, at in firsts.items() if abs(at - middle) <= ABOUT]
        if len(near) < ROUTINE or len(near) < MOSTLY * len(self.uses[request]):
            return None
        minutes = int(middle // 300) * 5
        return When(_week(near), minutes // 60, minutes % 60)

    def usual(self) -> Iterator[tuple[str, str, Habit]]:
        """Tools and arguments with the value they usually have."""
        yield from ((t, a, habit) for (t, a), counts in self.arguments.items() for habit in _habit(counts))

    def favourite(self, path: str) -> str:
        """The application in which such files are usually opened; "" where there is none."""
        counts = self.applications.get(extension(path), Counter())
        return next((habit.what for habit in _habit(counts, least=2)), "")


def _week(days: Iterable[int]) -> tuple[int, ...]:
    """Of days since 1970-01-01, a Thursday: one day of the week or some, weekdays, or () for all."""
    found = {(day + 3) % 7 for day in days}
    if len(found) < 4:
        return tuple(sorted(found))
    return (0, 1, 2, 3, 4) if max(found) < 5 else ()


def extension(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def _habit(counts: Counter[str], least: int = OFTEN) -> Iterator[Habit]:
    for what, often in counts.most_common(1):
        if often >= least and often >= MOSTLY * counts.total():
            yield Habit(what, often, counts.total())


def _weight(use: Moment, now: Moment) -> float:
    """Runs for every use at every key: 0.5 µs."""
    earlier = now.time - use.time
    weight = 2.0 ** (-earlier / HALF_LIFE) if earlier > 0 else 1.0
    if use.cwd == now.cwd:
        weight *= SAME_FOLDER
    if use.after == now.after:
        weight *= AFTER_THE_SAME
    apart = earlier % DAY
    if apart <= HOUR or apart >= DAY - HOUR:
        weight *= SAME_HOUR
    if ((use.time + _EAST) // DAY - (now.time + _EAST) // DAY) % 7 == 0:
        weight *= SAME_WEEKDAY
    return weight


_EAST = float(time.localtime().tm_gmtoff)
"""Seconds that local time is ahead of UTC now; an hour off for half of the year does little harm here."""


def _of_day(seconds: float) -> float:
    return (seconds + _EAST) % DAY


def read(file: Path, unwanted: Unwanted | None = None) -> Habits:
    """What the log holds; nothing where there is no log, none that can be read, or none is to be learned from."""
    habits = Habits(unwanted=unwanted or Unwanted())
    if habits.unwanted.off:
        return habits
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as db:
            rows = db.execute(
                "SELECT session, time, cwd, body FROM messages WHERE time >= ? AND"
                " (body LIKE '{\"user\": %' OR body LIKE '{\"assistant\": %') ORDER BY id DESC LIMIT ?",
                (habits.unwanted.since, 2 * READ),
            ).fetchall()
    except sqlite3.Error:
        return habits
    _learn(habits, reversed(rows))
    return habits


_USER = '{"user": '
_MATTERS = re.compile(rf'"(?:{"|".join(USUAL)}|open_app)": ?|"open_app"')
"""In a reply without these is nothing to learn; to look is a tenth of the work of reading it."""


def _learn(habits: Habits, rows: Iterable[tuple[str, float, str, str]]) -> None:
    before: dict[str, tuple[str, str]] = {}
    for session, at, cwd, body in rows:
        if not body.startswith(_USER) and not _MATTERS.search(body):
            continue
        value = json.loads(body)
        if "user" not in value:
            for call in value.get("calls", ()):
                habits.add_call(str(call.get("name")), call.get("arguments") or {})
            continue
        request = str(value["user"])
        # The log has the folder in which a turn ended; it began where the one before it ended.
        after, began_in = before.get(session, ("", cwd))
        habits.add(request, Moment(at, began_in, after))
        before[session] = (request, cwd)

"""Routines: requests that run by themselves at set times; what they are, and the words for when.

A small file in the state folder. What wakes llmos up at those times is adapters/timers.py.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FORM = "every day at 21:00, weekdays at 9, every Friday at 5pm, every hour, 每天21点, 每周五17:30"
MORNING, EVENING = 9, 21
"""The hours of what names only days, or an evening."""

_CLOCK = re.compile(r"(?:at\s+|@\s*)?(\d{1,2})(?::(\d{2})|点(?:(\d{1,2})分|(半))?)?\s*(am|pm)?")
_DAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?s?\b")
_CHINESE_DAY = re.compile(r"(?:每)?(?:周|星期|礼拜)([一二三四五六日天])")
_LATE = re.compile(r"evening|night|下午|晚上?")
_PART = re.compile(rf"{_LATE.pattern}|早上|上午|morning")


@dataclass(frozen=True)
class When:
    days: tuple[int, ...] = ()
    """Of the week, 0 is Monday; () is every day."""

    hour: int | None = None
    """0 to 23; None is every hour."""

    minute: int = 0

    def calendar(self) -> str:
        """As systemd.time(7) writes it."""
        days = ",".join(DAYS[day].capitalize() for day in self.days)
        hour = "*" if self.hour is None else f"{self.hour:02}"
        return f"{days} *-*-* {hour}:{self.minute:02}:00".strip()

    def cron(self) -> str:
        """As crontab(5) writes it, where Sunday is 0."""
        days = ",".join(str((day + 1) % 7) for day in self.days) or "*"
        return f"{self.minute} {'*' if self.hour is None else self.hour} * * {days}"

    def __str__(self) -> str:
        if self.hour is None:
            return "every hour"
        named = {(): "every day", (0, 1, 2, 3, 4): "weekdays"}
        days = named.get(self.days) or "every " + ", ".join(DAYS[day].capitalize() for day in self.days)
        return f"{days} at {self.hour:02}:{self.minute:02}"


@dataclass(frozen=True)
class Routine:
    name: str
    when: When
    request: str
    folder: str
    approved: bool = False
    """What would be asked is taken as answered with yes."""


def understood(words: str) -> When | None:
    """None when they name no time, or more than is understood."""
    text = words.lower().strip()
    if text in ("hourly", "every hour", "each hour", "每小时"):
        return When()
    days, rest = _days(text)
    clock = _CLOCK.search(rest)
    if clock is None:
        hour = EVENING if _LATE.search(rest) else MORNING
        return When(days, hour) if days is not None and not _LATE.sub("", rest).strip(" ,") else None
    left = _PART.sub("", rest[: clock.start()] + rest[clock.end() :]).strip(" ,")
    time = _time(clock, late=bool(_LATE.search(rest)))
    return When(days or (), *time) if time and not left else None


def _days(text: str) -> tuple[tuple[int, ...] | None, str]:
    """With what else was said; None when no day was."""
    for pattern, days in _SPANS:
        if pattern.search(text):
            return days, pattern.sub(" ", text)
    named = [DAYS.index(match[1]) for match in _DAY.finditer(text)]
    named += ["一二三四五六日天".index(match[1]) for match in _CHINESE_DAY.finditer(text)]
    rest = re.sub(r"\b(every|each|on|and)\b|和|、", " ", _CHINESE_DAY.sub(" ", _DAY.sub(" ", text)))
    return (tuple(sorted({min(day, 6) for day in named})) if named else None), rest


_SPANS = (
    (re.compile(r"(every |each |on )?(weekdays?|workdays?)|每?个?工作日"), (0, 1, 2, 3, 4)),
    (re.compile(r"(every |at )?weekends?|周末"), (5, 6)),
    (re.compile(r"(every|each) (day|morning)|daily|每天(早上|上午)?"), ()),
    (re.compile(r"(every|each) (?=evening|night)|每(?=晚)"), ()),
    (re.compile(r"(every|each) week\b|weekly|每周(?![一二三四五六日天])"), (0,)),
)


def _time(clock: re.Match[str], *, late: bool) -> tuple[int, int] | None:
    hour, minute = int(clock[1]), int(clock[2] or clock[3] or (30 if clock[4] else 0))
    if (late or clock[5] == "pm") and hour < 12:
        hour += 12
    elif clock[5] == "am" and hour == 12:
        hour = 0
    return (hour, minute) if hour < 24 and minute < 60 else None


# ---- kept


def file_in(state: str) -> Path:
    return Path(state) / "routines.json"


def read(state: str) -> Mapping[str, Routine]:
    """By name. Raises OSError and ValueError when there is a file that cannot be read."""
    if not file_in(state).exists():
        return {}
    return {one["name"]: _routine(one) for one in json.loads(file_in(state).read_text("utf-8"))}


def _routine(value: Mapping[str, object]) -> Routine:
    when = dict(value["when"])  # type: ignore[call-overload]
    return Routine(**{**value, "when": When(**{**when, "days": tuple(when["days"])})})  # type: ignore[arg-type]


def write(state: str, routines: Iterable[Routine]) -> None:
    """Raises OSError."""
    os.makedirs(state, mode=0o700, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=state, prefix="routines.", delete=False, encoding="utf-8") as made:
        json.dump([asdict(one) for one in routines], made, ensure_ascii=False)
    os.replace(made.name, file_in(state))

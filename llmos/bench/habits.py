"""How well habits foresee the next request: three made-up people with routines, breaks in them and one-off requests.

Four weeks each; every request of the last three is foreseen from those before it. The people are no real ones: their
routines stand below, their days are drawn at random. `python -m llmos.bench.habits` tells their last week.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmos.bench.report import Report, Row
from llmos.memory.habits import DAY, HOUR, Habits, Moment

MONDAY = time.mktime((2026, 3, 2, 0, 0, 0, 0, 0, -1))
WEEKS = 4
KEPT = 0.85
"""How often a step of a routine is taken."""

ONE_OFF = 0.15
"""How often something else comes in between."""


@dataclass(frozen=True)
class Routine:
    days: str
    """Of the week, 0 is Monday."""

    hour: float
    folder: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    name: str
    routines: tuple[Routine, ...]
    one_offs: tuple[str, ...]
    """With {} for a name that is new each time."""


DEVELOPER = Person(
    "developer",
    (
        Routine("01234", 9, "~/src/app", ("show git status", "pull the latest changes", "run the tests")),
        Routine(
            "01234", 11, "~/src/app", ("search for TODO in src", "run the tests", "show the last 20 lines of test.log")
        ),
        Routine("01234", 15, "~/src/app", ("run the tests", "show git status", "commit everything")),
        Routine("024", 16, "~/src/site", ("build the site", "which process uses port 8000", "kill it")),
        Routine(
            "4", 17, "~/src/app", ("how big is the build folder", "delete the build folder", "archive logs as logs.zip")
        ),
    ),
    (
        "find files named {}",
        "show {}.py",
        "how many lines has {}.py",
        "search for {} in src",
        "rename {}.py to {}_old.py",
    ),
)
OFFICE = Person(
    "office worker (Chinese)",
    (
        Routine("01234", 8.5, "~/文档", ("列出今天改过的文件", "打开日程.xlsx")),
        Routine("01234", 13, "~/下载", ("列出最新的10个文件", "把pdf都移到文档里")),
        Routine("13", 15, "~/文档/报销", ("打开报销单.xlsx", "统计有几个发票", "把发票打包成发票.zip")),
        Routine(
            "4", 17, "~/文档/周报", ("复制上周周报.docx到本周周报.docx", "打开本周周报.docx", "把周报打包成周报.zip")
        ),
        Routine("01234", 18, "~", ("切换到深色主题", "音量调到30")),
    ),
    ("查找{}", "打开{}.docx", "删除{}.tmp", "{}有多大", "把{}.docx改名为{}2.docx"),
)
ADMINISTRATOR = Person(
    "administrator",
    (
        Routine(
            "0123456",
            7,
            "/var/log",
            ("how full are the disks", "which services failed", "show the last 50 lines of syslog"),
        ),
        Routine("01234", 10, "/srv", ("which process uses the most memory", "show its open files")),
        Routine(
            "135",
            14,
            "/srv/backup",
            ("list backups newest first", "how big is this folder", "delete backups older than 30 days"),
        ),
        Routine("01234", 16, "/etc", ("show git status", "compare nginx.conf with nginx.conf.bak")),
        Routine("0", 9, "/srv", ("list users who are logged in", "show the uptime")),
    ),
    ("who uses port {}", "show process {}", "search for {} in syslog", "ping {}", "show {}.conf"),
)
PEOPLE = (DEVELOPER, OFFICE, ADMINISTRATOR)


def lived(person: Person, seed: int) -> Iterator[tuple[str, Moment]]:
    """Requests with when, where and after what they were made."""
    r = random.Random(seed)
    for day in range(7 * WEEKS):
        for routine in sorted(person.routines, key=lambda one: one.hour):
            if str(day % 7) in routine.days:
                yield from _sitting(person, routine, MONDAY + day * DAY + routine.hour * HOUR, r)


def _sitting(person: Person, routine: Routine, begin: float, r: random.Random) -> Iterator[tuple[str, Moment]]:
    at, before = begin + r.gauss(0, 900), ""
    for step in routine.steps:
        others = [_one_off(person, r)] if r.random() < ONE_OFF else []
        for request in [*others, *([step] if r.random() < KEPT else [])]:
            yield request, Moment(at, routine.folder, before)
            at, before = at + r.uniform(20, 300), request


def _one_off(person: Person, r: random.Random) -> str:
    name = "".join(r.choices("bcdfgklmnprst", k=2)) + r.choice("aeiou") + str(r.randint(1, 99))
    return r.choice(person.one_offs).replace("{}", name)


# ---- who foresees what


def _ours(said: Sequence[tuple[str, Moment]], habits: Habits, now: Moment) -> list[str]:
    return [request for request, _ in habits.ranked(now)][:3]


def _most_frequent(said: Sequence[tuple[str, Moment]], habits: Habits, now: Moment) -> list[str]:
    return [request for request, _ in Counter(request for request, _ in said).most_common(3)]


def _last_used(said: Sequence[tuple[str, Moment]], habits: Habits, now: Moment) -> list[str]:
    return list(dict.fromkeys(request for request, _ in reversed(said)))[:3]


def _what_followed(said: Sequence[tuple[str, Moment]], habits: Habits, now: Moment) -> list[str]:
    """A Markov chain of first order, with the most frequent ones where it knows nothing."""
    followed = Counter(request for request, at in said if at.after == now.after).most_common(3)
    return list(dict.fromkeys([*(request for request, _ in followed), *_most_frequent(said, habits, now)]))[:3]


FORESEERS = {
    "habits": _ours,
    "most frequent": _most_frequent,
    "last used": _last_used,
    "what followed": _what_followed,
}


def measure(rounds: int = 7) -> Report:
    """Each round draws other days."""
    rows = []
    for person in PEOPLE:
        for name, foresee in FORESEERS.items():
            first, third, count = _hits(person, foresee, rounds)
            values = {"@1": 100 * first / count, "@3": 100 * third / count, "requests": count}
            rows.append(Row(f"{person.name}: {name}", values))
    return Report("The next request was foreseen, %", rows)


def _hits(person: Person, foresee: object, rounds: int) -> tuple[int, int, int]:
    first = third = count = 0
    for seed in range(rounds):
        habits, said = Habits(), list[tuple[str, Moment]]()
        for request, now in lived(person, seed):
            if now.time > MONDAY + 7 * DAY:
                guesses = foresee(said, habits, now)  # type: ignore[operator]
                first += request in guesses[:1]
                third += request in guesses
                count += 1
            habits.add(request, now)
            said.append((request, now))
    return first, third, count


# ---- a week of each


def told(person: Person, seed: int = 0) -> Iterator[str]:
    """What was learned in three weeks, and what of it was offered, taken and passed over in the fourth."""
    habits = Habits()
    taken: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    proposed: dict[str, str] = {}
    for request, now in lived(person, seed):
        offered = habits.next(now) if now.time > MONDAY + 21 * DAY else ""
        if offered:
            (taken if offered == request else passed)[offered] += 1
            habits.unwanted = habits.unwanted.seen(offered, taken=offered == request)
        habits.add(request, now)
        if routine := habits.routine(request):
            proposed[request] = str(routine)
            # Who wants what is done unasked is not simulated: they take every other one.
            habits.unwanted = habits.unwanted.with_proposal(request, now.time, taken=len(proposed) % 2 == 1)
    yield f"{person.name}: {taken.total()} suggestions taken, {passed.total()} passed over in the fourth week"
    for before, habit in sorted(habits.following(), key=lambda pair: -pair[1].often)[:4]:
        yield f"  after “{before}” mostly “{habit.what}” ({habit.often} of {habit.of})"
    for request, times in taken.most_common(3):
        yield f"  taken {times} times: “{request}”"
    for request, when in proposed.items():
        answer = "taken" if list(proposed).index(request) % 2 == 0 else "refused"
        yield f"  proposed as a routine, {when}, {answer}: “{request}”"
    for request, times in passed.most_common(3):
        yield f"  passed over {times} times: “{request}”"
    for request in habits.unwanted.passed_over:
        if not habits.unwanted.is_welcome(request):
            yield f"  not offered any more: “{request}”"


if __name__ == "__main__":
    for each in PEOPLE:
        print("\n".join(told(each)))

"""What is learned of the user: which earlier request is the likeliest next one, and what is usual."""

from __future__ import annotations

import json
import time
from pathlib import Path

from llmos.memory.habits import DAY, Habit, Habits, Moment, read
from llmos.memory.log import Entry, Log
from llmos.memory.routines import When
from llmos.memory.unwanted import Unwanted

NOW = 1000 * DAY


def habits(*uses: tuple[str, float, str, str]) -> Habits:
    """Of requests with how many days ago, where and after what they were said."""
    made = Habits()
    for request, days, cwd, after in uses:
        made.add(request, Moment(NOW - days * DAY, cwd, after))
    return made


def now(cwd: str = "/x", after: str = "") -> Moment:
    return Moment(NOW, cwd, after)


def test_what_is_said_often_comes_first() -> None:
    made = habits(("list a", 1, "/x", ""), ("list b", 1, "/x", ""), ("list b", 2, "/x", ""))
    assert made.best("li", now()) == "list b"


def test_what_was_said_lately_counts_more_than_what_was_said_long_ago() -> None:
    made = habits(("list old", 90, "/x", ""), ("list old", 91, "/x", ""), ("list new", 1, "/x", ""))
    assert made.best("li", now()) == "list new"


def test_the_folder_counts() -> None:
    made = habits(("list a", 1, "/x", ""), ("list b", 1, "/y", ""), ("list b", 2, "/y", ""))
    assert made.best("li", now("/x")) == "list a" and made.best("li", now("/y")) == "list b"


def test_the_time_of_day_counts() -> None:
    made = habits(("list a", 1, "/x", ""), ("list b", 1.5, "/x", ""), ("list b", 1.45, "/x", ""))
    assert made.best("li", now()) == "list a"


def test_what_usually_comes_next_counts() -> None:
    made = habits(("list a", 1, "/x", "cd sub"), ("list b", 1, "/x", ""), ("list b", 2, "/x", ""))
    assert made.best("li", now(after="cd sub")) == "list a"


def test_an_empty_line_gets_only_what_usually_comes_next() -> None:
    made = habits(("test", 1, "/x", "build"), ("test", 2, "/x", "build"), ("list", 3, "/x", "build"))
    assert made.next(now(after="build")) == "test"
    assert made.next(now(after="test")) == "" and made.next(now()) == ""


def test_what_is_typed_in_full_needs_no_suggestion() -> None:
    assert habits(("list", 1, "/x", "")).best("list", now()) == ""


def test_what_was_passed_over_three_times_is_not_offered_again() -> None:
    made = habits(("test", 1, "/x", "build"), ("test", 2, "/x", "build"))
    for _ in range(3):
        assert made.next(now(after="build")) == "test"
        made.unwanted = made.unwanted.seen("test", taken=False)
    assert made.next(now(after="build")) == ""


def test_what_is_taken_in_between_is_offered_again() -> None:
    known = Unwanted().seen("test", taken=False).seen("test", taken=False).seen("test", taken=True)
    assert known.seen("test", taken=False).is_welcome("test")


def logged(tmp_path: Path, *bodies: object) -> Path:
    log = Log(tmp_path / "log.sqlite")
    log.add("s", [Entry(float(i), "/x/sub", json.dumps(body)) for i, body in enumerate(bodies, 1)], ())
    log.close()
    return tmp_path / "log.sqlite"


def test_the_log_tells_where_and_after_what_a_request_was_made(tmp_path: Path) -> None:
    made = read(logged(tmp_path, {"user": "go to sub"}, {"user": "列出"}))
    assert made.uses["列出"] == [Moment(2.0, "/x/sub", "go to sub")]


def test_usual_arguments_and_applications_are_in_the_calls(tmp_path: Path) -> None:
    calls = [
        {"name": "find_files", "arguments": {"sort": "largest", "limit": 5, "path": ["/"]}},
        {"name": "open_app", "arguments": {"name": "okular", "path": "a.PDF"}},
    ]
    made = read(logged(tmp_path, *[{"assistant": "", "calls": calls}] * 3))
    assert ("find_files", "limit", Habit("5", 3, 3)) in list(made.usual())
    assert made.favourite("other.pdf") == "okular" and made.favourite("other.txt") == ""


def test_what_is_forgotten_is_not_learned(tmp_path: Path) -> None:
    file = logged(tmp_path, {"user": "old"}, {"user": "secret"}, {"user": "new"})
    assert list(read(file, Unwanted(since=2.0, forgotten=("secret",))).uses) == ["new"]


def test_turned_off_nothing_is_learned(tmp_path: Path) -> None:
    assert not read(logged(tmp_path, {"user": "old"}), Unwanted(off=True)).uses


def test_without_a_log_there_are_no_suggestions(tmp_path: Path) -> None:
    assert read(tmp_path / "none.sqlite").best("a", now()) == ""


def daily(request: str, days: range, hour: float = 21.0, folder: str = "/x") -> Habits:
    """From midnight of here, which may be elsewhere than at midnight UTC."""
    made = Habits()
    for day in days:
        local = time.mktime((2026, 6, 1 + day, 0, 0, 0, 0, 0, -1))  # a Monday
        made.add(request, Moment(local + hour * 3600, folder))
    return made


def test_what_is_said_every_evening_is_worth_a_routine() -> None:
    when = daily("switch to the dark theme", range(7)).routine("switch to the dark theme")
    assert when == When((), 21, 0)


def test_what_is_said_on_weekdays_is_for_weekdays() -> None:
    assert daily("show the mail", range(5), 9.5).routine("show the mail") == When((0, 1, 2, 3, 4), 9, 30)


def test_four_days_are_no_routine() -> None:
    assert daily("show the mail", range(4)).routine("show the mail") is None


def test_what_is_said_at_any_time_is_no_routine() -> None:
    made = Habits()
    for day in range(10):
        made.add("show the mail", Moment(NOW - day * DAY + day * 2.3 * 3600, "/x"))
    assert made.routine("show the mail") is None


def test_what_means_something_else_each_time_is_no_routine() -> None:
    assert daily("delete it", range(7)).routine("delete it") is None


def test_a_routine_is_proposed_once() -> None:
    made = daily("show the mail", range(7))
    made.unwanted = Unwanted(proposed=("show the mail",))
    assert made.routine("show the mail") is None


def test_at_most_one_routine_a_week_is_proposed() -> None:
    known = Unwanted().with_proposal("a", 1e9, taken=True)
    assert not known.may_propose("b", 1e9 + 6 * DAY) and known.may_propose("b", 1e9 + 7 * DAY)


def test_after_three_noes_no_routine_is_proposed() -> None:
    known = Unwanted()
    for request in "abc":
        known = known.with_proposal(request, 0.0, taken=False)
    assert not known.may_propose("d", 1e9)


def test_what_is_said_on_some_days_is_for_those() -> None:
    made = Habits()
    for day in (0, 2, 7, 9, 14, 16):
        made.uses["show the mail"] += daily("show the mail", range(day, day + 1)).uses["show the mail"]
    assert made.routine("show the mail") == When((0, 2), 21, 0)

"""When a routine runs: the words that are understood, and what they become."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmos.memory.routines import Routine, When, read, understood, write


@pytest.mark.parametrize(
    ("words", "calendar", "cron"),
    [
        ("every day at 21:00", "*-*-* 21:00:00", "0 21 * * *"),
        ("weekdays at 9:30", "Mon,Tue,Wed,Thu,Fri *-*-* 09:30:00", "30 9 * * 1,2,3,4,5"),
        ("every Friday at 5pm", "Fri *-*-* 17:00:00", "0 17 * * 5"),
        ("every Sunday", "Sun *-*-* 09:00:00", "0 9 * * 0"),
        ("every evening", "*-*-* 21:00:00", "0 21 * * *"),
        ("daily at 12am", "*-*-* 00:00:00", "0 0 * * *"),
        ("every hour", "*-*-* *:00:00", "0 * * * *"),
        ("每天晚上9点", "*-*-* 21:00:00", "0 21 * * *"),
        ("每周五17:30", "Fri *-*-* 17:30:00", "30 17 * * 5"),
    ],
)
def test_a_time_is_understood(words: str, calendar: str, cron: str) -> None:
    when = understood(words)
    assert when and (when.calendar(), when.cron()) == (calendar, cron)


@pytest.mark.parametrize("words", ["soon", "every month", "every day at 25:00", "every day until noon", ""])
def test_what_is_no_time_is_refused(words: str) -> None:
    assert understood(words) is None


@pytest.mark.parametrize("when", [When(), When((), 21), When((0, 1, 2, 3, 4), 8, 5), When((4,), 17), When((0, 3), 8)])
def test_a_time_as_it_is_shown_is_understood_again(when: When) -> None:
    assert understood(str(when)) == when


def test_a_routine_is_read_as_it_was_written(tmp_path: Path) -> None:
    routine = Routine("tidy", When((4,), 17, 5), "把周报打包", "/home", approved=True)
    write(str(tmp_path), [routine])
    assert read(str(tmp_path)) == {"tidy": routine}

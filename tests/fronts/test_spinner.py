"""The sign that something goes on: late enough not to flicker, with what it is and how much is done."""

from __future__ import annotations

import time
from io import StringIO

from llmos.fronts.repl.spinner import AFTER, Spinner


def drawn(spinner: Spinner, err: StringIO, seconds: float) -> str:
    with spinner:
        time.sleep(seconds)
    return err.getvalue()


def test_what_is_soon_over_gets_no_sign() -> None:
    err = StringIO()
    spinner = Spinner(err, lambda: True)
    spinner.begin("copy 2 files")
    assert drawn(spinner, err, 0.05) == ""


def test_what_takes_longer_is_named_and_the_line_is_empty_afterwards() -> None:
    err = StringIO()
    spinner = Spinner(err, lambda: True)
    spinner.begin("copy 2 files")
    text = drawn(spinner, err, AFTER + 0.2)
    assert "⠋ copy 2 files 1 s" in text and text.endswith("\r\x1b[K")


def test_how_much_is_done_is_a_bar_that_stays_between_events() -> None:
    err = StringIO()
    spinner = Spinner(err, lambda: True)
    spinner.begin("copy 40 files")
    time.sleep(AFTER)
    assert spinner.progress("10 of 40") and not spinner.progress("a line of output")
    assert "copy 40 files █████░░░░░░░░░░░░░░░ 10 of 40" in drawn(spinner, err, 0.05)


def test_nothing_is_drawn_where_it_may_not() -> None:
    err = StringIO()
    spinner = Spinner(err, lambda: False)
    spinner.begin("copy")
    assert drawn(spinner, err, AFTER + 0.1) == ""

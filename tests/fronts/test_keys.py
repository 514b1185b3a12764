"""Keys are read from a real terminal, one at a time."""

from __future__ import annotations

import sys

import pexpect
import pytest

SCRIPT = "from llmos.fronts.keys import {0}; print('ready', flush=True); print('got', repr({0}()), flush=True)"


def got(function: str, *typed: str) -> str:
    child = pexpect.spawn(sys.executable, ["-c", SCRIPT.format(function)], encoding="utf-8")
    child.expect("ready")
    for text in typed:
        child.delaybeforesend = 0.3
        child.send(text)
    child.expect("got '(.*)'\r")
    return str(child.match[1])


@pytest.mark.parametrize(("typed", "key"), [("y", "y"), ("是", "是"), ("\r", "\\n"), ("\x04", "\\x04")])
def test_one_key_is_read(typed: str, key: str) -> None:
    assert got("read_key", typed) == key


def test_what_comes_as_a_bunch_is_no_key() -> None:
    assert got("read_key", "\x1b[A", "yes", "n") == "n"


def test_a_line_is_read_whole() -> None:
    assert got("read_line", "yes\r") == "yes\\n"

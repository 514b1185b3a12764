"""One key or one line from the terminal itself, never from standard input. Lines with editing are prompt_toolkit's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from llmos.fronts.here import TERMINAL

END = "\x04"
"""What a closed terminal and Ctrl-D give."""


def read_line() -> str:
    """Without a terminal it is empty."""
    try:
        with open(TERMINAL, encoding="utf-8", errors="replace") as terminal:
            return terminal.readline()
    except OSError:
        return ""


def read_key() -> str:
    """The next key that is one character; END where there is no terminal. Ctrl-C interrupts as usual.

    What was typed before is dropped: it was no answer to what is shown now. So is what comes as a bunch: arrow keys,
    and text that is pasted.
    """
    import termios  # noqa: PLC0415
    import tty  # noqa: PLC0415

    try:
        with _opened() as terminal:
            before = termios.tcgetattr(terminal)
            try:
                tty.setcbreak(terminal, termios.TCSAFLUSH)
                return next(_keys(terminal))
            finally:
                termios.tcsetattr(terminal, termios.TCSADRAIN, before)
    except (OSError, termios.error):
        return END


@contextmanager
def _opened() -> Iterator[int]:
    terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    try:
        yield terminal
    finally:
        os.close(terminal)


def _keys(terminal: int) -> Iterator[str]:
    while read := os.read(terminal, 64):
        text = read.decode("utf-8", "replace")
        key = text.rstrip("\r\n") or "\n"
        if len(key) == 1 and (len(text) <= 2) and key != "\x1b":
            yield key
    yield END

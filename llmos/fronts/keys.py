"""One key or one line from the terminal itself, never from standard input. Lines with editing are prompt_toolkit's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from llmos.fronts.here import TERMINAL

END = "\x04"
"""What a closed terminal and Ctrl-D give."""


def read_line() -> str:
    """Without a terminal it is empty. What was typed before is dropped, as by `read_key`."""
    try:
        with _set(echo=True), open(TERMINAL, encoding="utf-8", errors="replace") as terminal:
            return terminal.readline()
    except OSError:
        return ""


def read_key() -> str:
    """The next key that is one character; END where there is no terminal. Ctrl-C interrupts as usual.

    What was typed before is dropped: it was no answer to what is shown now. So is what comes as a bunch: arrow keys,
    and text that is pasted.
    """
    try:
        with _set(echo=False, lines=False) as terminal:
            return next(_keys(terminal))
    except OSError:
        return END


@contextmanager
def unseen() -> Iterator[None]:
    """What is typed meanwhile waits for whoever reads next, and does not appear among the answers."""
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(_set(echo=False, drop=False))
        yield


@contextmanager
def _set(*, echo: bool, lines: bool = True, drop: bool = True) -> Iterator[int]:
    """The terminal, with these settings (termios(3)) as long as this lasts. Raises OSError where there is none."""
    import termios  # noqa: PLC0415

    with _opened() as terminal:
        try:
            before = termios.tcgetattr(terminal)
        except termios.error as error:
            raise OSError(*error.args) from None
        wanted = (termios.ECHO if echo else 0) | (termios.ICANON if lines else 0)
        flags = before[3] & ~(termios.ECHO | termios.ICANON) | wanted
        termios.tcsetattr(terminal, termios.TCSAFLUSH if drop else termios.TCSADRAIN, [*before[:3], flags, *before[4:]])
        try:
            yield terminal
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


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

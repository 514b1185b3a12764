"""Runs what the user typed himself with the real terminal: an editor, a pager, something that asks for a password.

Nothing is confined here, and no model may call it: it is for `!` in the interactive shell. Which programs want a
terminal is known in programs.py.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from llmos.adapters import commands
from llmos.errors import ToolError
from llmos.translation import both
from llmos.values.place import Place

_TERMINAL = "/dev/tty"


def run_with_terminal(line: str, place: Place) -> int:
    """To its end, in front. Its exit code; 128 and the signal's number when one ended it. Raises ToolError."""
    shell = commands.shell(place.env)
    with _terminal() as terminal, _left_alone(), commands.starting(shell):
        process = subprocess.Popen(
            [shell, "-c", line],
            cwd=place.cwd,
            env=dict(place.env),
            stdin=terminal,
            stdout=None if sys.stdout.isatty() else terminal,
            stderr=None if sys.stderr.isatty() else terminal,
        )
        code = process.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _terminal() -> Iterator[int]:
    """As it was, afterwards: an editor that was killed leaves it without echo."""
    import termios  # noqa: PLC0415

    try:
        terminal = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise ToolError(both("There is no terminal to hand over.")) from None
    before = termios.tcgetattr(terminal)
    try:
        yield terminal
    finally:
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        os.close(terminal)


@contextmanager
def _left_alone() -> Iterator[None]:
    """Ctrl-C and Ctrl-\\ are for the program in front, which gets them from the terminal; as in system(3)."""
    pressed = (signal.SIGINT, signal.SIGQUIT)
    # A handler that does nothing, because what is ignored stays ignored in the program.
    before = [signal.signal(number, lambda _number, _frame: None) for number in pressed]
    try:
        yield
    finally:
        for number, handler in zip(pressed, before, strict=True):
            signal.signal(number, handler)

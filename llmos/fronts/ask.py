"""May this run? Shown on standard error, answered on the terminal, never on standard input."""

from __future__ import annotations

from typing import TextIO

from llmos.dispatch.dispatcher import preview
from llmos.dispatch.policy import is_privileged
from llmos.fronts.here import TERMINAL
from llmos.values.events import Answer, Ask
from llmos.values.place import Place

YES = {"y", "yes", "是", "好", "好的", "可以", "行", "对"}


def ask_on_terminal(ask: Ask, place: Place, err: TextIO) -> Answer:
    """No answer is no. What is privileged takes a whole "yes", so that a habit does not approve it."""
    in_full = is_privileged(ask.plan, place)
    prompt = f"{ask.decision.rule}; type yes to go on: " if in_full else "go on? [y/N] "
    print(preview(ask.plan), file=err)
    print(prompt, end="", file=err, flush=True)
    typed = ""
    try:
        typed = _read_line()
    finally:  # also after Ctrl-C
        if not typed.endswith("\n"):
            print(file=err)
    return Answer.YES if typed.strip().lower() in ({"yes"} if in_full else YES) else Answer.NO


def _read_line() -> str:
    try:
        with open(TERMINAL, encoding="utf-8", errors="replace") as terminal:
            return terminal.readline()
    except OSError:
        return ""

"""Asks whether what the user says day after day shall be done by itself, and puts the routine in when they say yes.

When that is worth a question is the business of `memory/habits`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from llmos.errors import LlmosError
from llmos.fronts import routine
from llmos.fronts.keys import read_line
from llmos.memory.routines import Routine, When
from llmos.translation import _
from llmos.values.place import Place


def propose(request: str, when: When, place: Place, note: Callable[[str], None]) -> bool | None:
    """Whether they said yes; None where nothing keeps time. Raises LlmosError when it could not be put in."""
    made = Routine(_name(request, place), when, request, place.cwd)
    try:
        shown = routine.shown(made, place)
    except LlmosError:
        return None
    note(_("you often say this about this time; it could be a routine:"))
    print(shown, file=sys.stderr)
    answer = _answer()
    if answer in YES:
        routine.add(Routine(made.name, when, request, place.cwd, approved=answer == "a"), place)
        note(_("added; llmos routines remove {name} takes it back").format(name=made.name))
    return answer in YES


YES = ("y", "yes", "是", "a")


def _answer() -> str:
    """Whatever is no clear yes is a no."""
    print(_("add it? [y/N; a: and approve what it would ask each time]"), end=" ", file=sys.stderr, flush=True)
    return read_line().strip().lower()


def _name(request: str, place: Place) -> str:
    """Of the words that are ASCII, and new."""
    name = "-".join(re.findall(r"[a-z0-9]+", request.lower())[:4])[:30] or "routine"
    known, number = routine.known(place), 2
    new = name
    while new in known:
        new, number = f"{name}-{number}", number + 1
    return new

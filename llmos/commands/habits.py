"""`llmos habits`: what was learned of the user from their own log, and how to have less of it.

How it is learned is memory/habits.py.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import get_terminal_size

from llmos.commands.opening import open_place, parser
from llmos.errors import Exit, LlmosError, UsageError
from llmos.fronts import layout
from llmos.memory import unwanted
from llmos.memory.habits import Habits, read
from llmos.memory.unwanted import Unwanted
from llmos.translation import _
from llmos.values.messages import Outcome
from llmos.values.place import Place
from llmos.values.plain import plain_text
from llmos.values.table import Column, Table

SHOWN = 10
"""Of each kind."""

EPILOG = """\
  llmos habits                   what was learned: what follows what, where, when, usual arguments, applications
  llmos habits forget            all of it; what you do from now on is learned anew
  llmos habits forget REQUEST    never suggest this
  llmos habits off               learn and suggest nothing; llmos habits on begins again

All of it comes from the log on this machine and stays here. What is suggested and not taken three times is not
suggested again."""


def main(arguments: Sequence[str]) -> int:
    made = parser("habits", EPILOG)
    made.add_argument("words", nargs="*", metavar="ACTION", help=_("show (default), forget, off or on"))
    made.add_argument("--json", action="store_true", help=_("what was learned, as JSON"))
    options = made.parse_args(arguments)
    action, *rest = options.words or ["show"]
    if action not in ACTIONS or (rest and action != "forget"):
        raise UsageError(
            _("llmos habits cannot {names!r}; there are {names2}").format(
                names=" ".join(options.words), names2=", ".join(ACTIONS)
            )
        )
    place = open_place()
    if action == "show":
        return _show(place, as_json=options.json)
    try:
        unwanted.write(place.state, ACTIONS[action](unwanted.read(place.state), " ".join(rest)))
    except OSError as error:
        raise LlmosError(
            _("{file_in} cannot be written: {strerror}").format(
                file_in=unwanted.file_in(place.state), strerror=error.strerror
            )
        ) from None
    print(
        SAID[action] if not rest else _("“{names}” is not suggested any more.").format(names=" ".join(rest)),
        file=sys.stderr,
    )
    return Exit.DONE


def _forget(known: Unwanted, request: str) -> Unwanted:
    if request:
        return replace(known, forgotten=(*dict.fromkeys((*known.forgotten, request)),))
    return replace(known, since=time.time(), passed_over={})


ACTIONS: Mapping[str, Callable[[Unwanted, str], Unwanted]] = {
    "show": lambda known, _: known,
    "forget": _forget,
    "off": lambda known, _: replace(known, off=True),
    "on": lambda known, _: replace(known, off=False),
}
SAID = {
    "forget": "All habits are forgotten; the log itself stays (llmos log).",
    "off": "Nothing is learned or suggested any more; llmos habits on begins again.",
    "on": "Habits are learned and suggested again.",
}


def _show(place: Place, *, as_json: bool) -> int:
    known = unwanted.read(place.state)
    rows = list(_rows(read(Path(place.state) / "log.sqlite", known), place))
    if as_json:
        names = ("kind", "when", "habit", "times", "of")
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False))
    elif known.off:
        print(_("Habits are off; llmos habits on begins to learn again."), file=sys.stderr)
    elif not rows:
        print(_("Nothing was learned yet: a habit is what was done three times."), file=sys.stderr)
    else:
        columns = tuple(map(Column, ("kind", "when", "habit", "times", "of")))
        outcome = Outcome(table=Table(columns, tuple(rows)))
        print(layout.for_terminal(outcome, get_terminal_size().columns) if sys.stdout.isatty() else plain_text(outcome))
    return Exit.DONE


Row = tuple[str, str, str, int, int]


def _rows(habits: Habits, place: Place) -> Iterator[Row]:
    yield from _most(("next", f"after “{before}”", *habit) for before, habit in habits.following())
    yield from _most(("folder", f"in {_short(folder, place)}", *habit) for folder, habit in habits.in_folders())
    yield from _most(("time", f"about {hour}:00", *habit) for hour, habit in habits.at_hours())
    yield from _most(("argument", f"{tool} {name}", *habit) for tool, name, habit in habits.usual())
    opened = ((ending, habits.favourite(f"x{ending}")) for ending in habits.applications)
    counts = habits.applications
    yield from _most(("application", e, app, counts[e][app], counts[e].total()) for e, app in opened if app)


def _most(rows: Iterator[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: -row[3])[:SHOWN]


def _short(folder: str, place: Place) -> str:
    return "~" + folder.removeprefix(place.home) if folder.startswith(place.home) else folder

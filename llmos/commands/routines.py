"""`llmos routines`: requests that run by themselves at set times: listed, added, removed, run now.

What wakes them is adapters/timers.py; what they are is memory/routines.py.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from llmos.commands.opening import open_place, open_session, parser
from llmos.errors import Exit, UsageError
from llmos.fronts import routine
from llmos.memory import routines
from llmos.memory.routines import FORM, Routine
from llmos.translation import _
from llmos.values.place import Place

EPILOG = f"""\
  llmos routines list
  llmos routines add dark "every day at 21:00" "switch to the dark theme"
  llmos routines add cleanup "every Friday at 17:00"     an app of this name, see llmos app
  llmos routines run NAME                                now
  llmos routines remove NAME

Times: {FORM}.
What would be asked is left undone when nobody is there, unless a rule allows it or --approve was given. Each run stands
in llmos log and can be undone like any other."""


def main(arguments: Sequence[str]) -> int:
    made = parser("routines", EPILOG)
    made.add_argument("words", nargs="*", metavar="ACTION", help=_("list (default), add, run or remove"))
    made.add_argument("-C", dest="folder", metavar="DIR", help=_("add: run it in this folder"))
    made.add_argument("-y", "--yes", action="store_true", help=_("add: without being asked"))
    made.add_argument("--approve", action="store_true", help=_("add: each run may do what would be asked"))
    options = made.parse_intermixed_args(arguments)
    action, *words = options.words or ["list"]
    if action not in ACTIONS:
        raise UsageError(
            _("llmos routines cannot {action!r}; there are {names}").format(action=action, names=", ".join(ACTIONS))
        )
    return ACTIONS[action](words, options, open_place(options.folder))


def _list(words: Sequence[str], options: argparse.Namespace, place: Place) -> int:
    known = routine.known(place)
    for one in known.values():
        print(f"{one.name}\t{one.when}\t{one.request}\t{one.folder}")
    if not known:
        print(_('there are no routines; llmos routines add NAME "every day at 21:00" "REQUEST"'), file=sys.stderr)
    return Exit.DONE


def _add(words: Sequence[str], options: argparse.Namespace, place: Place) -> int:
    if len(words) not in (2, 3):
        raise UsageError(_('it is: llmos routines add NAME "every day at 21:00" "REQUEST"'))
    when = routines.understood(words[1])
    if when is None:
        raise UsageError(_("no time is understood in {text!r}; times are like {form}").format(text=words[1], form=FORM))
    made = Routine(words[0], when, (words[2:] or words[:1])[0], place.cwd, options.approve)
    print(routine.shown(made, place), file=sys.stderr)
    if not options.yes and not place.interactive:
        print(_("llmos: nobody is there to agree; add -y"), file=sys.stderr)
        return Exit.APPROVAL_NEEDED
    if not options.yes and not _agreed():
        return Exit.DENIED
    routine.add(made, place)
    print(_("added; llmos routines remove {name} takes it back").format(name=made.name), file=sys.stderr)
    return Exit.DONE


def _agreed() -> bool:
    """By the terminal; standard input may be anybody's."""
    from llmos.fronts.keys import read_line  # noqa: PLC0415  # only when asked

    print(_("add it? [y/N] "), end="", file=sys.stderr, flush=True)
    return read_line().strip().lower() in ("y", "yes", "是")


def _one(words: Sequence[str], place: Place) -> Routine:
    known = routine.known(place)
    if len(words) != 1 or words[0] not in known:
        raise UsageError(_("name one routine; there are: {names}").format(names=", ".join(known) or "-"))
    return known[words[0]]


def _remove(words: Sequence[str], options: argparse.Namespace, place: Place) -> int:
    routine.remove(_one(words, place), place)
    return Exit.DONE


def _run(words: Sequence[str], options: argparse.Namespace, place: Place) -> int:
    from llmos.fronts.once import Manner, once  # noqa: PLC0415  # not for --help

    one = _one(words, place)
    if not os.path.isdir(one.folder):
        raise UsageError(_("the folder of {name} is gone: {folder}").format(name=one.name, folder=one.folder))
    turn = argparse.Namespace(
        folder=one.folder, yes=one.approved, session=None, resume=False, mode=None, model=None
    )  # fmt: skip
    with open_session(turn) as session:
        return once(session, one.request, Manner(stdin=False))


ACTIONS: Mapping[str, Callable[[Sequence[str], argparse.Namespace, Place], int]] = {
    "list": _list,
    "add": _add,
    "run": _run,
    "remove": _remove,
}

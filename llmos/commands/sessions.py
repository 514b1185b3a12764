"""`llmos sessions`: the conversations there were; search, show, export and remove them.

Going on with one is `llmos --session NAME` and `llmos --continue`.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from shutil import get_terminal_size

from llmos.commands.opening import open_place, parser
from llmos.errors import Exit, LlmosError, UsageError
from llmos.fronts import layout
from llmos.fronts.output import written_to
from llmos.memory import past
from llmos.memory.past import Past
from llmos.translation import _
from llmos.values.messages import Outcome
from llmos.values.place import Place
from llmos.values.plain import plain_text
from llmos.values.table import Cell, Column, Table, Unit

LISTED = 20

EPILOG = """\
  llmos sessions                       the last 20; --all for all of them
  llmos sessions search WORD...        those in which all the words were said or answered
  llmos sessions show NAME             the whole conversation
  llmos sessions export NAME           the same as a document: --format markdown or json, -o FILE
  llmos sessions remove NAME           take it off the list; the log keeps what was done

A session that was given no name is called after its first request; the beginning of a name is enough.
Go on with one: llmos --session NAME, with the last one: llmos --continue."""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_intermixed_args(arguments)
    action, *rest = options.words or ["list"]
    if action not in ACTIONS:
        raise UsageError(
            _("llmos sessions cannot {action!r}; there are {names}").format(action=action, names=", ".join(ACTIONS))
        )
    try:
        return ACTIONS[action](rest, options, open_place())
    except sqlite3.Error as error:
        raise LlmosError(_("the log cannot be read: {error}").format(error=error)) from None


def _parser() -> argparse.ArgumentParser:
    made = parser("sessions", EPILOG)
    made.add_argument("words", nargs="*", metavar="ACTION", help=_("list (default), search, show, export or remove"))
    made.add_argument("--all", action="store_true", help=_("list all of them"))
    made.add_argument("--format", choices=["markdown", "json"], default="markdown", help=_("of an export"))
    made.add_argument("-o", "--output", metavar="FILE", help=_("write the export there"))
    return made


def _list(_rest: Sequence[str], options: argparse.Namespace, place: Place) -> int:
    found = past.listed(place.state)
    shown = found if options.all or not sys.stdout.isatty() else found[-LISTED:]
    _print(_table(shown, [(each.first, _state(each)) for each in shown], ("first request", "")))
    if len(shown) < len(found):
        print(_("{number} older ones: --all lists them").format(number=len(found) - len(shown)), file=sys.stderr)
    return Exit.DONE


def _search(words: Sequence[str], _options: argparse.Namespace, place: Place) -> int:
    if not words:
        raise UsageError(_("llmos sessions search needs words to look for"))
    found = past.having(place.state, words)
    _print(_table([each for each, _ in found], [(line.strip()[:200],) for _, line in found], ("there",)))
    return Exit.DONE if found else Exit.FAILED


def _show(names: Sequence[str], _options: argparse.Namespace, place: Place) -> int:
    from llmos.fronts import document  # noqa: PLC0415

    session = _one(names, place)
    sys.stdout.write(document.markdown(session, past.entries(place.state, session)))
    return Exit.DONE


def _export(names: Sequence[str], options: argparse.Namespace, place: Place) -> int:
    from llmos.fronts import document  # noqa: PLC0415

    session = _one(names, place)
    make = document.as_json if options.format == "json" else document.markdown
    with written_to(options.output, place) as draft:
        draft.text.write(make(session, past.entries(place.state, session)))
    return Exit.DONE


def _remove(names: Sequence[str], _options: argparse.Namespace, place: Place) -> int:
    from pathlib import Path  # noqa: PLC0415

    from llmos.memory.log import Entry, Log  # noqa: PLC0415
    from llmos.memory.sessions import REMOVED  # noqa: PLC0415

    session = _one(names, place)
    if session.running:
        raise UsageError(_("{name} is at work right now").format(name=session.name))
    log = Log(Path(place.state) / "log.sqlite")
    log.add(session.key, [Entry(place.now, place.cwd, REMOVED)], ())
    log.close()
    print(_("{name} is off the list; the log keeps what was done").format(name=session.name), file=sys.stderr)
    return Exit.DONE


ACTIONS: Mapping[str, Callable[[Sequence[str], argparse.Namespace, Place], int]] = {
    "list": _list,
    "search": _search,
    "show": _show,
    "export": _export,
    "remove": _remove,
}


def _one(names: Sequence[str], place: Place) -> Past:
    if not names:
        raise UsageError(_("say which session; `llmos sessions` lists them"))
    return past.find(place.state, " ".join(names))


def _table(found: Sequence[Past], more: Iterable[tuple[Cell, ...]], names: Sequence[str]) -> Table:
    columns = (Column("name"), Column("folder"), Column("when", Unit.TIME), Column("turns"), *map(Column, names))
    rows = ((p.name, p.cwd, p.last, p.turns, *rest) for p, rest in zip(found, more, strict=True))
    return Table(columns, tuple(rows))


def _state(session: Past) -> str:
    return "at work" if session.running else "cut off" if session.cut_off else ""


def _print(table: Table) -> None:
    outcome = Outcome(table=table)
    text = layout.for_terminal(outcome, get_terminal_size().columns) if sys.stdout.isatty() else plain_text(outcome)
    if text:
        print(text)
    elif sys.stdout.isatty():
        print(_("none yet"), file=sys.stderr)

"""`llmos explain`: why the last request was read as it was, and what came of it; or what a command line does.

What is said is made in fronts/explained.py, of command lines in fronts/command_line.py.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmos.commands.opening import open_place, parser
from llmos.errors import Exit, LlmosError, UsageError
from llmos.memory.turns import LoggedTurn, at, back
from llmos.translation import _
from llmos.values.messages import Reply
from llmos.values.place import Place

if TYPE_CHECKING:  # a command line that is explained needs none of it
    from llmos.fronts.explained import Explained
    from llmos.journal.undo import Past

EPILOG = """\
  llmos explain                      the last request: words, probabilities, next best readings, the rule, the changes
  llmos explain 3                    the one three requests back
  llmos explain c12                  the request that made a change of `llmos history`
  llmos explain --svg heat.svg       where the embedded model looked, as a picture
  llmos explain "tar -xzf a.tgz"     what a command line does, from the manifests and the program's own help"""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    what = " ".join(options.what) or "last"
    place = open_place()
    if what != "last" and not re.fullmatch(r"c?\d+", what):
        return _command_line(what, place, as_json=options.json)
    try:
        return _turn(_found(what, place), place, options)
    except sqlite3.Error as error:
        raise LlmosError(_("the log cannot be read: {error}").format(error=error)) from None


def _parser() -> argparse.ArgumentParser:
    made = parser("explain", EPILOG)
    made.add_argument(
        "what", nargs="*", metavar="WHAT", help=_("last, a number, an id of `llmos history`, a command line")
    )
    made.add_argument("--json", action="store_true", help=_("everything, as JSON"))
    made.add_argument("--svg", type=Path, metavar="FILE", help=_("write the heat map of attention there"))
    return made


def _command_line(line: str, place: Place, *, as_json: bool) -> int:
    from llmos.fronts import command_line  # noqa: PLC0415

    said = command_line.explained(line, place)
    print(json.dumps(command_line.as_json(said), ensure_ascii=False) if as_json else command_line.as_text(said))
    return Exit.DONE


def _found(what: str, place: Place) -> LoggedTurn:
    if not what.startswith("c"):
        return back(place.state, int(what) if what.isdigit() else 1)
    change = next((past for past in _changes(place) if past.id == what), None)
    if change is None:
        raise UsageError(_("there is no change {what}; `llmos history` lists them").format(what=what))
    return at(place.state, change.header.time)


def _changes(place: Place) -> Iterator[Past]:
    from llmos.journal.journal import open_journal  # noqa: PLC0415
    from llmos.journal.undo import history  # noqa: PLC0415

    return history(open_journal(place).store)


def _turn(turn: LoggedTurn, place: Place, options: argparse.Namespace) -> int:
    from llmos.fronts import explained  # noqa: PLC0415

    made = _explained(turn, replace(place, cwd=turn.cwd))
    if options.svg:
        if made.reasons is None:
            raise UsageError(_("there is no attention to show: the embedded model did not read that"))
        options.svg.write_text(explained.as_svg(made.reasons), encoding="utf-8")
    print(json.dumps(explained.as_json(made), ensure_ascii=False) if options.json else explained.as_text(made))
    return Exit.DONE


def _explained(turn: LoggedTurn, place: Place) -> Explained:
    from llmos.fronts.explained import Explained  # noqa: PLC0415

    changes = tuple(past.id for past in _changes(place) if abs(past.header.time - turn.time) < _AT_ONCE)
    if not any(call.probability is not None for call in turn.calls):
        return Explained(turn, None, changes=changes)
    from llmos.agent.context import Conversation, make_context  # noqa: PLC0415
    from llmos.models.embedded.model import EmbeddedModel  # noqa: PLC0415
    from llmos.models.embedded.reasons import reasons  # noqa: PLC0415
    from llmos.models.embedded.taught import weights  # noqa: PLC0415
    from llmos.models.embedded.view import view  # noqa: PLC0415

    model = EmbeddedModel(weights(place.state))
    context = make_context(Conversation(place, list(turn.before)))
    prompt = model.codec.prompt(view(context))
    why = reasons(model, prompt, model.readings(prompt)[0])
    read = next(piece for piece in model.reply(context) if isinstance(piece, Reply))
    return Explained(turn, why, read, changes)


_AT_ONCE = 0.01
"""Seconds: what a turn changes bears the time of the turn."""

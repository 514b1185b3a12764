"""`llmos log`: what was asked, decided and done, filtered; and whether the log is as it was written.

Conversations as such are `llmos sessions`; undoing is `llmos undo`.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

from llmos.commands.opening import open_place, parser
from llmos.errors import Exit, LlmosError, UsageError
from llmos.fronts import layout
from llmos.memory import past
from llmos.memory.chain import Broken, Link
from llmos.memory.log import Decided, Log, Row, Wanted
from llmos.translation import _
from llmos.values.messages import Outcome
from llmos.values.place import Place
from llmos.values.plain import plain_text
from llmos.values.quantities import parse_duration
from llmos.values.table import Cell, Column, Table, Unit

EPILOG = """\
  llmos log                      requests and decisions, oldest first; --since "2 days" or --since 2026-11-03
  llmos log --denied             what was not allowed, or refused by you
  llmos log --tool delete_files --json
  llmos log verify               whether any row was changed, taken out or slipped in since it was written: exit code 1
                                 and the first such row if so. It prints the last hash; keep it in another place, and
  llmos log verify HASH          also says whether that one still stands in the log

Secrets (keys, tokens, passwords) are hidden before they are written, as well as they can be recognised: best effort.
What is on the screen and in the running conversation is not altered."""

TAINTS = ("words", "names", "content")


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_intermixed_args(arguments)
    place = open_place()
    action, *rest = options.words or ["show"]
    file = Path(place.state) / "log.sqlite"
    if action not in ("show", "verify") or len(rest) > (action == "verify"):
        raise UsageError(_("llmos log, or llmos log verify [HASH]; llmos log --help says more"))
    if not file.exists():
        print(_("nothing is recorded yet"), file=sys.stderr)
        return Exit.DONE
    try:
        log = Log(file)
        return _verify(log, *rest) if action == "verify" else _show(log, options, place)
    except (OSError, sqlite3.Error) as error:
        raise LlmosError(_("the log cannot be read: {error}").format(error=error)) from None


def _parser() -> argparse.ArgumentParser:
    made = parser("log", EPILOG)
    made.add_argument("words", nargs="*", metavar="ACTION", help=_("show (default) or verify [HASH]"))
    made.add_argument("--since", metavar="TIME", help=_("a date, a moment, or how long ago: 2 days"))
    made.add_argument("--session", metavar="NAME", help=_("of this session, or whose name begins so"))
    made.add_argument("--tool", metavar="NAME", help=_("decisions about this tool"))
    made.add_argument("--denied", action="store_true", help=_("decisions that let nothing run"))
    made.add_argument("--text", metavar="TEXT", help=_("rows that contain this"))
    made.add_argument("--json", action="store_true", help=_("everything of each row, one JSON object a line"))
    return made


def _verify(log: Log, hash: str = "") -> int:
    match log.verify():
        case Broken(number, why):
            print(
                _("broken at row {number}: {why}").format(number=number, why=why)
                if number
                else _("broken: {why}").format(why=why)
            )
            return Exit.FAILED
        case Link(number, _table, _row, last):
            kept = not hash or log.holds(hash)
            print(
                _("{number} rows, all as they were written; the last hash is {last}").format(number=number, last=last)
            )
            if not kept:
                print(
                    _(
                        "broken: no row has the hash {hash}: rows were taken off the end, or all of it was made anew"
                    ).format(hash=hash)
                )
            return Exit.DONE if kept else Exit.FAILED
        case None:
            print(
                _("the log is empty")
                if not hash
                else _("broken: the log is empty, and {hash} once stood in it").format(hash=hash)
            )
            return Exit.FAILED if hash else Exit.DONE


def _show(log: Log, options: argparse.Namespace, place: Place) -> int:
    known = {one.key: one.name for one in past.listed(place.state)}
    rows = log.rows(_wanted(options, place, known))
    if options.json:
        for row in rows:
            print(json.dumps(_value(row, known)))
        return Exit.DONE
    table = _table(rows, known)
    if not sys.stdout.isatty():
        sys.stdout.write("".join(f"{line}\n" for line in [plain_text(Outcome(table=table))] if line))
        return Exit.DONE
    from llmos.fronts.repl.pager import page  # noqa: PLC0415

    page(layout.for_terminal(Outcome(table=table), get_terminal_size().columns) or "nothing found", place.env)
    return Exit.DONE


def _wanted(options: argparse.Namespace, place: Place, known: dict[str, str]) -> Wanted:
    since = _moment(options.since, place.now) if options.since else 0.0
    keys = None
    if options.session:
        keys = tuple(key for key, name in known.items() if name.startswith(options.session) or key == options.session)
        keys = keys or (options.session,)  # one that was taken off the list
    return Wanted(since, keys, options.tool or "", options.denied, options.text or "")


def _moment(text: str, now: float) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        pass
    try:
        return now - parse_duration(text.removesuffix("ago"))
    except ValueError:
        raise UsageError(f"--since {text!r} is neither a date like 2026-11-03 nor a time like 2 days") from None


def _table(rows: Iterator[Row], known: dict[str, str]) -> Table:
    """What people asked and what was decided; answers and results are in the sessions."""
    columns = (Column("time", Unit.TIME), Column("session"), Column("what"), Column("tool"), Column("about"))
    found = (line for row in rows if (line := _line(row, known)))
    return Table(columns, tuple(found))


def _line(row: Row, known: dict[str, str]) -> tuple[Cell, ...] | None:
    session = known.get(row.session, row.session)
    if row.decided:
        tool = json.loads(row.decided.call).get("name", "")
        return row.time, session, _verdict(row.decided), str(tool), _about(row.decided)
    message = json.loads(row.body)
    return (row.time, session, "said", "", str(message["user"])) if "user" in message else None


def _verdict(decided: Decided) -> str:
    if decided.answer:
        return _("you said {answer}").format(answer=decided.answer)
    if decided.verdict == "ask":
        return "nobody there"
    return {"allow": "allowed", "deny": "denied"}.get(decided.verdict, decided.verdict)


def _about(decided: Decided) -> str:
    return decided.summary + (f"  ({decided.rule})" if not decided.ran else "")


def _value(row: Row, known: dict[str, str]) -> dict[str, Any]:
    value: dict[str, Any] = {"row": row.number, "time": row.time, "session": known.get(row.session, row.session)}
    if not row.decided:
        return value | {"message": json.loads(row.body)}
    one = row.decided
    decision = {"verdict": one.verdict, "rule": one.rule, "ran": one.ran, "answer": one.answer, "summary": one.summary}
    decision["taint"] = TAINTS[min(one.taint, 2)]
    return value | {"decision": {**decision, "call": json.loads(one.call), "targets": json.loads(one.targets)}}

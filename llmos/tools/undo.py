"""Tools that take back what llmos changed, make it again, and show what it changed.

How changes are recorded and reversed is the journal's business. `UndoExactly` and `RedoExactly` are for the command
line: models are not offered them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import ClassVar, cast

from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal.journal import open_journal
from llmos.journal.recovery import recover
from llmos.journal.undo import Past, Standing, Step, carry_out, history, plan, to_redo, to_undo, with_id
from llmos.tools.arguments import Count, Duration, Paths
from llmos.tools.fields import Arguments, Field
from llmos.tools.files.selection import resolve
from llmos.tools.files.wording import number, one_a_line
from llmos.tools.tool import Tool
from llmos.translation import both
from llmos.values.changes import ChangeSet
from llmos.values.display import format_duration
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target
from llmos.values.table import Cell, Column, Table, Unit

SHOWN = 20
"""Entries in a history when nobody says how many."""


class UndoArguments(Arguments):
    steps: Count | None = Field(default=None, description="how many changes to take back, the latest first")


class RedoArguments(UndoArguments):
    steps: Count | None = Field(default=None, description="how many changes to make again")


class ShowHistoryArguments(Arguments):
    path: Paths = Field(default=[], description="only changes to these files or folders")
    newer_than: Duration | None = Field(default=None, description="made within this time: seconds, or like 3 days")
    limit: Count | None = Field(default=None, description="show this many at most")


class ExactArguments(Arguments):
    steps: Count | None = Field(default=None, description="how many changes, the latest first")
    id: str | None = Field(default=None, description="this change only, as the history calls it")
    keep_both: bool = Field(default=False, description="where something was changed since, keep that and this")


@dataclass(frozen=True)
class _Reversal:
    done_word: str
    steps: tuple[Step, ...]


def _reversal(call: ToolCall, pasts: Sequence[Past], words: tuple[str, str], place: Place, keep_both: bool) -> Plan:
    """`words` are what it is called before and after."""
    journal = open_journal(place)
    steps = plan(journal, pasts, keep_both)
    changes = tuple(change for step in steps for change in step.changes)
    lost = frozenset[str]().union(*(step.loses for step in steps))
    targets = [
        _target(path, lost) for change in changes for path in (change.path, _destination(change.kind, change.to))
    ]
    doing = words[0] if len(steps) == 1 else f"{words[0]} {number(len(steps), 'change')}"
    summary = f"{doing}: {'; '.join(_described(step, place) for step in steps)}"
    if lost:
        summary += (
            f"; {number(len(lost), 'file')} would be too large to keep and {'is' if len(lost) == 1 else 'are'} gone"
        )
    reversal = _Reversal(words[1], tuple(steps))
    return Plan(call, tuple(one for one in targets if one.what), reversal, summary, ChangeSet(changes))


def _target(path: str, lost: frozenset[str]) -> Target:
    return Target(Effect.DESTROY if path in lost else Effect.WRITE, path)


def _destination(kind: str, to: str) -> str:
    return to if kind == "moved" else ""


def _described(step: Step, place: Place) -> str:
    ago = place.now - step.past.header.time
    when = f" ({format_duration(ago)} ago)" if 60 < ago < 1e9 and step.past.header.time else ""
    return clean_name(step.summary) + when


def _carry_out(plan: Plan, place: Place) -> Outcome:
    reversal = cast(_Reversal, plan.action)
    done = carry_out(open_journal(place), reversal.steps, plan.call, place.now)
    if done.trouble and not done.paths:
        raise ToolError(done.trouble)
    what = "; ".join(clean_name(step.summary) for step in reversal.steps[: done.steps])
    part = (
        f"{'O' if not what else ' o'}f {clean_name(reversal.steps[done.steps].summary)} only a part"
        if done.trouble
        else ""
    )
    text = f"{reversal.done_word}: {what}{';' if what and part else ''}{part}."
    paths = sorted(set(done.paths))
    lines = one_a_line(paths, place.cwd)
    there = tuple(filter(os.path.lexists, paths))
    return Outcome("\n".join([f"{text} {done.trouble}".rstrip(), *lines]), items=there, kind=ItemKind.PATH)


UNDO = ("undo", "Undone")
REDO = ("redo", "Redone")


def _steps(steps: int | None) -> int:
    if steps == 0:
        raise ToolError(both("How many changes? At least 1."))
    return steps or 1


class Undo(Tool[UndoArguments]):
    name = "undo"
    description = "Take back the last changes that llmos made to files."
    arguments = UndoArguments
    words: ClassVar[tuple[str, str]] = UNDO
    latest = staticmethod(to_undo)

    def plan(self, call: ToolCall, arguments: UndoArguments, place: Place) -> Plan:
        pasts = self.latest(open_journal(place), _steps(arguments.steps))
        return _reversal(call, pasts, self.words, place, keep_both=False)

    def run(self, plan: Plan, place: Place) -> Outcome:
        return _carry_out(plan, place)


class Redo(Undo):
    name = "redo"
    description = "Make changes again that were undone."
    arguments = RedoArguments
    words = REDO
    latest = staticmethod(to_redo)


class UndoExactly(Tool[ExactArguments]):
    name = "undo"
    description = Undo.description
    arguments = ExactArguments
    by_request: ClassVar[type[Undo]] = Undo

    def plan(self, call: ToolCall, arguments: ExactArguments, place: Place) -> Plan:
        journal = open_journal(place)
        latest = self.by_request.latest
        pasts = [with_id(journal, arguments.id)] if arguments.id else latest(journal, _steps(arguments.steps))
        return _reversal(call, pasts, self.by_request.words, place, arguments.keep_both)

    def run(self, plan: Plan, place: Place) -> Outcome:
        return _carry_out(plan, place)


class RedoExactly(UndoExactly):
    name = "redo"
    description = Redo.description
    by_request = Redo


@dataclass(frozen=True)
class _Wanted:
    paths: tuple[str, ...]
    since: float
    limit: int

    def has(self, past: Past) -> bool:
        return not self.paths or any(self._is_about(path) for path in _paths_of(past))

    def _is_about(self, path: str) -> bool:
        return any(path == one or path.startswith(one.rstrip("/") + "/") for one in self.paths)


def _paths_of(past: Past) -> list[str]:
    return [path for one in past.done for path in (one.path, getattr(one, "to", "")) if path]


class ShowHistory(Tool[ShowHistoryArguments]):
    name = "show_history"
    description = "Show what llmos changed, and what of it can still be undone."
    arguments = ShowHistoryArguments

    def plan(self, call: ToolCall, arguments: ShowHistoryArguments, place: Place) -> Plan:
        since = place.now - arguments.newer_than if arguments.newer_than is not None else 0
        paths = tuple(resolve(path, place) for path in arguments.path)
        limit = SHOWN if arguments.limit is None else arguments.limit
        return Plan(call, (), _Wanted(paths, since, limit), "show what was changed")

    def run(self, plan: Plan, place: Place) -> Outcome:
        """The latest first: it is what `undo` would take."""
        wanted = cast(_Wanted, plan.action)
        store = open_journal(place).store
        recover(store)
        standing = Standing()
        recent = takewhile(lambda past: past.header.time >= wanted.since, history(store))
        found = ((past, standing.of(past)) for past in recent)
        rows = [_row(past, state) for past, state in islice(((p, s) for p, s in found if wanted.has(p)), wanted.limit)]
        text = "" if rows else both("Nothing was changed.")
        return Outcome(text, Table(_COLUMNS, tuple(rows)), tuple(str(row[2]) for row in rows))


def _row(past: Past, state: str) -> tuple[Cell, ...]:
    return past.id, past.header.time, f"{_KINDS[past.header.kind]}{clean_name(past.header.summary)}", state


_KINDS = {"change": "", "undo": "undo: ", "redo": "redo: "}
_COLUMNS = (Column("id"), Column("when", Unit.TIME), Column("change"), Column("undo"))

"""Tools that copy and move files and folders to where they shall go.

Renaming by a rule is in rename.py, deleting in delete.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from llmos.adapters.failures import missing
from llmos.adapters.files import change
from llmos.adapters.files.anchored import Mark, marked
from llmos.adapters.files.paths import is_wild
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal import journal
from llmos.journal.operations import Move, Operation
from llmos.tools.arguments import Selection
from llmos.tools.fields import Field
from llmos.tools.files.chosen import Chosen, choose, is_beneath, missing_folders, outermost, refuse_own_ground, total
from llmos.tools.files.keeping import in_words, lost_by, too_large, written
from llmos.tools.files.selection import Entry, destination, locate
from llmos.tools.files.steps import Done, carry_out
from llmos.tools.files.wording import number, one_a_line, with_size
from llmos.tools.tool import Run, Tool
from llmos.translation import N_, both
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.display import format_size
from llmos.values.messages import Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target


class CopyFilesArguments(Selection):
    to: str = Field(description="a folder to copy into, or the new path")


class MoveFilesArguments(Selection):
    to: str = Field(description="a folder to move into, or the new path: moving is also how one file is renamed")


@dataclass(frozen=True)
class _Step:
    source: str
    target: str
    replaces: bool = False
    """A file stands there, whose old version is kept."""

    seen: Mark | None = None
    """What was to be moved when it was planned."""


@dataclass(frozen=True)
class _Transfer:
    folders: tuple[str, ...]
    """To be made first."""

    steps: tuple[_Step, ...]
    what: str
    """ "3 files (1.2 MB)"."""

    to: str


class _Goal(NamedTuple):
    path: str
    is_folder: bool
    """Things go into it; else it is the new path of the one thing."""


class CopyFiles(Tool[CopyFilesArguments]):
    name = "copy_files"
    description = "Copy files or folders into a folder or to a new path."
    arguments = CopyFilesArguments

    def plan(self, call: ToolCall, arguments: CopyFilesArguments, place: Place) -> Plan:
        chosen = outermost(choose(arguments, place, "copy"))
        goal = _goal(arguments, chosen.entries, place)
        steps = [part for step in _steps(arguments, chosen.entries, goal, place) for part in _merged(step)]
        return _transfer(call, chosen, steps, goal, "copy", place)

    def run(self, plan: Plan, place: Place) -> Run:
        transfer, lost = cast(_Transfer, plan.action), lost_by(plan)
        with journal.open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
            for folder in transfer.folders:
                entry.make_folder(folder)
            copies = {one: _copying(entry, one, lost) for one in transfer.steps}
            entry.intend(list(copies.values()))

            def copy(step: _Step) -> str:
                entry.do(copies[step])
                return step.target

            done = yield from carry_out(plan.call, transfer.steps, copy)
            done.failures += entry.not_copied()
        return _outcome(done, transfer, N_("Copied"), place)


class MoveFiles(Tool[MoveFilesArguments]):
    """A bare new name for one thing in another folder renames it there: "rename docs/a.txt to b.txt"."""

    name = "move_files"
    description = "Move files or folders into a folder or to a new path; also renames one file."
    arguments = MoveFilesArguments

    def plan(self, call: ToolCall, arguments: MoveFilesArguments, place: Place) -> Plan:
        chosen = outermost(choose(arguments, place, "move"))
        refuse_own_ground((entry.path for entry in chosen.entries), place, "move")
        goal = _goal(arguments, chosen.entries, place, bare_name_stays=True)
        steps = _steps(arguments, chosen.entries, goal, place)
        for step in steps:
            if step.replaces and os.path.isdir(step.target):
                raise ToolError(
                    both("{target} exists already; a moved folder is not mixed into another.").format(
                        target=clean_name(step.target)
                    )
                )
        return _transfer(call, chosen, steps, goal, "move", place)

    def run(self, plan: Plan, place: Place) -> Run:
        transfer, lost = cast(_Transfer, plan.action), lost_by(plan)
        with journal.open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
            for folder in transfer.folders:
                entry.make_folder(folder)
            moves = {step: _move(step, lost) for step in transfer.steps}
            entry.intend(list(moves.values()))

            def move(step: _Step) -> str:
                entry.do(moves[step])
                return step.target

            done = yield from carry_out(plan.call, transfer.steps, move)
        return _outcome(done, transfer, N_("Moved"), place)


def _goal(
    arguments: CopyFilesArguments | MoveFilesArguments,
    entries: Sequence[Entry],
    place: Place,
    bare_name_stays: bool = False,
) -> _Goal:
    path = destination(arguments.to, place, beside=_folder_of(entries))
    several = _means_several(arguments, entries)
    if bare_name_stays and not several and not os.path.isdir(path) and _is_bare(arguments.to):
        path = os.path.join(os.path.dirname(entries[0].path), os.path.basename(path))
    if os.path.isdir(path):
        return _Goal(os.path.realpath(path), True)
    if several or arguments.to.endswith("/"):
        if os.path.lexists(path):
            raise ToolError(both("{path} is not a folder.").format(path=clean_name(path)))
        return _Goal(path, True)
    return _Goal(path, False)


def _folder_of(entries: Sequence[Entry]) -> str:
    """The one folder all of them are in, or ""."""
    folders = {os.path.dirname(entry.path) for entry in entries}
    return folders.pop() if len(folders) == 1 else ""


def _means_several(arguments: CopyFilesArguments | MoveFilesArguments, entries: Sequence[Entry]) -> bool:
    """A filter speaks of many things also when it finds one, unless it names that one or the new path looks like it."""
    if len(entries) > 1 or not arguments.has_filter:
        return len(entries) > 1
    if arguments.name and not any(is_wild(name) for name in arguments.name):
        return False
    extension = os.path.splitext(entries[0].name)[1]
    return not extension or not arguments.to.lower().endswith(extension.lower())


def _is_bare(path: str) -> bool:
    return "/" not in path and not path.startswith(("~", "$")) and path not in (".", "..")


def _steps(
    arguments: CopyFilesArguments | MoveFilesArguments, entries: Sequence[Entry], goal: _Goal, place: Place
) -> list[_Step]:
    """Where each thing goes. Raises ToolError for what cannot be; with a filter, what is there already is left out."""
    steps = []
    inside = _starts_inside(arguments, goal, place)
    for entry in entries:
        target = os.path.join(goal.path, entry.name) if goal.is_folder else goal.path
        if arguments.has_filter and _is_at_goal(entry, goal, inside):
            continue
        _refuse_itself(entry, target)
        steps.append(_Step(entry.path, target, os.path.lexists(target), marked(os.lstat(entry.path))))
    if not steps:
        raise ToolError(both("All of that is in {path} already.").format(path=clean_name(goal.path)))
    _refuse_clashes(steps)
    return steps


def _starts_inside(arguments: CopyFilesArguments | MoveFilesArguments, goal: _Goal, place: Place) -> bool:
    return any(is_beneath(locate(path, place), {goal.path}) for path in arguments.path)


def _is_at_goal(entry: Entry, goal: _Goal, starts_inside: bool) -> bool:
    """The destination itself, what holds it, and, unless the search began in there, what is in it."""
    if not goal.is_folder:
        return False
    if os.path.dirname(entry.path) == goal.path or is_beneath(goal.path, {entry.path}):
        return True
    return not starts_inside and is_beneath(entry.path, {goal.path})


def _refuse_itself(entry: Entry, target: str) -> None:
    if entry.path == target or (not entry.is_folder and change.is_same(entry.path, target)):
        raise ToolError(
            both("{target} is the same {what}.").format(
                target=clean_name(target), what="folder" if entry.is_folder else "file"
            )
        )
    if entry.is_folder and is_beneath(target, {entry.path}):
        raise ToolError(both("{path} cannot go into itself.").format(path=clean_name(entry.path)))
    if os.path.isdir(target) and not entry.is_folder:
        raise ToolError(both("{target} is a folder already.").format(target=clean_name(target)))
    if entry.is_folder and os.path.lexists(target) and not os.path.isdir(target):
        raise ToolError(both("{target} is a file already.").format(target=clean_name(target)))


def _refuse_clashes(steps: Sequence[_Step]) -> None:
    seen: dict[str, str] = {}
    for step in steps:
        other = seen.setdefault(step.target, step.source)
        if other is not step.source:
            pair = both("{other} and {source}").format(other=clean_name(other), source=clean_name(step.source))
            raise ToolError(
                both("{both} have the same name and cannot both go to {target}.").format(
                    both=pair, target=clean_name(step.target)
                )
            )


def _merged(step: _Step) -> Iterator[_Step]:
    """A folder copied onto a folder adds to it: one step for each thing in it."""
    if not step.replaces or not os.path.isdir(step.target):
        yield step
        return
    for name in sorted(os.listdir(step.source)):
        source, target = os.path.join(step.source, name), os.path.join(step.target, name)
        folder = os.path.isdir(source) and not os.path.islink(source)
        if os.path.lexists(target) and folder != os.path.isdir(target):
            raise ToolError(
                both("{target} is a {what} already.").format(
                    target=clean_name(target), what="file" if folder else "folder"
                )
            )
        yield from _merged(_Step(source, target, os.path.lexists(target)))


def _transfer(call: ToolCall, chosen: Chosen, steps: Sequence[_Step], goal: _Goal, doing: str, place: Place) -> Plan:
    moves = doing == "move"
    measures = [change.measure(step.source) for step in steps]
    amount = total(measures)
    _refuse_lack_of_space(steps, amount, moves)
    folders = _new_folders(goal)
    changes = [Change(ChangeKind.CREATED, folder) for folder in folders]
    for step, one in zip(steps, measures, strict=True):
        changes += _changes(step, one, moves)
    count = str(chosen) if len(steps) == len(chosen.entries) else number(len(steps), "file")
    several = len(steps) > 1
    what = both("{outer} ({with_size})").format(
        outer=count if several else clean_name(steps[0].source), with_size=with_size(amount)
    )
    to = goal.path if several else steps[0].target
    summary = both("{doing} {what} to {to}").format(
        doing=both(doing),
        what=both("{count}, {size},").format(count=count, size=with_size(amount)) if several else what,
        to=clean_name(to),
    )
    sources = [Target(Effect.WRITE if moves else Effect.READ, step.source) for step in steps]
    lost = too_large((step.target for step in steps if step.replaces), place)
    targets = [written(step.target, lost) for step in steps]
    made = [Target(Effect.WRITE, folder) for folder in folders]
    action = _Transfer(tuple(folders), tuple(steps), what, to)
    return Plan(call, (*sources, *made, *targets), action, summary + _replacing(steps, lost), ChangeSet(tuple(changes)))


def _new_folders(goal: _Goal) -> list[str]:
    """A folder to copy into comes with those above it; above a new path only the nearest may be missing."""
    if goal.is_folder:
        return missing_folders(goal.path)
    folders = missing_folders(os.path.dirname(goal.path))
    if len(folders) > 1:
        raise missing(goal.path)
    return folders


def _changes(step: _Step, amount: change.Measure, moves: bool) -> list[Change]:
    if moves:
        moved = Change(ChangeKind.MOVED, step.source, step.target, amount.size)
        return [moved, Change(ChangeKind.CHANGED, step.target)] if step.replaces else [moved]
    kind = ChangeKind.CHANGED if step.replaces else ChangeKind.CREATED
    return [Change(kind, step.target, size=amount.size)]


def _replacing(steps: Sequence[_Step], lost: frozenset[str]) -> str:
    count = sum(step.replaces for step in steps)
    if not count:
        return ""
    kept = in_words(lost) or ", the old version kept"
    return both("; {amount} there {plural} replaced{kept}").format(
        amount=number(count, "file"), plural="is" if count == 1 else "are", kept=kept
    )


def _refuse_lack_of_space(steps: Sequence[_Step], amount: change.Measure, moves: bool) -> None:
    folder = os.path.dirname(steps[0].target)
    if moves and change.device(steps[0].source) == change.device(folder):
        return
    free = change.free_space(folder)
    if amount.size > free:
        raise ToolError(
            both("{size} do not fit: {size2} are free at {folder}.").format(
                size=format_size(amount.size), size2=format_size(free), folder=clean_name(folder)
            )
        )


def _copying(entry: journal.Entry, step: _Step, lost: frozenset[str]) -> Operation:
    return entry.copying(step.source, step.target, replace=step.replaces, keep=step.target not in lost)


def _move(step: _Step, lost: frozenset[str]) -> Move:
    return Move(step.source, step.target, replace=step.replaces, seen=step.seen, keep=step.target not in lost)


def _outcome(done: Done, transfer: _Transfer, done_word: str, place: Place) -> Outcome:
    text = both("{done_word} {amount} to {to}.").format(
        done_word=both(done_word), amount=done.amount(transfer.what), to=clean_name(transfer.to)
    )
    return done.outcome(text, lines=one_a_line(done.paths, place.cwd))

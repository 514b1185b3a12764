"""The tool that renames many files by a rule, each in its own folder.

How a name is made is in naming.py; giving one file another path is move.py.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, cast

from llmos.adapters.files import change
from llmos.adapters.files.anchored import Mark, marked
from llmos.adapters.files.paths import is_wild
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal import journal
from llmos.journal.operations import Move
from llmos.tools.arguments import NewExtension, Number, Selection
from llmos.tools.fields import Field
from llmos.tools.files.chosen import choose, refuse_own_ground
from llmos.tools.files.naming import Rules, namer, natural
from llmos.tools.files.selection import Entry
from llmos.tools.files.steps import Done, carry_out
from llmos.tools.files.wording import listed, number, one_a_line
from llmos.tools.tool import Run, Tool
from llmos.translation import both
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.events import Progress
from llmos.values.messages import ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target


class RenameFilesArguments(Selection):
    """How many files at once get a new name, each in its own folder."""

    old: str | None = Field(default=None, description="the part of the name to replace")
    new: str = Field(default="", description="what to put in its place")
    regex: bool = Field(default=False, description="old is a regular expression")
    new_extension: NewExtension | None = Field(default=None, description="the extension they get, without the dot")
    letter_case: Literal["lower", "upper", "title"] | None = Field(default=None, description="change capitals")
    prefix: str | None = Field(default=None, description="put this before each name")
    suffix: str | None = Field(default=None, description="put this after each name, before the extension")
    number_from: Number | None = Field(default=None, description="number them in order, beginning here")


@dataclass(frozen=True)
class _Renaming:
    old: str
    new: str
    seen: Mark
    via: str = ""
    """A name for the time being, where another one gets the old name."""


class RenameFiles(Tool[RenameFilesArguments]):
    """A folder alone means what stands in it where its own name cannot be meant: it is the current one, it would not
    change, or its files get numbers or another extension."""

    name = "rename_files"
    description = "Rename many files by a rule, each in its own folder."
    arguments = RenameFilesArguments

    def plan(self, call: ToolCall, arguments: RenameFilesArguments, place: Place) -> Plan:
        rules = Rules(**arguments.model_dump(include=set(Rules.__dataclass_fields__)))
        if rules.are_empty:
            raise ToolError(
                both("How to rename is missing: a part to replace, a prefix, an extension, capitals or numbers.")
            )
        entries = _to_rename(arguments, rules, place)
        steps = _renamings(entries, rules)
        if not steps:
            raise ToolError(
                both("Nothing to rename: the new {what} the old.").format(
                    what="name is" if len(entries) == 1 else "names are"
                )
            )
        refuse_own_ground((step.old for step in steps), place, "rename")
        changes = tuple(Change(ChangeKind.MOVED, step.old, step.new) for step in steps)
        targets = (Target(Effect.WRITE, path) for step in steps for path in (step.old, step.new))
        examples = listed([_from_to(step) for step in steps])
        what = "" if len(steps) == 1 else f"{number(len(steps), 'file')}: "
        return Plan(
            call,
            tuple(targets),
            tuple(steps),
            both("rename {what}{examples}").format(what=what, examples=examples),
            ChangeSet(changes),
        )

    def run(self, plan: Plan, place: Place) -> Run:
        steps = cast(tuple[_Renaming, ...], plan.action)
        done = Done()
        with journal.open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
            for _, level in groupby(steps, key=lambda step: step.old.count("/")):
                yield from _rename_level(plan.call, list(level), entry, done)
        paths = _final(done.paths, {step.old: step.new for step in steps})
        if len(steps) == 1:
            old = clean_name(os.path.basename(steps[0].old))
            return done.outcome(
                both("Renamed {old} to {basename}.").format(
                    old=old, basename=clean_name(os.path.basename(steps[0].new))
                ),
                paths,
            )
        before = {step.new: step.old for step in steps}
        pairs = [f"{before[path]} -> {os.path.basename(path)}" for path in done.paths]
        return done.outcome(
            both("Renamed {amount}.").format(amount=number(len(paths), "file")), paths, one_a_line(pairs, place.cwd)
        )


def _to_rename(arguments: RenameFilesArguments, rules: Rules, place: Place) -> list[Entry]:
    """In the order they are numbered: as named, else by name with numbers in it read as numbers."""
    entries = choose(arguments, place, "rename").entries
    if not arguments.has_filter and len(entries) == 1 and entries[0].is_folder:
        folder = entries[0]
        by_itself = rules.number_from is None and rules.new_extension is None and folder.path != place.cwd
        if not by_itself or namer(rules)(folder.name, True, 0) == folder.name:
            inside = arguments.model_copy(update={"type": "file", "depth": 1, "exclude": [".*"]})
            entries = choose(inside, place, "rename").entries
    elif not arguments.has_filter and not any(is_wild(path) for path in arguments.path):
        return entries
    return sorted(entries, key=lambda entry: (os.path.dirname(entry.path), natural(entry.name)))


def _renamings(entries: Sequence[Entry], rules: Rules) -> list[_Renaming]:
    """Deepest first, so that the paths of what follows stay right. Raises ToolError where two would have one name."""
    name = namer(rules)
    new: dict[str, str] = {}
    for index, entry in enumerate(entries):
        folder = os.path.dirname(entry.path)
        path = os.path.join(folder, name(entry.name, entry.is_folder, index))
        if path != entry.path:
            new[entry.path] = path
    _refuse_taken(new)
    wanted = set(new.values())
    steps = [
        _Renaming(old, path, marked(os.lstat(old)), change.beside(old) if old in wanted else "")
        for old, path in new.items()
    ]
    return sorted(steps, key=lambda step: -step.old.count("/"))


def _refuse_taken(new: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for old, path in new.items():
        other = seen.setdefault(path, old)
        if other is not old:
            pair = both("{basename} and {basename2}").format(
                basename=clean_name(os.path.basename(other)), basename2=clean_name(os.path.basename(old))
            )
            raise ToolError(
                both("{both} would both be called {basename}; nothing was renamed.").format(
                    both=pair, basename=clean_name(os.path.basename(path))
                )
            )
        if path not in new and _is_taken(path, old):
            raise ToolError(both("{path} exists already; nothing was renamed.").format(path=clean_name(path)))


def _rename_level(
    call: ToolCall, steps: Sequence[_Renaming], entry: journal.Entry, done: Done
) -> Generator[Progress, None, Done]:
    """What stands equally deep: first those whose names others get step aside, then all get their names."""
    aside = [Move(step.old, step.via, seen=step.seen) for step in steps if step.via]
    entry.intend(aside)
    for one in aside:
        entry.do(one)
    moves = {step: Move(step.via or step.old, step.new, seen=step.seen) for step in steps}
    entry.intend(list(moves.values()))

    def rename(step: _Renaming) -> str:
        try:
            entry.do(moves[step])
        except ToolError:
            if step.via:
                entry.move(step.via, step.old)
            raise
        return step.new

    return (yield from carry_out(call, steps, rename, done))


def _is_taken(path: str, by_other_than: str) -> bool:
    """A disk that takes no notice of capitals finds the old name under the new one."""
    if not os.path.lexists(path):
        return False
    return path.lower() != by_other_than.lower() or not change.is_same(path, by_other_than)


def _final(paths: Sequence[str], renamed: Mapping[str, str]) -> list[str]:
    """Where the things are after the folders above them were renamed too."""

    def final(path: str) -> str:
        folder = os.path.dirname(path)
        if folder == path:
            return path
        return os.path.join(final(renamed.get(folder, folder)), os.path.basename(path))

    levels = {path.count("/") for path in renamed}
    return list(paths) if len(levels) < 2 else [final(path) for path in paths]


def _from_to(step: _Renaming) -> str:
    return both("{old} to {new}").format(old=os.path.basename(step.old), new=os.path.basename(step.new))

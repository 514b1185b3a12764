"""The tool that deletes: into the trash, or for good when asked to.

What must never be deleted is said in chosen.py; the trash itself is an adapter.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from llmos.adapters.files import change
from llmos.adapters.files.anchored import Mark, marked
from llmos.adapters.files.trash import home_trash
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal.journal import open_journal
from llmos.tools.arguments import Selection
from llmos.tools.fields import Field
from llmos.tools.files.chosen import (
    Chosen,
    choose,
    filters,
    is_beneath,
    measured,
    outermost,
    refuse_own_ground,
    total,
)
from llmos.tools.files.selection import Entry, locate
from llmos.tools.files.steps import carry_out
from llmos.tools.files.wording import one_a_line, things, with_size
from llmos.tools.tool import Run, Tool
from llmos.translation import both
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.display import format_size
from llmos.values.messages import ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target


class DeleteFilesArguments(Selection):
    permanently: bool = Field(default=False, description="do not keep them in the trash")


@dataclass(frozen=True)
class _Deleting:
    paths: tuple[str, ...]
    seen: tuple[Mark, ...]
    what: str
    permanently: bool


class DeleteFiles(Tool[DeleteFilesArguments]):
    name = "delete_files"
    description = "Delete files or folders: into the trash, or permanently."
    arguments = DeleteFilesArguments

    def plan(self, call: ToolCall, arguments: DeleteFilesArguments, place: Place) -> Plan:
        chosen = choose(arguments, place, "delete")
        if filters(arguments) == {"type", "empty"} and arguments.type == "folder":
            chosen = _with_emptied(chosen, arguments, place)
        outer = outermost(chosen)
        paths = [entry.path for entry in outer.entries]
        refuse_own_ground(paths, place, "delete")
        if not arguments.permanently:
            _refuse_trash(paths, place)
        measures = measured(outer.entries)
        changes = [Change(ChangeKind.DELETED, p, size=m.size) for p, m in zip(paths, measures, strict=True)]
        effect = Effect.DESTROY if arguments.permanently else Effect.WRITE
        what = (
            clean_name(paths[0])
            if len(paths) == 1
            else both("{outer} ({with_size})").format(outer=str(outer), with_size=with_size(total(measures)))
        )
        summary = _deletion(outer, total(measures), arguments.permanently)
        action = _Deleting(tuple(paths), tuple(marked(os.lstat(path)) for path in paths), what, arguments.permanently)
        targets = tuple(Target(effect, path) for path in paths)
        return Plan(call, targets, action, summary, ChangeSet(tuple(changes)))

    def run(self, plan: Plan, place: Place) -> Run:
        deleting = cast(_Deleting, plan.action)
        seen = dict(zip(deleting.paths, deleting.seen, strict=True))
        with open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
            if not deleting.permanently:
                entry.foresee_deletes(seen)

            def delete(path: str) -> str:
                (entry.purge if deleting.permanently else entry.delete)(path, seen=seen[path])
                return path

            done = yield from carry_out(plan.call, deleting.paths, delete)
        what = done.amount(deleting.what)
        text = (
            both("Deleted {what} for good.").format(what=what)
            if deleting.permanently
            else both("Moved {what} to the trash.").format(what=what)
        )
        return done.outcome(text, (), one_a_line(done.paths, place.cwd))


def _deletion(outer: Chosen, amount: change.Measure, permanently: bool) -> str:
    how = both("for good") if permanently else both("to the trash")
    if len(outer.entries) > 1:
        folder = os.path.commonpath({os.path.dirname(entry.path) for entry in outer.entries})
        return both("delete {outer}, {with_size}, in {folder}, {how}").format(
            outer=str(outer), with_size=with_size(amount), folder=clean_name(folder), how=how
        )
    entry = outer.entries[0]
    if entry.is_folder:
        holds = both("with {amount}, {with_size}").format(
            amount=things(amount.files, amount.folders - 1), with_size=with_size(amount)
        )
        return both("delete the folder {path} {holds}, {how}").format(path=clean_name(entry.path), holds=holds, how=how)
    return both("delete {path}, {size}, {how}").format(
        path=clean_name(entry.path), size=format_size(amount.size), how=how
    )


def _with_emptied(chosen: Chosen, arguments: DeleteFilesArguments, place: Place) -> Chosen:
    """Also the folders that hold nothing but empty folders, never a start folder itself."""
    starts = {os.path.realpath(locate(path, place)) for path in arguments.path}
    empty = {entry.path: entry for entry in chosen.entries}
    pending = [os.path.dirname(path) for path in empty]
    while pending:
        folder = pending.pop()
        if folder in empty or folder in starts or not is_beneath(folder, starts):
            continue
        if all(os.path.join(folder, name) in empty for name in os.listdir(folder)):
            empty[folder] = Entry(folder, folder)
            pending.append(os.path.dirname(folder))
    return Chosen(list(empty.values()), 0, len(empty))


def _refuse_trash(paths: Sequence[str], place: Place) -> None:
    trash = os.path.realpath(home_trash(place.home, place.env))
    for path in paths:
        if is_beneath(trash, {path}):
            raise ToolError(
                both("{path} holds the trash itself; it can only be deleted permanently.").format(path=clean_name(path))
            )

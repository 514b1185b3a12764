"""The tool that replaces text in files. Writing whole files is make.py's business."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from llmos.adapters.failures import explained
from llmos.adapters.files.anchored import Mark, marked
from llmos.adapters.files.replace import Replace, by_expression, literally, replaced
from llmos.adapters.files.text import open_file
from llmos.adapters.files.walk import Unread, real_path
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal.journal import Entry, open_journal
from llmos.tools.arguments import Selection
from llmos.tools.fields import Field
from llmos.tools.files.keeping import in_words, lost_by, too_large, written
from llmos.tools.files.selection import Root, beneath, find_roots
from llmos.tools.files.steps import carry_out
from llmos.tools.files.wording import listed, number, one_a_line
from llmos.tools.tool import Run, Tool
from llmos.translation import both
from llmos.values.changes import Change, ChangeKind, ChangeSet, Contents
from llmos.values.messages import Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target


class ReplaceTextArguments(Selection):
    old: str = Field(description="the text to replace")
    new: str = Field(default="", description="what to put there")
    regex: bool = Field(default=False, description="old is a regular expression")
    ignore_case: bool = Field(default=False, description="capitals do not matter")
    whole_word: bool = Field(default=False, description="only whole words")


@dataclass(frozen=True)
class _Edit:
    path: str
    count: int
    size: int
    version: Mark
    """Tells whether the file was touched between plan and run."""


@dataclass(frozen=True)
class _Editing:
    replace: Replace
    edits: tuple[_Edit, ...]


class ReplaceText(Tool[ReplaceTextArguments]):
    name = "replace_text"
    description = "Replace text in files."
    arguments = ReplaceTextArguments

    def plan(self, call: ToolCall, arguments: ReplaceTextArguments, place: Place) -> Plan:
        if not arguments.old:
            raise ToolError(both("Say which text is to be replaced."))
        make = by_expression if arguments.regex else literally
        replace = make(arguments.old, arguments.new, arguments.ignore_case, arguments.whole_word)
        roots = find_roots(arguments.path, place)
        edits = _edits(arguments, roots, place, replace)
        old = f"'{clean_name(arguments.old)}'"
        if not edits:
            where = listed([root.path for root in roots])
            reads = tuple(Target(Effect.READ, real_path(root.path)) for root in roots)
            return Plan(
                call,
                reads,
                f"Nothing to replace: {old} is not in {where}.",
                both("look for {old} in {where}").format(old=old, where=where),
            )
        lost = too_large((edit.path for edit in edits), place)
        summary = both("replace {how_often} of {old} with '{new}': ").format(
            how_often=_how_often(edits), old=old, new=clean_name(arguments.new)
        )
        return Plan(
            call,
            tuple(written(edit.path, lost) for edit in edits),
            _Editing(replace, tuple(edits)),
            summary + listed([edit.path for edit in edits]) + (in_words(lost) or "; the old versions are kept"),
            ChangeSet(tuple(_change(edit, replace) for edit in edits)),
        )

    def run(self, plan: Plan, place: Place) -> Outcome | Run:
        if isinstance(plan.action, str):
            return Outcome(plan.action)
        return _run(plan, cast(_Editing, plan.action), place)


def _run(plan: Plan, editing: _Editing, place: Place) -> Run:
    with open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
        done = yield from carry_out(
            plan.call, editing.edits, partial(_carry_out, editing.replace, entry, lost_by(plan))
        )
    changed = set(done.paths)
    text = both("Replaced {how_often}.").format(
        how_often=_how_often([edit for edit in editing.edits if edit.path in changed])
    )
    return done.outcome(text, lines=one_a_line(done.paths, place.cwd))


def _carry_out(replace: Replace, entry: Entry, lost: frozenset[str], edit: _Edit) -> str:
    content, version = _read(edit.path)
    new = replaced(content, replace)
    if new is None or version != edit.version:
        raise ToolError(
            both("{path} was changed by somebody else meanwhile; it stays as it is.").format(path=clean_name(edit.path))
        )
    entry.write(edit.path, new.content, seen=edit.version, keep=edit.path not in lost)
    return edit.path


def _change(edit: _Edit, replace: Replace) -> Change:
    contents = Contents(lambda: _read(edit.path)[0], lambda: _new_content(edit.path, replace))
    return Change(ChangeKind.CHANGED, edit.path, size=edit.size, contents=contents)


def _new_content(path: str, replace: Replace) -> bytes:
    content, _version = _read(path)
    new = replaced(content, replace)
    return content if new is None else new.content


def _edits(arguments: ReplaceTextArguments, roots: Sequence[Root], place: Place, replace: Replace) -> list[_Edit]:
    """The files that the replacement changes, each once and under its real name."""
    edits: dict[str, _Edit] = {}
    for entry in beneath(arguments, roots, place, Unread(), only_files=True):
        path = real_path(entry.path)
        try:
            content, version = _read(path)
        except ToolError:
            if entry.depth == 0:
                raise
            continue  # one among many that cannot be read has nothing to replace
        new = replaced(content, replace)
        if new is None and entry.depth == 0:
            raise ToolError(both("{path} is not text but binary.").format(path=clean_name(path)))
        if new is not None and new.content != content:
            edits[path] = _Edit(path, new.times, len(new.content), version)
    return list(edits.values())


def _read(path: str) -> tuple[bytes, Mark]:
    with open_file(path) as file, explained("read", path):
        status = os.fstat(file.fileno())
        return file.read(), marked(status)


def _how_often(edits: Sequence[_Edit]) -> str:
    return both("{amount} in {amount2}").format(
        amount=number(sum(edit.count for edit in edits), "occurrence"), amount2=number(len(edits), "file")
    )

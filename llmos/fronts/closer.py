"""The whole of what a plan would change, with the difference it makes to the text of files where that is known.

The short form, for a question, is the dispatcher's `preview`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from llmos.adapters.terminal import clean, clean_name
from llmos.fronts.paint import PLAIN, Theme, painted
from llmos.values.changes import Change, ChangeKind
from llmos.values.display import format_size
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan

MOST = 1 << 20
"""Bytes of a file that is compared."""


GLANCE = 6
"""Lines that a question shows unasked."""


def from_close_by(plan: Plan, place: Place, theme: Theme) -> str:
    return "\n".join(
        [clean_name(plan.summary or plan.call.name), *_changes(plan), *_others(plan), *_diffs(plan, theme)]
    )


def at_a_glance(plan: Plan, theme: Theme) -> list[str]:
    """The lines that come and go, where they are few: what is written matters more than how much."""
    if len(plan.changes.changes) != 1:
        return []
    lines = [line for line in _diffs(plan, PLAIN) if not line.startswith(("---", "+++", "@@", " "))]
    if len(lines) > GLANCE:
        return []
    return [painted(f"  {line}", theme.added if line[0] == "+" else theme.removed) for line in lines if line]


def _changes(plan: Plan) -> Iterator[str]:
    for change in plan.changes.changes:
        to = f" → {clean_name(change.to)}" if change.to else ""
        size = f"  ({format_size(change.size)})" if change.size else ""
        yield f"  {change.kind:8} {clean_name(change.path)}{to}{size}"


def _others(plan: Plan) -> Iterator[str]:
    """Targets that are no change on disk: signals, commands, hosts."""
    changed = {change.path for change in plan.changes.changes}
    for target in plan.targets:
        if target.effect is not Effect.READ and target.what not in changed:
            yield f"  {target.effect:8} {clean_name(target.what)}"


def _diffs(plan: Plan, theme: Theme) -> Iterator[str]:
    for change in plan.changes.changes:
        new = _new_text(plan, change)
        if new is not None:
            yield from _diff(change.path, _text(change.path), new, theme)


def _new_text(plan: Plan, change: Change) -> str | None:
    """What a file would hold; None where the call does not say."""
    if change.kind not in (ChangeKind.CREATED, ChangeKind.CHANGED):
        return None
    given = plan.call.arguments
    match plan.call.name, given.get("text", given.get("old")):
        case "write_file", str(text):
            return text
        case "append_file", str(text):
            before = _text(change.path)
            return before + ("" if not before or before.endswith("\n") else "\n") + text
        case "replace_text", str():
            return _replaced(plan, change.path)
        case _:
            return None


def _replaced(plan: Plan, path: str) -> str | None:
    from llmos.adapters.files.replace import by_expression, literally, replaced  # noqa: PLC0415

    given = plan.call.arguments
    make = by_expression if given.get("regex") else literally
    flags = bool(given.get("ignore_case")), bool(given.get("whole_word"))
    new = replaced(_content(path), make(str(given["old"]), str(given.get("new", "")), *flags))
    return new and new.content.decode("utf-8", "replace")


def _text(path: str) -> str:
    return _content(path).decode("utf-8", "replace")


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MOST)
    except OSError:
        return b""


def _diff(path: str, before: str, after: str, theme: Theme) -> Iterator[str]:
    name = clean_name(Path(path).name)
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"{name} now", f"{name} then", lineterm="")
    colours = {"+": theme.added, "-": theme.removed, "@": theme.faint}
    for line in lines:
        yield painted(clean(line), colours.get(line[:1], ""))

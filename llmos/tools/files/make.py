"""Tools that create files, folders and links, and write text.

Copying and moving are in move.py; replacing parts of a text is in text.py.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from llmos.adapters.failures import missing
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal.journal import Entry, open_journal
from llmos.tools.arguments import Paths
from llmos.tools.fields import Arguments, Field
from llmos.tools.files.chosen import missing_folders
from llmos.tools.files.keeping import in_words, lost_by, too_large, written
from llmos.tools.files.selection import destination, locate, resolve
from llmos.tools.files.steps import Done, carry_out
from llmos.tools.files.wording import listed, number
from llmos.tools.tool import Run, Tool
from llmos.translation import both, joined
from llmos.values.changes import COMPARED, Change, ChangeKind, ChangeSet, Contents
from llmos.values.display import format_size
from llmos.values.events import Progress
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target


class CreateFileArguments(Arguments):
    path: Paths = Field(description="empty files to create; an existing one gets the present time")


class MakeFolderArguments(Arguments):
    path: Paths = Field(description="folders to create, with those above them")


class WriteFileArguments(Arguments):
    path: Paths = Field(description="the file; what it held before is kept for undo")
    text: str = Field(default="", description="the whole new content")


class AppendFileArguments(Arguments):
    path: Paths = Field(description="the file")
    text: str = Field(description="what to add at its end, on a line of its own")


class LinkFileArguments(Arguments):
    target: str = Field(description="what the link points to")
    link: str = Field(description="the link to create, or a folder to create it in")
    hard: bool = Field(default=False, description="a hard link instead of a symbolic one")


@dataclass(frozen=True)
class _Making:
    """Folders to make first, then the files or folders that were asked for."""

    folders: tuple[str, ...]
    paths: tuple[str, ...]
    content: bytes = b""


class CreateFile(Tool[CreateFileArguments]):
    name = "create_file"
    description = "Create empty files, with the folders they are in."
    arguments = CreateFileArguments

    def plan(self, call: ToolCall, arguments: CreateFileArguments, place: Place) -> Plan:
        paths = [_file(path, place) for path in arguments.path]
        folders = _missing_above(paths)
        changes = _created(folders) + [Change(_kind(path), path) for path in paths]
        return _plan(
            call,
            both("create {with_folders}").format(with_folders=_with_folders(paths, folders)),
            changes,
            _Making(tuple(folders), tuple(paths)),
        )

    def run(self, plan: Plan, place: Place) -> Run:
        making = cast(_Making, plan.action)
        done = yield from _carry_out(plan, making, place, _create_or_touch)
        return done.outcome(
            both("Created {with_folders}.").format(with_folders=_with_folders(done.paths, making.folders))
        )


class MakeFolder(Tool[MakeFolderArguments]):
    name = "make_folder"
    description = "Create folders, with those above them."
    arguments = MakeFolderArguments

    def plan(self, call: ToolCall, arguments: MakeFolderArguments, place: Place) -> Plan:
        paths = [destination(path, place) for path in arguments.path]
        folders = list(dict.fromkeys(folder for path in paths for folder in missing_folders(path)))
        new = listed(folders) if folders else both("{listed}, which exists already").format(listed=listed(paths))
        summary = both("create {amount}: {new}").format(amount=number(len(folders) or len(paths), "folder"), new=new)
        return _plan(call, summary, _created(folders), _Making(tuple(folders), tuple(paths)))

    def run(self, plan: Plan, place: Place) -> Run:
        making = cast(_Making, plan.action)
        done = yield from _carry_out(plan, making, place, Entry.make_folder)
        new = [path for path in done.paths if path in making.folders]
        old = [path for path in done.paths if path not in making.folders]
        created = both("Created {listed}.").format(listed=listed(new)) if new else ""
        existed = (
            both("{listed} {plural} already.").format(listed=listed(old), plural="exists" if len(old) == 1 else "exist")
            if old
            else ""
        )
        return done.outcome(joined(" ", filter(None, (created, existed))))


class WriteFile(Tool[WriteFileArguments]):
    name = "write_file"
    description = "Write text to a file, in place of what it held."
    arguments = WriteFileArguments

    def plan(self, call: ToolCall, arguments: WriteFileArguments, place: Place) -> Plan:
        paths = [_file(path, place) for path in arguments.path]
        folders = _missing_above(paths)
        content = _lines(arguments.text)
        summary = both("write {size} to {with_folders}").format(
            size=format_size(len(content)), with_folders=_with_folders(paths, folders)
        )
        old = [path for path in paths if os.path.exists(path)]
        lost = too_large(old, place)
        if old:
            held = format_size(sum(os.stat(path).st_size for path in old))
            summary += f", in place of the {held} there" + (in_words(lost) or "; the old version is kept")
        making = _Making(tuple(folders), tuple(paths), content)
        changes = _written(paths, folders, lambda _old: content)
        return _plan(call, summary, changes, making, lost=lost)

    def run(self, plan: Plan, place: Place) -> Run:
        making, lost = cast(_Making, plan.action), lost_by(plan)
        done = yield from _carry_out(
            plan, making, place, lambda entry, path: entry.write(path, making.content, keep=path not in lost)
        )
        lines = _line_count(making.content)
        return done.outcome(
            both("Wrote {lines} to {listed}.").format(lines=lines, listed=listed(done.paths))
            + _kept(_replaced(plan) - lost)
        )


class AppendFile(Tool[AppendFileArguments]):
    name = "append_file"
    description = "Add text at the end of a file, on a line of its own."
    arguments = AppendFileArguments

    def plan(self, call: ToolCall, arguments: AppendFileArguments, place: Place) -> Plan:
        paths = [_file(_known(path, place), place) for path in arguments.path]
        folders = _missing_above(paths)
        content = _lines(arguments.text or "\n")
        summary = both("add {line_count} to {with_folders}").format(
            line_count=_line_count(content), with_folders=_with_folders(paths, folders)
        )
        return _plan(
            call,
            summary,
            _written(paths, folders, partial(_appended, content)),
            _Making(tuple(folders), tuple(paths), content),
        )

    def run(self, plan: Plan, place: Place) -> Run:
        making = cast(_Making, plan.action)
        done = yield from _carry_out(plan, making, place, lambda entry, path: entry.append(path, making.content))
        return done.outcome(
            both("Added {line_count} to {listed}.").format(
                line_count=_line_count(making.content), listed=listed(done.paths)
            )
        )


@dataclass(frozen=True)
class _Linking:
    path: str
    text: str
    """What the link says: relative where the target was given so."""

    hard: bool
    folders: tuple[str, ...]


class LinkFile(Tool[LinkFileArguments]):
    name = "link_file"
    description = "Create a symbolic or hard link to a file or folder."
    arguments = LinkFileArguments

    def plan(self, call: ToolCall, arguments: LinkFileArguments, place: Place) -> Plan:
        target = resolve(arguments.target, place)
        path = resolve(arguments.link, place)
        if os.path.isdir(path) or arguments.link.endswith("/"):
            path = os.path.join(os.path.realpath(path), os.path.basename(target))
        _refuse_link(path, target, arguments.hard)
        text = target if arguments.hard or _is_absolute(arguments.target) else _relative(target, path)
        kind = "hard link" if arguments.hard else "link"
        missing = "" if os.path.lexists(target) else ", which does not exist yet"
        folders = missing_folders(os.path.dirname(path))
        summary = both("create the {kind} {path} to {target}{missing}").format(
            kind=kind, path=clean_name(path), target=clean_name(target), missing=missing
        )
        changes = [*_created(folders), Change(ChangeKind.CREATED, path)]
        return _plan(call, summary, changes, _Linking(path, text, arguments.hard, tuple(folders)), reads=(target,))

    def run(self, plan: Plan, place: Place) -> Outcome:
        linking = cast(_Linking, plan.action)
        with open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
            for folder in linking.folders:
                entry.make_folder(folder)
            (entry.hard_link if linking.hard else entry.link)(linking.text, linking.path)
        text = both("{what} {path} to {text}.").format(
            what="Hard-linked" if linking.hard else "Linked",
            path=clean_name(linking.path),
            text=clean_name(linking.text),
        )
        return Outcome(text, items=(linking.path,), kind=ItemKind.PATH)


def _is_absolute(written: str) -> bool:
    return written.startswith(("/", "~", "$", "file:"))


def _relative(target: str, link: str) -> str:
    """As `ln -s` would need it: a relative link is read from the folder it stands in."""
    return os.path.relpath(target, os.path.dirname(link))


def _refuse_link(path: str, target: str, hard: bool) -> None:
    if os.path.lexists(path):
        raise ToolError(both("{path} exists already. Delete or rename it first.").format(path=clean_name(path)))
    if hard and not os.path.lexists(target):
        raise missing(target)
    if hard and os.path.isdir(target) and not os.path.islink(target):
        raise ToolError(
            both("{target} is a folder: only a symbolic link can point to it.").format(target=clean_name(target))
        )


def _known(written: str, place: Place) -> str:
    """Who adds to a file mostly means one that is there; else it is a new one here."""
    path = locate(written, place)
    return path if os.path.isfile(path) else written


def _file(written: str, place: Place) -> str:
    """Where the file is or will be; a link at the end of the path is followed."""
    path = destination(written, place)
    if os.path.islink(path):
        path = os.path.realpath(path)
    if os.path.isdir(path):
        raise ToolError(both("{path} is a folder, not a file.").format(path=clean_name(path)))
    if written.endswith("/"):
        raise ToolError(both("{written} names a folder; make_folder creates it.").format(written=clean_name(written)))
    if os.path.exists(path) and not os.path.isfile(path):
        raise ToolError(both("{path} is no ordinary file.").format(path=clean_name(path)))
    return path


def _lines(text: str) -> bytes:
    """Ends in a line end unless there is no text at all."""
    whole = text if text.endswith("\n") or not text else text + "\n"
    return whole.encode("utf-8", "surrogateescape")


def _line_count(content: bytes) -> str:
    return number(content.count(b"\n"), "line")


def _missing_above(paths: Sequence[str]) -> list[str]:
    folders = (folder for path in paths for folder in missing_folders(os.path.dirname(path)))
    return list(dict.fromkeys(folders))


def _kind(path: str) -> ChangeKind:
    return ChangeKind.CHANGED if os.path.lexists(path) else ChangeKind.CREATED


def _created(folders: Iterable[str]) -> list[Change]:
    return [Change(ChangeKind.CREATED, folder) for folder in folders]


def _written(paths: Iterable[str], folders: Iterable[str], new: Callable[[bytes], bytes]) -> list[Change]:
    """`new` makes the new content of a file from the old."""
    return _created(folders) + [_written_file(path, new) for path in paths]


def _written_file(path: str, new: Callable[[bytes], bytes]) -> Change:
    contents = Contents(partial(_content, path), lambda: new(_content(path)))
    return Change(_kind(path), path, size=os.stat(path).st_size if os.path.exists(path) else 0, contents=contents)


def _content(path: str) -> bytes:
    """As much as is ever compared."""
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read(COMPARED + 1)


def _appended(content: bytes, old: bytes) -> bytes:
    return old + (b"" if not old or old.endswith(b"\n") else b"\n") + content


def _replaced(plan: Plan) -> set[str]:
    return {one.path for one in plan.changes.changes if one.kind is ChangeKind.CHANGED}


def _kept(replaced: Collection[str]) -> str:
    return " The old version is kept." if replaced else ""


def _with_folders(paths: Sequence[str], folders: Sequence[str]) -> str:
    above = (
        both(" and the folder{plural} {listed}").format(plural="s" if len(folders) > 1 else "", listed=listed(folders))
        if folders
        else ""
    )
    return f"{listed(paths)}{above}"


def _plan(
    call: ToolCall,
    summary: str,
    changes: Sequence[Change],
    action: object,
    reads: Sequence[str] = (),
    lost: frozenset[str] = frozenset(),
) -> Plan:
    targets = [Target(Effect.READ, path) for path in reads]
    targets += [written(one.path, lost) for one in changes]
    return Plan(call, tuple(targets), action, summary, ChangeSet(tuple(changes)))


def _carry_out(
    plan: Plan, making: _Making, place: Place, do: Callable[[Entry, str], None]
) -> Generator[Progress, None, Done]:
    with open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
        for folder in making.folders:
            entry.make_folder(folder)

        def step(path: str) -> str:
            do(entry, path)
            return path

        return (yield from carry_out(plan.call, making.paths, step))


def _create_or_touch(entry: Entry, path: str) -> None:
    if os.path.lexists(path):
        now = time.time_ns()
        entry.times(path, now, now)
    else:
        entry.write(path, b"")

"""Tools that pack, unpack and list archives: tar, gz, bz2, xz, zst, zip.

Formats and the safety of unpacking are adapters: archives.py and unpack.py there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from llmos.adapters.files import archives, change
from llmos.adapters.files.archives import Packed
from llmos.adapters.files.unpack import Survey, survey, unpack
from llmos.adapters.files.walk import Root, Unread, walk
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal import journal
from llmos.tools.arguments import Paths, Selection
from llmos.tools.fields import Arguments, Field
from llmos.tools.files.chosen import Chosen, choose, is_beneath, missing_folders, outermost
from llmos.tools.files.keeping import in_words, lost_by, too_large, written
from llmos.tools.files.selection import Entry, find_roots, resolve
from llmos.tools.files.steps import Done, carry_out
from llmos.tools.files.wording import listed, number, things
from llmos.tools.tool import Run, Tool
from llmos.translation import both
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.display import format_size
from llmos.values.events import Progress
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target
from llmos.values.table import Cell, Column, Table, Unit

_ALONE = ("gz", "bz2", "xz", "zst")
_PROGRESS_EVERY = 0.5


class ArchiveFilesArguments(Selection):
    to: str | None = Field(default=None, description="the archive to make; named after what is packed by default")
    format: Literal["tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "zip", "gz", "bz2", "xz", "zst"] | None = Field(
        default=None, description="by default what the name says, else tar.gz; gz, bz2, xz, zst pack each file alone"
    )


class ExtractArchiveArguments(Arguments):
    path: Paths = Field(description="archives to unpack")
    to: str | None = Field(default=None, description="the folder to unpack into; the current one by default")


class ListArchiveArguments(Arguments):
    path: Paths = Field(description="archives whose members to list")


@dataclass(frozen=True)
class _Packing:
    files: tuple[Packed, ...]
    archive: str
    format: str
    folders: tuple[str, ...]
    """To be made first."""

    replaces: bool
    what: str


@dataclass(frozen=True)
class _Alone:
    """One file that is compressed by itself."""

    source: str
    target: str
    replaces: bool
    removes: bool
    """The original goes away, as with gzip; it is kept among the old versions."""


@dataclass(frozen=True)
class _PackingAlone:
    format: str
    steps: tuple[_Alone, ...]
    folders: tuple[str, ...]


class ArchiveFiles(Tool[ArchiveFilesArguments]):
    """gz, bz2, xz and zst put each file in the place of the original unless `to` says where else; of a folder they
    make a tar."""

    name = "archive_files"
    description = "Pack files and folders into an archive, or compress single files."
    arguments = ArchiveFilesArguments

    def plan(self, call: ToolCall, arguments: ArchiveFilesArguments, place: Place) -> Plan:
        chosen = outermost(choose(arguments, place, "pack"))
        format_ = _format(arguments, chosen)
        if format_ in _ALONE:
            return _plan_alone(call, arguments, chosen, format_, place)
        archive = _archive_path(arguments, chosen, format_, place)
        files, amount = _contents(arguments, chosen.entries, archive, place)
        _refuse_names(files, format_)
        folders = missing_folders(os.path.dirname(archive))
        replaces = os.path.lexists(archive)
        packed = things(amount.files, amount.folders if not amount.files else 0)
        what = both("{outer} ({with_size})").format(outer=packed, with_size=format_size(amount.size))
        action = _Packing(files, archive, format_, tuple(folders), replaces, what)
        changes = [Change(ChangeKind.CREATED, folder) for folder in folders]
        changes.append(Change(ChangeKind.CHANGED if replaces else ChangeKind.CREATED, archive))
        sources = [entry.path for entry in chosen.entries]
        lost = too_large([archive] if replaces else [], place)
        summary = both("pack {count}, {size}, into {archive}").format(
            count=packed, size=format_size(amount.size), archive=clean_name(archive)
        )
        return _plan(call, sources, changes, action, summary + _replacing([archive] if replaces else [], lost), lost)

    def run(self, plan: Plan, place: Place) -> Run:
        if isinstance(plan.action, _PackingAlone):
            return _pack_alone(plan, plan.action, place)
        return _pack(plan, cast(_Packing, plan.action), place)


def _format(arguments: ArchiveFilesArguments, chosen: Chosen) -> str:
    """What is asked for, else what the name says, else tar.gz. A folder cannot be compressed alone: it gets a tar."""
    named = archives.named_format(arguments.to) if arguments.to else ""
    if arguments.format and named and named != arguments.format and not arguments.format.endswith(f".{named}"):
        raise ToolError(
            both("{name} would be {named}, not {format}: name it otherwise.").format(
                name=clean_name(arguments.to or ""), named=named, format=arguments.format
            )
        )
    format_ = arguments.format or named or "tar.gz"
    if format_.endswith("Z"):
        raise ToolError(both(".Z archives can be unpacked, but not made: take gz."))
    if format_ not in _ALONE or not chosen.folders:
        return format_
    if named:
        raise ToolError(both("A .{format} file holds a single file: name it .tar.{format}.").format(format=format_))
    return f"tar.{format_}"


def _archive_path(arguments: ArchiveFilesArguments, chosen: Chosen, format_: str, place: Place) -> str:
    alone = len(chosen.entries) == 1 and not arguments.has_filter
    default = f"{chosen.entries[0].name or 'archive' if alone else 'archive'}.{format_}"
    path = resolve(arguments.to or ".", place)
    if os.path.isdir(path) or (arguments.to or "").endswith("/"):
        return os.path.join(os.path.realpath(path), default)
    return path if archives.named_format(path) else f"{path}.{format_}"


def _contents(
    arguments: ArchiveFilesArguments, entries: Sequence[Entry], archive: str, place: Place
) -> tuple[tuple[Packed, ...], change.Measure]:
    """Everything with its name in the archive, but for the archive itself, and how much that is."""
    bases = _bases(arguments, place)
    files: list[Packed] = []
    names: dict[str, str] = {}
    count = folders = amount = 0
    for entry in _with_beneath(entries):
        name = os.path.relpath(entry.path, _base_of(entry.path, bases))
        if entry.path == archive or name == ".":
            continue
        if names.setdefault(name, entry.path) != entry.path:
            raise ToolError(
                both("{name} and {path} would have one name in the archive.").format(
                    name=clean_name(names[name]), path=clean_name(entry.path)
                )
            )
        files.append(Packed(entry.path, name))
        folders += entry.is_folder
        count += not entry.is_folder
        amount += 0 if entry.is_folder else _size(entry)
    if not files:
        raise ToolError(
            both("There is nothing to pack in {listed}.").format(listed=listed([entry.path for entry in entries]))
        )
    return tuple(files), change.Measure(count, folders, amount)


def _size(entry: Entry) -> int:
    try:
        return entry.stat.st_size
    except OSError:
        return 0  # vanished; packing will tell


def _with_beneath(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        if entry.is_folder:
            yield from walk(Root(entry.path, entry.path), Unread(), internals=True)


def _bases(arguments: ArchiveFilesArguments, place: Place) -> dict[str, str]:
    """For each named path the folder that names are relative to: the current one, or, outside it, the one above."""
    cwd = os.path.realpath(place.cwd)
    bases = {}
    for root in find_roots(arguments.path, place):
        path = os.path.realpath(root.path) if arguments.has_filter else root.path
        bases[path] = cwd if is_beneath(path, {cwd}) else os.path.dirname(path)
    return bases


def _base_of(path: str, bases: dict[str, str]) -> str:
    above = path
    while above not in bases and above != os.path.dirname(above):
        above = os.path.dirname(above)
    return bases.get(above, "/")


def _refuse_names(files: Iterable[Packed], format_: str) -> None:
    if format_ != "zip":
        return
    for one in files:
        if any("\ud800" <= character <= "\udfff" for character in one.name):
            raise ToolError(
                both("A zip cannot hold the name {name}, which is not Unicode: take tar.gz.").format(
                    name=clean_name(one.name)
                )
            )


def _plan_alone(call: ToolCall, arguments: ArchiveFilesArguments, chosen: Chosen, format_: str, place: Place) -> Plan:
    to = resolve(arguments.to, place) if arguments.to else ""
    into = os.path.isdir(to) or (arguments.to or "").endswith("/")
    if to and not into and len(chosen.entries) > 1:
        raise ToolError(
            both("{to} can hold a single file only: name a folder, or an archive like all.tar.gz.").format(
                to=clean_name(to)
            )
        )
    steps = []
    for entry in chosen.entries:
        target = f"{os.path.join(to, entry.name) if into else entry.path}.{format_}"
        target = target if into or not to else to if archives.named_format(to) else f"{to}.{format_}"
        if entry.is_file and archives.named_format(entry.name) != format_:
            steps.append(_Alone(entry.path, target, os.path.lexists(target), not to))
    if not steps:
        raise ToolError(
            both("Nothing to pack: {listed} is packed already.").format(
                listed=listed([entry.path for entry in chosen.entries])
            )
        )
    folders = missing_folders(to if into else os.path.dirname(to)) if to else []
    changes = [Change(ChangeKind.CREATED, folder) for folder in folders]
    for step in steps:
        changes.append(Change(ChangeKind.CHANGED if step.replaces else ChangeKind.CREATED, step.target))
        if step.removes:
            changes.append(Change(ChangeKind.DELETED, step.source, size=os.lstat(step.source).st_size))
    what = clean_name(steps[0].source) if len(steps) == 1 else number(len(steps), "file")
    replaced = [step.target for step in steps if step.replaces]
    lost = too_large([*replaced, *(step.source for step in steps if step.removes)], place)
    instead = both(" in place of the original{what}").format(what="" if lost else ", which is kept") if not to else ""
    summary = both("compress {what} as {format}{instead}{what2}").format(
        what=what, format=format_, instead=instead, what2=_replacing(replaced, lost) or in_words(lost)
    )
    action = _PackingAlone(format_, tuple(steps), tuple(folders))
    return _plan(call, [step.source for step in steps], changes, action, summary, lost)


def _replacing(paths: Sequence[str], lost: frozenset[str]) -> str:
    if not paths:
        return ""
    return both("; {listed} {plural} replaced{what}").format(
        listed=listed(paths), plural="is" if len(paths) == 1 else "are", what=in_words(lost) or ", the old version kept"
    )


def _plan(
    call: ToolCall, reads: Iterable[str], changes: Sequence[Change], action: object, summary: str, lost: frozenset[str]
) -> Plan:
    targets = [Target(Effect.READ, path) for path in reads]
    targets += [written(one.path, lost) for one in changes]
    return Plan(call, tuple(targets), action, summary, ChangeSet(tuple(changes)))


def _pack(plan: Plan, packing: _Packing, place: Place) -> Run:
    done = Done()
    with journal.open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
        for folder in packing.folders:
            entry.make_folder(folder)
        keep = packing.archive not in lost_by(plan)
        with entry.making(packing.archive, replace=packing.replaces, keep=keep) as there:
            packed = archives.pack(packing.files, packing.archive, packing.format, there)
            yield from _collect(plan.call, packed, len(packing.files), done)
    size = format_size(os.stat(packing.archive).st_size)
    what = both("Packed {amount} into {archive} ({size}).").format(
        amount=done.amount(packing.what), archive=clean_name(packing.archive), size=size
    )
    return done.outcome(what, [packing.archive])


def _collect(
    call: ToolCall, results: Iterable[str | ToolError], total: int, done: Done
) -> Generator[Progress, None, None]:
    shown = time.monotonic()
    for index, one in enumerate(results):
        if time.monotonic() - shown > _PROGRESS_EVERY:
            shown = time.monotonic()
            yield Progress(call, f"{index:,} of {total:,}")
        if isinstance(one, str):
            done.paths.append(one)
        else:
            done.failures.append(str(one))


def _pack_alone(plan: Plan, packing: _PackingAlone, place: Place) -> Run:
    lost = lost_by(plan)
    with journal.open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
        for folder in packing.folders:
            entry.make_folder(folder)

        def one(step: _Alone) -> str:
            with entry.making(step.target, replace=step.replaces, keep=step.target not in lost) as there:
                packed = [Packed(step.source, os.path.basename(step.source))]
                for _ in archives.pack(packed, step.target, packing.format, there):
                    pass
            if step.removes:
                (entry.purge if step.source in lost else entry.stow)(step.source)
            return step.target

        done = yield from carry_out(plan.call, packing.steps, one)
    what = listed(done.paths) if len(done.paths) == 1 else number(len(done.paths), "file")
    return done.outcome(both("Compressed {what}.").format(what=what))


class ExtractArchive(Tool[ExtractArchiveArguments]):
    name = "extract_archive"
    description = "Unpack archives or compressed files."
    arguments = ExtractArchiveArguments

    def plan(self, call: ToolCall, arguments: ExtractArchiveArguments, place: Place) -> Plan:
        folder = os.path.realpath(resolve(arguments.to or ".", place))
        made = missing_folders(folder)
        surveys = [survey(root.path, folder) for root in find_roots(arguments.path, place)]
        replaced = [path for one in surveys for path, _ in one.files if os.path.lexists(path)]
        changes = [Change(ChangeKind.CREATED, path) for path in made]
        changes += _appearing(surveys, set(made))
        changes += [Change(ChangeKind.CHANGED, path, size=os.lstat(path).st_size) for path in dict.fromkeys(replaced)]
        paths = [path for one in surveys for path, _ in one.files]
        targets = [Target(Effect.READ, one.archive) for one in surveys]
        lost = too_large(dict.fromkeys(replaced), place)
        targets += [written(path, lost) for path in (*made, *paths)]
        amount = sum(one.size for one in surveys)
        known = f", {format_size(amount)}," if amount else ""
        summary = both("unpack {amount}{known} from {listed}").format(
            amount=number(len(paths), "file"), known=known, listed=listed([one.archive for one in surveys])
        )
        summary += both(" into {folder}{unsafe}{replacing}").format(
            folder=clean_name(folder), unsafe=_unsafe(surveys), replacing=_replacing(replaced, lost)
        )
        return Plan(call, tuple(targets), tuple(surveys), summary, ChangeSet(tuple(changes)))

    def run(self, plan: Plan, place: Place) -> Run:
        surveys = cast(tuple[Survey, ...], plan.action)
        replaced = frozenset(one.path for one in plan.changes.changes if one.kind is ChangeKind.CHANGED)
        done = Done()
        with journal.open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
            for one in surveys:
                try:
                    yield from _collect(
                        plan.call, unpack(one, replaced, _Landing(entry, lost_by(plan))), len(one.files), done
                    )
                except ToolError as error:  # damaged half-way: what came out of it stays
                    done.failures.append(str(error))
        what = number(len(done.paths), "file") if done.paths else number(sum(len(s.folders) for s in surveys), "folder")
        written = sum(map(_written, done.paths))
        text = both("Unpacked {what} ({size}) into {folder}{unsafe}.").format(
            what=what, size=format_size(written), folder=clean_name(surveys[0].folder), unsafe=_unsafe(surveys)
        )
        return done.outcome(text, _topmost(surveys))


class _Landing:
    """What is unpacked goes through the journal."""

    def __init__(self, entry: journal.Entry, lost: frozenset[str]) -> None:
        self._entry = entry
        self._lost = lost
        self._there: set[str] = set()

    def folder(self, path: str) -> None:
        if path in self._there:
            return
        for missing in missing_folders(path):
            self._entry.make_folder(missing)
        self._there.add(path)

    def file(self, path: str, fill: Callable[[str], None], replace: bool) -> None:
        self._entry.compose(path, fill, replace=replace, lasting=False, keep=path not in self._lost)

    def link(self, path: str, text: str, replace: bool) -> None:
        self._entry.link(text, path, replace=replace)

    def hard_link(self, path: str, target: str, replace: bool) -> None:
        self._entry.hard_link(target, path, replace=replace)

    def modified(self, path: str, when: float) -> None:
        self._entry.times(path, int(when * 1e9), int(when * 1e9))


def _written(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


def _unsafe(surveys: Iterable[Survey]) -> str:
    names = [name for one in surveys for name in one.unsafe]
    if not names:
        return ""
    return both(", leaving out {amount} that would not be safe: {listed}").format(
        amount=number(len(names), "device or link"), listed=listed(names)
    )


def _appearing(surveys: Iterable[Survey], made: set[str]) -> list[Change]:
    """What will be new: a file, or the topmost folder that is not there yet with the size of all that goes into it."""
    sizes: dict[str, int] = {}
    there: dict[str, bool] = {}
    for one in surveys:
        for path, amount in (*one.files, *((folder, 0) for folder in one.folders)):
            top = _topmost_missing(path, one.folder, there)
            if top:
                sizes[top] = sizes.get(top, 0) + amount
    return [Change(ChangeKind.CREATED, path, size=amount) for path, amount in sizes.items() if path not in made]


def _topmost_missing(path: str, folder: str, there: dict[str, bool]) -> str:
    """ "" when the path exists; `there` remembers what was looked up."""
    parts = os.path.relpath(path, folder).split("/")
    where = folder
    for part in parts:
        where = os.path.join(where, part)
        if where not in there:
            there[where] = os.path.lexists(where)
        if not there[where]:
            return where
    return ""


def _topmost(surveys: Iterable[Survey]) -> list[str]:
    """What can be pointed at afterwards: the files and folders directly in the destination."""
    tops: dict[str, None] = {}
    for one in surveys:
        for path in (*one.folders, *(path for path, _ in one.files)):
            tops[os.path.join(one.folder, os.path.relpath(path, one.folder).split("/")[0])] = None
    return [path for path in tops if os.path.lexists(path)]


class ListArchive(Tool[ListArchiveArguments]):
    name = "list_archive"
    description = "List what is in an archive."
    arguments = ListArchiveArguments

    def plan(self, call: ToolCall, arguments: ListArchiveArguments, place: Place) -> Plan:
        paths = [root.path for root in find_roots(arguments.path, place)]
        formats = tuple((path, archives.format_of(path)) for path in paths)
        targets = tuple(Target(Effect.READ, path) for path in paths)
        return Plan(call, targets, formats, both("list the members of {listed}").format(listed=listed(paths)))

    def run(self, plan: Plan, place: Place) -> Outcome:
        formats = cast(tuple[tuple[str, str], ...], plan.action)
        several = len(formats) > 1
        rows: list[tuple[Cell, ...]] = []
        for path, format_ in formats:
            first: tuple[Cell, ...] = (clean_name(path),) if several else ()
            rows += [(*first, one.size, clean_name(one.name)) for one, _ in archives.members(path, format_)]
        columns = (Column("size", Unit.BYTES), Column("name"))
        table = Table(((Column("archive"), *columns) if several else columns), tuple(rows), plain=_plain)
        return Outcome(table=table, items=tuple(str(row[-1]) for row in rows), kind=ItemKind.VALUE)


def _plain(row: tuple[Cell, ...]) -> str:
    """In a pipe the names are what is wanted, as `tar -t` prints them."""
    return "\t".join(str(cell) for cell in (*row[:-2], row[-1]))

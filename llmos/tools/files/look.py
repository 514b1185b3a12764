"""Tools that look at folders and files without reading what is in them, and change the folder the session is in.

Sizes of folders and duplicates are in room.py; what is in files is read.py's and measure.py's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from llmos.adapters.failures import explain, explained, missing
from llmos.adapters.files.content import describe
from llmos.adapters.files.details import group_name, mode_text, user_name
from llmos.adapters.files.match import has_type, is_hidden
from llmos.adapters.files.tree import draw
from llmos.adapters.files.walk import Entry, Root, Unread, real_path, walk
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.tools.arguments import Count, Paths, Selection
from llmos.tools.fields import Arguments, Field
from llmos.tools.files.reading import (
    DETAILS,
    PATH,
    SIZE,
    TIME,
    ReadingTool,
    Row,
    details,
    listing,
    long_line,
    nothing_found,
    one_path,
    ordered,
    with_note,
    with_target,
)
from llmos.tools.files.selection import beneath, locate
from llmos.tools.files.wording import number
from llmos.tools.tool import Tool
from llmos.translation import both
from llmos.values.display import format_size, format_time
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target
from llmos.values.table import Column

Order = Literal["name", "largest", "smallest", "newest", "oldest", "extension"]
FindOrder = Literal["name", "largest", "smallest", "newest", "oldest", "extension", "deepest", "shallowest"]

_NAME = Column("name")
_BY_SIZE = ("largest", "smallest")
_BY_TIME = ("newest", "oldest")


class ListFolderArguments(Arguments):
    path: Paths = Field(default=["."], description="folders to list")
    hidden: bool = Field(default=False, description="also list names that begin with a dot")
    details: bool = Field(default=False, description="with mode, owner, size and time")
    type: Literal["file", "folder", "link"] | None = Field(default=None, description="only this type of entry")
    sort: Order = Field(default="name", description="order of the entries")
    limit: Count | None = Field(default=None, description="show this many at most")


class ShowTreeArguments(Arguments):
    path: Paths = Field(default=["."], description="where the tree starts")
    hidden: bool = Field(default=False, description="also names that begin with a dot")
    type: Literal["folder"] | None = Field(default=None, description="folders only")
    depth: Count | None = Field(default=None, description="levels at most")


class FindFilesArguments(Selection):
    sort: FindOrder | None = Field(default=None, description="order of what is found")
    limit: Count | None = Field(default=None, description="show this many at most")
    show: Literal["paths", "names", "details"] = Field(
        default="paths", description="details: mode, owner, size, time; names: without their folders"
    )


class FileInfoArguments(Arguments):
    path: Paths = Field(description="files or folders to describe: type, size, mode, owner, times")


class CurrentFolderArguments(Arguments):
    pass


class ChangeFolderArguments(Arguments):
    path: str = Field(description="the folder to go to")


class ListFolder(ReadingTool[ListFolderArguments]):
    name = "list_folder"
    description = "List what is directly in folders."
    arguments = ListFolderArguments
    verb = "list"

    def read(self, arguments: ListFolderArguments, roots: Sequence[Root], place: Place) -> Outcome:
        unread = Unread()
        entries = ordered(_listed(arguments, roots, unread), arguments.sort, arguments.limit)
        alone = len(roots) == 1

        def called(entry: Entry) -> str:
            return entry.name if alone and entry.depth else entry.shown

        columns, cells = _columns(called, arguments.details, arguments.sort, _NAME if alone else PATH)
        plain = long_line(place.now) if arguments.details else None
        return listing(entries, columns, cells, _nothing_listed(arguments, roots), plain)


def _listed(arguments: ListFolderArguments, roots: Sequence[Root], unread: Unread) -> Iterator[Entry]:
    test = has_type(arguments.type) if arguments.type else None
    for root in roots:
        if not os.path.isdir(root.path):
            yield Entry(root.path, root.shown)
            continue
        for entry in walk(root, unread, depth=1):
            if (arguments.hidden or not is_hidden(entry)) and (test is None or test(entry)):
                yield entry
        if unread.count:
            raise ToolError(_unlisted(root.path))


def _unlisted(path: str) -> str:
    try:
        os.listdir(path)
    except OSError as error:
        return str(explain(error, "list", path))
    return both("Cannot list {path}.").format(path=clean_name(path))


def _nothing_listed(arguments: ListFolderArguments, roots: Sequence[Root]) -> str:
    where = " and ".join(clean_name(root.path) for root in roots[:3])
    if arguments.type:
        return both("There are no {type}s in {where}.").format(type=arguments.type, where=where)
    if not arguments.hidden and any(os.path.isdir(root.path) and os.listdir(root.path) for root in roots):
        return both("There are only hidden entries in {where}.").format(where=where)
    return both("{where} is empty.").format(where=where)


def _columns(
    called: Callable[[Entry], str], full: bool, order: str | None, last: Column
) -> tuple[Sequence[Column], Callable[[Entry], Row]]:
    """What is shown of each entry: all details, or what it is ordered by, and its name."""
    if full:
        return (*DETAILS, last), lambda entry: (*details(entry), with_target(entry, called(entry)))
    if order in _BY_SIZE:
        return (SIZE, last), lambda entry: (entry.stat.st_size, clean_name(called(entry)))
    if order in _BY_TIME:
        return (TIME, last), lambda entry: (entry.stat.st_mtime, clean_name(called(entry)))
    return (last,), lambda entry: (clean_name(called(entry)),)


class ShowTree(ReadingTool[ShowTreeArguments]):
    name = "show_tree"
    description = "Show folders and what is beneath them as a tree."
    arguments = ShowTreeArguments
    verb = "show the tree of"

    def read(self, arguments: ShowTreeArguments, roots: Sequence[Root], place: Place) -> Outcome:
        unread = Unread()
        lines: list[str] = []
        items: list[str] = []
        only_folders = arguments.type == "folder"
        folders = files = 0
        for root in roots:
            if not os.path.isdir(root.path):
                raise ToolError(both("{path} is not a folder.").format(path=clean_name(root.path)))
            for branch in draw(root, unread, arguments.depth, arguments.hidden, only_folders):
                lines.append(branch.line)
                items.append(branch.path)
                folders += branch.is_folder  # the start too, as `tree` has counted since version 2
                files += not branch.is_folder
        total = both("{folders} director{plural}").format(folders=folders, plural="y" if folders == 1 else "ies")
        if not only_folders:
            total += both(", {files} file{plural}").format(files=files, plural="" if files == 1 else "s")
        text = "\n".join([*lines, "", with_note(total, unread)])
        return Outcome(text, items=tuple(items), kind=ItemKind.PATH)


class FindFiles(ReadingTool[FindFilesArguments]):
    name = "find_files"
    description = "Find files and folders beneath a folder by name, type, size, age, owner or content."
    arguments = FindFilesArguments
    verb = "search"

    def read(self, arguments: FindFilesArguments, roots: Sequence[Root], place: Place) -> Outcome:
        unread = Unread()
        only_files = arguments.type is None and arguments.sort in _BY_SIZE
        found = beneath(arguments, roots, place, unread, only_files=only_files)
        names = arguments.show == "names"
        if names and arguments.sort == "name":
            entries = iter(sorted(found, key=lambda entry: (entry.name, entry.path))[: arguments.limit])
        else:
            in_order = arguments.sort == "name" and len(roots) == 1  # that is how a walk finds them
            entries = iter(ordered(found, None if in_order else arguments.sort, arguments.limit))

        def called(entry: Entry) -> str:
            return entry.name if names else entry.shown

        columns, cells = _columns(called, arguments.show == "details", arguments.sort, _NAME if names else PATH)
        plain = long_line(place.now) if arguments.show == "details" else None
        outcome = listing(entries, columns, cells, "", plain)
        if not outcome.items:
            return listing((), columns, cells, nothing_found(arguments, roots, unread))
        return Outcome(with_note("", unread), outcome.table, outcome.items, outcome.kind)


class FileInfo(ReadingTool[FileInfoArguments]):
    name = "file_info"
    description = "Describe files or folders: type, size, permissions, owner, times."
    arguments = FileInfoArguments
    verb = "describe"

    def read(self, arguments: FileInfoArguments, roots: Sequence[Root], place: Place) -> Outcome:
        entries = [Entry(root.path, root.shown or root.path) for root in roots]
        if len(entries) == 1:
            with explained("look at", entries[0].path):
                return Outcome(_described(entries[0]), items=(entries[0].path,), kind=ItemKind.PATH)
        columns = (PATH, Column("type"), *DETAILS)
        return listing(entries, columns, lambda entry: (*one_path(entry), describe(entry.path), *details(entry)), "")


def _described(entry: Entry) -> str:
    stat = entry.stat
    size = number(stat.st_size, "byte") + (f" ({format_size(stat.st_size)})" if stat.st_size >= 1024 else "")
    facts = {
        "path": clean_name(entry.path),
        "type": describe(entry.path),
        "size": size if not entry.is_folder else _inside(entry),
        "mode": f"{mode_text(entry)} ({stat.st_mode & 0o7777:04o})",
        "owner": f"{user_name(stat.st_uid)} ({stat.st_uid}), group {group_name(stat.st_gid)} ({stat.st_gid})",
        "modified": format_time(stat.st_mtime),
        "accessed": format_time(stat.st_atime),
        "changed": format_time(stat.st_ctime),
    }
    birth = getattr(stat, "st_birthtime", None)  # Linux does not tell it here
    if birth:
        facts["created"] = format_time(birth)
    if entry.is_link:
        facts["leads to"] = _leads_to(entry.path)
    if stat.st_nlink > 1 and not entry.is_folder:
        facts["names"] = both("{st_nlink} (hard links)").format(st_nlink=stat.st_nlink)
    return "\n".join(f"{name + ':':<10}{fact}" for name, fact in facts.items())


def _leads_to(link: str) -> str:
    path = real_path(link)
    try:
        size = os.stat(path).st_size
    except OSError:
        return both("{path}, which is not there").format(path=clean_name(path))
    return f"{clean_name(path)}: {describe(path)}" + ("" if os.path.isdir(path) else f", {number(size, 'byte')}")


def _inside(entry: Entry) -> str:
    try:
        count = len(os.listdir(entry.path))
    except OSError:
        return "not yours to look into"
    return both("{count:,} entr{plural} directly in it").format(count=count, plural="y" if count == 1 else "ies")


class CurrentFolder(Tool[CurrentFolderArguments]):
    name = "current_folder"
    description = "Say which folder the session is in."
    arguments = CurrentFolderArguments

    def plan(self, call: ToolCall, arguments: CurrentFolderArguments, place: Place) -> Plan:
        return Plan(call, (), summary=both("say the current folder"))

    def run(self, plan: Plan, place: Place) -> Outcome:
        return Outcome(clean_name(place.cwd), items=(place.cwd,), kind=ItemKind.PATH)


class ChangeFolder(Tool[ChangeFolderArguments]):
    name = "change_folder"
    description = "Go to another folder; later requests start from there."
    arguments = ChangeFolderArguments

    def plan(self, call: ToolCall, arguments: ChangeFolderArguments, place: Place) -> Plan:
        path = locate(arguments.path, place)
        if not os.path.lexists(path):
            raise missing(path)
        path = real_path(path)
        if not os.path.isdir(path):
            raise ToolError(both("{path} is not a folder.").format(path=clean_name(path)))
        if not os.access(path, os.X_OK):
            raise ToolError(both("You may not enter {path} (permission denied).").format(path=clean_name(path)))
        return Plan(call, (Target(Effect.READ, path),), path, both("go to {path}").format(path=clean_name(path)))

    def run(self, plan: Plan, place: Place) -> Outcome:
        path = str(plan.action)
        return Outcome(clean_name(path), items=(path,), kind=ItemKind.PATH, cwd=path)

"""Tools about room on the disk: how much folders take, and which files are there more than once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from llmos.adapters.failures import explained
from llmos.adapters.files.usage import Folder, Usage
from llmos.adapters.files.walk import Entry, Root, Unread
from llmos.adapters.terminal import clean_name
from llmos.tools.arguments import Count, Paths, Selection
from llmos.tools.fields import Arguments, Field
from llmos.tools.files.reading import PATH, SIZE, ReadingTool, nothing_found, with_note
from llmos.tools.files.selection import beneath
from llmos.translation import both
from llmos.values.display import format_size
from llmos.values.messages import ItemKind, Outcome
from llmos.values.place import Place
from llmos.values.table import Column, Table


class DiskUsageArguments(Arguments):
    path: Paths = Field(default=["."], description="folders or files to measure")
    each: bool = Field(default=False, description="one line for every subfolder instead of the total alone")
    depth: Count | None = Field(default=None, description="levels of subfolders shown at most")
    sort: Literal["name", "largest", "smallest"] | None = Field(default=None, description="order of the lines")
    limit: Count | None = Field(default=None, description="show this many at most")


class FindDuplicatesArguments(Selection):
    by: Literal["content", "name"] = Field(default="content", description="what has to be the same")
    ignore_case: bool = Field(default=False, description="by name: capitals do not matter")


_ORDERS: dict[str, Callable[[Folder], Any]] = {
    "name": lambda folder: folder.path.split("/"),
    "largest": lambda folder: (-folder.size, folder.path),
    "smallest": lambda folder: (folder.size, folder.path),
}


class DiskUsage(ReadingTool[DiskUsageArguments]):
    name = "disk_usage"
    description = "Measure how much disk space folders take with all they hold."
    arguments = DiskUsageArguments
    verb = "measure"

    def read(self, arguments: DiskUsageArguments, roots: Sequence[Root], place: Place) -> Outcome:
        unread = Unread()
        each = arguments.each or arguments.depth is not None
        levels = (1 if arguments.depth is None else arguments.depth) if each else 0
        measured = [_measured(root, levels, unread) for root in roots]
        totals = [folders[0] for folders in measured]
        inside = [folder for folders in measured for folder in folders[1:]]
        shown = inside or totals
        order = arguments.sort or ("largest" if inside else None)
        if order:
            shown = sorted(shown, key=_ORDERS[order])
        if not inside:
            return _usage(shown[: arguments.limit], (), with_note("", unread))
        if arguments.limit is None:
            return _usage(shown, totals, with_note("", unread))
        text = both("{size} in all.").format(size=format_size(sum(folder.size for folder in totals)))
        return _usage(shown[: arguments.limit], (), with_note(text, unread))


def _measured(root: Root, levels: int, unread: Unread) -> list[Folder]:
    with explained("measure", root.path):
        return list(Usage(unread).folders(root, levels))


def _usage(folders: Sequence[Folder], totals: Sequence[Folder], text: str) -> Outcome:
    """The whole comes last, as `du` shows it; what was asked for are the parts."""
    rows = tuple((folder.size, clean_name(folder.shown)) for folder in (*folders, *totals))
    return Outcome(text, Table((SIZE, PATH), rows), tuple(folder.path for folder in folders), ItemKind.PATH)


class FindDuplicates(ReadingTool[FindDuplicatesArguments]):
    name = "find_duplicates"
    description = "Find files with the same content or the same name."
    arguments = FindDuplicatesArguments
    verb = "search for duplicates in"

    def read(self, arguments: FindDuplicatesArguments, roots: Sequence[Root], place: Place) -> Outcome:
        # hashing is loaded for this tool alone
        from llmos.adapters.files.duplicates import same_content, same_name  # noqa: PLC0415

        unread = Unread()
        entries = beneath(arguments, roots, place, unread, only_files=True)
        by_name = arguments.by == "name"
        groups = same_name(entries, arguments.ignore_case) if by_name else same_content(entries, unread)
        if not groups:
            return _duplicates([], nothing_found(arguments, roots, unread).replace("no ", "no duplicates among ", 1))
        return _duplicates(groups, with_note("", unread))


def _duplicates(groups: Sequence[Sequence[Entry]], text: str) -> Outcome:
    rows = tuple((number, clean_name(entry.shown)) for number, group in enumerate(groups, 1) for entry in group)
    items = tuple(entry.path for group in groups for entry in group)
    return Outcome(text, Table((Column("group"), PATH), rows), items, ItemKind.PATH)

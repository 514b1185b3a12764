"""Tools that answer with a measure of files: counts, checksums, differences. Sizes of folders are for room.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

from llmos.adapters.files.content import is_binary
from llmos.adapters.files.digest import COUNTS, digest
from llmos.adapters.files.match import has_type
from llmos.adapters.files.text import head_of, read_lines
from llmos.adapters.files.walk import Entry, Root, Unread, real_path, scan
from llmos.adapters.terminal import clean, clean_name
from llmos.errors import ToolError
from llmos.tools.arguments import Count, Selection
from llmos.tools.fields import Arguments, Field
from llmos.tools.files.reading import PATH, ReadingTool, Row, a_number, nothing_found, with_note
from llmos.tools.files.selection import beneath
from llmos.translation import both
from llmos.values.messages import ItemKind, Outcome
from llmos.values.place import Place
from llmos.values.table import Column, Table, Unit


class CountEntriesArguments(Selection):
    what: Literal["entries", "files", "folders", "lines", "words", "characters", "bytes"] = Field(
        default="entries", description="what is counted"
    )
    each: bool = Field(default=False, description="one number for every file instead of the total alone")
    sort: Literal["name", "largest", "smallest"] | None = Field(default=None, description="order when each is set")
    limit: Count | None = Field(default=None, description="show this many at most")


class ChecksumArguments(Selection):
    algorithm: Literal["md5", "sha1", "sha256", "sha512"] = Field(default="sha256", description="the hash function")


class CompareFilesArguments(Arguments):
    first: str = Field(description="the one file or folder")
    second: str = Field(description="the other file or folder")
    show: Literal["differences", "count", "same"] = Field(
        default="differences", description="the differing lines, how many they are, or only whether they are the same"
    )


Counted = tuple[Entry, int]

_ORDERS: dict[str, Callable[[Counted], Any]] = {
    "name": lambda counted: counted[0].path.split("/"),
    "largest": lambda counted: (-counted[1], counted[0].path),
    "smallest": lambda counted: (counted[1], counted[0].path),
}


class CountEntries(ReadingTool[CountEntriesArguments]):
    name = "count"
    description = "Count files and folders, or the lines, words, characters or bytes in files."
    arguments = CountEntriesArguments
    verb = "count in"

    def read(self, arguments: CountEntriesArguments, roots: Sequence[Root], place: Place) -> Outcome:
        unread = Unread()
        if arguments.what in COUNTS:
            entries = beneath(arguments, roots, place, unread, only_files=True)
            counted = _contents(entries, arguments.what, unread)
        elif arguments.each:
            counted = _each_folder(arguments, roots, place, unread)
        else:
            counted = ((entry, 1) for entry in _counted_entries(arguments, roots, place, unread))
        if arguments.each:
            return _table(list(counted), arguments, unread)
        return a_number(sum(number for _, number in counted), unread)


def _counted_entries(
    arguments: CountEntriesArguments, roots: Sequence[Root], place: Place, unread: Unread
) -> Iterator[Entry]:
    entries = beneath(arguments, roots, place, unread)
    if arguments.what == "entries":
        return entries
    return filter(has_type("file" if arguments.what == "files" else "folder"), entries)


def _contents(entries: Iterable[Entry], what: str, unread: Unread) -> Iterator[Counted]:
    """A file that was named itself must be readable; one among many that is not is only noted."""
    for entry in entries:
        try:
            yield entry, COUNTS[what](entry.path)
        except ToolError as error:
            if entry.depth == 0 or not isinstance(error.__cause__, OSError):
                raise
            unread.add(entry.path, error.__cause__)


def _each_folder(
    arguments: CountEntriesArguments, roots: Sequence[Root], place: Place, unread: Unread
) -> Iterator[Counted]:
    """The number in each of the roots, or of one root in each folder directly in it."""
    if len(roots) == 1 and os.path.isdir(roots[0].path):
        roots = list(_folders_in(roots[0], unread))
    for root in roots:
        yield Entry(root.path, root.shown), sum(1 for _ in _counted_entries(arguments, [root], place, unread))


def _folders_in(root: Root, unread: Unread) -> Iterator[Root]:
    base = real_path(root.path)
    for entry in scan(base, unread):
        if entry.is_dir(follow_symlinks=False):
            yield Root(entry.path, os.path.join(root.shown, entry.name))


def _table(counted: list[Counted], arguments: CountEntriesArguments, unread: Unread) -> Outcome:
    if arguments.sort:
        counted.sort(key=_ORDERS[arguments.sort])
    in_all = sum(number for _, number in counted)
    counted = counted[: arguments.limit]
    unit = Unit.BYTES if arguments.what == "bytes" else Unit.NONE
    rows = tuple((number, clean_name(entry.shown)) for entry, number in counted)
    if arguments.what in COUNTS and len(rows) > 1 and arguments.limit is None:
        rows += ((in_all, "total"),)  # as `wc` does
    text = with_note("" if rows else "Nothing found: there is nothing to count.", unread)
    table = Table((Column(arguments.what, unit), PATH), rows)
    return Outcome(text, table, tuple(entry.path for entry, _ in counted), ItemKind.PATH)


class Checksum(ReadingTool[ChecksumArguments]):
    name = "checksum"
    description = "Compute checksums of files."
    arguments = ChecksumArguments
    verb = "compute the checksum of"

    def read(self, arguments: ChecksumArguments, roots: Sequence[Root], place: Place) -> Outcome:
        unread = Unread()
        rows: list[Row] = []
        items: list[str] = []
        for entry in beneath(arguments, roots, place, unread, only_files=True):
            try:
                rows.append((digest(entry.path, arguments.algorithm), clean_name(entry.shown)))
            except ToolError as error:
                if entry.depth == 0 or not isinstance(error.__cause__, OSError):
                    raise
                unread.add(entry.path, error.__cause__)
                continue
            items.append(entry.path)
        if len(rows) == 1:
            return Outcome(_hash_and_path(rows[0]), items=tuple(items), kind=ItemKind.PATH)
        text = with_note("", unread) if rows else nothing_found(arguments, roots, unread)
        table = Table((Column("hash"), PATH), tuple(rows), _hash_and_path)
        return Outcome(text, table, tuple(items), ItemKind.PATH)


def _hash_and_path(row: Row) -> str:
    return "  ".join(str(cell) for cell in row)


class CompareFiles(ReadingTool[CompareFilesArguments]):
    name = "compare_files"
    description = "Compare two files line by line, or two folders entry by entry."
    arguments = CompareFilesArguments
    verb = "compare"

    def paths(self, arguments: CompareFilesArguments) -> Sequence[str]:
        return arguments.first, arguments.second

    def read(self, arguments: CompareFilesArguments, roots: Sequence[Root], place: Place) -> Outcome:
        first, second = _paired(roots)
        if os.path.isdir(first.path):
            return _compare_folders(first, second, arguments.show)
        return _compare_texts(first, second, arguments.show)


def _paired(roots: Sequence[Root]) -> tuple[Root, Root]:
    """A file and a folder: the file is compared with the one of its name in the folder, as `diff` does."""
    if len(roots) == 1:
        return roots[0], roots[0]  # the same path twice
    if len(roots) != 2:
        raise ToolError(both("Two paths can be compared, not {count}.").format(count=len(roots)))
    first, second = roots
    is_folder = [os.path.isdir(root.path) for root in roots]
    if is_folder == [True, False]:
        return _within(first, second.path), second
    if is_folder == [False, True]:
        return first, _within(second, first.path)
    return first, second


def _within(folder: Root, path: str) -> Root:
    name = os.path.basename(path)
    if not os.path.lexists(os.path.join(folder.path, name)):
        raise ToolError(
            both("{path} is a folder without a file '{name}' to compare with.").format(
                path=clean_name(folder.path), name=clean_name(name)
            )
        )
    return Root(os.path.join(folder.path, name), os.path.join(folder.shown, name))


def _compare_texts(first: Root, second: Root, show: str) -> Outcome:
    from llmos.adapters.files import compare  # noqa: PLC0415 - only needed for this tool

    items = (first.path, second.path)
    if compare.same_bytes(first.path, second.path):
        return Outcome("0" if show == "count" else both("The files are the same."), items=items, kind=ItemKind.PATH)
    if show == "same" or any(is_binary(head_of(path)) for path in items):
        text = both("The files differ.") if show == "same" else both("The files differ; they are binary.")
        return Outcome(text, items=items, kind=ItemKind.PATH)
    a, b = read_lines(first.path), read_lines(second.path)
    found = compare.hunks(a, b)
    if show == "count":
        number = sum(hunk.a2 - hunk.a1 + hunk.b2 - hunk.b1 for hunk in found)
        return Outcome(str(number), items=(str(number),))
    text = b"\n".join(compare.normal(a, b, found)).decode("utf-8", "surrogateescape")
    return Outcome(clean(text), items=items, kind=ItemKind.PATH)


def _compare_folders(first: Root, second: Root, show: str) -> Outcome:
    from llmos.adapters.files import compare  # noqa: PLC0415 - only needed for this tool

    unread = Unread()
    unlike = list(compare.unlike_entries(first, second, unread))
    if show == "count":
        return a_number(len(unlike), unread)
    if show == "same" or not unlike:
        text = both("The folders differ.") if unlike else both("The folders are the same.")
        return Outcome(with_note(text, unread), items=(first.path, second.path), kind=ItemKind.PATH)
    rows = tuple((clean_name(one.path), clean_name(one.how)) for one in unlike)
    items = tuple(_where(one.path, first.path, second.path) for one in unlike)
    return Outcome(with_note("", unread), Table((PATH, Column("difference")), rows, _told), items, ItemKind.PATH)


def _where(path: str, first: str, second: str) -> str:
    in_first = os.path.join(first, path)
    return in_first if os.path.lexists(in_first) else os.path.join(second, path)


def _told(row: Row) -> str:
    return f"{row[0]}: {row[1]}"

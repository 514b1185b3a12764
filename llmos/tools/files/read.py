"""The tool that reads files, whole or in part, as text or as bytes. Searching them is search.py's business."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal, cast

from llmos.adapters.failures import explained
from llmos.adapters.files import text
from llmos.adapters.files.content import decode
from llmos.adapters.files.walk import Entry, Root, Unread
from llmos.adapters.terminal import clean, clean_name
from llmos.errors import ToolError
from llmos.tools.arguments import Count, Duration, Selection
from llmos.tools.fields import Field
from llmos.tools.files.reading import Reading, ReadingTool, nothing_found
from llmos.tools.files.selection import beneath
from llmos.tools.tool import Run
from llmos.translation import both
from llmos.values.events import Progress
from llmos.values.messages import ItemKind, Outcome
from llmos.values.place import Place
from llmos.values.plans import Plan

LONGEST = 1 << 16
"""Bytes of content that are shown at most."""

MOST = 1 << 28
"""Bytes of one file that a pipe gets at most."""

_FOLLOWED = 10
"""Lines shown before following begins, when no part is asked for."""


class ReadFileArguments(Selection):
    first: Count | None = Field(default=None, description="only the first so many")
    last: Count | None = Field(default=None, description="only the last so many")
    start: Count | None = Field(default=None, description="from this line on, counted from 1")
    end: Count | None = Field(default=None, description="up to and with this line")
    unit: Literal["lines", "bytes"] = Field(default="lines", description="what first and last count")
    line_numbers: bool = Field(default=False, description="a number before each line")
    follow: Duration | None = Field(default=None, description="then show what is added for this time: seconds")
    show: Literal["text", "hex", "characters"] = Field(
        default="text", description="hex: bytes in hexadecimal; characters: unprintable ones as escapes"
    )


class ReadFile(ReadingTool[ReadFileArguments]):
    name = "read_file"
    description = "Show what is in text files, whole or in part."
    arguments = ReadFileArguments
    verb = "read"

    def run(self, plan: Plan, place: Place) -> Outcome | Run:
        arguments, roots = _reading(plan)
        if arguments.follow:
            return _follow(plan, place)
        return self.read(arguments, roots, place)

    def read(self, arguments: ReadFileArguments, roots: Sequence[Root], place: Place) -> Outcome:
        unread = Unread()
        entries = _files(arguments, roots, place, unread)
        if not entries:
            return Outcome(nothing_found(arguments, roots, unread))
        shown: list[str] = []
        left = LONGEST
        items = tuple(entry.path for entry in entries)
        for entry in entries:
            content, cut = _shown(entry, arguments, left, alone=len(entries) == 1)
            shown.append(content)
            left -= len(content)
            if cut or left <= 0:
                whole = partial(_whole, entries, arguments)
                return Outcome(_joined(shown), items=items, kind=ItemKind.PATH, more=entry.path, whole=whole)
        return Outcome(_joined(shown), items=items, kind=ItemKind.PATH)


def _reading(plan: Plan) -> tuple[ReadFileArguments, Sequence[Root]]:
    reading = cast(Reading[ReadFileArguments], plan.action)
    return reading.arguments, reading.roots


def _files(arguments: ReadFileArguments, roots: Sequence[Root], place: Place, unread: Unread) -> list[Entry]:
    if arguments.has_filter:
        return list(beneath(arguments, roots, place, unread, only_files=True))
    for root in roots:
        if os.path.isdir(root.path):
            raise ToolError(
                both("{path} is a folder; list_folder shows what is in it.").format(path=clean_name(root.path))
            )
    return [Entry(root.path, root.shown) for root in roots]


def _joined(shown: Sequence[str]) -> str:
    return "".join(shown).removesuffix("\n")


def _whole(entries: Sequence[Entry], arguments: ReadFileArguments) -> Iterator[str]:
    for entry in entries:
        yield _shown(entry, arguments, MOST, alone=len(entries) == 1)[0]


def _shown(entry: Entry, arguments: ReadFileArguments, limit: int, *, alone: bool) -> tuple[str, bool]:
    """The part asked for, as it is shown, with a last line end unless it is empty; and whether there is more."""
    content, cut = _render(entry, arguments, limit, alone)
    content = content if content.endswith("\n") or not content else content + "\n"
    in_part = any(number is not None for number in (arguments.first, arguments.last, arguments.start, arguments.end))
    if not alone and in_part:
        content = f"==> {clean_name(entry.shown)} <==\n{content}"
    return content, cut


def _render(entry: Entry, arguments: ReadFileArguments, limit: int, alone: bool) -> tuple[str, bool]:
    part = text.Part(
        arguments.first,
        arguments.last,
        arguments.start,
        arguments.end,
        bytes=arguments.unit == "bytes" or arguments.show == "hex",
    )
    if arguments.show == "hex":
        return _hex(entry, part, limit)
    if arguments.show == "text":
        try:
            text.refuse_binary(entry.path, "Its bytes can be shown in hexadecimal.")
        except ToolError as error:
            if alone:
                raise
            return str(error), False
    piece = text.read_part(entry.path, part, limit)
    if arguments.show == "characters":
        return text.with_escapes(piece.content), piece.cut
    content = clean(decode(piece.content))
    if arguments.line_numbers:
        content = _numbered(content, _first_number(entry, part, piece))
    return content, piece.cut


def _hex(entry: Entry, part: text.Part, limit: int) -> tuple[str, bool]:
    """Plain digits of a part that was asked for by its length; of a whole file also where and what the bytes are."""
    limit //= 4  # a byte takes more than four characters
    piece = text.read_part(entry.path, part, limit)
    rows = text.hex_rows(piece.content, None if part.first is not None or part.last is not None else 0)
    return "\n".join(rows), piece.cut


def _first_number(entry: Entry, part: text.Part, piece: text.Piece) -> int:
    if part.last is None or part.bytes or piece.line != 1:
        return piece.line
    lines = piece.content.count(b"\n") + (not piece.content.endswith(b"\n"))
    return max(1, text.count_lines(entry.path) - lines + 1)


def _numbered(content: str, first: int) -> str:
    lines = content.removesuffix("\n").split("\n") if content else []
    return "\n".join(f"{number:>6}\t{line}" for number, line in enumerate(lines, first))


def _follow(plan: Plan, place: Place) -> Run:
    """What is there first, then each line as it is added."""
    arguments, roots = _reading(plan)
    entries = _files(arguments, roots, place, Unread())
    if len(entries) != 1:
        raise ToolError(both("Only one file can be followed at a time, not {count}.").format(count=len(entries)))
    path = entries[0].path
    with explained("read", path):
        position = os.stat(path).st_size
    if all(number is None for number in (arguments.first, arguments.last, arguments.start, arguments.end)):
        arguments = arguments.model_copy(update={"last": _FOLLOWED})
    content = _joined(_shown(entries[0], arguments, LONGEST, alone=True)[:1])
    lines = content.split("\n") if content else []
    for line in lines:
        yield Progress(plan.call, line)
    for added in text.follow(path, arguments.follow or 0, position):
        lines.append(clean(decode(added)).rstrip("\r"))
        yield Progress(plan.call, lines[-1])
    return Outcome("\n".join(lines), items=(path,), kind=ItemKind.PATH)

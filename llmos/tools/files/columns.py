"""Tools that show lines of text files rearranged: sorted, once each, a few columns. The files stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from llmos.adapters.files import lines as arrange
from llmos.adapters.files.text import read_lines, refuse_binary
from llmos.adapters.files.walk import Root
from llmos.adapters.terminal import clean, clean_name
from llmos.errors import ToolError
from llmos.tools.arguments import Count, Paths
from llmos.tools.fields import Arguments, Field
from llmos.tools.files.reading import ReadingTool, Row
from llmos.translation import both
from llmos.values.messages import ItemKind, Outcome
from llmos.values.place import Place
from llmos.values.table import Column, Table


class SortLinesArguments(Arguments):
    path: Paths = Field(description="text files")
    reverse: bool = Field(default=False, description="from last to first")
    numeric: bool = Field(default=False, description="by value, not by letter")
    unique: bool = Field(default=False, description="each line once")
    ignore_case: bool = Field(default=False, description="capitals do not matter")
    column: Count | None = Field(default=None, description="sort by this column, counted from 1")
    delimiter: str | None = Field(default=None, description="what stands between columns; white space by default")


class UniqueLinesArguments(Arguments):
    path: Paths = Field(description="text files")
    count: bool = Field(default=False, description="with how often each line occurs, most frequent first")
    show: Literal["all", "repeated", "single"] = Field(default="all", description="every line once, or only some")
    ignore_case: bool = Field(default=False, description="capitals do not matter")


class CutColumnsArguments(Arguments):
    path: Paths = Field(description="text files")
    columns: str = Field(description="columns to keep, counted from 1: 2 or 1,3 or 2-4")
    delimiter: str | None = Field(default=None, description="what stands between columns; found out by default")


class SortLines(ReadingTool[SortLinesArguments]):
    name = "sort_lines"
    description = "Show the lines of text files sorted; the files stay as they are."
    arguments = SortLinesArguments
    verb = "sort the lines of"

    def read(self, arguments: SortLinesArguments, roots: Sequence[Root], place: Place) -> Outcome:
        lines = _lines(roots)
        if arguments.unique:
            lines = list(arrange.occurrences(lines, arguments.ignore_case))
        sign = arrange.delimiter(arguments.delimiter)
        if arguments.column is not None and arguments.delimiter is None and not any(line.split()[1:] for line in lines):
            sign = arrange.find_delimiter(lines)  # there is no white space in it at all
        key = arrange.sort_key(arguments.numeric, arguments.ignore_case, arguments.column, sign)
        lines.sort(key=key, reverse=arguments.reverse)
        return _shown(lines, roots)


class UniqueLines(ReadingTool[UniqueLinesArguments]):
    name = "unique_lines"
    description = "Show each line of text files once, or how often it occurs; the files stay as they are."
    arguments = UniqueLinesArguments
    verb = "show the unique lines of"

    def read(self, arguments: UniqueLinesArguments, roots: Sequence[Root], place: Place) -> Outcome:
        counts = arrange.occurrences(_lines(roots), arguments.ignore_case)
        if arguments.show != "all":
            wanted = arguments.show == "repeated"
            counts = {line: count for line, count in counts.items() if (count > 1) is wanted}
        if not arguments.count:
            return _shown(counts, roots)
        by_count = sorted(counts.items(), key=lambda pair: -pair[1])  # stable: then in the order of first sight
        rows = tuple((count, _text(line)) for line, count in by_count)
        items = tuple(str(row[1]) for row in rows)
        table = Table((Column("count"), Column("line")), rows, _counted)
        return Outcome("" if rows else _nothing(roots), table, items, ItemKind.LINE)


class CutColumns(ReadingTool[CutColumnsArguments]):
    name = "cut_columns"
    description = "Show some columns of text files."
    arguments = CutColumnsArguments
    verb = "show columns of"

    def read(self, arguments: CutColumnsArguments, roots: Sequence[Root], place: Place) -> Outcome:
        lines = _lines(roots)
        named = arguments.delimiter
        sign = arrange.find_delimiter(lines) if named is None else arrange.delimiter(named)
        header = [field.decode("utf-8", "replace") for field in arrange.columns(lines[0], sign)] if lines else []
        try:
            spans = arrange.parse_spans(arguments.columns, header)
        except ValueError as error:
            hint = "write columns like 2 or 1,3 or 2-4"
            raise ToolError(f"'{clean_name(arguments.columns)}': {error}; {hint}.") from None
        joint = b" " if sign is None else sign
        return _shown((joint.join(arrange.cut(arrange.columns(line, sign), spans)) for line in lines), roots)


def _lines(roots: Sequence[Root]) -> list[bytes]:
    lines: list[bytes] = []
    for root in roots:
        refuse_binary(root.path, "It has no lines.")
        lines += (line.removesuffix(b"\r") for line in read_lines(root.path))
    return lines


def _shown(lines: Iterable[bytes], roots: Sequence[Root]) -> Outcome:
    texts = tuple(_text(line) for line in lines)
    table = Table((Column("line"),), tuple((text,) for text in texts))
    return Outcome("" if texts else _nothing(roots), table, texts, ItemKind.LINE)


def _nothing(roots: Sequence[Root]) -> str:
    return both("Nothing found: there is no such line in {names}.").format(
        names=" and ".join(clean_name(root.path) for root in roots[:3])
    )


def _text(line: bytes) -> str:
    return clean(line.decode("utf-8", "surrogateescape"))


def _counted(row: Row) -> str:
    return f"{row[0]:>7} {row[1]}"

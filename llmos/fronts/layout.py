"""Outcomes for people: aligned tables in human units. What a pipe gets is values/plain.py.

Nothing is written here. No table library: tabulate takes 70 ms to import, which is a third of an answer.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from llmos.adapters.terminal import clean, clean_name
from llmos.fronts.paint import PLAIN, Theme, painted
from llmos.translation import _, here
from llmos.values.display import format_duration, format_size
from llmos.values.messages import Outcome
from llmos.values.table import Cell, Table, Unit

GAP = "  "
LONG_WORD = 30
_SGR = re.compile(r"\x1b\[[0-9;]*m")
NARROWEST = 12
"""A column is not squeezed further than this."""


def for_terminal(outcome: Outcome, width: int, theme: Theme = PLAIN) -> str:
    parts = [clean(here(outcome.text)).rstrip("\n")] if outcome.text else []
    if outcome.table and outcome.table.rows:
        parts.append(_aligned(outcome.table, width, theme))
    return "\n".join(parts)


def remark(outcome: Outcome) -> str:
    """What a person wants to know besides the rows that went into a pipe."""
    if outcome.table is None:
        return ""
    return here(outcome.text).rstrip("\n") or ("" if outcome.table.rows else _("nothing found"))


def _human(cell: Cell, unit: Unit) -> str:
    match cell:
        case None:
            return "-"
        case bool():
            return _("yes") if cell else _("no")
        case str():
            return clean_name(cell)
        case _:
            return _QUANTITIES[unit](cell)


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _number(value: float) -> str:
    return f"{value:.2f}" if value % 1 else f"{value:.0f}"


_QUANTITIES: Mapping[Unit, Callable[[float], str]] = {
    Unit.BYTES: format_size,
    Unit.SECONDS: format_duration,
    Unit.TIME: _moment,
    Unit.PERCENT: lambda value: f"{value:.1f}%",
    Unit.NONE: _number,
}


def _aligned(table: Table, width: int, theme: Theme) -> str:
    rows = [[_human(cell, c.unit) for cell, c in zip(row, table.columns, strict=True)] for row in table.rows]
    if len(table.columns) == 1:
        return "\n".join(row[0] for row in rows)
    header = [clean_name(column.name) for column in table.columns]
    widths = [max(map(columns_of, column)) for column in zip(header, *rows, strict=True)]
    right = [_is_number(table, i) for i in range(len(header))]
    words = [i for i, c in enumerate(table.columns) if c.unit is not Unit.TIME and not right[i]]
    widths = _squeezed(widths, words, width)
    if sum(widths) + len(GAP) * (len(widths) - 1) > width:
        return _one_below_the_other(header, rows, theme)
    lines = [_line(row, widths, right) for row in [header, *rows]]
    lines[0] = "\n".join(painted(line, theme.header) for line in lines[0].split("\n"))
    return "\n".join(lines)


def _one_below_the_other(header: Sequence[str], rows: Sequence[Sequence[str]], theme: Theme) -> str:
    """For terminals too narrow for the table: each row as a block of lines."""
    label = max(map(columns_of, header))
    names = [painted(_pad(name, label, False), theme.header) for name in header]
    blocks = [[f"{name}{GAP}{cell}" for name, cell in zip(names, row, strict=True)] for row in rows]
    return "\n\n".join("\n".join(block) for block in blocks)


def _is_number(table: Table, column: int) -> bool:
    cells = [row[column] for row in table.rows if row[column] is not None]
    return table.columns[column].unit is not Unit.TIME and all(
        isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells
    )


def _squeezed(widths: Sequence[int], words: Sequence[int], width: int) -> list[int]:
    """Take what is too much from the widest columns of words: a number or a moment in two lines cannot be read."""
    widths = list(widths)
    while sum(widths) + len(GAP) * (len(widths) - 1) > width:
        widest = max(words, key=widths.__getitem__, default=None)
        if widest is None or widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    """One row; cells wider than their column go on in the lines below."""
    folded = [_fold(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, folded))
    lines = []
    for i in range(height):
        parts = [part[i] if i < len(part) else "" for part in folded]
        padded = [_pad(part, width, to_right) for part, width, to_right in zip(parts, widths, right, strict=True)]
        lines.append(GAP.join(padded).rstrip())
    return "\n".join(lines)


def _pad(text: str, width: int, to_right: bool) -> str:
    space = " " * (width - columns_of(text))
    return space + text if to_right else text + space


def _fold(text: str, width: int) -> list[str]:
    """Pieces no wider than that, at spaces where there are some."""
    pieces = []
    while columns_of(text) > width:
        head = _beginning(text, width)
        cut_at = head.rfind(" ") + 1
        head = head[:cut_at] if cut_at > len(head) // 2 else head
        pieces.append(head)
        text = text[len(head) :]
    return [*pieces, text]


def _beginning(text: str, width: int) -> str:
    """What belongs together on the screen, as an emoji made of several, is not cut."""
    beginning, filled = "", 0
    for cluster, columns in _clusters(text):
        filled += columns
        if filled > width and beginning:
            break
        beginning += cluster
    return beginning


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    if text.isascii():
        return ((character, 1) for character in text)
    from wcwidth import iter_graphemes  # noqa: PLC0415

    return ((cluster, columns_of(cluster)) for cluster in iter_graphemes(text))


def cut(text: str, width: int) -> str:
    """One line that is no wider; what is left out is an ellipsis."""
    return text if columns_of(text) <= width else _beginning(text, max(1, width - 1)) + "…"


def flowing(text: str, column: int, width: int) -> tuple[str, int]:
    """Prose that goes on at a column, broken at spaces, and the column after it.

    Long words are left to the terminal, and so is Chinese, which has no spaces.
    """
    written = ""
    for gap, word in re.findall(r"(\n|[^\S\n]*)(\S*)", text):
        columns = columns_of(word)
        if gap == "\n" or (gap and 0 < columns < LONG_WORD and column + len(gap) + columns > width):
            written, column = f"{written}\n{word}", columns
        else:
            written, column = written + gap + word, column + len(gap) + columns
        column = column % width if column > width else column
    return written, column


def in_lines(parts: Iterable[str], width: int) -> list[str]:
    """Parts beside each other, as many in a line as fit."""
    lines: list[str] = []
    for part in parts:
        if lines and columns_of(lines[-1] + GAP + part) <= width:
            lines[-1] += GAP + part
        else:
            lines.append(part)
    return lines


def width_of(out: TextIO) -> int:
    """Columns of the terminal it leads to, 80 where it leads to none."""
    try:
        return os.get_terminal_size(out.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def height_of(text: str, width: int) -> int:
    """Lines of the screen it takes; sequences that colour it take no room."""
    return sum(max(1, -(-columns_of(_SGR.sub("", line)) // width)) for line in text.split("\n"))


def columns_of(text: str) -> int:
    """How wide a terminal shows it."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # noqa: PLC0415  # 30 ms that ASCII need not spend

    columns: int = wcswidth(text)
    return columns if columns >= 0 else len(text)

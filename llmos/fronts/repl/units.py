"""An answer once more in other units, and a call once more for something else."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import partial

from llmos.values.messages import JSON, Outcome, ToolCall
from llmos.values.table import Cell, Column, Table, Unit

NAMES = ("bytes", "KB", "MB", "GB", "TB")
_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?) (bytes?|KB|MB|GB|TB|PB)\b")
_POWERS = {"byte": 0, "bytes": 0, "KB": 1, "MB": 2, "GB": 3, "TB": 4, "PB": 5}


def in_unit(outcome: Outcome, power: int) -> Outcome:
    """Sizes in bytes × 1024 ** power. In tables they are exact; in a text as exact as they stand there."""

    def again(match: re.Match[str]) -> str:
        return _size(float(match[1]) * 1024 ** _POWERS[match[2]], power)

    table = outcome.table
    return replace(outcome, text=_SIZE.sub(again, outcome.text), table=table and _table(table, power))


def _size(size: float, power: int) -> str:
    if power == 0:
        return f"{size:.0f} bytes"
    scaled = size / 1024**power
    digits = 1 if scaled >= 100 else 2 if scaled >= 0.1 else 4
    return f"{scaled:.{digits}f} {NAMES[power]}"


def _table(table: Table, power: int) -> Table:
    """The unit goes into the header, so that numbers stay numbers."""
    sizes = [column.unit is Unit.BYTES for column in table.columns]
    columns = tuple(Column(f"{c.name} ({NAMES[power]})") if c.unit is Unit.BYTES else c for c in table.columns)
    rows = tuple(tuple(map(partial(_cell, power), row, sizes)) for row in table.rows)
    return Table(columns, rows, table.plain)


def _cell(power: int, value: Cell, is_size: bool) -> Cell:
    """Decimals only where they say something."""
    if not is_size or not isinstance(value, int | float):
        return value
    scaled = value / math.pow(1024, power)
    return scaled if scaled < 100 else round(scaled)


TARGETS = ("path", "target", "name", "port", "about", "first", "job")
"""The argument that says what a call is about, where there are several the first that it has."""


def with_target(call: ToolCall, what: str) -> ToolCall:
    name = next((name for name in TARGETS if name in call.arguments), "path")
    before = call.arguments.get(name)
    value: JSON = [what] if isinstance(before, list) or before is None else what
    return ToolCall(call.id, call.name, {**call.arguments, name: value})

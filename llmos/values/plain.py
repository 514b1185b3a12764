"""An outcome as plain text: what goes into a pipe, and what "save that" writes into a file.

What a terminal shows is laid out in fronts/layout.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from llmos.values.messages import Outcome
from llmos.values.table import Cell, Table, Unit


def plain_text(outcome: Outcome) -> str:
    """Where there are rows they are the answer, one a line, and the text beside them is for people."""
    return outcome.text if outcome.table is None else "\n".join(map(_row(outcome.table), outcome.table.rows))


def _row(table: Table) -> Callable[[tuple[Cell, ...]], str]:
    if table.plain:
        return table.plain
    units = [column.unit for column in table.columns]
    return lambda cells: "\t".join(exact(cell, unit) for cell, unit in zip(cells, units, strict=True))


def exact(cell: Cell, unit: Unit = Unit.NONE) -> str:
    """For programs: a number is itself, a moment is ISO 8601."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int() | float() if unit is Unit.TIME:
            return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(cell))
        case float():
            return f"{cell:.6g}" if cell % 1 else f"{cell:.0f}"
        case _:
            return str(cell)

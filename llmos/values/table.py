"""Rows that a tool answers with. How they are laid out is the front's business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Cell = str | int | float | bool | None


class Unit(StrEnum):
    """What the numbers of a column measure."""

    NONE = ""
    BYTES = "bytes"
    SECONDS = "seconds"
    TIME = "time"
    """Seconds since 1970-01-01 00:00 UTC."""
    PERCENT = "percent"


@dataclass(frozen=True)
class Column:
    name: str
    unit: Unit = Unit.NONE


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """One cell per column. Numbers stay numbers; None where the machine does not say."""

    plain: Callable[[tuple[Cell, ...]], str] | None = None
    """How one row reads in a pipe when the cells in order, separated by tabs, would not be the natural form."""

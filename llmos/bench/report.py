"""What a measurement says, as a table for people and as JSON for programs, with the machine that it was made on.

What is measured is in the other modules.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Report:
    title: str
    rows: Sequence[Row]
    note: str = ""


@dataclass(frozen=True)
class Row:
    name: str
    values: Mapping[str, float] = field(default_factory=dict)
    """By column; a row need not have them all."""


def machine() -> dict[str, str | int | float]:
    """Numbers of two machines, or of one under another load, cannot be compared; ratios within one run can."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def as_text(report: Report) -> str:
    columns = list(dict.fromkeys(column for row in report.rows for column in row.values))
    lines = [["", *columns]]
    lines += [[row.name, *(_cell(row.values.get(column)) for column in columns)] for row in report.rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    table = [
        "  ".join([line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]).rstrip()
        for line in lines
    ]
    return "\n".join([report.title, *table, *([report.note] if report.note else [])])


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def as_json(reports: Sequence[Report]) -> dict[str, object]:
    return {"machine": machine(), "reports": [asdict(report) for report in reports]}

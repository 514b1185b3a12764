"""Sizes, lengths of time and moments as people read them, where a tool answers with one line instead of a table.

The layout of tables is the fronts' business; reading what people write is quantities.py.
"""

from __future__ import annotations

from datetime import datetime


def format_size(size: int | float) -> str:
    """1536 is "1.5 KB"; counted in powers of 1024 as everywhere."""
    value = float(size)
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if value < 1024 or unit == "TB":
            return f"{value:.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("unreachable")


def format_duration(seconds: float) -> str:
    """93784 is "1 day 2:03"; less than a minute is "42 s"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    days, hours = divmod(minutes // 60, 24)
    plural = "" if days == 1 else "s"
    return (f"{days} day{plural} " if days else "") + f"{hours}:{minutes % 60:02d}"


def format_time(moment: float) -> str:
    """Local time: 2026-03-07 14:05:11."""
    return datetime.fromtimestamp(moment).strftime("%Y-%m-%d %H:%M:%S")

"""Sizes, lengths of time and moments as people read them.

The layout of tables is the fronts' business; reading what people write is quantities.py.
"""

from __future__ import annotations

from datetime import datetime

from llmos.translation import nboth

_SIZES = ("KB", "MB", "GB", "TB", "PB")


def format_size(size: float) -> str:
    """1536 is "1.5 KB"; counted in powers of 1024 as everywhere."""
    if size < 1024:
        return nboth("{size:.0f} byte", "{size:.0f} bytes", round(size)).format(size=size)
    for unit in _SIZES:
        size /= 1024
        if size < 999.5 or unit == _SIZES[-1]:
            break
    return f"{size:.0f} {unit}" if size >= 99.95 else f"{size:.1f} {unit}"


def format_duration(seconds: float) -> str:
    """In its two largest units: 93784 is "1 d 2 h", a quarter of a second "0.25 s"."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    days, rest = divmod(round(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next(i for i, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)


def format_time(moment: float) -> str:
    """Local time: 2026-03-07 14:05:11."""
    return datetime.fromtimestamp(moment).strftime("%Y-%m-%d %H:%M:%S")

"""Sizes and lengths of time as text."""

from __future__ import annotations

import pytest

from llmos.values.display import format_duration, format_size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1536, "1.5 KB"),
        (1048575, "1.0 MB"),
        (200 << 20, "200 MB"),
        (5 << 40, "5.0 TB"),
        (2**60, "1024 PB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.25, "0.25 s"), (60, "1 min"), (3661, "1 h 1 min"), (90061, "1 d 1 h"), (86405, "1 d")]
)
def test_lengths_of_time(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text

"""Sizes and lengths of time as text."""

from __future__ import annotations

import pytest

from llmos.values.display import format_duration, format_size


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KB"), (200 << 20, "200 MB"), (5 << 40, "5.0 TB")],
)
def test_sizes(size: int, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(42, "42 s"), (3723, "1:02"), (93784, "1 day 2:03"), (274320, "3 days 4:12")]
)
def test_lengths_of_time(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text

"""What a change amounts to before it is made."""

from __future__ import annotations

from pathlib import Path

from llmos.adapters.files import change


def test_measuring_stops_at_its_limit(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / str(number)).write_text("x")
    assert change.measure(str(tmp_path)) == change.Measure(20, 1, 20, True)
    assert not change.measure(str(tmp_path), limit=10).whole

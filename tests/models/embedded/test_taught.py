"""Which weights are used after a teaching, and after it was taken back."""

from __future__ import annotations

from pathlib import Path

from llmos.models.embedded.model import WEIGHTS
from llmos.models.embedded.taught import BASE, keep, take_back, weights


def taught(tmp_path: Path, mark: str) -> Path:
    made = tmp_path / f"new {mark}"
    made.mkdir()
    (made / "mark").write_text(mark)
    return made


def test_without_a_teaching_the_shipped_ones_are_used(tmp_path: Path) -> None:
    assert weights(str(tmp_path)) == WEIGHTS


def test_the_latest_teaching_is_used(tmp_path: Path) -> None:
    for mark in "abc":
        keep(taught(tmp_path, mark), str(tmp_path))
    assert (weights(str(tmp_path)) / "mark").read_text() == "c"


def test_a_teaching_can_be_taken_back(tmp_path: Path) -> None:
    keep(taught(tmp_path, "a"), str(tmp_path))
    keep(taught(tmp_path, "b"), str(tmp_path))
    assert take_back(str(tmp_path))
    assert (weights(str(tmp_path)) / "mark").read_text() == "a"


def test_there_may_be_nothing_to_take_back(tmp_path: Path) -> None:
    assert not take_back(str(tmp_path))


def test_what_belongs_to_another_version_is_left_alone(tmp_path: Path) -> None:
    kept = keep(taught(tmp_path, "a"), str(tmp_path))
    (kept / BASE).write_text("another version")
    assert weights(str(tmp_path)) == WEIGHTS

"""Room on the disk: what takes it, and what is there twice."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from llmos.values.messages import JSON
from llmos.values.table import Cell
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


KB = 1024


def usage(work: Work, **arguments: JSON) -> list[tuple[Cell, ...]]:
    table = work.do("disk_usage", **arguments).table
    assert table is not None
    return list(table.rows)


def duplicates(work: Work, **arguments: JSON) -> list[tuple[Cell, ...]]:
    table = work.do("find_duplicates", **arguments).table
    assert table is not None
    return list(table.rows)


def test_the_total_is_what_du_says(work: Work) -> None:
    for name, size in (("a", 10 * KB), ("d/b", 100 * KB), ("d/e/c", 1)):
        work.write(name, "x" * size)
    du = subprocess.run(["du", "-sk", str(work.cwd)], capture_output=True, text=True, check=True).stdout
    assert usage(work) == [(int(du.split()[0]) * KB, ".")]


def test_each_subfolder_is_one_line_the_largest_first_and_the_whole_comes_last(work: Work) -> None:
    for name, size in (("a/x", 100 * KB), ("b/y/z", 500 * KB), ("c/x", 1)):
        work.write(name, "x" * size)
    assert [row[1] for row in usage(work, each=True)] == ["b", "a", "c", "."]
    assert [row[1] for row in usage(work, each=True, depth=2, sort="name")] == ["a", "b", "b/y", "c", "."]
    assert [row[1] for row in usage(work, each=True, sort="smallest", limit=1)] == ["c"]


def test_a_file_with_two_names_takes_its_room_once(work: Work) -> None:
    work.write("a", "x" * 100 * KB)
    before = usage(work)
    os.link(work.cwd / "a", work.cwd / "b")
    assert usage(work) == before


def test_a_hole_takes_no_room(work: Work) -> None:
    with (work.cwd / "hole").open("wb") as file:
        file.truncate(1 << 30)
    assert usage(work, path="hole")[0][0] in range(64 * KB)


def test_several_paths_are_measured_each(work: Work) -> None:
    work.write("a/x", "x" * 100 * KB)
    work.write("b/x", "x")
    assert [row[1] for row in usage(work, path=["a", "b"])] == ["a", "b"]


def test_files_of_the_same_content_are_grouped(work: Work) -> None:
    large = "x" * 50 * KB
    for name, text in (("a", large), ("d/b", large), ("c", large[:-1] + "y"), ("e", "small"), ("f", "small")):
        work.write(name, text)
    assert duplicates(work) == [(1, "a"), (1, "d/b"), (2, "e"), (2, "f")]


def test_two_names_of_one_file_are_no_duplicates(work: Work) -> None:
    work.write("a", "x")
    os.link(work.cwd / "a", work.cwd / "b")
    assert work.do("find_duplicates").text == f"Nothing found: no duplicates among files in {work.cwd}."


def test_names_can_be_the_same_but_for_capitals(work: Work) -> None:
    for name in ("x/a", "y/a", "z/A"):
        work.write(name, name)
    assert duplicates(work, by="name") == [(1, "x/a"), (1, "y/a")]
    assert duplicates(work, by="name", ignore_case=True) == [(1, "x/a"), (1, "y/a"), (1, "z/A")]

"""Files that come and go while a tool looks, and files with any bytes: only ToolError may come of it."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from llmos.errors import ToolError
from llmos.values.messages import JSON
from llmos.values.plain import plain_text
from tests.at_work import Work

CALLS: list[tuple[str, dict[str, JSON]]] = [
    ("find_files", {"sort": "largest", "show": "details"}),
    ("find_files", {"newer_than": 1000, "contains": "x", "permission": "644"}),
    ("list_folder", {"details": True}),
    ("show_tree", {}),
    ("count", {"what": "lines", "each": True}),
    ("count", {"what": "files", "each": True}),
    ("disk_usage", {"each": True, "depth": 3}),
    ("find_duplicates", {}),
    ("search_text", {"pattern": "x"}),
    ("checksum", {}),
    ("compare_files", {"first": "1", "second": "2"}),
    ("read_file", {"name": "*", "last": 2, "line_numbers": True}),
    ("replace_text", {"old": "x", "new": "y"}),
]

SHOWS: list[tuple[str, dict[str, JSON]]] = [
    ("read_file", {"path": "a", "first": 2}),
    ("read_file", {"path": "a", "last": 2}),
    ("read_file", {"path": "a", "show": "characters"}),
    ("search_text", {"pattern": "a", "invert": True}),
    ("search_text", {"pattern": "(?i)A|中", "regex": True, "context": 1}),
    ("count", {"what": "characters"}),
    ("sort_lines", {"path": "a", "numeric": True, "column": 2}),
    ("unique_lines", {"path": "a", "count": True, "ignore_case": True}),
    ("cut_columns", {"path": "a", "columns": "last"}),
    ("compare_files", {"first": "a", "second": "b"}),
    ("file_info", {"path": "a"}),
]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


@pytest.fixture
def churn(work: Work) -> Iterator[None]:
    """Files, folders and links come and go all the time."""
    over = threading.Event()
    chance = random.Random(1)

    def once() -> None:
        folder = work.cwd / str(chance.randrange(4))
        path = folder / str(chance.randrange(4))
        folder.mkdir(exist_ok=True)
        what = chance.choice(["write", "write", "unlink", "link", "remove"])
        if what == "write":
            path.write_text("x\n" * chance.randrange(9))
        elif what == "unlink":
            path.unlink()
        elif what == "link":
            path.symlink_to("..")
        else:
            shutil.rmtree(folder)

    def run() -> None:
        while not over.is_set():
            try:
                once()
            except OSError:
                continue

    churning = threading.Thread(target=run)
    churning.start()
    yield
    over.set()
    churning.join()


@pytest.mark.usefixtures("churn")
@pytest.mark.parametrize(("tool", "arguments"), CALLS)
def test_what_vanishes_meanwhile_is_survived(work: Work, tool: str, arguments: dict[str, JSON]) -> None:
    for _ in range(40):
        try:
            work.do(tool, **arguments)
        except ToolError:
            continue  # what was named was not there


pieces = [
    b"\n",
    b"\r",
    b"a",
    b"\xff",
    b"\xfe",
    b"\0",
    b"\xd8\x00",
    b",",
    b'"',
    b"\t",
    b" ",
    "中".encode(),
    b"\x1b[2J",
    b"1",
]
contents = some.lists(some.sampled_from(pieces), max_size=12).map(b"".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(contents, contents)
def test_any_bytes_are_shown_safely_or_refused(work: Work, a: bytes, b: bytes) -> None:
    (work.cwd / "a").write_bytes(a)
    (work.cwd / "b").write_bytes(b)
    for tool, arguments in SHOWS:
        try:
            shown = plain_text(work.do(tool, **arguments))
        except ToolError:
            continue
        assert "\x1b" not in shown and "\r" not in shown
        shown.encode()

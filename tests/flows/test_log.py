"""`llmos log`: what was asked, decided and done, as a table and as JSON, and whether it is as it was written."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from tests.flows.conftest import Llmos
from tests.flows.test_once import DELETE, LIST


@pytest.fixture
def used(llmos: Llmos) -> Llmos:
    (llmos.folder / "file").touch()
    llmos.run("--session", "work", "list the files", script=LIST)
    llmos.run("delete the file with password=hunter2", script=DELETE)
    return llmos


def values(llmos: Llmos, *filters: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in llmos.run("log", "--json", *filters).stdout.splitlines()]


def test_the_table_has_requests_and_decisions(used: Llmos) -> None:
    rows = [line.split("\t")[1:4] for line in used.run("log").stdout.splitlines()]
    name = rows[2][0]
    assert rows == [
        ["work", "said", ""], ["work", "allowed", "list_folder"],
        [name, "said", ""], [name, "nobody there", "delete_files"],
    ]  # fmt: skip


def test_json_has_all_of_it(used: Llmos) -> None:
    (one,) = values(used, "--tool", "delete_files")
    assert one["decision"]["ran"] is False and one["decision"]["call"]["arguments"] == {"path": ["file"]}
    assert one["decision"]["targets"] == [["write", str(used.folder / "file")]]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (("--denied",), 1),
        (("--session", "work", "--tool", "list_folder"), 1),
        (("--session", "nothing"), 0),
        (("--since", "1 hour", "--denied"), 1),
        (("--since", "2099-01-01"), 0),
        (("--text", "LIST THE FILES"), 1),
    ],
)
def test_filters_hold_together(used: Llmos, filters: tuple[str, ...], count: int) -> None:
    assert len(values(used, *filters)) == count


def test_a_time_that_is_none_is_one_line(used: Llmos) -> None:
    done = used.run("log", "--since", "whenever")
    assert done.returncode == 2 and done.stderr.count("\n") == 1


def test_verify_finds_what_was_tampered_with(used: Llmos) -> None:
    last = used.run("log", "verify")
    assert last.returncode == 0 and "all as they were written" in last.stdout
    with sqlite3.connect(used.base / "state" / "log.sqlite") as db:
        db.execute("DROP TRIGGER decisions_no_update")
        db.execute("UPDATE decisions SET verdict = 'allow', ran = 1 WHERE ran = 0")
    db.close()
    done = used.run("log", "verify")
    assert done.returncode == 1 and done.stdout.startswith("broken at row ")


def test_verify_remembers_a_hash(used: Llmos) -> None:
    hash = used.run("log", "verify").stdout.split()[-1]
    assert used.run("log", "verify", hash).returncode == 0
    assert used.run("log", "verify", "0" * 64).returncode == 1


def test_secrets_are_in_no_file_of_the_state(used: Llmos) -> None:
    files = [file for file in (used.base / "state").rglob("*") if file.is_file()]
    assert files and not [file for file in files if b"hunter2" in file.read_bytes()]


def test_before_anything_was_done_there_is_nothing(llmos: Llmos) -> None:
    done = llmos.run("log")
    assert (done.returncode, done.stdout) == (0, "") and "nothing is recorded yet" in done.stderr

"""How answers read in a pipe: forms that people and scripts know."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from tests.flows.conftest import Llmos
from tests.flows.test_once import reply


def told(llmos: Llmos, tool: str, **arguments: object) -> list[str]:
    return llmos.run("x", script=[{**reply((tool, arguments)), "final": True}]).stdout.splitlines()


@pytest.mark.parametrize(("about", "name"), [("memory", "total"), ("load", "processors"), ("cpu", "threads")])
def test_numbers_of_the_machine_have_names(llmos: Llmos, about: str, name: str) -> None:
    numbers = dict(line.split("\t") for line in told(llmos, "system_info", about=about))
    assert int(numbers[name]) > 0


def test_numbers_of_a_disk_are_named_in_its_line(llmos: Llmos) -> None:
    assert all(re.search(r"\tsize \d+\tused \d+\tfree \d+", line) for line in told(llmos, "system_info", about="disks"))


def test_name_servers_stand_as_in_resolv_conf(llmos: Llmos) -> None:
    lines = told(llmos, "system_info", about="dns")
    assert all(line in Path("/etc/resolv.conf").read_text() for line in lines if line.startswith("nameserver "))


def test_details_read_like_ls(llmos: Llmos) -> None:
    file = llmos.folder / "a b"
    file.write_text("12345")
    os.chmod(file, 0o640)
    for tool, how in (("list_folder", {"details": True}), ("find_files", {"show": "details"})):
        (line,) = told(llmos, tool, **how)
        assert re.fullmatch(r"-rw-r----- 1 \S+ \S+ 5 \w{3} [ \d]\d \d\d:\d\d a b", line)


def test_what_is_old_has_its_year(llmos: Llmos) -> None:
    (llmos.folder / "old").touch()
    os.utime(llmos.folder / "old", (0, time.time() - 3 * 365 * 86400))
    (line,) = told(llmos, "list_folder", details=True)
    assert re.search(r"\d  20\d\d old$", line)


def test_a_pipe_gets_the_whole_of_a_long_file(llmos: Llmos) -> None:
    (llmos.folder / "long").write_text("".join(f"{n}\n" for n in range(30_000)))
    assert told(llmos, "read_file", path=["long"]) == [str(n) for n in range(30_000)]


def test_a_pipe_gets_all_that_a_command_printed(llmos: Llmos) -> None:
    script = [{**reply(("run_command", {"command": "seq 30000"})), "final": True}]
    done = llmos.run("--yes", "x", script=script)
    assert done.stdout.splitlines() == [str(n) for n in range(1, 30_001)]


def test_who_asks_for_error_means_capitals_too(llmos: Llmos) -> None:
    script = [reply(("search_text", {"pattern": "error", "path": ["-"], "show": "count"}))]
    assert llmos.run("how many lines mention error?", script=script, input="ERROR disk full on node7\n").stdout == "1\n"

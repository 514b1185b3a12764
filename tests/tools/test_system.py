"""Facts about this machine, the date, the environment, programs and services."""

from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path

import pytest

from llmos.adapters.services import parse
from llmos.adapters.system import FACTS
from llmos.adapters.zones import find_zone
from llmos.errors import ToolError
from llmos.tools.system import SystemInfoArguments
from llmos.values.messages import ItemKind, Outcome
from llmos.values.place import Place
from llmos.values.table import Cell, Unit
from tests.carrying_out import carry_out, place_in


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_in(tmp_path)


def first_row(outcome: Outcome) -> dict[str, Cell]:
    assert outcome.table is not None
    return dict(zip((column.name for column in outcome.table.columns), outcome.table.rows[0], strict=True))


@pytest.mark.parametrize("about", SystemInfoArguments.model_json_schema()["properties"]["about"]["enum"])
def test_every_fact_has_an_answer(place: Place, about: str) -> None:
    outcome = carry_out("system_info", place, about=about)
    assert outcome.text or outcome.table is not None
    assert outcome.table is None or all(len(row) == len(outcome.table.columns) for row in outcome.table.rows)


def test_no_fact_is_without_a_name_for_it() -> None:
    assert sorted(FACTS) == sorted(SystemInfoArguments.model_json_schema()["properties"]["about"]["enum"])


def test_memory_is_in_bytes(place: Place) -> None:
    outcome = carry_out("system_info", place, about="memory")
    row = first_row(outcome)
    assert isinstance(row["total"], int) and isinstance(row["free"], int) and row["total"] > row["free"] > 1 << 20
    assert outcome.table and outcome.table.columns[0].unit is Unit.BYTES


def test_the_user_is_one_name(place: Place) -> None:
    assert carry_out("system_info", place, about="user").text == pwd.getpwuid(os.geteuid()).pw_name


def test_disks_leave_out_what_holds_no_files(place: Place) -> None:
    table = carry_out("system_info", place, about="disks").table
    assert table is not None and not {"/proc", "/sys", "/dev/pts"} & {row[1] for row in table.rows}


def test_a_listener_is_among_the_ports(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        outcome = carry_out("system_info", place, about="ports")
        port = server.getsockname()[1]
    assert outcome.table and ("tcp", f"127.0.0.1:{port}", port, os.getpid()) in {row[:4] for row in outcome.table.rows}
    assert outcome.kind is ItemKind.PROCESS and str(os.getpid()) in outcome.items


def test_a_machine_without_a_battery_says_so(place: Place) -> None:
    if Path("/sys/class/power_supply").is_dir() and os.listdir("/sys/class/power_supply"):
        pytest.skip("there is a battery here")
    assert carry_out("system_info", place, about="battery").text == "There is no battery here."


# The date


@pytest.mark.parametrize(
    ("show", "text"),
    [
        ("both", "2026-03-07 14:05:11 UTC (Saturday)"),
        ("date", "2026-03-07 (Saturday)"),
        ("time", "14:05:11 UTC"),
    ],
)
def test_the_date(place: Place, show: str, text: str) -> None:
    assert carry_out("show_date", place, zone="UTC", show=show).text == text


def test_the_calendar_is_of_this_month(place: Place) -> None:
    lines = carry_out("show_date", place, show="calendar", zone="UTC").text.splitlines()
    assert lines[0].strip() == "March 2026" and lines[-1].strip() == "30 31"


def test_the_time_elsewhere(place: Place) -> None:
    assert carry_out("show_date", place, zone="Asia/Tokyo", show="time").text == "23:05:11 JST"


def test_the_zone_of_the_environment_is_the_local_one(tmp_path: Path) -> None:
    place = place_in(tmp_path, env={"TZ": "America/New_York"})
    assert carry_out("show_date", place).text == "2026-03-07 09:05:11 EST (Saturday)"


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("asia/shanghai", "Asia/Shanghai"),
        ("Tokyo", "Asia/Tokyo"),
        ("new york", "America/New_York"),
        ("上海", "Asia/Shanghai"),
        ("纽约时间", "America/New_York"),
        ("Beijing time", "Asia/Shanghai"),
        ("PST", "America/Los_Angeles"),
        ("UTC+8", "Etc/GMT-8"),
        ("gmt", "GMT"),
    ],
)
def test_zones_have_the_names_people_use(name: str, zone: str) -> None:
    assert find_zone(name).key == zone


def test_an_unknown_zone_gives_near_ones() -> None:
    with pytest.raises(ToolError, match="Europe/Berlin"):
        find_zone("Berlim")


# The environment


def test_one_variable(tmp_path: Path) -> None:
    place = place_in(tmp_path, env={"COLOR": "blue"})
    assert carry_out("show_environment", place, name="COLOR").text == "blue"
    assert carry_out("show_environment", place, name="$color").text == "blue"


def test_an_unset_variable_is_an_error(place: Place) -> None:
    with pytest.raises(ToolError, match="COLOUR is not set"):
        carry_out("show_environment", place, name="COLOUR")


def test_secrets_are_hidden_among_all(tmp_path: Path) -> None:
    place = place_in(tmp_path, env={"COLOR": "blue", "DB_PASSWORD": "hunter2", "EMPTY_KEY": ""})
    table = carry_out("show_environment", place).table
    assert table is not None
    assert {("COLOR", "blue"), ("DB_PASSWORD", "…"), ("EMPTY_KEY", "")} <= set(table.rows)


def test_only_the_place_is_read_not_our_own_environment(tmp_path: Path) -> None:
    table = carry_out("show_environment", place_in(tmp_path)).table
    assert table is not None and {row[0] for row in table.rows} == {"PATH", "HOME", "LANG"}


# Programs and services


def test_a_program_is_found_on_the_path_of_the_place(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "frob"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    outcome = carry_out("which_program", place_in(tmp_path, env={"PATH": str(program.parent)}), name="frob")
    assert outcome.text == str(program) and outcome.kind is ItemKind.PATH


def test_a_missing_program_is_an_error(place: Place) -> None:
    with pytest.raises(ToolError, match="no program 'frobnicate' on the PATH"):
        carry_out("which_program", place, name="frobnicate")


def test_services_need_systemd(place: Place) -> None:
    if Path("/run/systemd/system").is_dir():
        pytest.skip("systemd runs here")
    with pytest.raises(ToolError, match="does not run systemd"):
        carry_out("show_services", place)


def test_lines_of_systemctl_are_read() -> None:
    output = (
        "cron.service   loaded    active   running Regular background program processing daemon\n"
        "ghost.service  not-found inactive dead    ghost.service\n"
        "bad.service    loaded    failed   failed  Bad one\n"
    )
    assert [(s.name, s.state) for s in parse(output)] == [("cron", "running"), ("bad", "failed")]

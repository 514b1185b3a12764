"""Background jobs, for real: started, read, stopped, seen by another process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from psutil import process_iter

from llmos.adapters import jobs
from llmos.errors import ToolError
from llmos.values.messages import ItemKind
from llmos.values.place import Place
from llmos.values.plans import Effect
from tests.carrying_out import carry_out, place_in, planned


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = place_in(tmp_path)
    yield place
    for job in jobs.all_jobs(place.state):
        with suppress(ToolError):  # ended already
            jobs.stop(job, place.state)


def state(place: Place, number: int = 1) -> str:
    return jobs.condition(jobs.find(number, place.state), place.state)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_job_prints_into_its_output(place: Place) -> None:
    outcome = carry_out("start_job", place, command="echo one; echo two >&2; pwd")
    assert (outcome.items, outcome.kind) == (("1",), ItemKind.JOB)
    until(lambda: state(place) == "done")
    assert carry_out("read_job", place, job=1).text.splitlines() == ["one", "two", place.cwd]


def test_starting_does_not_wait(place: Place) -> None:
    began = time.monotonic()
    carry_out("start_job", place, command="sleep 60")
    assert time.monotonic() - began < 2 and state(place) == "running"


def test_a_job_is_confined_and_says_how_far(place: Place) -> None:
    assert planned("start_job", place, command="true").level in ("L2", "L1")
    carry_out("start_job", place, command="echo x > /usr/planted; echo x > inside; cat /proc/self/status")
    until(lambda: state(place) != "running")
    assert not Path("/usr/planted").exists() and Path(place.cwd, "inside").exists()
    assert "NoNewPrivs:\t1" in carry_out("read_job", place, job=1).text


def test_a_job_that_serves_asks_for_the_network(place: Place) -> None:
    plan = planned("start_job", place, command="python3 -m http.server 8123")
    assert [target.effect for target in plan.targets] == [Effect.NETWORK, Effect.RUN]


def test_planning_starts_nothing(place: Place) -> None:
    plan = planned("start_job", place, command="touch made; sleep 1")
    assert [t.effect for t in plan.targets] == [Effect.RUN] and "touch made; sleep 1" in plan.targets[0].what
    assert jobs.all_jobs(place.state) == [] and not os.listdir(place.cwd)


def test_an_exit_code_is_kept(place: Place) -> None:
    carry_out("start_job", place, command="exit 3")
    until(lambda: state(place) == "exit code 3")


def test_only_the_last_lines_are_read(place: Place) -> None:
    carry_out("start_job", place, command="seq 100")
    until(lambda: state(place) == "done")
    assert carry_out("read_job", place, job=1, last=2).text == "99\n100"


def test_long_output_names_the_file_with_all_of_it(place: Place) -> None:
    carry_out("start_job", place, command="seq 100000")
    until(lambda: state(place) == "done")
    outcome = carry_out("read_job", place, job=1)
    assert outcome.text.endswith("100000") and outcome.more is not None
    assert Path(outcome.more).read_text().startswith("1\n2\n")


def test_numbers_count_up(place: Place) -> None:
    for command in ("true", "false", "sleep 60"):
        carry_out("start_job", place, command=command)
    until(lambda: state(place, 2) == "exit code 1" and state(place, 1) == "done")
    outcome = carry_out("list_jobs", place)
    assert outcome.table and [row[:2] for row in outcome.table.rows] == [
        (1, "done"),
        (2, "exit code 1"),
        (3, "running"),
    ]


def test_stopping_ends_all_the_job_started(place: Place) -> None:
    carry_out("start_job", place, command="sleep 60.0411 & sleep 60.0411 & touch begun; wait")
    until(Path(place.cwd, "begun").exists)
    carry_out("stop_job", place, job=1)
    assert state(place) == "stopped"
    until(
        lambda: not any("60.0411" in " ".join(process.info["cmdline"] or ()) for process in process_iter(["cmdline"]))
    )


def test_one_that_ignores_the_request_is_killed(place: Place) -> None:
    carry_out("start_job", place, command="trap '' TERM; touch on; while :; do sleep 1; done")
    until(lambda: Path(place.cwd, "on").exists())
    job = jobs.find(1, place.state)
    carry_out("stop_job", place, job=1)
    until(lambda: not jobs.is_running(job))


def test_a_job_that_ended_cannot_be_stopped(place: Place) -> None:
    carry_out("start_job", place, command="true")
    until(lambda: state(place) == "done")
    with pytest.raises(ToolError, match="does not run any more: done"):
        carry_out("stop_job", place, job=1)


def test_an_unknown_job_is_named_with_those_there_are(place: Place) -> None:
    carry_out("start_job", place, command="true")
    with pytest.raises(ToolError, match="There is no job 9; there is 1"):
        carry_out("read_job", place, job=9)


def test_a_job_outlives_the_llmos_that_started_it(place: Place) -> None:
    code = "import sys; from llmos.adapters import jobs; jobs.start('sleep 60', sys.argv[1], {}, sys.argv[2])"
    subprocess.run([sys.executable, "-c", code, place.cwd, place.state], check=True)
    outcome = carry_out("list_jobs", place)
    assert outcome.table and outcome.table.rows[0][:2] == (1, "running")


def test_no_jobs_is_an_answer(place: Place) -> None:
    assert carry_out("list_jobs", place).text == "There are no background jobs."

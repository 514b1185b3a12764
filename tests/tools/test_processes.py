"""Process tools on real processes and a real listener; background jobs are test_jobs.py."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmos.adapters.processes import ProcessId, send
from llmos.errors import ToolError
from llmos.values.messages import ItemKind, Outcome
from llmos.values.place import Place
from llmos.values.plans import Effect
from llmos.values.table import Unit
from tests.carrying_out import carry_out, finish, place_in, planned

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_in(tmp_path)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts processes and ends them after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*argv: str, **options: object) -> subprocess.Popen[bytes]:
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
        started.append(subprocess.Popen(argv, **options))  # type: ignore[call-overload]
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A program that sleeps, under a name nothing else on the machine has."""
    path = tmp_path / f"napper{os.getpid()}"
    shutil.copy(shutil.which("sleep") or "", path)
    return str(path)


def column(outcome: Outcome, name: str) -> list[object]:
    assert outcome.table is not None
    index = [c.name for c in outcome.table.columns].index(name)
    return [row[index] for row in outcome.table.rows]


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# Listing


def test_a_process_is_listed_with_its_memory_in_bytes(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    outcome = carry_out("list_processes", place)
    row = column(outcome, "pid").index(process.pid)
    memory = column(outcome, "memory")[row]
    assert isinstance(memory, int) and 10_000 < memory < 100_000_000
    assert {c.name: c.unit for c in outcome.table.columns}["memory"] is Unit.BYTES if outcome.table else False


def test_our_own_process_is_left_out(place: Place) -> None:
    assert str(os.getpid()) not in carry_out("list_processes", place).items


def test_items_are_pids_in_the_order_shown(place: Place) -> None:
    outcome = carry_out("list_processes", place, sort="memory", limit=3)
    assert outcome.kind is ItemKind.PROCESS
    assert list(outcome.items) == [str(pid) for pid in column(outcome, "pid")]


def test_a_busy_process_comes_first_by_cpu(place: Place, start: Start) -> None:
    busy = start(sys.executable, "-c", "while True: pass")
    time.sleep(0.1)
    outcome = carry_out("list_processes", place, sort="cpu", limit=5)
    assert busy.pid in column(outcome, "pid")


def test_the_newest_process_comes_first(place: Place, start: Start, program: str) -> None:
    first, second = start(program, "60"), start(program, "61")
    outcome = carry_out("list_processes", place, sort="newest", name=os.path.basename(program))
    assert outcome.items == (str(second.pid), str(first.pid))


def test_an_exact_name_keeps_those_out_that_only_mention_it(place: Place, start: Start, program: str) -> None:
    name = os.path.basename(program)
    napper = start(program, "60")
    start(sys.executable, "-c", "import time; time.sleep(60)", name)
    assert carry_out("list_processes", place, name=name.upper()).items == (str(napper.pid),)


def test_part_of_a_command_line_finds_a_process(place: Place, start: Start) -> None:
    process = start(sys.executable, "-c", "import time; time.sleep(60)", f"--mark-{os.getpid()}")
    assert carry_out("list_processes", place, name=f"MARK-{os.getpid()}").items == (str(process.pid),)


def test_the_count_is_one_number(place: Place, start: Start, program: str) -> None:
    start(program, "60")
    start(program, "60")
    assert carry_out("list_processes", place, name=os.path.basename(program), show="count").text == "2"


def test_stopped_processes_are_told_from_sleeping_ones(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    process.send_signal(signal.SIGSTOP)
    until(lambda: str(process.pid) in carry_out("list_processes", place, state="stopped").items)
    assert str(process.pid) not in carry_out("list_processes", place, state="sleeping").items


def test_a_control_sequence_in_a_command_line_is_escaped(place: Place, start: Start, program: str) -> None:
    process = start("sh", "-c", "sleep 60; :", "\x1b[31m evil")
    outcome = carry_out("process_info", place, target=[str(process.pid)])
    assert "\x1b" not in str(outcome.table)


def test_the_tree_puts_a_child_beneath_its_parent(place: Place, start: Start) -> None:
    parent = start("sh", "-c", "sleep 60 & wait")
    until(lambda: len(carry_out("process_tree", place, target=str(parent.pid)).items) == 2)
    first, second = carry_out("process_tree", place, target=str(parent.pid)).text.splitlines()
    assert first == f"sh ({parent.pid})" and second.startswith("└─ sleep (")


# Describing


def test_info_tells_where_a_process_stands(place: Place, start: Start, program: str) -> None:
    process = start(program, "60", cwd=place.cwd)
    outcome = carry_out("process_info", place, target=[os.path.basename(program)])
    assert dict(outcome.table.rows if outcome.table else ())["folder"] == place.cwd
    assert outcome.items == (str(process.pid),)


def test_info_lists_open_files(place: Place, start: Start, program: str, tmp_path: Path) -> None:
    held = tmp_path / "held file"
    held.touch()
    with held.open() as file:
        process = start(program, "60", stdin=file)
    assert column(carry_out("process_info", place, target=[str(process.pid)], about="files"), "path") == [str(held)]


def test_secrets_in_the_environment_of_a_process_are_hidden(place: Place, start: Start, program: str) -> None:
    process = start(program, "60", env={"API_TOKEN": "abc123", "COLOR": "blue"})
    outcome = carry_out("process_info", place, target=[str(process.pid)], about="environment")
    assert "blue" in column(outcome, "value") and "abc123" not in str(outcome.table)


def test_an_unknown_name_gives_near_ones(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    with pytest.raises(ToolError, match=rf"near it: .*\({process.pid}\)"):
        carry_out("process_info", place, target=["nappe"])


def test_a_process_is_found_by_the_script_its_interpreter_runs(place: Place, start: Start, tmp_path: Path) -> None:
    script = tmp_path / f"server{os.getpid()}.py"
    script.write_text("import time; time.sleep(60)")
    process = start(sys.executable, "-u", str(script), "--port", "80")
    assert carry_out("process_info", place, target=[script.name]).items == (str(process.pid),)
    assert carry_out("process_info", place, target=[f"python {script.name}"]).items == (str(process.pid),)


# Who uses what


@pytest.fixture
def listener(start: Start) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    code = (
        "import socket, time; s = socket.create_server(('127.0.0.1', 0));"
        "print(s.getsockname()[1], flush=True); time.sleep(60)"
    )
    process = start(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        yield process, int(process.stdout.readline())


def test_the_listener_of_a_port_is_found(place: Place, listener: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = listener
    outcome = carry_out("find_port", place, port=port)
    assert outcome.table is not None
    assert outcome.table.rows == ((process.pid, outcome.table.rows[0][1], f"127.0.0.1:{port}", port, "listening"),)


def test_a_free_port_is_called_free(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    outcome = carry_out("find_port", place, port=port)
    assert outcome.text == f"Nothing uses port {port}." and outcome.items == ()


def test_a_number_that_is_no_port_is_refused(place: Place) -> None:
    with pytest.raises(ToolError, match="65535"):
        carry_out("find_port", place, port=70000)


def test_what_listens_on_a_port_is_ended(place: Place, listener: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = listener
    outcome = carry_out("signal_process", place, port=port)
    assert outcome.text.startswith("Ended ") and process.wait(5) == -signal.SIGTERM


def test_who_has_a_file_open(place: Place, start: Start, program: str) -> None:
    path = Path(place.cwd, "log")
    with path.open("w") as file:
        process = start(program, "60", stdout=file)
    outcome = carry_out("who_uses", place, path="log")
    assert outcome.table and outcome.table.rows == ((process.pid, os.path.basename(program), "open", str(path)),)


def test_who_stands_in_a_folder(place: Place, start: Start, program: str) -> None:
    folder = Path(place.cwd, "a", "b")
    folder.mkdir(parents=True)
    process = start(program, "60", cwd=folder)
    assert carry_out("who_uses", place, path="a").items == (str(process.pid),)
    assert carry_out("who_uses", place, path="a/b").table is not None


def test_a_folder_whose_name_begins_alike_is_not_meant(place: Place, start: Start, program: str) -> None:
    for name in ("a", "ab"):
        Path(place.cwd, name).mkdir()
    start(program, "60", cwd=Path(place.cwd, "ab"))
    assert carry_out("who_uses", place, path="a").items == ()


# Acting


def test_a_process_is_ended_by_name(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    outcome = carry_out("signal_process", place, target=[os.path.basename(program)])
    assert outcome.text == f"Ended {os.path.basename(program)} (pid {process.pid})."
    assert process.wait(5) == -signal.SIGTERM


def test_the_plan_names_every_process_with_its_start_time(place: Place, start: Start, program: str) -> None:
    pids = {start(program, "60").pid, start(program, "60").pid}
    plan = planned("signal_process", place, target=[os.path.basename(program)])
    assert {t.effect for t in plan.targets} == {Effect.SIGNAL}
    assert all(any(f"pid {pid} started at " in t.what for t in plan.targets) for pid in pids)
    assert all(f"({pid})" in plan.summary for pid in pids)


def test_a_plan_does_not_touch_the_process(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    planned("signal_process", place, target=[str(process.pid)], signal="kill")
    assert process.poll() is None


def test_a_process_that_ended_meanwhile_is_not_signalled(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    plan = planned("signal_process", place, target=[str(process.pid)])
    process.kill()
    process.wait()
    with pytest.raises(ToolError, match="no process"):
        finish("signal_process", plan, place)


def test_another_process_with_the_same_pid_is_not_signalled(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    with pytest.raises(ToolError, match="no process"):
        send(ProcessId(process.pid, started=1.0, name="earlier"), signal.SIGKILL)
    assert process.poll() is None


def test_one_that_ignores_the_request_is_said_to_run_on(place: Place, start: Start) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    process = start(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
    outcome = carry_out("signal_process", place, target=[str(process.pid)])
    assert "has not ended yet; ask to kill it" in outcome.text and process.poll() is None


def test_a_process_is_paused_and_resumed(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    carry_out("signal_process", place, target=[str(process.pid)], signal="stop")
    until(lambda: carry_out("list_processes", place, state="stopped", name=program).items == (str(process.pid),))
    outcome = carry_out("signal_process", place, target=[str(process.pid)], signal="continue")
    assert outcome.text == f"Resumed {os.path.basename(program)} (pid {process.pid})."


@pytest.mark.parametrize("pid", [1, os.getpid(), os.getppid()])
def test_pid_1_and_our_own_line_are_never_touched(place: Place, pid: int) -> None:
    with pytest.raises(ToolError):
        planned("signal_process", place, target=[str(pid)])


def test_a_priority_is_set(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    carry_out("set_priority", place, target=[str(process.pid)], priority=7)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == 7


def test_waiting_ends_with_the_process(place: Place, start: Start, program: str) -> None:
    process = start(program, "0.3")
    began = time.monotonic()
    outcome = carry_out("wait_process", place, target=[str(process.pid)], seconds=20)
    assert outcome.text.endswith("has ended.") and time.monotonic() - began < 5


def test_waiting_ends_with_the_time(place: Place, start: Start, program: str) -> None:
    process = start(program, "60")
    outcome = carry_out("wait_process", place, target=[str(process.pid)], seconds=0.1)
    assert outcome.text.endswith("still runs after 0.1 s.")


def test_schemas_need_no_psutil() -> None:
    code = (
        "import sys; from llmos.tools.registry import Registry; r = Registry();"
        "[r[n].schema() for n in ('list_processes', 'list_jobs', 'system_info', 'open_app', 'run_command')];"
        "sys.exit('psutil' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

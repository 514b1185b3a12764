"""The daemon as its user meets it: real processes and sockets; a scripted model where the words do not matter."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.flows.conftest import Llmos

Done = subprocess.CompletedProcess[str]


class Shells:
    """Shells that share a daemon with a scripted model."""

    def __init__(self, llmos: Llmos) -> None:
        self.llmos = llmos
        self.model = "embedded"
        self.folder = Path(llmos.env["LLMOS_STATE"]) / "daemon"

    def scripted(self, *replies: str, delay: float = 0.0) -> None:
        """The daemon and a shell without it would say the same, but each begins at the first reply."""
        script = {"replies": [{"text": text} for text in replies], "delay": delay}
        self.model = f"scripted:{self.llmos.script(script)}"

    def daemon(self, *arguments: str, **more: Any) -> Done:
        model = ["--model", self.model] if arguments[0] in ("start", "restart") else []
        return self.llmos.run("daemon", *arguments, *model, **more)

    def ask(self, *request: str) -> Done:
        return self.llmos.run("--model", self.model, *request or ("hello",))

    def status(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.daemon("status", "--json").stdout)
        return value

    def kill(self) -> int:
        pid = int(self.status()["pid"])
        os.kill(pid, signal.SIGKILL)
        gone = time.monotonic() + 5
        while Path(f"/proc/{pid}").exists() and time.monotonic() < gone:
            time.sleep(0.01)
        return pid

    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture
def shells(llmos: Llmos) -> Iterator[Shells]:
    made = Shells(llmos)
    yield made
    if made.folder.exists():
        made.daemon("stop")


def test_a_shell_finds_the_daemon_and_gives_the_same_answer(shells: Shells) -> None:
    (shells.llmos.folder / "notes.txt").touch()
    alone = shells.ask("list files")
    assert shells.daemon("start").returncode == 0
    assert shells.ask("list files").stdout == alone.stdout == "notes.txt\n"
    assert shells.status()["served"] == 1


def test_the_client_loads_no_numpy(shells: Shells) -> None:
    shells.daemon("start")
    done = shells.llmos.run("list files", env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert loaded.isdisjoint({"numpy", "tokenizers", "llguidance", "pydantic"})


def test_effects_happen_in_the_shell(shells: Shells) -> None:
    call = {"name": "make_folder", "arguments": {"path": ["inside"]}}
    shells.model = f"scripted:{shells.llmos.script([{'calls': [call], 'final': True}])}"
    shells.daemon("start")
    shells.ask("--yes", "make it")
    assert (shells.llmos.folder / "inside").is_dir()
    assert shells.status()["served"] == 1


def test_zero_keeps_a_shell_away(shells: Shells) -> None:
    shells.daemon("start")
    shells.llmos.run("list files", env={"LLMOS_DAEMON": "0"})
    assert shells.status()["served"] == 0


def test_another_model_is_answered_without_the_daemon(shells: Shells) -> None:
    shells.daemon("start")
    shells.scripted("from here")
    assert shells.ask().stdout == "from here\n"
    assert shells.status()["served"] == 0


def test_only_its_user_may_enter(shells: Shells) -> None:
    shells.daemon("start")
    modes = [stat.S_IMODE((shells.folder / name).stat().st_mode) for name in (".", "socket", "log")]
    assert modes == [0o700, 0o600, 0o600]


def test_a_folder_that_others_may_enter_is_not_used(shells: Shells) -> None:
    shells.folder.mkdir(parents=True, mode=0o755)
    done = shells.daemon("start")
    assert done.returncode == 1
    assert "others may enter" in done.stderr


def test_ten_that_start_at_once_start_one(shells: Shells) -> None:
    with ThreadPoolExecutor(10) as pool:
        assert [done.returncode for done in pool.map(lambda _: shells.daemon("start"), range(10))] == [0] * 10
    assert shells.log().count("listens") == 1


def test_stop_is_the_end_of_it(shells: Shells) -> None:
    shells.daemon("start")
    assert shells.daemon("stop").returncode == 0
    assert not (shells.folder / "socket").exists()
    assert shells.daemon("status").returncode == 1
    assert shells.ask("list files").returncode == 0


def test_restart_takes_the_other_model(shells: Shells) -> None:
    shells.daemon("start")
    shells.scripted("hello")
    assert "restart" in shells.daemon("start").stderr
    assert shells.daemon("restart").returncode == 0
    assert shells.status()["model"] == shells.model


def test_a_killed_daemon_does_not_matter(shells: Shells) -> None:
    shells.daemon("start")
    shells.kill()
    assert shells.ask("list files").returncode == 0
    assert shells.daemon("start").returncode == 0


def test_killed_in_the_middle_it_is_started_again_and_nothing_is_said_twice(shells: Shells) -> None:
    shells.scripted("one two three four five six", delay=0.3)
    shells.daemon("start")
    with shells.llmos.start("--model", shells.model, "count") as shell:
        assert shell.stdout is not None
        said = shell.stdout.read(4)
        before = shells.kill()
        assert said + shell.stdout.read() == "one two three four five six\n"
    assert shells.status()["pid"] != before


@pytest.mark.slow
def test_a_daemon_that_hangs_is_left_alone(shells: Shells) -> None:
    shells.daemon("start")
    pid = shells.status()["pid"]
    os.kill(pid, signal.SIGSTOP)
    assert shells.ask("list files").returncode == 0
    os.kill(pid, signal.SIGCONT)


def test_status_is_told_while_it_works(shells: Shells) -> None:
    shells.scripted("a b c d e f g h", delay=0.3)
    shells.daemon("start")
    with shells.llmos.start("--model", shells.model, "spell") as shell:
        assert shell.stdout is not None
        shell.stdout.read(1)
        assert shells.status()["state"] == "busy"
        shell.kill()


def test_whoever_sits_and_waits_comes_first() -> None:
    from llmos.daemon.line import Job, Line

    line = Line()
    jobs = [Job({"interactive": i in (2, 3)}) for i in range(5)]
    for job in jobs:
        line.add(job)
    taken = [line.take(0) for _ in jobs]
    assert [jobs.index(job) for job in taken if job] == [2, 3, 0, 1, 4]


def test_it_ends_when_nobody_comes(shells: Shells) -> None:
    shells.daemon("start", "--idle", "0.3")
    time.sleep(1)
    assert not (shells.folder / "socket").exists()
    assert "ended after" in shells.log()


def test_nobody_is_lost_while_it_ends(shells: Shells) -> None:
    shells.scripted(*["hi"] * 20)
    shells.daemon("start", "--idle", "0.15")
    for _ in range(4):
        with ThreadPoolExecutor(2) as pool:
            assert [done.stdout for done in pool.map(lambda _: shells.ask(), range(2))] == ["hi\n"] * 2


def test_one_of_another_version_makes_room(shells: Shells) -> None:
    shells.daemon("start")
    before = shells.status()["pid"]
    request = {"ask": "reply", "edition": "0.0", "model": "embedded"}
    assert "outdated" in speak(shells.folder / "socket", json.dumps(request).encode() + b"\n")
    assert shells.ask("list files").returncode == 0
    assert not Path(f"/proc/{before}").exists() or shells.daemon("status").returncode == 1


def test_what_it_does_not_understand_does_it_no_harm(shells: Shells) -> None:
    shells.daemon("start")
    for line in (b"no JSON\n", b"[]\n", b'{"ask": "reply"}\n', b"\xff\n", b"{"):
        speak(shells.folder / "socket", line)
    assert shells.ask("list files").returncode == 0
    assert shells.status()["served"] == 1


def test_a_model_that_cannot_be_loaded_is_told(shells: Shells) -> None:
    (shells.llmos.folder / "model").mkdir()
    (shells.llmos.folder / "model" / "config.json").write_text("{}")
    shells.model = str(shells.llmos.folder / "model")
    done = shells.daemon("start")
    assert done.returncode == 1
    assert "the daemon did not start" in done.stderr and "Traceback" not in done.stderr
    assert shells.daemon("status").returncode == 1


def test_the_log_tells_nothing_of_what_was_said(shells: Shells) -> None:
    shells.daemon("start")
    shells.ask("find files called secretplan")
    assert "reply in" in shells.log() and "secretplan" not in shells.log()


def speak(address: Path, line: bytes) -> str:
    with socket.socket(socket.AF_UNIX) as connected:
        connected.settimeout(5)
        connected.connect(str(address))
        connected.sendall(line)
        connected.shutdown(socket.SHUT_WR)
        return connected.makefile().readline()

"""A pid is not a name: what is signalled is the process that was meant, through a handle, or nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SEND = """
import signal, subprocess, sys, time
{before}
import psutil
from llmos.adapters.processes import ProcessId, send
from llmos.errors import ToolError
child = subprocess.Popen(["sleep", "60"])
which = ProcessId(child.pid, psutil.Process(child.pid).create_time(), "sleep")
{then}
"""
KILLED = "send(which, signal.SIGKILL)\nsys.exit(child.wait() != -signal.SIGKILL)"
SPARED = """
try:
    send(which._replace(started=which.started - 60), signal.SIGKILL)
except ToolError:
    sys.exit(child.poll() is not None)
finally:
    child.kill()
sys.exit("it was signalled")
"""
WITHOUT = "import os\ndel signal.pidfd_send_signal, os.pidfd_open"
REUSED = """
child.kill(), child.wait(), time.sleep(0.2)
open("/proc/sys/kernel/ns_last_pid", "w").write(str(which.pid - 1))
child = subprocess.Popen(["sleep", "60"])
assert child.pid == which.pid, "not the same pid"
try:
    send(which, signal.SIGKILL)
except ToolError as error:
    time.sleep(0.1)
    sys.exit(child.poll() is not None)
sys.exit("it was signalled")
"""


def script(tmp_path: Path, then: str, before: str = "") -> list[str]:
    file = tmp_path / "script.py"
    file.write_text(SEND.format(before=before, then=then))
    return [sys.executable, str(file)]


@pytest.mark.parametrize("before", ["", WITHOUT], ids=["with handles", "without"])
@pytest.mark.parametrize("then", [KILLED, SPARED], ids=["it", "another one"])
def test_the_process_that_was_meant_is_signalled_and_no_other(tmp_path: Path, then: str, before: str) -> None:
    assert subprocess.run(script(tmp_path, then, before), check=False).returncode == 0


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_the_signal_goes_through_a_handle_opened_before_the_check(tmp_path: Path) -> None:
    traced = ["strace", "-e", "trace=pidfd_open,openat,pidfd_send_signal,kill", *script(tmp_path, KILLED)]
    trace = subprocess.run(traced, check=True, capture_output=True, text=True).stderr
    opened, sent = trace.rindex("pidfd_open("), trace.rindex("pidfd_send_signal(")
    assert opened < trace.rindex("/stat", 0, sent) < sent and "\nkill(" not in trace


def test_a_pid_that_was_given_again_is_not_signalled(tmp_path: Path) -> None:
    """In a pid namespace of our own, where the next pid can be chosen."""
    alone = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs a pid namespace")
    done = subprocess.run([*alone, *script(tmp_path, REUSED)], check=False, capture_output=True, text=True)
    if "ns_last_pid" in done.stderr:
        pytest.skip("the next pid cannot be chosen here")
    assert done.returncode == 0, done.stderr

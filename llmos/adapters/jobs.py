"""Background jobs: command lines that go on by themselves; output and exit code stand in a folder any llmos can read.

There is no daemon. Ordinary processes are processes.py; what is waited for is commands.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from llmos.adapters import commands, processes
from llmos.adapters.failures import explained
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

# The status is written beside and renamed, so that it is never read half.
_WRAPPER = 's="$1"; shift; "$@"; code=$?; echo $code > "$s.part" && mv "$s.part" "$s"'

_SAME = 2.0
"""Seconds by which the start time of one process may differ between readings: the clock may have been set since."""


@dataclass(frozen=True)
class Job:
    number: int
    pid: int
    """Also its process group."""

    created: float
    """When the system says the process began."""

    command: str
    cwd: str
    started: float


def start(command: str, cwd: str, env: Mapping[str, str], state: str, confined: Sequence[str] = ()) -> Job:
    """Start it in a session of its own; it outlives llmos. `confined` is what runs it: a program and its arguments."""
    if not state:
        raise ToolError(both("There is no folder to keep background jobs in."))
    with explained("keep jobs in", state):
        number, folder = _new_folder(state)
    wrapper = ["/bin/sh", "-c", _WRAPPER, "llmos-job", os.path.join(folder, "status")]
    argv = [*wrapper, *confined, commands.shell(env), "-c", command]
    with commands.starting(argv[0]):
        process = _detached(argv, cwd, env, os.path.join(folder, "output"))
    job = Job(number, process.pid, processes.started(process.pid), command, cwd, time.time())
    _write(os.path.join(folder, "job.json"), json.dumps(asdict(job), ensure_ascii=False))
    return job


def _new_folder(state: str) -> tuple[int, str]:
    parent = os.path.join(state, "jobs")
    os.makedirs(parent, mode=0o700, exist_ok=True)
    number = max(_numbers(state), default=0)
    while True:
        number += 1
        folder = os.path.join(parent, str(number))
        try:
            os.mkdir(folder, 0o700)
            return number, folder
        except FileExistsError:
            continue  # another llmos was quicker


def _detached(argv: list[str], cwd: str, env: Mapping[str, str], output: str) -> subprocess.Popen[bytes]:
    with open(output, "wb") as sink:
        process = subprocess.Popen(
            argv, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
    # Somebody has to collect the exit code while llmos lives, or a zombie stays.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _write(path: str, text: str) -> None:
    with open(path + ".part", "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    os.replace(path + ".part", path)


def _numbers(state: str) -> list[int]:
    try:
        return sorted(int(name) for name in os.listdir(os.path.join(state, "jobs")) if name.isdigit())
    except FileNotFoundError:
        return []


def all_jobs(state: str) -> list[Job]:
    found = (_read(state, number) for number in _numbers(state))
    return [job for job in found if job is not None]


def find(number: int, state: str) -> Job:
    job = _read(state, number)
    if job is not None:
        return job
    others = ", ".join(str(other.number) for other in all_jobs(state)[-5:])
    raise ToolError(
        both("There is no job {number}; ").format(number=number)
        + (both("there is {others}.").format(others=others) if others else both("no job was started yet."))
    )


def _read(state: str, number: int) -> Job | None:
    try:
        with open(os.path.join(state, "jobs", str(number), "job.json"), "rb") as file:
            return Job(**json.loads(file.read().decode("utf-8", "surrogateescape")))
    except (OSError, ValueError, TypeError):
        return None  # being made just now, or damaged


def condition(job: Job, state: str) -> str:
    """running, done, exit code N, stopped, or gone (the machine went down under it)."""
    status = _status(job, state)
    if not status and not is_running(job):
        status = _status(job, state) or "gone"  # it may have ended between the two looks
    return {"": "running", "0": "done"}.get(status, f"exit code {status}" if status.isdigit() else status)


def _status(job: Job, state: str) -> str:
    try:
        with open(os.path.join(state, "jobs", str(job.number), "status"), encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def identity(job: Job) -> processes.ProcessId | None:
    """The process the job runs in, if it is still there."""
    return processes.still_there(job.pid, job.created, _SAME)


def is_running(job: Job) -> bool:
    return identity(job) is not None


def stop(job: Job, state: str) -> None:
    """End all that belongs to the job; ToolError when it has ended already."""
    running = identity(job)
    if running is None or _status(job, state):  # the last thing it does is to write that down
        raise not_running(job, state)
    _write(os.path.join(state, "jobs", str(job.number), "status"), "stopped")
    commands.end_group(running.pid, grace=3.0)


def not_running(job: Job, state: str) -> ToolError:
    return ToolError(
        both("Job {number} does not run any more: {condition}.").format(
            number=job.number, condition=condition(job, state)
        )
    )


def output_path(job: Job, state: str) -> str:
    return os.path.join(state, "jobs", str(job.number), "output")


def output(job: Job, state: str, last: int | None) -> tuple[str, bool]:
    """What the job printed so far, and whether it is all of it: at most the end that commands keep too."""
    path = output_path(job, state)
    try:
        size = os.path.getsize(path)
        with open(path, "rb") as file:
            file.seek(max(0, size - commands.TAIL))
            lines = commands.readable(file.read(commands.TAIL)).splitlines()
    except FileNotFoundError:
        return "", True
    cut = lines if last is None else lines[max(0, len(lines) - last) :]
    return "\n".join(cut), size <= commands.TAIL


def title(job: Job) -> str:
    return clean_name(job.command)

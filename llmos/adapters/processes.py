"""Processes as plain values: who runs, who uses what, signals and priorities on a process that is still the same one.

Knows no tools and decides nothing, except that pid 1, llmos and its ancestors are never signalled.
"""

from __future__ import annotations

import difflib
import os
import re
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import psutil

from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

T = TypeVar("T")

_STATES = {
    "running": "running",
    "stopped": "stopped", "tracing-stop": "stopped",
    "zombie": "zombie", "dead": "zombie",
}  # fmt: skip

_INTERPRETERS = re.compile(r"(python|pypy|node|nodejs|ruby|perl|php|lua|bash|sh|dash|zsh|ksh|fish|deno|bun|java)[\d.]*")

SIGNALS = {
    "terminate": signal.SIGTERM,
    "kill": signal.SIGKILL,
    "stop": signal.SIGSTOP,
    "continue": signal.SIGCONT,
    "hangup": signal.SIGHUP,
    "interrupt": signal.SIGINT,
}


class Process(NamedTuple):
    pid: int
    parent: int
    user: str
    name: str
    command: tuple[str, ...]
    """The argument list; empty for kernel threads and where it may not be read."""

    state: str
    """running, sleeping, stopped or zombie."""

    cpu: float | None
    """Percent of one processor."""

    memory: int | None
    started: float

    @property
    def line(self) -> str:
        return " ".join(self.command) or f"[{self.name}]"


class ProcessId(NamedTuple):
    """One process for good: a pid is given again, a pid with its start time is not."""

    pid: int
    started: float
    name: str

    def __str__(self) -> str:
        return f"pid {self.pid} started at {self.started:.2f} ({self.name})"


@contextmanager
def translated(pid: int, doing: str) -> Iterator[None]:
    """psutil's and the system's errors about one process, as one line each."""
    try:
        yield
    except (psutil.NoSuchProcess, ProcessLookupError):
        raise ToolError(both("There is no process {pid} any more.").format(pid=pid)) from None
    except (psutil.AccessDenied, PermissionError):
        raise ToolError(
            both("Not permitted to {doing} process {pid}; it is not yours.").format(doing=doing, pid=pid)
        ) from None
    except OSError as error:
        raise ToolError(
            both("Cannot {doing} process {pid}: {strerror}.").format(doing=doing, pid=pid, strerror=error.strerror)
        ) from None


def readable(read: Callable[[], T]) -> T | None:
    """What `read` gives, None where the system keeps it back or the process is gone."""
    try:
        return read()
    except (psutil.Error, OSError):
        return None


# Who runs


def all_processes(sample: float | None = None) -> list[Process]:
    """Every process but our own, by pid; cpu is measured over `sample` seconds, or is the average since the start."""
    before = _cpu_seconds() if sample else {}
    if sample:
        time.sleep(sample)
    own = os.getpid()
    now = time.time()
    found = (_read(p, before.get(p.pid), sample, now) for p in psutil.process_iter() if p.pid != own)
    return sorted((p for p in found if p is not None), key=lambda p: p.pid)


def _cpu_seconds() -> dict[int, float]:
    spent = ((p.pid, readable(lambda p=p: sum(p.cpu_times()[:2]))) for p in psutil.process_iter())  # type: ignore[misc]
    return {pid: seconds for pid, seconds in spent if seconds is not None}


def _read(p: psutil.Process, before: float | None, sample: float | None, now: float) -> Process | None:
    try:
        with p.oneshot():
            started = p.create_time()
            return Process(
                pid=p.pid,
                parent=p.ppid(),
                user=readable(p.username) or "",
                name=clean_name(p.name()),
                command=tuple(clean_name(part) for part in readable(p.cmdline) or ()),
                state=_STATES.get(p.status(), "sleeping"),
                cpu=_percent(readable(lambda: sum(p.cpu_times()[:2])), before, sample, now - started),
                memory=readable(lambda: int(p.memory_info().rss)),
                started=started,
            )
    except (psutil.Error, OSError):
        return None  # gone while it was read


def _percent(spent: float | None, before: float | None, sample: float | None, age: float) -> float | None:
    if spent is None:
        return None
    if sample:
        # A process that began within the sample spent all it has in it.
        return round(100 * (spent - (before or 0.0)) / sample, 1)
    return round(100 * spent / max(age, 0.01), 1)


def named(processes: Sequence[Process], name: str) -> list[Process]:
    """Those called so, apart from a version at the end; else those whose name or command line contains it.

    Our own ancestors are found by their name only: their command lines hold the very words of the request.
    """
    wanted = name.strip().casefold()
    exact = [p for p in processes if wanted in (_stem(p.name), p.name.casefold(), _program(p).casefold())]
    if exact:
        return exact
    above = ancestors()
    return [p for p in processes if wanted in (p.name if p.pid in above else f"{p.name} {p.line}").casefold()]


def ancestors() -> frozenset[int]:
    """Our own process, those that started it, and pid 1: what is never signalled."""
    parents = readable(lambda: psutil.Process().parents()) or []
    return frozenset({1, os.getpid(), *(p.pid for p in parents)})


def _program(p: Process) -> str:
    return os.path.basename(p.command[0]).lstrip("-") if p.command else ""


def _stem(name: str) -> str:
    return re.sub(r"[\d.]+$", "", name.casefold())


def _script(p: Process) -> str:
    """What an interpreter runs: server.py in `python3 -u ./server.py -v`, http.server in `python3 -m http.server`."""
    if not _INTERPRETERS.fullmatch(_program(p)):
        return ""
    arguments = p.command[1:]
    if "-c" in arguments:
        return ""
    return os.path.basename(next((a for a in arguments if not a.startswith("-")), ""))


# Which ones are meant


def find_targets(targets: Sequence[str]) -> list[Process]:
    """The processes meant by pids and names, each once, in the order named."""
    processes = all_processes()
    found = {p.pid: p for target in targets for p in _meant(processes, target)}
    return list(found.values())


def _meant(processes: Sequence[Process], target: str) -> Sequence[Process]:
    words = target.strip()
    number = re.fullmatch(r"(?:pid\s*:?\s*)?(\d+)", words, re.IGNORECASE)
    if number:
        return [_with_pid(processes, int(number[1]))]
    for match in (_by_name, _by_program, _by_script, _by_beginning, _by_stem):
        found = [p for p in processes if match(p, words)]
        if found:
            return found
    raise ToolError(_nothing_like(processes, words))


def _with_pid(processes: Sequence[Process], pid: int) -> Process:
    if pid == os.getpid():
        raise ToolError(both("Process {pid} is llmos itself.").format(pid=pid))
    for process in processes:
        if process.pid == pid:
            return process
    raise ToolError(both("There is no process {pid}.").format(pid=pid))


def _by_name(p: Process, words: str) -> bool:
    return p.name.casefold() == words.casefold()


def _by_program(p: Process, words: str) -> bool:
    return bool(words) and (_program(p).casefold() == words.casefold() or p.command[:1] == (words,))


def _by_script(p: Process, words: str) -> bool:
    return bool(words) and _script(p) in (words, words + ".py")


def _by_beginning(p: Process, words: str) -> bool:
    """`python3 server.py` for /usr/bin/python3 server.py --port 80."""
    program, *arguments = words.split() or [""]
    if not arguments or _stem(program) != _stem(_program(p)):
        return False
    return arguments in (list(p.command[1 : len(arguments) + 1]), [_script(p)])


def _by_stem(p: Process, words: str) -> bool:
    return _stem(p.name) == words.casefold()


def _nothing_like(processes: Sequence[Process], words: str) -> str:
    above = ancestors()
    near = {p.name: p for p in processes if p.pid not in above and words.casefold() in f"{p.name} {p.line}".casefold()}
    names = {p.name: p for p in processes}
    near |= {name: names[name] for name in difflib.get_close_matches(words, list(names), n=3, cutoff=0.7)}
    if not near:
        return f"There is no process named '{words}'."
    likes = ", ".join(f"{p.name} ({p.pid})" for p in list(near.values())[:4])
    return f"There is no process named '{words}'; near it: {likes}."


def identify(process: Process) -> ProcessId:
    return ProcessId(process.pid, process.started, process.name)


def may_be_signalled(processes: Sequence[Process], by_name: bool) -> list[Process]:
    """Those that are not pid 1, llmos or its ancestors; ToolError when one of those was given by pid, or all are."""
    above = ancestors()
    kept = [p for p in processes if p.pid not in above]
    if len(kept) < len(processes) and not (by_name and kept):
        spared = next(p for p in processes if p.pid in above)
        why = "the system's first process" if spared.pid == 1 else "what llmos itself runs in"
        raise ToolError(
            both("Process {pid} ({name}) is {why}; it is not touched.").format(
                pid=spared.pid, name=spared.name, why=why
            )
        )
    return kept


# Doing something to one


def send(which: ProcessId, number: signal.Signals) -> None:
    """Signal exactly this process: a handle is opened before the start time is checked, so the pid cannot pass on."""
    with translated(which.pid, "signal"):
        if not hasattr(signal, "pidfd_send_signal"):
            _same(which).send_signal(number)
            return
        handle = os.pidfd_open(which.pid)
        try:
            _same(which)
            signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def set_priority(which: ProcessId, priority: int) -> None:
    with translated(which.pid, "change the priority of"):
        _same(which)
        try:
            os.setpriority(os.PRIO_PROCESS, which.pid, priority)
        except PermissionError:
            raise ToolError(
                both("Not permitted: only root may raise the priority of {name} ({pid}).").format(
                    name=which.name, pid=which.pid
                )
            ) from None


def _same(which: ProcessId) -> psutil.Process:
    process = psutil.Process(which.pid)
    if abs(process.create_time() - which.started) > 0.05:
        raise psutil.NoSuchProcess(which.pid)
    return process


def is_alive(which: ProcessId) -> bool:
    """A zombie has ended: only its parent has not looked yet."""
    status = readable(lambda: _same(which).status())
    return status is not None and status != psutil.STATUS_ZOMBIE


def wait_ended(which: Sequence[ProcessId], seconds: float | None) -> list[ProcessId]:
    """Those still alive after so many seconds; without a limit, until all have ended."""
    deadline = None if seconds is None else time.monotonic() + seconds
    pause = 0.01
    alive = [w for w in which if is_alive(w)]
    while alive and (deadline is None or time.monotonic() < deadline):
        _wait_for_first(alive[0], pause)
        pause = min(pause * 1.5, 0.25)
        alive = [w for w in alive if is_alive(w)]
    return alive


def _wait_for_first(which: ProcessId, seconds: float) -> None:
    """Sleep, but no longer than this process lives where the system can tell."""
    try:
        handle = os.pidfd_open(which.pid)
    except (AttributeError, OSError):
        time.sleep(seconds)
        return
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.poll(seconds * 1000)
    finally:
        os.close(handle)


def started(pid: int) -> float:
    with translated(pid, "look into"):
        return psutil.Process(pid).create_time()


def still_there(pid: int, began: float, tolerance: float) -> ProcessId | None:
    """The process that has this pid and began then, unless it has ended."""
    process = readable(lambda: psutil.Process(pid))
    if process is None or abs((readable(process.create_time) or 0.0) - began) > tolerance:
        return None
    which = ProcessId(pid, process.create_time(), readable(process.name) or "")
    return which if is_alive(which) else None


# What one has open


class OpenFile(NamedTuple):
    pid: int
    name: str
    how: str
    """open, folder (it stands in it) or program (it runs it)."""

    path: str


class Connection(NamedTuple):
    pid: int | None
    name: str
    protocol: str
    local: str
    port: int
    remote: str
    state: str


class Details(NamedTuple):
    """What is not in the list of processes."""

    threads: int | None
    cwd: str | None
    program: str | None
    priority: int | None
    open_files: int | None
    connections: int | None


def details(pid: int) -> Details:
    with translated(pid, "look into"):
        p = psutil.Process(pid)
    return Details(
        threads=readable(p.num_threads),
        cwd=readable(lambda: clean_name(p.cwd())),
        program=readable(lambda: clean_name(p.exe())),
        priority=readable(lambda: int(p.nice() or 0)),
        open_files=readable(lambda: len(p.open_files())),
        connections=readable(lambda: len(p.net_connections())),
    )


def open_files(pid: int) -> list[str]:
    with translated(pid, "see the files of"):
        return [clean_name(f.path) for f in psutil.Process(pid).open_files()]


def environment(pid: int) -> dict[str, str]:
    with translated(pid, "see the environment of"):
        return {clean_name(name): clean_name(value) for name, value in psutil.Process(pid).environ().items()}


def connections(pid: int | None = None) -> list[Connection]:
    """Internet connections and listeners, of one process or of all."""
    if pid is not None:
        with translated(pid, "see the connections of"):
            return [_connection(c, pid) for c in psutil.Process(pid).net_connections("inet")]
    try:
        return [_connection(c, c.pid) for c in psutil.net_connections("inet")]
    except (psutil.AccessDenied, PermissionError):
        raise ToolError(both("Not permitted to see the connections of this machine.")) from None


def _connection(c: object, pid: int | None) -> Connection:
    status, local, remote = (getattr(c, name) for name in ("status", "laddr", "raddr"))
    stream = getattr(c, "type", None) == 1
    return Connection(
        pid=pid,
        name=(readable(lambda: clean_name(psutil.Process(pid).name())) or "") if pid else "",
        protocol="tcp" if stream else "udp",
        local=_address(local),
        port=local.port if local else 0,
        remote=_address(remote),
        state={"NONE": "bound", "LISTEN": "listening"}.get(status, status.lower().replace("_", "-")),
    )


def _address(address: object) -> str:
    if not address:
        return ""
    ip, port = getattr(address, "ip", ""), getattr(address, "port", 0)
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def is_listener(connection: Connection) -> bool:
    """A datagram socket has no listening state; bound and without a peer is the same."""
    return connection.state == "listening" or (connection.protocol == "udp" and not connection.remote)


def users_of(path: str) -> list[OpenFile]:
    """Processes that have this file, or anything beneath this folder, open, run it or stand in it."""
    beneath = path.rstrip(os.sep) + os.sep
    found: list[OpenFile] = []
    for p in psutil.process_iter():
        if p.pid == os.getpid():
            continue
        name = readable(p.name) or ""
        hits = {(how, used) for how, used in _uses(p) if used == path or used.startswith(beneath)}
        found += [OpenFile(p.pid, clean_name(name), how, clean_name(used)) for how, used in sorted(hits)]
    return found


def _uses(p: psutil.Process) -> Iterator[tuple[str, str]]:
    yield from (("open", f.path) for f in readable(p.open_files) or ())
    yield "folder", readable(p.cwd) or ""
    yield "program", readable(p.exe) or ""

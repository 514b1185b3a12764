"""Runs one command in a sandbox to its end, with limits over the whole tree of its processes, and ends that tree whole.

A process of its own watches, so that it also ends the command when llmos is killed. What the command may touch is the
sandbox's business; what it changed is in overlay.py.
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NoReturn

from llmos.sandbox.base import MIB, Command, Confinement, Limits, Sandbox
from llmos.sandbox.kernel import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, prctl
from llmos.values.display import format_size

_TICK = 0.01
"""Seconds between two looks at the tree."""

_LAST_OF_DISK = 0.03

_ENTERED, _REPORTS = b"entered", b", which reports"

_PAGE = os.sysconf("SC_PAGE_SIZE")


class CannotConfine(Exception):
    """This machine does not let the sandbox be set up; the message says which step failed."""


@dataclass(frozen=True)
class Ended:
    code: int
    """The exit code; negative when a signal ended it."""

    stopped: str = ""
    """Why it was stopped before its end."""

    uppers: tuple[int, ...] = ()
    """The upper layers of the overlays; whoever gets them closes them, and nothing is left of them."""


def run(sandbox: Sandbox, command: Command, confinement: Confinement) -> Ended:
    """Raises CannotConfine. Whatever else rises, Ctrl-C too, the command and all it started have ended by then."""
    limits = confinement.limits.resolved()
    confinement = replace(confinement, limits=limits)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        _as_child(theirs, lambda: _supervise(theirs, sandbox, command, confinement))
    theirs.close()
    uppers: list[int] = []
    try:
        return _result(ours, uppers)
    except BaseException:
        for descriptor in uppers:
            os.close(descriptor)
        raise
    finally:
        ours.close()  # the supervisor sees this, ends the command and itself
        os.waitpid(pid, 0)


def _result(channel: socket.socket, uppers: list[int]) -> Ended:
    while True:
        data, descriptors, _, _ = socket.recv_fds(channel, 65536, 64)
        uppers.extend(descriptors)
        if not data:
            raise CannotConfine("what watches over the command ended")
        message = json.loads(data)
        if "failed" in message:
            raise CannotConfine(message["failed"])
        if "code" in message:
            return Ended(message["code"], message["stopped"], tuple(uppers))


def _as_child(channel: socket.socket, do: Callable[[], None]) -> NoReturn:
    """Nothing of llmos may go on in a copy of it: not its handlers, not its cleaning up."""
    code = 1
    gc.disable()  # a collection would touch, and so copy, all of llmos's memory
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGPIPE, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        do()
        code = 0
    except BaseException as error:
        with suppress(OSError):
            channel.send(json.dumps({"failed": str(error) or type(error).__name__}).encode())
    finally:
        os._exit(code)


def _supervise(channel: socket.socket, sandbox: Sandbox, command: Command, confinement: Confinement) -> None:
    os.setsid()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    status, report = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(status)
        _as_child(channel, lambda: _become(channel, sandbox, command, confinement, report))
    os.close(report)
    watched = _Tree(pid, command.output, confinement)
    try:
        stopped = _watch(watched, channel)
    finally:
        code = watched.end()
    ran = _all_of(status)
    if not stopped and _ENTERED not in ran:
        return  # the child has said why
    if not stopped and _REPORTS in ran and b'"exit-code"' not in ran:
        raise OSError("bubblewrap could not set up its namespaces")
    channel.send(json.dumps({"code": code, "stopped": stopped}).encode())


def _become(channel: socket.socket, sandbox: Sandbox, command: Command, confinement: Confinement, report: int) -> None:
    """The command. Returns only by an error."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    entered = sandbox.enter(command, confinement, report)
    if entered.uppers:
        socket.send_fds(channel, [b"{}"], list(entered.uppers))
    _limit(confinement.limits)
    for source, target in ((command.stdin, 0), (command.output, 1), (command.output, 2)):
        os.dup2(source, target)
    for descriptor in entered.keep:
        os.set_inheritable(descriptor, True)
    os.write(report, _ENTERED + (_REPORTS if entered.reports else b""))
    os.execvpe(entered.argv[0], list(entered.argv), command.env)


def _limit(limits: Limits) -> None:
    endless = limits.seconds == math.inf
    largest = resource.RLIM_INFINITY if endless else max(limits.disk, limits.output) + MIB
    for kind, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, largest)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def _all_of(pipe: int) -> bytes:
    os.set_blocking(pipe, False)  # what the command left behind may still hold the other end
    pieces = []
    with suppress(BlockingIOError):
        while piece := os.read(pipe, 65536):
            pieces.append(piece)
    os.close(pipe)
    return b"".join(pieces)


def _watch(tree: _Tree, channel: socket.socket) -> str:
    """Until the command ended by itself: "". Otherwise why it has to end; also when llmos is there no more."""
    ended = os.pidfd_open(tree.pid)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(channel, select.POLLHUP)
    while True:
        events = dict(poll.poll(_TICK * 1000))
        if channel.fileno() in events:
            return "llmos ended"
        if ended in events:
            os.close(ended)
            return ""
        if excess := tree.excess():
            return excess


class _Tree:
    """A process and all that descends from it; what lost its parent is a child of this one, the subreaper."""

    def __init__(self, pid: int, output: int, confinement: Confinement) -> None:
        self.pid = pid
        self._code = 0
        self._output = output
        self._limits = confinement.limits
        self._until = time.monotonic() + confinement.limits.seconds
        self._volumes = tuple(dict.fromkeys(_volumes(confinement.roots)))
        self._used = sum(map(_used, self._volumes))

    def excess(self) -> str:
        """The limit that is passed, in words; "" while none is."""
        limits = self._limits
        if time.monotonic() > self._until:
            return f"it took longer than {limits.seconds:g} s"
        if os.fstat(self._output).st_size > limits.output:
            return f"it printed more than {format_size(limits.output)}"
        if sum(map(_used, self._volumes)) - self._used > limits.disk and self._counts_as_its_own():
            return f"it wrote more than {format_size(limits.disk)}"
        pids = _descendants(os.getpid())
        if len(pids) > limits.processes:
            return f"it started more than {limits.processes} processes"
        if sum(map(_resident, pids)) > limits.memory and sum(map(_proportional, pids)) > limits.memory:
            return f"it used more than {format_size(limits.memory)} of memory"
        return ""

    def _counts_as_its_own(self) -> bool:
        """What runs without end is not blamed for what others write meanwhile, until the disk is nearly full."""
        return self._limits.seconds < math.inf or any(_free_share(path) < _LAST_OF_DISK for path in self._volumes)

    def end(self) -> int:
        """Kill what is left until nothing is. The exit code of the command itself; negative for a signal."""
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)  # in one step: what is started meanwhile is killed too
        while True:
            for pid in _descendants(os.getpid()):
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            if self._reap():
                return self._code
            time.sleep(0.0002)

    def _reap(self) -> bool:
        """All at once, for there may be thousands. True when there is nothing more to come."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return False
                if pid == self.pid:
                    self._code = os.waitstatus_to_exitcode(status)
        except ChildProcessError:
            return True


def _volumes(roots: tuple[str, ...]) -> Iterator[str]:
    seen = set()
    for root in roots:
        with suppress(OSError):
            device = os.stat(root).st_dev
            if device not in seen:
                seen.add(device)
                yield root


def _used(path: str) -> int:
    try:
        volume = os.statvfs(path)
    except OSError:
        return 0
    return (volume.f_blocks - volume.f_bfree) * volume.f_frsize


def _free_share(path: str) -> float:
    volume = os.statvfs(path)
    return volume.f_bavail / max(volume.f_blocks, 1)


def _descendants(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        children = _children(waiting.pop())
        found += children
        waiting += children
    return found


def _children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return [int(child) for child in file.read().split()]
    except (OSError, ValueError):
        return []


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    """What processes share is shared out among them; slower to find out. All of it where it cannot be read."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith(b"Pss:"))
    except (OSError, StopIteration):
        return _resident(pid)

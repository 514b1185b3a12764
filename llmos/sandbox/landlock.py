"""Landlock (landlock(7)): which files a process may touch, and which sockets and processes beyond its own tree.

Alone it is level L1, for machines that give nobody a namespace: there a command sees other processes and every change
is made at once. What Landlock does not know is left to seccomp.py.
"""

from __future__ import annotations

import errno
import os
import resource
import stat
import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from llmos.sandbox import seccomp
from llmos.sandbox.base import Command, Confinement, Entered, Level, hidden_python, is_within
from llmos.sandbox.kernel import PR_SET_NO_NEW_PRIVS, drop_capabilities, prctl, syscall

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
LEAST = 6
"""The first version that keeps signals and abstract sockets within."""

(_EXECUTE, _WRITE, _READ, _LIST, _REMOVE_FOLDER, _REMOVE, _MAKE_CHARACTER, _MAKE_FOLDER, _MAKE, _MAKE_SOCKET,
 _MAKE_FIFO, _MAKE_BLOCK, _MAKE_LINK, _REFER, _TRUNCATE, _IOCTL) = (1 << bit for bit in range(16))  # fmt: skip
_ALL = (1 << 16) - 1
_LOOK = _EXECUTE | _READ | _LIST
_CHANGE = _ALL & ~(_MAKE_CHARACTER | _MAKE_BLOCK)
_ON_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL
_BIND_AND_CONNECT = 3
_SIGNALS_AND_ABSTRACT_SOCKETS = 3

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_PRIVATE = ("/dev", "/tmp", "/var/tmp", "/run", "/sys/fs/cgroup")
"""Of everybody or of services; a command sees nothing in them but its own."""


@cache
def version() -> int:
    """0 where the kernel has none."""
    try:
        return syscall("landlock", _CREATE, 0, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(grants: Iterable[tuple[str, int]] | None, *, network: bool) -> None:
    """Files by the grants, all of them where there is no list; never signals or abstract sockets beyond this tree."""
    if version() < LEAST:
        raise OSError(errno.ENOSYS, f"Landlock version {LEAST} is needed, this kernel has {version()}")
    files = _ALL if grants is not None else 0
    ports = 0 if network or grants is None else _BIND_AND_CONNECT
    rules = syscall("landlock", _CREATE, struct.pack("QQQ", files, ports, _SIGNALS_AND_ABSTRACT_SOCKETS), 24, 0)
    for path, rights in grants or ():
        _grant(rules, path, rights)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    syscall("landlock", _RESTRICT, rules, 0)
    os.close(rules)


def _grant(rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # gone, or not for us to see anyway
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        rights &= _ON_FILES
    syscall("landlock", _ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    os.close(descriptor)


def grants(confinement: Confinement, scratch: str) -> Iterator[tuple[str, int]]:
    """Landlock only grants: to hide a folder, everything beside it and beside each folder above it is granted."""
    hidden = [*confinement.hidden, *_PRIVATE]
    for path in _beside("/", [path for path in hidden if not any(is_within(path, r) for r in confinement.roots)]):
        yield path, _LOOK
    for root in confinement.roots:
        inside = [path for path in confinement.hidden if is_within(path, root)]
        rights = _LOOK if confinement.reads else _CHANGE
        yield from ((path, rights) for path in (_beside(root, inside) if inside else [root]))
    yield from ((folder, _LOOK) for folder in hidden_python())
    yield scratch, _CHANGE
    yield from ((path, _READ | _WRITE | _IOCTL) for path in _DEVICES)


def _beside(folder: str, hidden: Sequence[str]) -> Iterator[str]:
    for name in _names(folder):
        path = os.path.join(folder, name)
        beneath = [other for other in hidden if is_within(other, path)]
        if not beneath:
            yield path
        elif path not in beneath:
            yield from _beside(path, beneath)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


class Landlock:
    """Level L1."""

    level = Level.L1

    def __init__(self) -> None:
        for sockets in (seccomp.Sockets.NONE, seccomp.Sockets.OUTWARD):
            seccomp.program(sockets, alone=False)  # made here once, not in each new process
        version()

    def enter(self, command: Command, confinement: Confinement, report: int) -> Entered:
        allowed = list(grants(confinement, command.env["TMPDIR"]))
        _limit_processes(confinement.limits.processes)
        drop_capabilities()  # as root they open /proc/PID/environ of others
        os.chdir(command.cwd)
        restrict(allowed, network=confinement.network)
        sockets = seccomp.Sockets.OUTWARD if confinement.network else seccomp.Sockets.NONE
        seccomp.apply(seccomp.program(sockets, alone=False))
        return Entered(command.argv)


def _limit_processes(more: int) -> None:
    """Without a namespace of its own the kernel counts all processes of the user. It does not count those of root."""
    if os.geteuid() != 0:
        there = sum(map(_threads, filter(str.isdigit, _names("/proc"))))
        _, most = resource.getrlimit(resource.RLIMIT_NPROC)
        limit = there + more if most == resource.RLIM_INFINITY else min(there + more, most)
        resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))


def _threads(pid: str) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/task")) if os.stat(f"/proc/{pid}").st_uid == os.geteuid() else 0
    except OSError:
        return 0

"""The system call filter: what no everyday command needs and what was used to get out of sandboxes is refused.

Assembled here as classic BPF (seccomp(2), linux/filter.h), because the bindings on the package index need libseccomp on
the machine and take longer to load than the filter takes to make. x86-64 and aarch64. No file is judged here.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import NamedTuple

from llmos.sandbox.kernel import PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, check, libc, prctl

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _AND, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_X32 = 0x40000000
_FILTER_MODE = 2
_NEW_NAMESPACE = 0x7E020080  # CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET, and TIME


class Machine(NamedTuple):
    audit: int
    column: int


MACHINES: Mapping[str, Machine] = {"x86_64": Machine(0xC000003E, 0), "aarch64": Machine(0xC00000B7, 1)}

REFUSED: Mapping[str, tuple[int | None, int]] = {
    "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "open_tree_attr": (467, 467),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "open_by_handle_at": (304, 265), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "sethostname": (170, 161), "setdomainname": (171, 162),
    "iopl": (172, 0), "ioperm": (173, 0), "modify_ldt": (154, 0), "syslog": (103, 116), "vhangup": (153, 58),
    "fanotify_init": (300, 262), "lsm_set_self_attr": (460, 460), "memfd_secret": (447, 447),
}  # fmt: skip
"""Name → number on x86-64 and on aarch64; 0 where there is none."""

SHARED_MEMORY: Mapping[str, tuple[int, int]] = {"shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186)}
"""System V objects, which without a namespace of their own are everybody's."""

ONESELF = (
    (302, 261, 0), (141, 140, 1), (251, 30, 1), (203, 122, 0), (144, 119, 0), (142, 118, 0), (314, 274, 0),
)  # fmt: skip
"""prlimit64, setpriority, ioprio_set, sched_setaffinity, -scheduler, -param, -attr. Which argument is 0: oneself."""

_TIOCSTI, _TIOCLINUX, _TIOCSETD = 0x5412, 0x541C, 0x5423
_CHARACTER, _BLOCK, _KIND = 0o020000, 0o060000, 0o170000
_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16


class Sockets(Enum):
    """Which families may be opened."""

    NONE = ()
    """Only pairs: without a network namespace anything else reaches the machine."""

    LOCAL = (_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK)
    """In an empty network namespace, or where the network is allowed. Not packets, not virtual machines, not crypto."""

    OUTWARD = (_AF_INET, _AF_INET6, _AF_NETLINK)
    """The network is allowed, the sockets of the machine's services are not."""


def _one(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def _refuse(number: int = errno.EPERM) -> bytes:
    return _one(_RETURN, _ERRNO | number)


def _call(number: int, then: Sequence[bytes]) -> list[bytes]:
    """`then` when it is this system call; it has to return, or the filter allows."""
    body = [*then, _one(_RETURN, _ALLOW)]
    return [_one(_EQUAL, number, 0, len(body)), *body]


def _if_argument(index: int, values: Sequence[int], *, refused: bool, mask: int | None = None) -> list[bytes]:
    """Refuse when the argument is (or is not) one of the values. Only its low half, which is what the kernel reads."""
    load = [_one(_LOAD, _ARGUMENTS + 8 * index), *([_one(_AND, mask)] if mask is not None else [])]
    last = len(values)
    tests = [_one(_EQUAL, value, last - i, 0) for i, value in enumerate(values)]
    hit, miss = (_refuse(), _one(_RETURN, _ALLOW)) if refused else (_one(_RETURN, _ALLOW), _refuse())
    return [*load, *tests, miss, hit]


def _judged(column: int, sockets: Sockets, *, alone: bool) -> Iterable[list[bytes]]:
    """System calls whose arguments matter."""
    yield _call((435, 435)[column], [_refuse(errno.ENOSYS)])  # clone3: flags in memory; libc falls back to clone
    for number in ((56, 220)[column], (272, 97)[column]):  # clone, unshare
        flags = [_one(_LOAD, _ARGUMENTS), _one(_ANY_BIT, _NEW_NAMESPACE, 0, 1), _refuse()]
        yield _call(number, flags)
    yield _call((16, 29)[column], _if_argument(1, (_TIOCSTI, _TIOCLINUX, _TIOCSETD), refused=True))
    yield _call((259, 33)[column], _if_argument(2, (_CHARACTER, _BLOCK), refused=True, mask=_KIND))  # mknodat
    if column == 0:
        yield _call(133, _if_argument(1, (_CHARACTER, _BLOCK), refused=True, mask=_KIND))  # mknod
    yield _call((135, 92)[column], _if_argument(0, (0, 0x40000, 0xFFFFFFFF), refused=False))  # personality
    yield _call((41, 198)[column], _if_argument(0, sockets.value, refused=False) if sockets.value else [_refuse()])
    yield _call((53, 199)[column], _if_argument(0, (_AF_UNIX,), refused=False))  # socketpair
    if alone:
        return
    yield from (_call(numbers[column], [_refuse()]) for numbers in SHARED_MEMORY.values())
    yield from (_call(call[column], _if_argument(call[2], (0,), refused=False)) for call in ONESELF)


@cache
def program(sockets: Sockets, *, alone: bool) -> bytes:
    """`alone` is a process in namespaces of its own; one that is not may not touch others by their number either.

    Raises OSError on a machine whose system calls are not known here.
    """
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        raise OSError(errno.ENOSYS, f"no system call filter for {os.uname().machine}")
    filter = [_one(_LOAD, _ARCHITECTURE), _one(_EQUAL, machine.audit, 1, 0), _one(_RETURN, _KILL)]
    filter += [_one(_LOAD, _NUMBER)]
    if machine.column == 0:
        filter += [_one(_AT_LEAST, _X32, 0, 1), _refuse()]
    for numbers in REFUSED.values():
        if number := numbers[machine.column]:
            filter += [_one(_EQUAL, number, 0, 1), _refuse()]
    for part in _judged(machine.column, sockets, alone=alone):
        filter += part
    return b"".join([*filter, _one(_RETURN, _ALLOW)])


def apply(filter: bytes) -> None:
    """To this process and all it will start; for good."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    code = ctypes.create_string_buffer(filter, len(filter))
    header = struct.pack("HxxxxxxQ", len(filter) // 8, ctypes.addressof(code))
    check(libc().prctl(PR_SET_SECCOMP, _FILTER_MODE, ctypes.c_char_p(header), 0, 0), "seccomp")


def as_file(filter: bytes) -> int:
    """A descriptor for bubblewrap's --seccomp."""
    descriptor = os.memfd_create("seccomp", 0)
    os.write(descriptor, filter)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor

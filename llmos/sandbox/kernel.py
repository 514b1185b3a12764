"""System calls that Python has no function for: namespaces, mounts, prctl, capabilities. Linux only, through ctypes.

What they are used for is decided elsewhere. Every function raises OSError with the name of the call.
"""

from __future__ import annotations

import ctypes
import os
import struct
from functools import cache

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000

MS_NOSUID, MS_NODEV = 2, 4
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_ATTR_RDONLY = 1

_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522


@cache
def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, call: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def syscall(name: str, number: int, *arguments: int | bytes) -> int:
    wide = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    return check(int(libc().syscall(ctypes.c_long(number), *wide)), name)


def unshare(flags: int) -> None:
    check(libc().unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    encoded = [os.fsencode(text) if text else None for text in (source, target, kind)]
    check(libc().mount(*encoded, ctypes.c_ulong(flags), os.fsencode(options) or None), f"mount {kind} {target}".strip())


def unmount(target: str) -> None:
    check(libc().umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def make_read_only(target: str) -> None:
    """The mount at `target` with all beneath it; other flags stay, which a remount in a user namespace must keep."""
    attributes = struct.pack("QQQQ", _ATTR_RDONLY, 0, 0, 0)
    syscall("mount_setattr", _MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, attributes, 32)


def prctl(option: int, value: int = 0) -> None:
    check(libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def drop_capabilities() -> None:
    """All of them and for good: root without them is an ordinary user whose name is root."""
    for number in range(64):
        try:
            prctl(PR_CAPBSET_DROP, number)
        except OSError:
            break  # past the last one, or not ours to drop
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    syscall("capset", _CAPSET[os.uname().machine], header, bytes(24))

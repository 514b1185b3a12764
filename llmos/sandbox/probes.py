"""Runs inside a sandbox to find out whether it holds: attempts, each a function that returns when it got through.

Executed alone by a Python without site-packages, never imported by llmos. Harmless where a sandbox does not hold: what
is written is put back, nobody is signalled with anything but 0, nothing is read but a file made for it.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

libc = ctypes.CDLL(None, use_errno=True)
given: dict[str, Any] = json.loads(sys.argv[1])
outside: str = given["outside"]


def system(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def write_outside() -> None:
    with open(f"{outside}/new", "w"):
        pass


def write_through_a_link() -> None:
    os.symlink(f"{outside}/file", "link")
    with open("link", "a"):
        pass


def rename_outside() -> None:
    os.rename(f"{outside}/file", f"{outside}/other")
    os.rename(f"{outside}/other", f"{outside}/file")


def change_mode_outside() -> None:
    os.truncate(f"{outside}/file", 0)


def read_hidden() -> None:
    with open(given["secret"]) as file:
        assert file.read() == "secret"


def list_hidden() -> None:
    assert os.listdir(os.path.dirname(given["secret"]))


def read_environment_of_llmos() -> None:
    with open(f"/proc/{given['pid']}/environ", "rb") as file:
        assert given["marker"].encode() in file.read()


def signal_llmos() -> None:
    with open(f"/proc/{given['pid']}/cmdline", "rb") as file:
        if given["pid"] == os.getpid() or not file.read():
            raise OSError("another process")
    os.kill(given["pid"], 0)


def connect_to_the_machine() -> None:
    socket.create_connection(("127.0.0.1", given["port"]), 1).close()


def connect_to_an_abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect("\0" + given["abstract"])


def connect_to_a_service() -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(f"{outside}/socket")


def open_a_raw_socket() -> None:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()


def make_a_user_namespace() -> None:
    system(libc.unshare(0x10000000))


def mount() -> None:
    os.mkdir("mounted")
    system(libc.mount(b"none", b"mounted", b"tmpfs", 0, None))
    libc.umount2(b"mounted", 2)


def trace_the_parent() -> None:
    system(libc.ptrace(0x4206, os.getppid(), 0, 0))  # PTRACE_SEIZE: does not stop it


def use_keyrings() -> None:
    system(libc.syscall({"x86_64": 250, "aarch64": 219}[os.uname().machine], 0, -3, 0))


def use_io_uring() -> None:
    system(libc.syscall(425, 2, ctypes.create_string_buffer(120)))


def make_a_device() -> None:
    os.mknod("disk", 0o60600, os.makedev(254, 0))


def change_the_kernel() -> None:
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))


def gain_rights() -> None:
    with open("/proc/self/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    assert status["NoNewPrivs"] != "1" or int(status["CapEff"], 16)


PROBES: tuple[Callable[[], None], ...] = (
    write_outside, write_through_a_link, rename_outside, change_mode_outside, read_hidden, list_hidden,
    read_environment_of_llmos, signal_llmos, connect_to_the_machine, connect_to_an_abstract_socket,
    connect_to_a_service, open_a_raw_socket, make_a_user_namespace, mount, trace_the_parent, use_keyrings,
    use_io_uring, make_a_device, change_the_kernel, gain_rights,
)  # fmt: skip


def attempt(probe: Callable[[], None]) -> bool:
    """In a process of its own: some of them change it."""
    pid = os.fork()
    if pid == 0:
        try:
            probe()
        except BaseException:
            os._exit(0)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


if __name__ == "__main__":
    print(json.dumps({probe.__name__.replace("_", " "): attempt(probe) for probe in PROBES}))

"""Ways out of a sandbox, one function each: it returns when it got through and raises when it was stopped.

Runs inside, alone: `python attempts.py FACTS` prints a JSON object, attempt → "through" or why it was stopped. What has
to be limited rather than forbidden (memory, processes, disk, time) is in test_limits.py.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import resource
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Callable

libc = ctypes.CDLL(None, use_errno=True)
given = json.loads(sys.argv[1]) if len(sys.argv) > 1 and __name__ == "__main__" else {}
ARM = os.uname().machine == "aarch64"
WORK, OUT, HOME, STATE = (given.get(name, "") for name in ("work", "outside", "home", "state"))
PID = given.get("pid", 0)
"""A process of the same user, with a secret in its environment."""

ATTEMPTS: dict[str, Callable[[], object]] = {}


def attempt(function: Callable[[], object]) -> Callable[[], object]:
    ATTEMPTS[function.__name__] = function
    return function


def done(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def syscall(x86: int, arm: int, *arguments: int | bytes) -> int:
    wide = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    return done(libc.syscall(ctypes.c_long(arm if ARM else x86), *wide))


def must(condition: object, why: str = "not the real one") -> None:
    if not condition:
        raise PermissionError(errno.EPERM, why)


def is_neighbour() -> None:
    """The number may be another process in here."""
    with open(f"/proc/{PID}/cmdline", "rb") as file:
        must(b"neighbour" in file.read(), "another process has that number here")


# Files outside


@attempt
def create_outside() -> None:
    open(f"{OUT}/new", "x").close()


@attempt
def overwrite_outside() -> None:
    open(f"{OUT}/victim", "w").close()


@attempt
def append_to_profile() -> None:
    open(f"{HOME}/.profile", "a").close()


@attempt
def add_autostart() -> None:
    os.makedirs(f"{HOME}/.config/autostart")


@attempt
def write_through_symlink() -> None:
    os.symlink(f"{OUT}/victim", "soft")
    open("soft", "a").close()


@attempt
def write_through_hard_link() -> None:
    os.link(f"{OUT}/victim", "hard")
    open("hard", "a").close()


@attempt
def write_through_dots() -> None:
    open(os.path.relpath(f"{OUT}/victim"), "a").close()


@attempt
def write_through_own_root() -> None:
    open(f"/proc/self/root{OUT}/victim", "a").close()


@attempt
def write_through_first_process() -> None:
    open(f"/proc/1/root{OUT}/victim", "a").close()


@attempt
def write_through_inherited_descriptor() -> None:
    for name in os.listdir("/proc/self/fd"):
        target = os.readlink(f"/proc/self/fd/{name}") if os.path.exists(f"/proc/self/fd/{name}") else ""
        must(
            not (
                target.startswith("/")
                and int(name) > 2
                and os.path.isdir(target)
                and target != f"/proc/{os.getpid()}/fd"
            )
        )
    raise PermissionError(errno.EBADF, "no folder was left open")


@attempt
def rename_in() -> None:
    os.rename(f"{OUT}/victim", "stolen")
    os.rename("stolen", f"{OUT}/victim")


@attempt
def rename_out() -> None:
    open("mine", "w").close()
    os.rename("mine", f"{OUT}/planted")


@attempt
def exchange_outside() -> None:
    open("mine", "w").close()
    syscall(316, 276, -100, b"mine", -100, f"{OUT}/victim".encode(), 2)


@attempt
def delete_outside() -> None:
    os.unlink(f"{OUT}/expendable")


@attempt
def truncate_outside() -> None:
    os.truncate(f"{OUT}/victim", 0)


@attempt
def change_mode_outside() -> None:
    os.chmod(f"{OUT}/victim", 0o666)


@attempt
def change_time_outside() -> None:
    os.utime(f"{OUT}/victim", (1, 1))


@attempt
def set_attribute_outside() -> None:
    os.setxattr(f"{OUT}/victim", "user.x", b"1")


@attempt
def make_folder_outside() -> None:
    os.mkdir(f"{OUT}/folder")


@attempt
def remove_folder_outside() -> None:
    os.rmdir(f"{OUT}/empty")


@attempt
def make_pipe_outside() -> None:
    os.mkfifo(f"{OUT}/pipe")


@attempt
def link_unnamed_file_outside() -> None:
    made = os.open(WORK, os.O_TMPFILE | os.O_RDWR)
    os.link(f"/proc/self/fd/{made}", f"{OUT}/unnamed", follow_symlinks=True)


@attempt
def write_system_folder() -> None:
    open("/usr/local/bin/planted", "w").close()
    os.unlink("/usr/local/bin/planted")


# What is kept from it


def read(path: str, expected: str = "secret") -> None:
    with open(path) as file:
        must(expected in file.read())


@attempt
def read_ssh_key() -> None:
    read(f"{HOME}/.ssh/id_rsa")


@attempt
def read_ssh_key_through_symlink() -> None:
    os.symlink(f"{HOME}/.ssh/id_rsa", "key")
    read("key")


@attempt
def read_ssh_key_through_own_root() -> None:
    read(f"/proc/self/root{HOME}/.ssh/id_rsa")


@attempt
def look_at_ssh_key() -> None:
    os.stat(f"{HOME}/.ssh/id_rsa")


@attempt
def list_ssh_folder() -> None:
    must(os.listdir(f"{HOME}/.ssh"))


@attempt
def read_cloud_credentials() -> None:
    read(f"{HOME}/.aws/credentials")


@attempt
def read_passwords_of_programs() -> None:
    read(f"{HOME}/.netrc")


@attempt
def read_what_was_typed() -> None:
    read(f"{HOME}/.bash_history")


@attempt
def read_log_of_llmos() -> None:
    read(f"{STATE}/log.sqlite")


@attempt
def read_password_hashes() -> None:
    read("/etc/shadow", ":")


@attempt
def read_temporary_file_of_others() -> None:
    read(given["temporary"])


@attempt
def watch_ssh_folder() -> None:
    watch = done(libc.inotify_init1(0))
    done(libc.inotify_add_watch(watch, f"{HOME}/.ssh/id_rsa".encode(), 0xFFF))


@attempt
def uncover_by_unmounting() -> None:
    done(libc.umount2(f"{HOME}/.ssh".encode(), 2))


# What runs by itself later


@attempt
def write_git_hook() -> None:
    with open(".git/hooks/pre-commit", "w") as file:
        file.write("#!/bin/sh\n")


@attempt
def change_git_config() -> None:
    open(".git/config", "a").close()


@attempt
def replace_git_folder() -> None:
    os.rename(".git", ".git-aside")
    os.makedirs(".git/hooks")


@attempt
def replace_hooks_folder() -> None:
    os.rename(".git/hooks", ".git/aside")


@attempt
def add_editor_tasks() -> None:
    os.makedirs(".vscode")
    open(".vscode/tasks.json", "w").close()


# Other processes


@attempt
def read_environment() -> None:
    with open(f"/proc/{PID}/environ", "rb") as file:
        must(b"secret" in file.read())


@attempt
def read_command_line() -> None:
    is_neighbour()


@attempt
def enter_root_of_process() -> None:
    is_neighbour()
    read(f"/proc/{PID}/root{HOME}/.ssh/id_rsa")


@attempt
def open_memory() -> None:
    is_neighbour()
    open(f"/proc/{PID}/mem", "rb").close()


@attempt
def trace() -> None:
    is_neighbour()
    done(libc.ptrace(0x4206, PID, 0, 0))  # PTRACE_SEIZE
    done(libc.ptrace(17, PID, 0, 0))


@attempt
def trace_parent() -> None:
    done(libc.ptrace(0x4206, os.getppid(), 0, 0))


@attempt
def read_memory_of_process() -> None:
    is_neighbour()
    room = ctypes.create_string_buffer(8)
    one = struct.pack("QQ", ctypes.addressof(room), 8)
    try:
        syscall(310, 270, PID, one, 1, struct.pack("QQ", 4096, 8), 1, 0)
    except OSError as error:
        must(error.errno == errno.EFAULT, "refused")  # it would have read, had the address been right


@attempt
def send_signal() -> None:
    is_neighbour()
    os.kill(PID, signal.SIGUSR1)


@attempt
def send_signal_through_pidfd() -> None:
    is_neighbour()
    signal.pidfd_send_signal(os.pidfd_open(PID), signal.SIGUSR1)


@attempt
def take_descriptor() -> None:
    is_neighbour()
    syscall(438, 438, os.pidfd_open(PID), 1, 0)


@attempt
def limit_process() -> None:
    is_neighbour()
    resource.prlimit(PID, resource.RLIMIT_CORE, resource.prlimit(PID, resource.RLIMIT_CORE))


@attempt
def change_priority() -> None:
    is_neighbour()
    os.setpriority(os.PRIO_PROCESS, PID, 5)


@attempt
def bind_to_processor() -> None:
    is_neighbour()
    os.sched_setaffinity(PID, os.sched_getaffinity(PID))


@attempt
def change_disk_priority() -> None:
    is_neighbour()
    syscall(251, 30, 1, PID, (2 << 13) | 5)


@attempt
def compare_processes() -> None:
    is_neighbour()
    syscall(312, 272, PID, os.getpid(), 0, 0, 0)


@attempt
def join_namespace_of_process() -> None:
    is_neighbour()
    with open(f"/proc/{PID}/ns/mnt") as file:
        done(libc.setns(file.fileno(), 0))


# The network and services


@attempt
def connect_to_port() -> None:
    with socket.create_connection(("127.0.0.1", given["port"]), 1) as made:
        must(made.recv(6) == b"secret")


@attempt
def send_datagram() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(0.5)
        made.sendto(b"hello", ("127.0.0.1", given["datagrams"]))
        must(made.recv(6) == b"secret")


@attempt
def reach_the_internet() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(("192.0.2.1", 53))


@attempt
def connect_to_named_socket() -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(f"{OUT}/service")


@attempt
def connect_to_named_socket_inside() -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(f"{WORK}/service")


@attempt
def connect_to_abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect("\0" + given["abstract"])


@attempt
def send_to_abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.sendto(b"x", "\0" + given["abstract"] + "-datagrams")


@attempt
def open_packet_socket() -> None:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)


@attempt
def open_raw_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)


@attempt
def open_socket_to_host_machine() -> None:
    socket.socket(40, socket.SOCK_STREAM)


@attempt
def open_crypto_socket() -> None:
    socket.socket(38, socket.SOCK_SEQPACKET)


@attempt
def change_network() -> None:
    must(subprocess.run(["ip", "link", "add", "x", "type", "dummy"], check=False, capture_output=True).returncode == 0)


# The kernel


@attempt
def gain_rights() -> None:
    with open("/proc/self/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    must(status["NoNewPrivs"] != "1" or int(status["CapEff"], 16) or int(status["CapPrm"], 16))


@attempt
def become_somebody_else() -> None:
    os.setuid(12345)


@attempt
def run_set_user_id_program() -> None:
    copy = shutil.copy("/usr/bin/id", "id")
    os.chmod(copy, 0o4755)
    su = next(p for p in ("/usr/bin/su", "/bin/su") if os.path.exists(p))
    ended = subprocess.run([su, "-c", "true"], check=False, input=b"", capture_output=True, timeout=5)
    must(ended.returncode == 0)
    must(os.geteuid() != 0, "root already")


@attempt
def mount() -> None:
    os.makedirs("mounted", exist_ok=True)
    done(libc.mount(b"none", b"mounted", b"tmpfs", 0, None))
    libc.umount2(b"mounted", 2)


@attempt
def mount_by_new_calls() -> None:
    syscall(430, 430, b"tmpfs", 0)


@attempt
def clone_mount_tree() -> None:
    syscall(428, 428, -100, b"/", 1)


@attempt
def remount_writable() -> None:
    done(libc.mount(b"none", b"/", None, 0x1020, None))


@attempt
def change_root() -> None:
    os.chroot(WORK)


@attempt
def pivot_root() -> None:
    syscall(155, 41, WORK.encode(), WORK.encode())


@attempt
def unshare_user_namespace() -> None:
    done(libc.unshare(0x10000000))


@attempt
def clone_user_namespace() -> None:
    child = syscall(56, 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


@attempt
def clone3_user_namespace() -> None:
    child = syscall(435, 435, struct.pack("11Q", 0x10000000, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, 0), 88)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


@attempt
def unshare_network_namespace() -> None:
    done(libc.unshare(0x40000000))


@attempt
def join_namespace_of_first_process() -> None:
    with open("/proc/1/ns/mnt") as file:
        done(libc.setns(file.fileno(), 0))


@attempt
def add_key() -> None:
    syscall(248, 217, b"user", b"planted", b"x", 1, -3)


@attempt
def read_keyring() -> None:
    syscall(250, 219, 0, -3, 0)


@attempt
def set_up_io_uring() -> None:
    syscall(425, 425, 2, bytes(120))


@attempt
def load_bpf() -> None:
    syscall(321, 280, 0, struct.pack("IIII", 2, 4, 4, 1) + bytes(100), 72)


@attempt
def count_events() -> None:
    syscall(298, 241, struct.pack("IIQ", 1, 112, 0) + bytes(100), 0, -1, -1, 0)


@attempt
def handle_page_faults() -> None:
    syscall(323, 282, 1)


@attempt
def watch_whole_file_systems() -> None:
    syscall(300, 262, 0, 0)


@attempt
def make_block_device() -> None:
    os.mknod("disk", stat.S_IFBLK | 0o600, os.makedev(254, 0))


@attempt
def make_character_device() -> None:
    os.mknod("memory", stat.S_IFCHR | 0o600, os.makedev(1, 1))


@attempt
def open_disk() -> None:
    disks = [f"/dev/{name}" for name in ("vda", "sda", "nvme0n1", "mem", "kmsg") if os.path.exists(f"/dev/{name}")]
    must(disks, "there is none")
    os.close(os.open(disks[0], os.O_RDONLY))


@attempt
def open_by_handle() -> None:
    syscall(304, 265, -100, struct.pack("II", 8, 1) + bytes(120), 0)


@attempt
def change_core_pattern() -> None:
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))


@attempt
def trigger_sysrq() -> None:
    os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY))


@attempt
def change_control_group() -> None:
    folders = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"]
    files = [f"{folder}/cgroup.procs" for folder in folders if os.path.exists(f"{folder}/cgroup.procs")]
    must(files, "there is none")
    os.close(os.open(files[0], os.O_WRONLY))


@attempt
def attach_shared_memory() -> None:
    done(libc.shmget(given["shared"], 0, 0))


@attempt
def open_shared_memory_file() -> None:
    read(f"/dev/shm/{given['abstract']}")


@attempt
def load_module() -> None:
    syscall(313, 273, 0, b"", 0)


@attempt
def restart_machine() -> None:
    try:
        syscall(169, 142, 0, 0, 0, 0)  # the wrong magic number: harmless
    except OSError as error:
        must(error.errno == errno.EINVAL, "refused")


@attempt
def set_clock() -> None:
    syscall(227, 112, 99, bytes(16))


@attempt
def rename_machine() -> None:
    socket.sethostname(socket.gethostname())


@attempt
def read_kernel_log() -> None:
    done(libc.klogctl(3, ctypes.create_string_buffer(64), 64))


@attempt
def turn_off_address_randomness() -> None:
    done(libc.personality(0x0040000 | 0x0400000))


@attempt
def hide_memory() -> None:
    syscall(447, 447, 0)


@attempt
def start_accounting() -> None:
    syscall(163, 89, 0)


@attempt
def call_in_x32() -> None:
    must(not ARM, "there is none")
    done(libc.syscall(ctypes.c_long(0x40000000 + 39)))


# The terminal


@attempt
def type_on_terminal() -> None:
    main, other = os.openpty()
    fcntl.ioctl(other, 0x5412, b"#")
    os.close(main)


@attempt
def open_terminal() -> None:
    os.close(os.open("/dev/tty", os.O_RDWR))


def outcome(function: Callable[[], object]) -> str:
    """In a process of its own, for five seconds at most."""
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(5)
        try:
            function()
            text = "through"
        except BaseException as error:
            number = getattr(error, "errno", None)
            text = errno.errorcode.get(number or 0, type(error).__name__)
        os.write(writable, text.encode())
        os._exit(0)
    os.close(writable)
    with open(readable) as file:
        text = file.read()
    os.waitpid(pid, 0)
    return text or "killed"


if __name__ == "__main__":
    print(json.dumps({name: outcome(function) for name, function in ATTEMPTS.items()}))

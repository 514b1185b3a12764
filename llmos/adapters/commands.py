"""Runs one program to its end without a terminal and gives back what it printed.

Does not confine it: what a model asks for runs through the sandbox, which keeps and reads output with what is here.
Does not start anything that goes on after the call; background work is jobs.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from llmos.adapters.failures import explained
from llmos.adapters.terminal import clean, clean_name
from llmos.errors import ToolError
from llmos.translation import both

TAIL = 64 * 1024
"""Bytes of output kept in memory."""

MOST = 256 * 1024 * 1024
"""Bytes of output after which a program is stopped, so that it cannot fill the disk."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?=[^\n])")


@dataclass(frozen=True)
class Finished:
    code: int
    """The exit code; negative when a signal ended it."""

    output: str
    """What it printed to both streams, in order and cleaned; only the end of it when that is long."""

    whole: str | None = None
    """The file with everything it printed, when `output` is only the end."""

    stopped: str = ""
    """Why it was stopped before its end; "" when it ended by itself."""


def run(
    argv: Sequence[str], cwd: str, env: Mapping[str, str], stdin: str | None, timeout: float, keep: str | None = None
) -> Finished:
    """Run argv in its own process group with `stdin` (a file, or nothing) and wait.

    Its whole group is ended when the time is up or the user interrupts. Long output is kept in the folder `keep`.
    """
    # A file, not a pipe: whatever a program leaves in the background cannot keep us waiting for the end of its output.
    with output_file(keep) as output:
        stopped, code = _start_and_wait(argv, cwd, env, stdin, timeout, output)
        return finished(output, code, stopped)


def finished(output: IO[bytes], code: int, stopped: str) -> Finished:
    size = os.path.getsize(output.name)
    return Finished(code, _tail(output, size), output.name if size > TAIL else None, stopped)


@contextmanager
def output_file(keep: str | None) -> Iterator[IO[bytes]]:
    """For what a program prints; it stays when it is long. Raises ToolError."""
    with _new_file(keep) as output:
        try:
            yield output
        finally:
            if os.path.getsize(output.name) <= TAIL:
                os.unlink(output.name)


def _new_file(keep: str | None) -> IO[bytes]:
    with explained("keep output in", keep or tempfile.gettempdir()):
        if keep is not None:
            os.makedirs(keep, mode=0o700, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=keep, prefix="output-", suffix=".txt", delete=False)


def _start_and_wait(
    argv: Sequence[str], cwd: str, env: Mapping[str, str], stdin: str | None, timeout: float, output: IO[bytes]
) -> tuple[str, int]:
    with starting(argv[0]), open(stdin or os.devnull, "rb") as source:
        process = subprocess.Popen(
            argv, cwd=cwd, env=dict(env), stdin=source, stdout=output, stderr=output, start_new_session=True
        )
    try:
        return _wait(process, timeout, output.name), process.wait()
    except BaseException:
        end_group(process.pid, reap=process.poll)
        raise


@contextmanager
def starting(program: str) -> Iterator[None]:
    """Turns the errors of starting a program into one line."""
    try:
        yield
    except FileNotFoundError as error:
        raise ToolError(both("There is no '{name}'.").format(name=clean_name(str(error.filename or program)))) from None
    except PermissionError as error:
        what = str(error.filename or program)  # the folder, where it is that which may not be entered
        raise ToolError(
            both("Not permitted to {what} {what2}.").format(
                what="work in" if os.path.isdir(what) else "run", what2=clean_name(what)
            )
        ) from None
    except (OSError, ValueError) as error:
        raise ToolError(
            both("Cannot run {program}: {what}.").format(
                program=clean_name(program), what=getattr(error, "strerror", None) or error
            )
        ) from None


def _wait(process: subprocess.Popen[bytes], timeout: float, output: str) -> str:
    """Until it ended: "". Otherwise it is ended, and the reason given."""
    deadline = time.monotonic() + timeout
    while (left := deadline - time.monotonic()) > 0:
        try:
            process.wait(min(left, 0.5))
            return ""
        except subprocess.TimeoutExpired:
            if os.path.getsize(output) > MOST:
                end_group(process.pid, reap=process.poll)
                return f"it printed more than {MOST >> 20} MiB"
    end_group(process.pid, reap=process.poll)
    return f"it took longer than {timeout:g} s"


def end_group(group: int, grace: float = 1.0, reap: Callable[[], object] = lambda: None) -> None:
    """Ask the process group to end, and make it after `grace` seconds; `reap` collects a child of ours in it."""
    with suppress(ProcessLookupError):
        _signal_group(group, signal.SIGTERM)
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline and _group_lives(group):
            reap()
            time.sleep(0.02)
        _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except PermissionError:
        raise ToolError(both("Not permitted to stop it; it runs as someone else.")) from None


def _group_lives(group: int) -> bool:
    """Zombies do not count: in a container the first process may take seconds to collect them."""
    _signal_group(group, 0)
    if not os.path.exists("/proc/self/stat"):
        return True
    return any(_member_of(group, pid) for pid in os.listdir("/proc") if pid.isdigit())


def _member_of(group: int, pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, _, its_group = file.read().rpartition(b")")[2].split()[:3]
    except (OSError, ValueError):
        return False  # gone while we looked
    return int(its_group) == group and state not in (b"Z", b"X")


def _tail(output: IO[bytes], size: int) -> str:
    with open(output.name, "rb") as file:
        file.seek(max(0, size - TAIL))
        data = file.read(TAIL)
    if size > TAIL:
        data = data.partition(b"\n")[2] or data  # not from the middle of a line
    return readable(data)


def readable(data: bytes) -> str:
    """Output as text: colours dropped, of a line that was written over (progress bars) only the last state."""
    text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    return clean(_OVERWRITTEN.sub("", _ESCAPES.sub("", text)))


def lines(path: str) -> Iterator[str]:
    """Kept output, line by line."""
    with open(path, "rb") as file:
        yield from map(readable, file)


def shell(env: Mapping[str, str]) -> str:
    """What runs command lines: bash where there is one, for people write its dialect."""
    return shutil.which("bash", path=env.get("PATH", os.defpath)) or "/bin/sh"


def described(command: str, env: Mapping[str, str]) -> str:
    """The command line, and which program its first word is, where it is one."""
    program = shutil.which(_first_word(command), path=env.get("PATH", os.defpath))
    return f"`{clean_name(command)}`" + (f" ({clean_name(program)})" if program else "")


def _first_word(command: str) -> str:
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        words = command.split()
    return next((word for word in words if not re.match(r"\w+=", word)), "")

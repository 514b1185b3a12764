"""Does a sandbox hold on this machine? Real attempts to get out of it, in a folder made for that.

What is attempted inside is in probes.py; which level follows from it is decided in detect.py.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from llmos.sandbox import supervise
from llmos.sandbox.base import MIB, Command, Confinement, Level, Limits, Sandbox
from llmos.sandbox.overlay import Held
from llmos.values.changes import ChangeKind

_SECONDS = 20.0
_TIME_ONLY = Limits(seconds=_SECONDS)
_MARKER = "LLMOS_SELF_CHECK"


class Check(NamedTuple):
    what: str
    held: bool
    why: str = ""


def check(sandbox: Sandbox) -> list[Check]:
    """Everything that was tried. One `Check` that says why, where it could not even be set up."""
    try:
        with _ground() as folder:
            attempts = _attempts(sandbox, folder)
            limits = [_memory(sandbox, folder), _processes(sandbox, folder)]
            held_back = [_overlay(sandbox, folder)] if sandbox.level is Level.L3 else []
            return [*attempts, *limits, *held_back]
    except (supervise.CannotConfine, OSError, ValueError) as error:
        return [Check("set it up", False, str(error))]


@contextmanager
def _ground() -> Iterator[str]:
    """inside, outside and hidden; not in /tmp, which a sandbox may empty and then seem to hold."""
    base = "/var/tmp" if os.access("/var/tmp", os.W_OK) else None
    folder = os.path.realpath(tempfile.mkdtemp(prefix="llmos-check-", dir=base))
    try:
        for name in ("inside", "outside", "hidden"):
            os.mkdir(os.path.join(folder, name))
        Path(folder, "outside", "file").write_text("untouched")
        Path(folder, "hidden", "secret").write_text("secret")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _attempts(sandbox: Sandbox, folder: str) -> list[Check]:
    with ExitStack() as stack:
        port, abstract = _listeners(stack, folder)
        given = {
            "outside": f"{folder}/outside",
            "secret": f"{folder}/hidden/secret",
            "pid": os.getpid(),
            "marker": next(iter(os.environ), _MARKER),
            "port": port,
            "abstract": abstract,
        }
        source = Path(__file__).with_name("probes.py").read_text("utf-8")
        code, printed = _run(sandbox, folder, [sys.executable, "-I", "-S", "-c", source, json.dumps(given)])
    if code.code or code.stopped:
        return [Check("run a program", False, code.stopped or printed.strip()[-200:])]
    got_through: Mapping[str, bool] = json.loads(printed)
    intact = Path(folder, "outside", "file").read_text() == "untouched"
    return [*(Check(what, not through) for what, through in got_through.items()), Check("leave no trace", intact)]


def _listeners(stack: ExitStack, folder: str) -> tuple[int, str]:
    """What a confined command must not reach: a port, a socket without and one with a name in the file system."""
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    abstract = f"llmos-check-{os.getpid()}"
    for address in ([f"\0{abstract}"] if sys.platform == "linux" else []) + [f"{folder}/outside/socket"]:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(address)
        listener.listen()
    port: int = server.getsockname()[1]
    return port, abstract


def _run(sandbox: Sandbox, folder: str, argv: list[str], limits: Limits = _TIME_ONLY) -> tuple[supervise.Ended, str]:
    inside = f"{folder}/inside"
    env = {"PATH": os.defpath, "TMPDIR": inside, "HOME": inside}
    confinement = Confinement((inside,), (f"{folder}/hidden",), limits=limits)
    with tempfile.TemporaryFile() as output, open(os.devnull, "rb") as nothing:
        command = Command(tuple(argv), inside, env, nothing.fileno(), output.fileno())
        ended = supervise.run(sandbox, command, confinement)
        for descriptor in ended.uppers:
            os.close(descriptor)
        output.seek(0)
        return ended, output.read().decode("utf-8", "replace")


def _memory(sandbox: Sandbox, folder: str) -> Check:
    hog = "x = bytearray(400 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nimport time; time.sleep(9)"
    limits = Limits(memory=100 * MIB, seconds=_SECONDS)
    ended, _ = _run(sandbox, folder, [sys.executable, "-I", "-S", "-c", hog], limits)
    return Check("use more memory than allowed", "memory" in ended.stopped, ended.stopped)


def _processes(sandbox: Sandbox, folder: str) -> Check:
    bomb = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 9 & done; wait"
    ended, _ = _run(sandbox, folder, ["/bin/sh", "-c", bomb], Limits(processes=12, seconds=_SECONDS))
    return Check("start more processes than allowed", "processes" in ended.stopped, ended.stopped)


def _overlay(sandbox: Sandbox, folder: str) -> Check:
    """Exactly what was changed is seen, and nothing of it has happened."""
    inside = f"{folder}/inside"
    os.makedirs(f"{inside}/replaced/old")
    for name in ("changed", "deleted"):
        Path(inside, name).write_text(name)
    script = "echo x >> changed; rm deleted; echo x > created; rm -r replaced; mkdir replaced; echo x > replaced/new"
    since = time.time_ns()
    with tempfile.TemporaryFile() as output, open(os.devnull, "rb") as nothing:
        env = {"PATH": os.defpath}
        command = Command(("/bin/sh", "-c", script), inside, env, nothing.fileno(), output.fileno())
        ended = supervise.run(sandbox, command, Confinement((inside,)))
    held = Held((inside,), ended.uppers, since)
    try:
        found = {(one.kind, os.path.relpath(one.path, inside)) for one in held.change_set().changes}
    finally:
        held.discard()
    expected = {
        (ChangeKind.CHANGED, "changed"),
        (ChangeKind.DELETED, "deleted"),
        (ChangeKind.CREATED, "created"),
        (ChangeKind.DELETED, "replaced/old"),
        (ChangeKind.CREATED, "replaced/new"),
    }
    untouched = sorted(os.listdir(inside)) == ["changed", "deleted", "replaced"]
    return Check("change something unseen", found == expected and untouched, "" if found == expected else str(found))

"""`python -m tests.attacks.harness LEVEL`: carries out all attempts in that sandbox, as whoever runs it; prints JSON.

Everything an attempt could harm is made for it in one temporary folder. What must come of the attempts is in the tests.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from llmos.sandbox import supervise
from llmos.sandbox.base import Command, Confinement, Level, Limits, secrets
from llmos.sandbox.detect import make

ATTEMPTS = Path(__file__).with_name("attempts.py")


def main() -> None:
    level = Level(sys.argv[1]) if sys.argv[1] != "none" else None
    with ExitStack() as stack:
        base = Path(stack.enter_context(ground()))
        facts = stack.enter_context(neighbours(base))
        outcomes = attempted(level, base, facts)
        outside = sorted(os.listdir(base / "home/outside"))
        intact = (base / "home/outside/victim").read_text() == "untouched"
        planted = _planted(base / "home/work")
    print(json.dumps({"outcomes": outcomes, "outside": outside, "intact": intact, "planted": planted}))


def _planted(work: Path) -> list[str]:
    """What would run by itself later and was not there before."""
    found = [
        name for name in (".git/hooks/pre-commit", ".git-aside", ".git/aside", ".vscode") if (work / name).exists()
    ]
    config = work / ".git/config"
    return found if config.exists() and config.read_text() == "untouched" else [*found, ".git/config"]


@contextmanager
def ground() -> Iterator[str]:
    """Not in /tmp, which sandboxes hide: an attempt has to be stopped, not to miss."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix="llmos-attacks-", dir="/var/tmp"))
    for name in ("home/work/.git/hooks", "home/outside/empty", "home/.ssh", "home/.aws", "state"):
        os.makedirs(f"{folder}/{name}")
    for name in ("home/.ssh/id_rsa", "home/.aws/credentials", "home/.netrc", "home/.bash_history", "state/log.sqlite"):
        Path(folder, name).write_text("secret")
    for name in ("home/outside/victim", "home/outside/expendable", "home/work/.git/config"):
        Path(folder, name).write_text("untouched")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def neighbours(base: Path) -> Iterator[dict[str, object]]:
    """A process, servers, shared memory: what belongs to the user and is none of a command's business."""
    abstract = f"llmos-attacks-{os.getpid()}"
    libc = ctypes.CDLL(None)
    with ExitStack() as stack:
        wait = "import signal; signal.signal(signal.SIGUSR1, lambda *_: None)\nwhile True: signal.pause()"
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", wait, "neighbour"], env={"S": "secret"}, stdout=subprocess.DEVNULL
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        for address in (f"{base}/home/outside/service", f"{base}/home/work/service", f"\0{abstract}"):
            named = stack.enter_context(socket.socket(socket.AF_UNIX))
            named.bind(address)
            named.listen()
        datagrams = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        datagrams.bind(f"\0{abstract}-datagrams")
        temporary = stack.enter_context(tempfile.NamedTemporaryFile("w", dir="/tmp"))
        temporary.write("secret")
        temporary.flush()
        shared = Path("/dev/shm", abstract)
        shared.write_text("secret")
        stack.callback(shared.unlink)
        segment = libc.shmget(os.getpid(), 4096, 0o1600)
        stack.callback(libc.shmctl, segment, 0, None)
        threading.Thread(target=_serve, args=(tcp,), daemon=True).start()
        threading.Thread(target=_answer, args=(udp,), daemon=True).start()
        yield {
            "pid": process.pid, "port": tcp.getsockname()[1], "datagrams": udp.getsockname()[1], "abstract": abstract,
            "temporary": temporary.name, "shared": os.getpid(),
            "work": f"{base}/home/work", "outside": f"{base}/home/outside", "home": f"{base}/home",
            "state": f"{base}/state",
        }  # fmt: skip


def _serve(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].sendall(b"secret")
        except OSError:
            return


def _answer(server: socket.socket) -> None:
    while True:
        try:
            server.sendto(b"secret", server.recvfrom(99)[1])
        except OSError:
            return


def attempted(level: Level | None, base: Path, facts: dict[str, object]) -> dict[str, str]:
    work = f"{base}/home/work"
    argv = [sys.executable, "-I", "-S", "-c", ATTEMPTS.read_text(), json.dumps(facts)]
    env = {"PATH": os.environ["PATH"], "HOME": f"{base}/home"}
    if level is None:
        done = subprocess.run(argv, cwd=work, env=env, capture_output=True, text=True, check=True)
        return dict(json.loads(done.stdout))
    within = Confinement((work,), secrets(f"{base}/home", f"{base}/state"), limits=Limits(seconds=30))
    with (
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryDirectory() as scratch,
        open(os.devnull, "rb") as nothing,
    ):
        command = Command(tuple(argv), work, {**env, "TMPDIR": scratch}, nothing.fileno(), output.fileno())
        ended = supervise.run(make(level), command, within)
        for descriptor in ended.uppers:
            os.close(descriptor)
        output.seek(0)
        printed = output.read().decode()
    if ended.code or ended.stopped:
        raise SystemExit(f"{ended}: {printed}")
    return dict(json.loads(printed))


if __name__ == "__main__":
    main()

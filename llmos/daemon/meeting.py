"""Where shells and the daemon meet: a socket in a folder that only its user may enter, made by whoever comes first.

Who starts the daemon binds and listens, and hands the listener over: others who come while the model is loaded wait
in the kernel's line, and none is turned away. What is said over the socket is in `wire.py`.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import llmos
from llmos.errors import ModelError
from llmos.models.names import kept_as
from llmos.paths import PACKAGE

IDLE = 1800.0
"""Seconds without a request after which the daemon ends."""

SILENCE = 10.0
"""Seconds without a word after which the other side is taken for dead; it says every `BEAT` that it still works."""

BEAT = 2.0

_LINE = 128
_LONGEST = 100
"""Bytes of a socket's path: 108 on Linux, 104 on macOS, see unix(7)."""


@dataclass(frozen=True)
class Meeting:
    """One per user and state folder. XDG_RUNTIME_DIR is unset under ssh and cron, which would make two."""

    state: str

    @property
    def folder(self) -> str:
        return f"{self.state}/daemon"

    @property
    def address(self) -> str:
        return f"{self.folder}/socket"

    @property
    def log(self) -> str:
        return f"{self.folder}/log"

    def model(self) -> str | None:
        """What the daemon was started with; who asks for another does not have to try."""
        try:
            with open(f"{self.folder}/model", encoding="utf-8") as file:
                return file.read()
        except OSError:
            return None

    @property
    def sign(self) -> str:
        """Holds the daemon's pid, and is locked while it lives."""
        return f"{self.folder}/pid"

    def pid(self) -> int | None:
        """Of the daemon, whether it answers or not; None when there is none."""
        import fcntl  # noqa: PLC0415  # for who starts or ends a daemon

        try:
            with open(self.sign) as sign:
                fcntl.flock(sign, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            with open(self.sign) as sign:
                return int(sign.read() or 0) or None
        except OSError:
            pass
        return None

    def connect(self) -> socket.socket:
        """Raises OSError when nobody listens, or somebody else than this user does."""
        made = socket.socket(socket.AF_UNIX)
        try:
            made.settimeout(SILENCE)
            with self._reached() as path:
                made.connect(path)
            check_peer(made)
        except BaseException:
            made.close()
            raise
        return made

    def listen(self) -> socket.socket:
        """Only under `locked`, when nobody listens. Raises OSError."""
        if os.path.lexists(self.address):
            os.unlink(self.address)
        made = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            with self._reached() as path:
                made.bind(path)
            made.listen(_LINE)
        finally:
            os.umask(before)
        return made

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One at a time makes or takes away the socket. Raises OSError."""
        import fcntl  # noqa: PLC0415  # for who starts or ends a daemon

        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        with self._reached(), open(f"{self.folder}/lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _reached(self) -> Iterator[str]:
        """The socket's path, short enough. Raises OSError when others may enter the folder."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            status = os.fstat(folder)
            if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
                raise PermissionError(f"others may enter {self.folder}; llmos wants it for itself (chmod 700)")
            fits = len(os.fsencode(self.address)) <= _LONGEST
            yield self.address if fits else f"/proc/self/fd/{folder}/socket"
        finally:
            os.close(folder)


def check_peer(connected: socket.socket) -> None:
    """Raises PermissionError when another user is at the other end: unix(7), SO_PEERCRED."""
    if not hasattr(socket, "SO_PEERCRED"):
        return  # the folder's mode keeps others out as well
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    if struct.unpack("3i", credentials)[1] != os.getuid():
        raise PermissionError("another user is at the other end of the socket")


def edition() -> str:
    """Client and daemon have to be of the same one: version, weights, and how the daemon was installed."""
    weights = f"{PACKAGE}/models/embedded/weights/model.safetensors"
    changed = int(os.stat(weights).st_mtime) if os.path.exists(weights) else 0
    return f"{llmos.__version__} {changed} {PACKAGE}"


def start(meeting: Meeting, model: str, idle: float = IDLE) -> bool:
    """False when a daemon runs already. Raises ModelError when none can be started."""
    try:
        with meeting.locked():
            if not _answers(meeting):
                with open(f"{meeting.folder}/model", "w", encoding="utf-8") as file:
                    file.write(kept_as(model))
                with meeting.listen() as listener:
                    _launch(meeting, listener, kept_as(model), idle)
                return True
            return False
    except OSError as error:
        raise ModelError(f"the daemon cannot be started: {error.strerror or error}") from None


def _answers(meeting: Meeting) -> bool:
    """One that was just killed may still let us connect, and then says nothing. Raises OSError when one hangs."""
    try:
        with meeting.connect() as connected:
            connected.sendall(b'{"ask":"status"}\n')
            return connected.recv(1) != b""
    except (FileNotFoundError, ConnectionRefusedError, ConnectionResetError, BrokenPipeError):
        return False


def _launch(meeting: Meeting, listener: socket.socket, model: str, idle: float) -> None:
    """From the package's own folder: what lies where llmos was called may not be imported."""
    import subprocess  # noqa: PLC0415  # 10 ms, for who starts a daemon

    number = listener.fileno()
    command = [sys.executable, "-m", "llmos.daemon", str(number), meeting.state, model, str(idle)]
    with open(f"{meeting.folder}/stderr", "wb") as errors:
        subprocess.Popen(
            command,
            pass_fds=[number],
            cwd=PACKAGE.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )

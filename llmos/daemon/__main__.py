"""`python -m llmos.daemon LISTENER STATE MODEL IDLE`: the daemon's own process. Only `meeting.start` calls it."""

from __future__ import annotations

import faulthandler
import fcntl
import logging
import os
import signal
import socket
import sys
import threading
from logging.handlers import RotatingFileHandler
from typing import IO

from llmos.daemon.meeting import Meeting
from llmos.daemon.server import Desk, Server, log


def main() -> None:
    number, state, model, idle = sys.argv[1:]
    os.umask(0o077)
    faulthandler.enable()
    meeting = Meeting(state)
    _log_to(meeting.log)
    with _signed(meeting.sign), Server(socket.socket(fileno=int(number)), meeting, Desk(model, state)) as server:
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.leave, args=("SIGTERM",)).start())
        log.info("pid %d listens for the model %s", os.getpid(), model)
        server.run(float(idle))
        log.info("ended after %d requests", server.desk.served)


def _log_to(path: str) -> None:
    """No words of anybody's request are written, only when, how long and how it went."""
    handler = RotatingFileHandler(path, maxBytes=1 << 20, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def _signed(path: str) -> IO[str]:
    """A file with our pid, locked as long as we live: who finds it unlocked knows that the pid is somebody else's."""
    sign = open(path, "a+")  # noqa: SIM115  # as long as the process lives
    fcntl.flock(sign, fcntl.LOCK_EX)
    sign.truncate(0)
    sign.write(str(os.getpid()))
    sign.flush()
    return sign


main()

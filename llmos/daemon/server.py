"""The daemon: takes requests from a socket, puts them before the model one by one, and ends when nobody comes.

It changes nothing but its own log and knows nothing of tools; which requests come first is `line.py`'s.
"""

from __future__ import annotations

import logging
import os
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from queue import Empty
from typing import Any, Protocol, runtime_checkable

from llmos.daemon.line import Job, Line
from llmos.daemon.meeting import BEAT, SILENCE, Meeting, check_peer, edition
from llmos.daemon.wire import from_line, pack, to_context, to_line
from llmos.errors import LlmosError, ModelError
from llmos.models import names
from llmos.models.base import Model
from llmos.values.messages import Reply

LONGEST = 64 << 20
"""Bytes of one request."""

MOST = 64
"""Connections at once; who comes then is answered in its own process."""

Answer = Mapping[str, Any]

log = logging.getLogger("llmos.daemon")


class Unwanted(LlmosError):
    """Nobody waits for the reply any more."""


@runtime_checkable
class Preparable(Protocol):
    def prepare(self) -> None:
        """Load now what the first reply would load."""


@runtime_checkable
class Shared(Protocol):
    """A model that lets another reply be made in the middle of one."""

    def share(self, meanwhile: Callable[[], Callable[[], None] | None]) -> None:
        """`meanwhile` is asked between two steps what to do first, if anything. It may raise, which ends the reply."""


class Desk:
    """The model and the line before it; the main thread works here."""

    def __init__(self, name: str, state: str) -> None:
        self.name = name
        self.line = Line()
        self.began = time.time()
        self.served = 0
        self.current: Job | None = None
        self.ready = False
        self.leaving = False
        self._state = state
        self._model: Model | None = None

    def work(self, seconds: float) -> None:
        """Until nobody came for so long, or it is told to leave and nobody is waiting."""
        while (job := self.line.take(seconds)) is not None:
            self._do(job)

    def leave(self) -> None:
        """End the reply that is being made, where the model lets itself be interrupted, and make no other."""
        self.leaving = True
        self.line.close()

    def _do(self, job: Job) -> None:
        before, self.current, began = self.current, job, time.monotonic()
        try:
            end = self._answered(job)
        except Unwanted:
            end = {"refused": "the reply was broken off"}
        except LlmosError as error:
            end = {"error": str(error)}
        except Exception:
            log.exception("a request failed")
            end = {"refused": "the daemon met a bug, its log says which"}
        finally:
            self.current = before
        self.served += job.request["ask"] == "reply"
        job.lines.put({"end": end})
        log.info("%s in %.3f s: %s", job.request["ask"], time.monotonic() - began, next(iter(end), "done"))

    def _answered(self, job: Job) -> Answer:
        if self.leaving:
            return {"refused": "the daemon is being stopped"}
        model = self._current_model()
        if job.request["ask"] == "ready":
            if isinstance(model, Preparable):
                model.prepare()
            self.ready = True
            return {}
        for piece in model.reply(to_context(job.request["context"])):
            if job.unwanted:
                raise Unwanted
            if isinstance(piece, Reply):
                self._last(job, piece)
            elif job.request["ask"] == "reply":
                job.lines.put({"piece": pack(piece)})
        return {}

    def _last(self, job: Job, reply: Reply) -> None:
        if job.request["ask"] == "reply":
            job.lines.put({"reply": pack(reply), "others": reply.others is not None})
        else:
            job.lines.put({"readings": pack(reply.others() if reply.others else ())})

    def _current_model(self) -> Model:
        """Loaded at first, and again when the user taught it something."""
        if self._model is not None and self.name == "embedded":
            from llmos.models.embedded.taught import weights  # noqa: PLC0415

            if weights(self._state) != getattr(self._model, "folder", None):
                self._model = None
        if self._model is None:
            self._model = names.load(self.name, self._state)
            if getattr(self._model, "remote", False):
                raise ModelError(f"the model {self.name} is on another machine; there is nothing to keep ready here")
            if isinstance(self._model, Shared):
                self._model.share(self._meanwhile)
        return self._model

    def _meanwhile(self) -> Callable[[], None] | None:
        job = self.current
        if self.leaving or (job is not None and job.unwanted):
            raise Unwanted
        if job is None or job.urgent or (urgent := self.line.take_urgent()) is None:
            return None
        return lambda: self._do(urgent)


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    timeout = 0
    """What is in the kernel's line is taken, nothing is waited for."""

    def __init__(self, listener: socket.socket, meeting: Meeting, desk: Desk) -> None:
        super().__init__(meeting.address, Conversation, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.desk = desk
        self.meeting = meeting
        self.edition = edition()
        self.connected = 0
        self._counting = threading.Lock()
        self._place = _identity(meeting.address)
        """Which file the socket is: the one of a later daemon must not be taken away."""

    def run(self, idle: float) -> None:
        """Until nobody came for `idle` seconds, or it is told to leave."""
        threading.Thread(target=self.serve_forever, args=(0.2,), daemon=True).start()
        self.desk.line.add(Job({"ask": "ready"}))
        self.desk.work(idle)
        self.retire()
        self.shutdown()
        self.drain()

    def drain(self) -> None:
        """Whoever came before the socket was away is answered too."""
        self.handle_request()
        while self.connected:
            self.handle_request()
            self.desk.work(0.05)

    def leave(self, why: str) -> None:
        log.info("leaving: %s", why)
        self.retire()
        self.desk.leave()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._count(1)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._counting:
            self.connected += more

    def verify_request(self, request: Any, client_address: Any) -> bool:
        try:
            check_peer(request)
        except PermissionError as stranger:
            log.warning("refused: %s", stranger)
            return False
        return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.exception("a connection failed")

    def retire(self) -> None:
        """Nobody comes from now on."""
        with self.meeting.locked():
            if _identity(self.meeting.address) == self._place:
                os.unlink(self.meeting.address)

    def status(self) -> Answer:
        desk = self.desk
        state = "busy" if desk.current else "ready" if desk.ready else "loading"
        return {
            "pid": os.getpid(),
            "version": self.edition.partition(" ")[0],
            "model": desk.name,
            "state": state,
            "since": desk.began,
            "served": desk.served,
            "waiting": len(desk.line),
            "memory": _memory(),
            "log": self.meeting.log,
        }


class Conversation(socketserver.StreamRequestHandler):
    """One connection, in a thread of its own: answers at once what needs no model."""

    server: Server
    timeout = SILENCE

    def handle(self) -> None:
        try:
            self._answer()
        except (OSError, ValueError) as error:
            log.info("a connection ended early: %s", error)

    def _answer(self) -> None:
        line = self.rfile.readline(LONGEST)
        if not line:
            return  # somebody looked whether we live
        request = from_line(line)
        match request["ask"]:
            case "status":
                self._say({"status": self.server.status()})
                self._end({})
            case "stop":
                self.server.leave("asked to stop")
                self._end({})
            case _ if refused := self._refusal(request):
                self._end(refused)
            case _:
                self._wait_for(Job(request))

    def _refusal(self, request: Mapping[str, Any]) -> Answer:
        if request["edition"] != self.server.edition:
            self.server.leave("a shell of another version came")
            return {"outdated": "the daemon is of another version"}
        if request["model"] != self.server.desk.name:
            return {"refused": f"the daemon has the model {self.server.desk.name}"}
        if self.server.connected > MOST:
            return {"refused": "too many ask the daemon at once"}
        return {}

    def _wait_for(self, job: Job) -> None:
        """Says now and then that it still waits, which also tells whether anybody listens."""
        self.server.desk.line.add(job)
        try:
            while True:
                try:
                    line = job.lines.get(timeout=BEAT)
                except Empty:
                    line = {"waiting": len(self.server.desk.line)}
                self._say(line)
                if "end" in line:
                    return
        except OSError:
            job.unwanted = True

    def _end(self, end: Answer) -> None:
        self._say({"end": end})

    def _say(self, line: Answer) -> None:
        self.wfile.write(to_line(line))


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _memory() -> int:
    """Bytes in memory: the second number in statm(5), in pages."""
    try:
        with open("/proc/self/statm", encoding="ascii") as numbers:
            return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0

"""A real server on 127.0.0.1 that answers chat completions as it is told to, well or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: OddServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.json({"data": [{"id": "tiny"}, {"id": "large"}]})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(json.loads(body))
        self.server.headers.append(dict(self.headers))
        answers = self.server.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def json(self, value: object, status: int = 200, **headers: str) -> None:
        self.whole(json.dumps(value).encode(), "application/json", status, **headers)

    def whole(self, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, *pieces: bytes, end: bool = True, kind: str = "text/event-stream") -> None:
        """Each piece is a chunk of its own; without an end the connection just closes."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        if end:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = not end

    def log_message(self, *_arguments: object) -> None:
        pass


class OddServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answers: Sequence[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = list(answers)
        """The last is given again and again."""

        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def handle_error(self, *_arguments: object) -> None:
        """A client that hangs up is no news."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def running(*answers: Answer) -> Iterator[OddServer]:
    server = OddServer(answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def delta(finish: str | None = None, **more: Any) -> bytes:
    return event({"model": "tiny", "choices": [{"index": 0, "delta": more, "finish_reason": finish}]})


def call(name: str | None = None, arguments: object = None, **more: Any) -> dict[str, Any]:
    return {"tool_calls": [{"function": {"name": name, "arguments": arguments}, **more}]}


USAGE = event({"choices": [], "usage": {"prompt_tokens": 900, "completion_tokens": 7}})
DONE = b"data: [DONE]\n\n"


def text(*pieces: str) -> Answer:
    """As a server that works would say it."""
    return lambda to: to.stream(*(delta(content=piece) for piece in pieces), delta("stop"), USAGE, DONE)


def calling(name: str, arguments: object, **more: Any) -> Answer:
    made = call(name, json.dumps(arguments), id="call_1", index=0, **more)
    return lambda to: to.stream(delta(role="assistant", **made), delta("tool_calls"), USAGE, DONE)


def streams(*pieces: bytes, **how: Any) -> Answer:
    return lambda to: to.stream(*pieces, **how)


def says(value: object, status: int = 200, **headers: str) -> Answer:
    return lambda to: to.json(value, status, **headers)


def page(status: int = 200) -> Answer:
    return lambda to: to.whole(b"<html><body>It works!</body></html>", "text/html", status)

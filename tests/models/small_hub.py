"""A real server on 127.0.0.1 with one model, speaking as much of the hub's interface as fetching needs."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

SHA = "0123456789abcdef0123456789abcdef01234567"


class Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._file(with_body=False)

    def do_GET(self) -> None:
        if "/api/" not in self.path:
            self._file(with_body=True)
        elif self.server.name not in self.path:
            self._send(b'{"error": "Repository not found"}', 404, {"X-Error-Code": "RepoNotFound"})
        else:
            files = [{"rfilename": f.name, "size": f.stat().st_size} for f in sorted(self.server.folder.iterdir())]
            tree = [{"type": "file", "path": f["rfilename"], "size": f["size"], "oid": SHA} for f in files]
            info = {"id": self.server.name, "modelId": self.server.name, "sha": SHA, "siblings": files}
            self._send(json.dumps(tree if "/tree/" in self.path else info).encode(), 200, {})

    def _file(self, with_body: bool) -> None:
        file = self.server.folder / Path(urlsplit(self.path).path).name
        if not file.is_file():
            self._send(b"", 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": SHA})
            return
        data = file.read_bytes()
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        begin = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        self.server.asked.append((file.name, begin if with_body else -1))
        headers = {"ETag": etag, "X-Repo-Commit": SHA, "Accept-Ranges": "bytes"}
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        cut = self.server.cut if with_body and file.suffix == ".safetensors" and not begin else None
        self._send(data[begin:], 206 if begin else 200, headers, with_body=with_body, cut=cut)

    def _send(self, body: bytes, status: int, headers: dict, *, with_body: bool = True, cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body[:cut])
        self.close_connection = cut is not None

    def log_message(self, *_arguments: object) -> None:
        pass


class Hub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name: str, folder: Path, cut: int | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.folder, self.cut = name, folder, cut
        self.asked: list[tuple[str, int]] = []
        """The file, and from which byte on; -1 where only its description was asked for."""

    def handle_error(self, *_arguments: object) -> None:
        pass


@contextmanager
def running(name: str, folder: Path, cut: int | None = None) -> Iterator[Hub]:
    """`cut`: the first try to fetch the weights breaks off after so many bytes."""
    hub = Hub(name, folder, cut)
    threading.Thread(target=hub.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()

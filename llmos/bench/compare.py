"""A one-shot of llmos, cold and with its daemon, against shell-gpt and llm, which ask a server that answers at once.

Theirs is a canned line, ours a real answer; so the comparison is on their side. They are taken from the virtual
environment that LLMOS_PEERS names, by default `peers` beside the package:
`python -m venv peers && peers/bin/pip install shell-gpt llm`. What is not installed is left out, and it is said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

import llmos
from llmos.bench.latency import Cost, environment, run
from llmos.bench.report import Report, Row

REQUEST = "list files"
SAID = "notes.txt photo.png report.pdf"
INSTALL = "python -m venv peers && peers/bin/pip install shell-gpt llm"
PEERS: Mapping[str, tuple[str, Sequence[str]]] = {
    "shell-gpt": ("sgpt", ("--no-cache", "--no-md", REQUEST)),
    "llm": ("llm", ("--model", "canned", "--no-log", REQUEST)),
}


class Canned(BaseHTTPRequestHandler):
    """Chat completions, see the reference of the OpenAI API; whatever is asked, the same is said."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked.get("stream"):
            self._send("text/event-stream", "".join(f"data: {part}\n\n" for part in (*_parts(), "[DONE]")))
        else:
            whole = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": SAID}}
            self._send("application/json", json.dumps(_answer("chat.completion", whole)))

    def _send(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _parts() -> Iterator[str]:
    for delta, reason in (({"role": "assistant", "content": SAID}, None), ({}, "stop")):
        part = {"index": 0, "delta": delta, "finish_reason": reason}
        yield json.dumps(_answer("chat.completion.chunk", part))


def _answer(kind: str, choice: Mapping[str, object]) -> Mapping[str, object]:
    return {"id": "1", "object": kind, "created": 0, "model": "canned", "choices": [choice]}


def measure(rounds: int = 7) -> Report:
    with tempfile.TemporaryDirectory() as folder, _server() as url:
        for name in SAID.split():
            (Path(folder) / name).write_text(name)
        env = environment(folder)
        cold = (sys.executable, "-m", "llmos", REQUEST)
        ways: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {"llmos, daemon": (cold, env)}
        ways |= {"llmos, cold": (cold, {**env, "LLMOS_DAEMON": "0"})}
        ways |= {name: (command, _for_peers(env, folder, url)) for name, command in installed().items()}
        with _daemon(env):
            costs = [{name: run(c, folder, e) for name, (c, e) in ways.items()} for _ in range(rounds + 1)]
    missing = [name for name in PEERS if name not in ways]
    note = f"not installed: {', '.join(missing)}; {INSTALL}" if missing else f"{REQUEST!r}; × daemon: CPU time"
    return Report("One-shots, median of the rounds", [_row(name, costs[1:]) for name in ways], note)


def installed() -> Mapping[str, Sequence[str]]:
    beside = Path(llmos.__file__).parent.parent / "peers"
    folder = Path(os.environ.get("LLMOS_PEERS") or beside) / "bin"
    return {
        name: (str(folder / program), *arguments)
        for name, (program, arguments) in PEERS.items()
        if os.access(folder / program, os.X_OK)
    }


def _for_peers(env: Mapping[str, str], folder: str, url: str) -> Mapping[str, str]:
    own = Path(folder) / ".peers"
    own.mkdir(exist_ok=True)
    model = f"- model_id: canned\n  model_name: canned\n  api_base: {url}\n"
    (own / "extra-openai-models.yaml").write_text(model)
    without = {name: value for name, value in env.items() if name != "PYTHONPATH"}
    return {
        **without,
        "HOME": str(own),
        "LLM_USER_PATH": str(own),
        "OPENAI_API_KEY": "none",
        "API_BASE_URL": url,
        "DEFAULT_MODEL": "canned",
        "NO_PROXY": "127.0.0.1",
    }


@contextmanager
def _server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Canned) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


@contextmanager
def _daemon(env: Mapping[str, str]) -> Iterator[None]:
    command = (sys.executable, "-m", "llmos", "daemon")
    subprocess.run((*command, "start"), env=env, check=True, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        subprocess.run((*command, "stop"), env=env, check=True, stdout=subprocess.DEVNULL)


def _row(name: str, rounds: Sequence[Mapping[str, Cost]]) -> Row:
    values = {
        "wall ms": 1e3 * median(costs[name].wall for costs in rounds),
        "CPU ms": 1e3 * median(costs[name].cpu for costs in rounds),
        "least CPU ms": 1e3 * min(costs[name].cpu for costs in rounds),
        "MiB": max(costs[name].memory for costs in rounds),
        "× daemon": median(costs[name].cpu / costs["llmos, daemon"].cpu for costs in rounds),
    }
    return Row(name, values)

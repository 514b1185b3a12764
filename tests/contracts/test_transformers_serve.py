"""The server that comes with transformers, with a tiny random model: a real server that nobody here has written."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmos.models.base import Context
from llmos.models.openai.model import OpenAIModel
from llmos.tools.registry import Registry
from llmos.values.events import Note
from llmos.values.messages import Reply, UserMessage
from llmos.values.place import Place
from tests.models import tiny

NEEDED = ("fastapi", "uvicorn", "accelerate", "openai")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"transformers serve needs {', '.join(MISSING)}"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("tiny"), positions=32_768)


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = ["transformers", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.3)
    pytest.skip("transformers serve did not start within 90 s")


def test_a_real_server_streams_its_answer_says_what_it_used_and_that_it_was_cut(folder: Path, url: str) -> None:
    model = OpenAIModel(f"openai:{folder}@{url}")
    tools = (Registry()["list_folder"].schema(),)
    pieces = list(model.reply(Context((UserMessage("list the files"),), Place("/tmp", "/"), lambda: tools)))
    notes = [piece.text for piece in pieces if isinstance(piece, Note)]
    assert isinstance(pieces[-1], Reply)
    assert sum(isinstance(piece, str) for piece in pieces) > 10
    assert "the server cut the answer at its limit" in notes and "tokens read, " in notes[-1]

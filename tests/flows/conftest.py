"""The `llmos` command as a process of its own: real pipes and terminals, a scripted model, nothing else replaced."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


class Llmos:
    """A home, a state folder and a folder to work in, all new."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.folder = base / "work"
        self.home = base / "home"
        self.folder.mkdir()
        self.home.mkdir()
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LLMOS_STATE": str(base / "state"),
            "PYTHONPATH": str(ROOT),
            "TZ": "UTC",
            "LANG": "C.UTF-8",
        }
        self._scripts = 0

    def command(self, *arguments: str, script: object = None) -> list[str]:
        """With a script of replies the scripted model reads the requests."""
        model = ["--model", f"scripted:{self.script(script)}"] if script is not None else []
        return [sys.executable, "-m", "llmos", *model, *arguments]

    def script(self, value: object) -> Path:
        self._scripts += 1
        file = self.base / f"script{self._scripts}.json"
        file.write_text(json.dumps(value))
        return file

    def run(
        self, *arguments: str, script: object = None, input: str | bytes = b"", env: Mapping[str, str] = {}
    ) -> subprocess.CompletedProcess[str]:
        """Without input there is nothing on standard input; nobody can be asked."""
        given = input.encode() if isinstance(input, str) else input
        stream: dict[str, Any] = {"input": given} if given else {"stdin": subprocess.DEVNULL}
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            self.command(*arguments, script=script),
            cwd=self.folder,
            env={**self.env, **env},
            capture_output=True,
            timeout=60,
            start_new_session=True,
            check=False,
            **stream,
        )
        return _text(done)

    def start(self, *arguments: str, script: object = None, **more: Any) -> subprocess.Popen[str]:
        """Pipes on all three streams, in a session without a terminal."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        command = self.command(*arguments, script=script)
        return subprocess.Popen(command, cwd=self.folder, env=self.env, text=True, start_new_session=True, **pipes)


def _text(done: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[str]:
    out, err = (stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


@pytest.fixture
def llmos(tmp_path: Path) -> Llmos:
    return Llmos(tmp_path)

"""Runs a command line in a sandbox, for tests: in a folder of the test, with limits that a test can reach.

What tools do with it is tested in tests/tools.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from llmos.sandbox import supervise
from llmos.sandbox.base import Command, Confinement, Level, Limits
from llmos.sandbox.detect import candidates, make
from llmos.sandbox.overlay import Held

LEVELS = list(candidates())
SOME = Limits(seconds=10)

needs_overlay = pytest.mark.skipif(Level.L3 not in LEVELS, reason="needs bubblewrap and overlays")
at_every_level = pytest.mark.parametrize("level", LEVELS)


class Run(NamedTuple):
    ended: supervise.Ended
    output: str
    held: Held | None


def run(level: Level, line: str, folder: Path, limits: Limits = SOME, *, reads: bool = False) -> Run:
    """The upper layers stay open until the caller discards what is held."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TMPDIR": "/tmp"}
    root = os.path.realpath(folder)
    within = Confinement((root,), limits=limits, reads=reads)
    since = time.time_ns()
    with (
        tempfile.TemporaryDirectory() as scratch,
        tempfile.TemporaryFile() as output,
        open(os.devnull, "rb") as nothing,
    ):
        if level is Level.L1:
            env["TMPDIR"] = scratch
        command = Command(("/bin/sh", "-c", line), root, env, nothing.fileno(), output.fileno())
        ended = supervise.run(make(level), command, within)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    held = Held((root,), ended.uppers, since) if ended.uppers else None
    return Run(ended, text, held)

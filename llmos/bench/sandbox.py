"""What a confined command costs to start, against bubblewrap alone with all its namespaces: `true`, to its end.

All ways of a round run one after the other and are compared within it, so that the load of the machine is the same for
all. What a command does once it runs is not slowed by anything measured here.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median

from llmos.bench.report import Report, Row
from llmos.sandbox import bubblewrap, detect, supervise
from llmos.sandbox.base import Command, Confinement, Level

ARGV = ("/bin/sh", "-c", "true")
PLAIN = "bubblewrap, all namespaces"


def measure(rounds: int = 15) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        ways = _ways(os.path.realpath(folder))
        times = [{name: _seconds(start) for name, start in ways.items()} for _ in range(rounds + 1)][1:]
    rows = [_row(name, times) for name in ways]
    return Report("Start of a confined command, median of the rounds", rows)


def _ways(folder: str) -> Mapping[str, Callable[[], None]]:
    ways: dict[str, Callable[[], None]] = {"sh alone": partial(_alone, ARGV)}
    if program := bubblewrap.program():
        options = ("--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp")
        ways[PLAIN] = partial(_alone, (program, *options, "--die-with-parent", "--new-session", *ARGV))
    for level in detect.candidates():
        ways[f"llmos, {level}"] = partial(_confined, level, folder)
    return ways


def _alone(argv: tuple[str, ...]) -> None:
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)


def _confined(level: Level, folder: str) -> None:
    env = {"PATH": os.defpath, "TMPDIR": folder}
    with tempfile.TemporaryFile() as output, open(os.devnull, "rb") as nothing:
        command = Command(ARGV, folder, env, nothing.fileno(), output.fileno())
        ended = supervise.run(detect.make(level), command, Confinement((folder,), (str(Path.home() / ".ssh"),)))
        for descriptor in ended.uppers:
            os.close(descriptor)
    assert ended.code == 0 and not ended.stopped


def _seconds(start: Callable[[], None]) -> float:
    began = time.perf_counter()
    start()
    return time.perf_counter() - began


def _row(name: str, rounds: list[dict[str, float]]) -> Row:
    values = {
        "median ms": 1e3 * median(times[name] for times in rounds),
        "least ms": 1e3 * min(times[name] for times in rounds),
    }
    if PLAIN in rounds[0]:
        values["× bubblewrap"] = median(times[name] / times[PLAIN] for times in rounds)
        values["× of the least"] = min(times[name] for times in rounds) / min(times[PLAIN] for times in rounds)
    return Row(name, values)

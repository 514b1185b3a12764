"""What a start costs: the cold one-shot, `--help` and `--version` against what a bare Python and its imports cost.

All commands of a round run one after the other and are compared within it, so that the load of the machine is the same
for all; the first round, in which files are read and modules compiled, does not count. Nothing is kept running between.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import llmos
from llmos.bench.report import Report, Row

LLMOS = ("-m", "llmos")
COMMANDS: Mapping[str, Sequence[str]] = {
    "python -c pass": ("-c", "pass"),
    "python -c 'import numpy'": ("-c", "import numpy"),
    "python -c 'import transformers'": ("-c", "import transformers"),
    "llmos --version": (*LLMOS, "--version"),
    "llmos --help": (*LLMOS, "--help"),
    "llmos 'list files'": (*LLMOS, "list files"),
    "llmos 'find pdf files larger than 10 MB'": (*LLMOS, "find pdf files larger than 10 MB"),
    "llmos '现在几点了'": (*LLMOS, "现在几点了"),
}
BASES = {
    "× pass": "python -c pass",
    "× numpy": "python -c 'import numpy'",
    "× transformers": "python -c 'import transformers'",
}


class Cost(NamedTuple):
    wall: float
    cpu: float
    """Seconds, user and system, of all threads."""

    memory: float
    """MiB at most; not less than this process has, which Linux counts for what it starts."""


def run(command: Sequence[str], folder: str, env: Mapping[str, str]) -> Cost:
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def measure(rounds: int = 7, commands: Mapping[str, Sequence[str]] = COMMANDS) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("notes.txt", "report.pdf", "photo.png"):
            (Path(folder) / name).write_text(name)
        env = environment(folder)
        costs = [
            {name: run((sys.executable, *c), folder, env) for name, c in commands.items()} for _ in range(rounds + 1)
        ]
    rows = [_row(name, costs[1:]) for name in commands]
    return Report("Start-up, median of the rounds (ratios: of CPU time)", rows)


def environment(folder: str) -> dict[str, str]:
    """Modules compiled as in an installation; a log of its own."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**env, "LLMOS_STATE": f"{folder}/.state", "PYTHONPATH": str(Path(llmos.__file__).parent.parent)}


def _row(name: str, rounds: Sequence[Mapping[str, Cost]]) -> Row:
    values = {
        "wall ms": 1e3 * median(costs[name].wall for costs in rounds),
        "CPU ms": 1e3 * median(costs[name].cpu for costs in rounds),
        "least CPU ms": 1e3 * min(costs[name].cpu for costs in rounds),
        "MiB": max(costs[name].memory for costs in rounds),
    }
    for column, base in BASES.items():
        if base in rounds[0]:
            values[column] = median(costs[name].cpu / costs[base].cpu for costs in rounds)
    return Row(name, values)

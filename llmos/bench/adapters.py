"""Finding, searching, measuring and listing processes, against the programs that are made for it, in one run.

All take turns, so that the load of the machine is the same for all; every answer goes through a pipe or into the table
that a shell would show. What a start costs is `latency.py`'s: llmos runs already here. Whether the answers are right is
for the tests.
"""

from __future__ import annotations

import gc
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from llmos.adapters.files.walk import Root, Unread
from llmos.bench.report import Report, Row
from llmos.cli import OBJECTS
from llmos.dispatch.dispatcher import validate
from llmos.tools.files.selection import beneath
from llmos.tools.registry import Registry
from llmos.values.messages import JSON, Outcome, ToolCall
from llmos.values.place import Place

ENTRIES = 200_000
MEGABYTES = 256
IN_ONE_FOLDER = 50
FILE = 64 << 10
"""Bytes of a text."""

WORDS = ("report", "notes", "data", "index", "photo", "draft", "test", "main")
ENDINGS = (".txt", ".py", ".log", ".jpg", ".md", "")
NEEDLE = "quetzalcoatlus"
"""In every tenth text, once."""


@dataclass(frozen=True)
class Job:
    name: str
    tool: str
    arguments: Mapping[str, JSON]
    others: Sequence[Sequence[str]]
    """Command lines; those whose program is not installed are left out."""


class Spent(NamedTuple):
    wall: float
    cpu: float
    """Seconds, of children too."""


def jobs(names: str, texts: str) -> Iterator[Job]:
    fd = ("fd" if shutil.which("fd") else "fdfind", "-uu")  # Debian calls it so
    rg = ("rg", "-uu", "--no-heading", "--line-number")
    yield Job(
        "find by name",
        "find_files",
        {"path": [names], "name": ["*01234*"]},
        (("find", names, "-name", "*01234*"), (*fd, "--glob", "*01234*", names)),
    )
    yield Job(
        "find by ending",
        "find_files",
        {"path": [names], "extension": ["py"]},
        (("find", names, "-name", "*.py"), (*fd, "-e", "py", ".", names)),
    )
    yield Job("find all", "find_files", {"path": [names]}, (("find", names), (*fd, ".", names)))
    yield Job(
        "find by size",
        "find_files",
        {"path": [texts, names], "larger_than": 1000},
        (("find", texts, names, "-type", "f", "-size", "+1000c"), (*fd, "-t", "f", "-S", "+1000b", ".", texts, names)),
    )
    yield Job("count files", "count", {"path": [names], "what": "files"}, (("find", names, "-type", "f"),))
    yield Job(
        "search a rare word",
        "search_text",
        {"path": [texts], "pattern": NEEDLE},
        ((*rg, NEEDLE, texts), ("grep", "-rn", NEEDLE, texts)),
    )
    yield Job(
        "the same, any capitals",
        "search_text",
        {"path": [texts], "pattern": NEEDLE, "ignore_case": True},
        ((*rg, "-i", NEEDLE, texts), ("grep", "-rni", NEEDLE, texts)),
    )
    yield Job("disk usage", "disk_usage", {"path": [names]}, (("du", "-s", names),))
    yield Job("processes", "list_processes", {}, (("ps", "aux"),))


def measure(rounds: int = 3, entries: int = ENTRIES, megabytes: int = MEGABYTES) -> Report:
    """`TMPDIR` says where the trees are made; they are removed at the end."""
    gc.set_threshold(OBJECTS, 20, 20)  # as in the command
    with tempfile.TemporaryDirectory(prefix="llmos-bench-") as folder:
        names, texts = f"{folder}/names", f"{folder}/texts"
        make_names(names, entries)
        make_texts(texts, megabytes)
        place = Place(folder, folder, dict(os.environ), state=folder, now=time.time())
        rows = [_row(job, place, rounds) for job in jobs(names, texts)]
        rows.append(_streamed(names, place))
    note = (
        f"{entries} entries, {megabytes} MB of text, files in the page cache; × best: wall time against the faster one"
    )
    return Report("Adapters against their programs, ms (median of the rounds)", rows, note)


def make_names(root: str, entries: int) -> None:
    for number in range(0, entries, IN_ONE_FOLDER + 1):
        folder = f"{root}/d{number % 37:02}/s{number % 41:02}/x{number:07}"
        os.makedirs(folder)
        for i in range(number, min(entries, number + IN_ONE_FOLDER)):
            os.close(os.open(f"{folder}/{WORDS[i % 8]}{i:07}{ENDINGS[i % 6]}", os.O_CREAT | os.O_WRONLY, 0o644))


def make_texts(root: str, megabytes: int) -> None:
    line = " ".join(WORDS) + "\n"
    body = (line * (FILE // len(line))).encode()
    for number in range((megabytes << 20) // FILE):
        folder = Path(f"{root}/{number % 29:02}")
        folder.mkdir(parents=True, exist_ok=True)
        rare = f"{NEEDLE}\n".encode() if number % 10 == 0 else b""
        (folder / f"{number:06}.txt").write_bytes(body[: FILE // 2] + b"\n" + rare + body[FILE // 2 :])


def _row(job: Job, place: Place, rounds: int) -> Row:
    others = {line[0]: line for line in job.others if shutil.which(line[0])}
    ways: dict[str, Callable[[], object]] = {"llmos": lambda: run_tool(job.tool, job.arguments, place)}
    ways |= {program: lambda line=line: _run(line) for program, line in others.items()}  # type: ignore[misc]
    spent: dict[str, list[Spent]] = {name: [] for name in ways}
    for _ in range(rounds + 1):  # the first warms up
        for name, do in ways.items():
            spent[name].append(_spent(do))
    values = {name: 1e3 * median(each.wall for each in times[1:]) for name, times in spent.items()}
    if others:
        values["× best"] = values["llmos"] / min(values[program] for program in others)
    values |= {f"{name} CPU": 1e3 * median(each.cpu for each in times[1:]) for name, times in spent.items()}
    return Row(job.name, values)


def run_tool(name: str, arguments: Mapping[str, JSON], place: Place) -> Outcome:
    """As the dispatcher does it; a read is never asked for."""
    tool: Any = Registry()[name]
    call = ToolCall("1", name, arguments)
    plan = tool.plan(call, validate(tool, call), place)
    outcome = tool.run(plan, place)
    assert isinstance(outcome, Outcome)
    return outcome


def _run(line: Sequence[str]) -> None:
    """Through a pipe: some programs stop early when nobody reads."""
    subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)


def _spent(do: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter(), _cpu()
    do()
    return Spent(time.perf_counter() - wall, _cpu() - cpu)


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _streamed(names: str, place: Place) -> Row:
    """When the first of all entries comes, and how much more memory it takes to have gone through all of them."""
    from llmos.tools.arguments import Selection  # noqa: PLC0415  # pydantic's schemas

    walked = beneath(Selection(), [Root(names, "")], place, Unread())
    before, began = _memory(), time.perf_counter()
    first = [next(walked), time.perf_counter() - began][1]
    most = before
    while list(islice(walked, 10_000)):
        most = max(most, _memory())
    return Row("the first of all", {"llmos": 1e3 * float(first), "MiB more": (most - before) / (1 << 20)})  # type: ignore[arg-type]


def _memory() -> int:
    with open("/proc/self/statm", encoding="ascii") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

"""What has to be limited because it cannot be forbidden: memory, processes, disk, output, time, what stays behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from llmos.sandbox.base import MIB, Level, Limits
from tests.sandbox.running import at_every_level, needs_overlay, run

PYTHON = f"{sys.executable} -I -S -c"
NAMESPACES = [Level.L3, Level.L2]


def living(marker: str) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if marker.encode() in file.read_bytes():
                found.append(file.parent.name)
    return found


@pytest.fixture(autouse=True)
def memory_is_not_used_up() -> Iterator[None]:
    before = os.sysconf("SC_AVPHYS_PAGES")
    yield
    assert os.sysconf("SC_AVPHYS_PAGES") > before * 0.5


@at_every_level
def test_a_fork_bomb_is_ended_whole(level: Level, tmp_path: Path) -> None:
    """One that ends by itself: should the limit not hold, the machine has to."""
    bomb = "bomb() { sleep 77.0123 & [ $1 -gt 8 ] || { bomb $(($1 + 1)) & bomb $(($1 + 1)); }; wait; }; bomb 0"
    ended = run(level, bomb, tmp_path, Limits(processes=60, seconds=10)).ended
    assert ended.stopped == "it started more than 60 processes"
    assert living("77.0123") == []


@at_every_level
def test_a_memory_hog_is_ended(level: Level, tmp_path: Path) -> None:
    hog = f"{PYTHON} 'x = []\nwhile True: x.append(b\"x\" * (8 << 20))'"
    ended = run(level, hog, tmp_path, Limits(memory=200 * MIB, seconds=10)).ended
    assert ended.stopped == "it used more than 200 MB of memory"


@at_every_level
def test_hogs_that_are_small_one_by_one_are_counted_together(level: Level, tmp_path: Path) -> None:
    hog = f"for i in 1 2 3 4 5 6; do {PYTHON} 'x = b\"x\" * (60 << 20); import time; time.sleep(9)' & done; wait"
    ended = run(level, hog, tmp_path, Limits(memory=200 * MIB, seconds=10)).ended
    assert "memory" in ended.stopped


@needs_overlay
@pytest.mark.parametrize("level", NAMESPACES)
@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_memory_that_looks_like_files_is_limited(level: Level, folder: str, tmp_path: Path) -> None:
    fill = f"head -c 64M /dev/zero > {folder}/big; wc -c < {folder}/big"
    done = run(level, fill, tmp_path, Limits(disk=16 * MIB, seconds=10))
    assert "No space left" in done.output and int(done.output.split()[-1]) <= 16 * MIB
    if done.held:
        done.held.discard()


@needs_overlay
def test_a_disk_filler_fills_only_the_layer_above(tmp_path: Path) -> None:
    done = run(Level.L3, "head -c 64M /dev/zero > big; echo x > y", tmp_path, Limits(disk=16 * MIB, seconds=10))
    assert done.held is not None and done.held.full() and os.listdir(tmp_path) == []
    done.held.discard()


@pytest.mark.parametrize("level", [Level.L2, Level.L1])
def test_a_disk_filler_without_a_layer_is_ended(level: Level, tmp_path: Path) -> None:
    fill = "for i in 1 2 3 4 5 6 7 8; do head -c 30M /dev/zero > big$i; done; sleep 9"
    ended = run(level, fill, tmp_path, Limits(disk=64 * MIB, output=1 * MIB, seconds=20)).ended
    assert ended.stopped == "it wrote more than 64.0 MB"


@at_every_level
def test_what_prints_without_end_is_ended(level: Level, tmp_path: Path) -> None:
    ended = run(level, "yes", tmp_path, Limits(output=4 * MIB, disk=100 * MIB, seconds=10)).ended
    assert ended.stopped == "it printed more than 4.0 MB"


@at_every_level
def test_time_runs_out(level: Level, tmp_path: Path) -> None:
    began = time.monotonic()
    ended = run(level, "trap '' TERM INT HUP; while :; do :; done", tmp_path, Limits(seconds=0.3)).ended
    assert ended.stopped == "it took longer than 0.3 s" and time.monotonic() - began < 3


@at_every_level
def test_a_daemon_does_not_stay_behind(level: Level, tmp_path: Path) -> None:
    daemon = f"{PYTHON} 'import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: time.sleep(77.0456)'"
    began = time.monotonic()
    assert run(level, daemon, tmp_path).ended.stopped == ""
    assert living("77.0456") == [] and time.monotonic() - began < 5


@at_every_level
def test_a_core_is_not_written(level: Level, tmp_path: Path) -> None:
    done = run(level, "ulimit -c", tmp_path)
    assert done.output.strip() == "0"
    if done.held:
        done.held.discard()

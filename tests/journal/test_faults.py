"""Whatever happens in the middle of a change: afterwards there is all of it or nothing, and the journal knows which."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.journal.recovery import recover
from tests.journal.faults import CHANGES, UNDONE, Sweep
from tests.journal.folder_under_change import Ground

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@needs_strace
@pytest.mark.parametrize("change", ["write", "append", "delete", "move over", "undo overwrite"])
def test_a_change_that_is_killed_or_refused_is_whole_or_nothing(tmp_path: Path, change: str) -> None:
    """A sample; all of it is below."""
    sweep = Sweep(tmp_path, change)
    sweep.kill(every=17, start=5)
    sweep.refuse(every=41, start=7)
    assert not sweep.figures.violations


@pytest.mark.slow
@pytest.mark.timeout(1800)
@needs_strace
@pytest.mark.parametrize("change", [*CHANGES, *UNDONE])
def test_at_every_system_call_a_change_is_whole_or_nothing(tmp_path: Path, change: str) -> None:
    sweep = Sweep(tmp_path, change)
    sweep.kill()
    sweep.refuse()
    sweep.kill_recovery()
    print(f"{change}: {sweep.figures.points} faults, {len(sweep.figures.violations)} violations")
    assert not sweep.figures.violations


@needs_strace
@pytest.mark.parametrize("refusing", ["renameat2:error=EINVAL", "renameat2:error=EINVAL linkat:error=EPERM"])
@pytest.mark.parametrize("change", ["write", "move over"])
def test_on_simpler_file_systems_an_old_version_is_kept_too(tmp_path: Path, change: str, refusing: str) -> None:
    """Those that cannot exchange two names, or where a file has only one; also when the change is killed then."""
    sweep = Sweep(tmp_path, change)
    for number in (0, 1, 2, 3):
        kill = f" renameat:signal=SIGKILL:when={number}" if number else ""
        assert sweep.violation_after(refusing + kill, may_be_done=True) == ""


def test_two_processes_at_once_keep_out_of_each_others_way(tmp_path: Path) -> None:
    """Some are killed in the middle; what all of them did can be undone to the last file."""
    ground = Ground(tmp_path)
    for number in range(60):
        (ground.root / f"{number}").write_text(str(number))
    before = ground.picture()
    children = [_fork(ground, range(first, 60, 3)) for first in range(3)]
    time.sleep(0.05)
    os.kill(children[0], signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)
    recover(ground.journal.store)
    while _undone(ground):
        pass
    assert ground.picture() == before


def _fork(ground: Ground, numbers: range) -> int:
    child = os.fork()
    if child == 0:
        try:
            for number in numbers:
                with ground.changing() as entry:
                    entry.write(ground / f"{number}", b"changed")
                    entry.move(ground / f"{number}", ground / f"moved-{number}")
        finally:
            os._exit(0)
    return child


def _undone(ground: Ground) -> bool:
    try:
        return ground.undo() == ""
    except ToolError:
        return False


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="only the superuser may mount")
def test_on_a_full_disk_nothing_is_lost(tmp_path: Path) -> None:
    script = f"mount -t tmpfs -o size=1m none {tmp_path} && exec {sys.executable} -m tests.journal.full_disk {tmp_path}"
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    if "permission denied" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip("mounting is not allowed here")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_folder_that_becomes_a_link_is_not_followed(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    (ground.root / "d").mkdir()
    (ground.root / "d/a").write_text("mine")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a").write_text("secret")
    with ground.changing() as entry:
        os.rename(ground / "d", ground / "real")
        os.symlink(tmp_path / "outside", ground / "d")
        for attempt in (
            lambda: entry.delete(ground / "d/a"),
            lambda: entry.write(ground / "d/a", b"x"),
            lambda: entry.mode(ground / "d/a", 0o777),
            lambda: entry.purge(ground / "d/a"),
            lambda: entry.move(ground / "d/a", ground / "b"),
            lambda: entry.copy(ground / "d/a", ground / "b"),
        ):
            with pytest.raises(ToolError, match="become a link"):
                attempt()
    assert (tmp_path / "outside/a").read_text() == "secret" and not (ground.root / "b").exists()


def test_links_swapped_in_under_load_are_never_followed(tmp_path: Path) -> None:
    """A process exchanges a folder and a link to the outside as fast as it can, while files in it are written."""
    ground = Ground(tmp_path)
    (ground.root / "d").mkdir()
    (tmp_path / "outside").mkdir()
    os.symlink(tmp_path / "outside", ground / "other")
    child = _swap(ground / "d", ground / "other")
    written = refused = 0
    try:
        until = time.monotonic() + 1.5
        with ground.changing() as entry:
            while time.monotonic() < until:
                try:
                    entry.write(ground / f"d/{written}", b"x")
                    written += 1
                except ToolError:
                    refused += 1
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert written and os.listdir(tmp_path / "outside") == []


def _swap(one: str, other: str) -> int:
    from llmos.adapters.files.anchored import Ground as Folders

    child = os.fork()
    if child == 0:
        with Folders() as folders:
            while True:
                folders.exchange(one, other, one + "~")
    return child


def test_another_file_of_the_planned_name_is_left_alone(tmp_path: Path) -> None:
    from llmos.adapters.files.anchored import marked

    ground = Ground(tmp_path)
    (ground.root / "a").write_text("planned")
    seen = marked(os.lstat(ground / "a"))
    os.rename(ground / "a", ground / "elsewhere")
    (ground.root / "a").write_text("another")
    with ground.changing() as entry:
        for attempt in (entry.delete, entry.purge, entry.stow):
            with pytest.raises(ToolError, match="no longer what it was"):
                attempt(ground / "a", seen=seen)
    assert (ground.root / "a").read_text() == "another"


def test_where_the_kernel_has_no_openat2_folders_are_walked(tmp_path: Path) -> None:
    from llmos.adapters.files.anchored import _walked, open_folder

    (tmp_path / "real/d").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    for opening in (open_folder, lambda path: _walked(path, os.O_RDONLY | os.O_DIRECTORY)):
        os.close(opening(os.path.realpath(tmp_path / "real/d")))
        with pytest.raises(OSError) as caught:
            opening(os.path.join(os.path.realpath(tmp_path), "link/d"))
        assert caught.value.errno == errno.ELOOP

"""Faults put into system calls with strace: a change runs in a process of its own and is cut off or refused there."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from llmos.errors import ToolError
from llmos.journal.journal import Entry
from llmos.journal.recovery import recover
from llmos.journal.undo import history
from tests.journal.folder_under_change import Ground, Picture

CALLS = (
    "openat,openat2,read,pread64,write,close,lseek,fsync,syncfs,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,"
    "rmdir,linkat,symlinkat,fchmod,fchmodat,chmod,fchownat,fchown,utimensat,newfstatat,fstat,ftruncate,getdents64,"
    "copy_file_range,flock,readlinkat,access,faccessat,faccessat2,flistxattr,fsetxattr,statfs,fstatfs"
)
ERRORS = {
    "write": ("ENOSPC", "EIO", "EDQUOT"),
    "fsync": ("EIO", "ENOSPC"),
    "syncfs": ("EIO",),
    "renameat2": ("EXDEV", "ENOSPC", "EACCES", "EINVAL", "EIO", "EROFS"),
    "rename": ("ENOSPC", "EIO", "EROFS"),
    "renameat": ("ENOSPC", "EIO"),
    "openat": ("EMFILE", "ENOSPC", "EROFS", "EIO"),
    "openat2": ("EMFILE", "ENOSYS", "EAGAIN"),
    "mkdirat": ("ENOSPC", "EROFS"),
    "mkdir": ("ENOSPC", "EDQUOT", "EROFS"),
    "linkat": ("EPERM", "EMLINK"),
    "symlinkat": ("ENOSPC",),
    "unlink": ("EPERM", "EIO"),
    "unlinkat": ("EPERM", "EIO"),
    "rmdir": ("EBUSY",),
    "ftruncate": ("EIO",),
    "copy_file_range": ("EXDEV", "ENOSPC", "EIO"),
    "fchmod": ("EPERM",),
    "fchmodat": ("EPERM",),
    "chmod": ("EPERM",),
    "fchownat": ("EPERM",),
    "utimensat": ("EPERM",),
    "newfstatat": ("EIO",),
    "flock": ("ENOLCK",),
    "close": ("EIO",),
    "getdents64": ("EIO",),
}
COMMITS = ("renameat2", "linkat", "utimensat", "fchmodat", "chmod", "ftruncate")
BEGIN, END = "/BEGIN-OF-CHANGE", "/END-OF-CHANGE"
REFUSED = 3


def _prepared(ground: Ground) -> str:
    return str(ground.root.parent / "prepared")


CHANGES: dict[str, Callable[[Entry, Ground], None]] = {
    "create": lambda entry, ground: entry.create(ground / "new", _prepared(ground)),
    "overwrite": lambda entry, ground: entry.overwrite(ground / "a", _prepared(ground)),
    "write": lambda entry, ground: entry.write(ground / "a", b"NEW" * 9),
    "write in place": lambda entry, ground: entry.write(ground / "twin", b"NEW" * 9),
    "append": lambda entry, ground: entry.append(ground / "a", b"MORE\n"),
    "copy folder": lambda entry, ground: entry.copy(ground / "d", ground / "copy"),
    "move": lambda entry, ground: entry.move(ground / "a", ground / "d/b"),
    "move over": lambda entry, ground: entry.move(ground / "d/x", ground / "a", replace=True),
    "delete": lambda entry, ground: entry.delete(ground / "a"),
    "delete folder": lambda entry, ground: entry.delete(ground / "d"),
    "stow": lambda entry, ground: entry.stow(ground / "a"),
    "link": lambda entry, ground: entry.link("a", ground / "link"),
    "hard link": lambda entry, ground: entry.hard_link(ground / "a", ground / "third"),
    "mode": lambda entry, ground: entry.mode(ground / "a", 0o600),
}
if os.geteuid() == 0:
    CHANGES["owner"] = lambda entry, ground: entry.owner(ground / "a", 1, 1)
UNDONE = ("undo overwrite", "undo delete", "undo move", "undo write in place", "undo create", "undo mode")


def fresh(folder: Path, change: str) -> Ground:
    folder.mkdir()
    ground = Ground(folder)
    for name, text in (("a", "OLD\n"), ("linked", "OLD"), ("d/x", "X")):
        (ground.root / name).parent.mkdir(exist_ok=True)
        (ground.root / name).write_text(text)
    os.chmod(ground / "a", 0o644)
    os.link(ground / "linked", ground / "twin")
    Path(_prepared(ground)).write_text("PREPARED")
    if change.startswith("undo "):
        with ground.changing(change) as entry:
            CHANGES[change.removeprefix("undo ")](entry, ground)
    return ground


def _in_child(ground: Ground, change: str, go: int) -> int:
    """What the process does that meets the fault."""
    os.read(go, 1)
    os.access(BEGIN, 0)
    try:
        _do(ground, change)
    except (ToolError, OSError):
        os.access(END, 0)
        return REFUSED
    os.access(END, 0)
    return 0


def _run(ground: Ground, change: str, fault: str | None, trace: Path) -> int:
    """The exit code, in a process of its own that strace has got hold of before the change begins."""
    go, ready = os.pipe()
    waiting, waits = os.pipe()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.close(ready)
            _let_anybody_trace()
            os.write(waits, b"w")
            code = _in_child(ground, change, go)
        finally:
            os._exit(code)
    os.read(waiting, 1)
    for end in (go, waiting, waits):
        os.close(end)
    options = ["-qq", "-o", str(trace), "-e", f"trace={CALLS}", *_injected(fault)]
    with subprocess.Popen(["strace", *options, "-p", str(child)], stderr=subprocess.DEVNULL) as strace:
        while not re.search(r"TracerPid:\t[1-9]", Path(f"/proc/{child}/status").read_text()) and strace.poll() is None:
            time.sleep(0.001)
        with suppress(BrokenPipeError):  # hit already
            os.write(ready, b"g")
        os.close(ready)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _injected(fault: str | None) -> Iterator[str]:
    for one in fault.split() if fault else ():
        yield from ("-e", f"inject={one}")


def _let_anybody_trace() -> None:
    """PR_SET_PTRACER, prctl(2): some systems let only a parent trace."""
    ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)


def _do(ground: Ground, change: str) -> None:
    if change == "recover":
        recover(ground.journal.store)
    elif change.startswith("undo "):
        if trouble := ground.undo():
            raise ToolError(trouble)
    else:
        with ground.changing(change) as entry:
            CHANGES[change](entry, ground)


def _warm_up(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder / "warm", ignore_errors=True)
    for change in ("write", "write in place", "delete folder", "copy folder", "hard link", "mode"):
        warm = fresh(folder / "warm", change)
        with warm.changing() as entry:
            CHANGES[change](entry, warm)
        warm.undo()
        recover(warm.journal.store)
        shutil.rmtree(folder / "warm")


class Point(NamedTuple):
    """One system call of a change."""

    call: str
    number: int
    """Of its kind, counted from 1."""

    line: str


@dataclass
class Figures:
    points: int = 0
    violations: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    def add(self, violation: str, end: str, where: str) -> None:
        self.points += 1
        self.ends[end] += 1
        if violation:
            self.violations.append(f"{where}: {violation}")


class Sweep:
    """All faults of one change; each starts from a fresh folder beneath `folder`."""

    def __init__(self, folder: Path, change: str) -> None:
        self._folder = folder
        self._change = change
        self._number = 0
        self.figures = Figures()
        _warm_up(folder)
        ground = self._fresh()
        self._points = self.run(ground, change, None)[1]
        self._after = _without_times(ground.picture())

    def _fresh(self) -> Ground:
        self._number += 1
        ground = fresh(self._folder / str(self._number), self._change)
        self._before = ground.picture()
        return ground

    def run(self, ground: Ground, change: str, fault: str | None) -> tuple[int, list[Point]]:
        trace = ground.root.parent / "trace"
        code = _run(ground, change, fault, trace)
        return code, list(_points(trace.read_text(errors="replace")))

    def kill(self, every: int = 1, start: int = 0) -> None:
        for point in self._points[start::every]:
            ground = self._fresh()
            self.run(ground, self._change, f"{point.call}:signal=SIGKILL:when={point.number}")
            self._judge(ground, "killed", point, may_be_done=True)

    def refuse(self, every: int = 1, start: int = 0) -> None:
        faults = [(point, error) for point in self._points for error in ERRORS.get(point.call, ())]
        for point, error in faults[start::every]:
            ground = self._fresh()
            code, _ = self.run(ground, self._change, f"{point.call}:error={error}:when={point.number}")
            end = {0: "done", REFUSED: "refused"}.get(code, f"exit code {code}")
            self._judge(ground, end, point, may_be_done=code != REFUSED, error=error)

    def kill_recovery(self, every: int = 1) -> None:
        """Cut off twice: in the change around its commits, and then everywhere in the recovery from that."""
        for point in self._around_commits():
            fault = f"{point.call}:signal=SIGKILL:when={point.number}"
            ground = self._fresh()
            self.run(ground, self._change, fault)
            for second in self.run(ground, "recover", None)[1][::every]:
                ground = self._fresh()
                self.run(ground, self._change, fault)
                self.run(ground, "recover", f"{second.call}:signal=SIGKILL:when={second.number}")
                self._judge(ground, "killed twice", second, may_be_done=True)

    def _around_commits(self) -> Iterator[Point]:
        for one, following in zip(self._points, self._points[1:], strict=False):
            commits = {"append": ("write",)}.get(self._change, COMMITS)
            if one.call in commits:
                yield one
                yield following

    def violation_after(self, fault: str, *, may_be_done: bool) -> str:
        ground = self._fresh()
        code = self.run(ground, self._change, fault)[0]
        return self._violation(ground, may_be_done, {0: "done", REFUSED: "refused"}.get(code, "killed"))

    def _judge(self, ground: Ground, end: str, point: Point, *, may_be_done: bool, error: str = "SIGKILL") -> None:
        try:
            violation = self._violation(ground, may_be_done, end)
        except Exception as bug:
            violation = f"{type(bug).__name__}: {bug}"
        self.figures.add(violation, end, f"{self._change}, {error} at {point.line}")
        subprocess.run(["rm", "-rf", str(ground.root.parent)], check=True)

    def _violation(self, ground: Ground, may_be_done: bool, end: str) -> str:
        if end.startswith("exit code"):
            return f"ended with {end}"
        if not may_be_done and _without_hidden(ground.picture()) != self._before:
            return f"it said it was refused, but there is {sorted(ground.picture())}"
        for _ in range(2):
            recover(ground.journal.store)
        now = ground.picture()
        if now == self._before:
            return "" if end != "done" else "it said it was done, and nothing has changed"
        if _without_times(now) != self._after:
            return f"neither before nor after: {_differences(now, self._before)}"
        if not any(past.left for past in history(ground.journal.store)):
            return "changed, and the journal knows nothing of it"
        return self._taken_back(ground)

    def _taken_back(self, ground: Ground) -> str:
        """Undone; or, where an undo was cut off, redone and undone."""
        if self._change.startswith("undo "):
            ground.redo()
            return (
                "" if _without_times(ground.picture()) == _without_times(self._before) else "redo gave something else"
            )
        ground.undo()
        return "" if ground.picture() == self._before else f"undo gave {_differences(ground.picture(), self._before)}"


def _points(trace: str) -> Iterator[Point]:
    """The calls between the marks, each with how many of its kind there were before."""
    counts: Counter[str] = Counter()
    inside = False
    for line in trace.splitlines():
        name = re.match(r"(?:\d+ +)?(\w+)\(", line)
        if not name:
            continue
        counts[name[1]] += 1
        if END in line:
            return
        if inside:
            yield Point(name[1], counts[name[1]], line[:110])
        inside = inside or BEGIN in line


def _without_times(picture: Picture) -> Picture:
    return {path: (*seen[:3], *seen[4:]) if seen[0] == "file" else seen for path, seen in picture.items()}


def _without_hidden(picture: Picture) -> Picture:
    """What recovery clears away is no change."""
    return {path: seen for path, seen in picture.items() if "/.llmos" not in f"/{path}"}


def _differences(one: Picture, other: Picture) -> str:
    return str({p: (one.get(p), other.get(p)) for p in one.keys() | other.keys() if one.get(p) != other.get(p)})[:400]

"""Operations that change a file under its name: its content from some byte on, or its rights and times.

There is no one step here that does all of it, so what is half done is taken back. Replacing a file whole is in
names.py.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from llmos.adapters.files.anchored import Ground, Mark, marked
from llmos.adapters.files.clone import copy_content, write_all
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal.operation import UNWRITTEN, Operation, remove_if_there, there
from llmos.translation import both

_O_PATH = getattr(os, "O_PATH", os.O_RDONLY)


@dataclass(eq=False)
class Splice(Operation):
    kind = "splice"
    doing = "change"

    at: int = 0
    """What was from this byte on is kept, and the new content takes its place."""

    mark: Mark | None = None
    kept: str = ""
    """Holds what was there; "" where nothing was."""

    length: int = 0
    digest: str = ""
    """Of the new content from `at` on."""

    accessed: int = 0
    source: str = ""
    """A file with the new content, which is left alone."""

    after: Mark | None = None
    """What the file is afterwards."""

    restore: int = 0
    """The time of change it gets, in nanoseconds; 0 leaves the present one."""

    content: bytes = field(default=b"", metadata=UNWRITTEN)
    at_end: bool = field(default=False, metadata=UNWRITTEN)
    """Add at the end, on a line of its own."""

    def intend(self, ground: Ground, kept: str) -> None:
        status = there(ground, self.path, self.seen)
        if not stat.S_ISREG(status.st_mode):
            raise ToolError(both("{path} is no ordinary file.").format(path=clean_name(self.path)))
        self.mark, self.accessed = marked(status), status.st_atime_ns
        if self.at_end:
            self.at = status.st_size
            self.content = self._own_line(ground)
        if self.at < status.st_size:
            self.kept = kept
        self.length, self.digest = self._new_content(ground)

    def _own_line(self, ground: Ground) -> bytes:
        if not self.at:
            return self.content
        with _opened(ground, self.path, os.O_RDONLY) as held:
            last = os.pread(held, 1, self.at - 1)
        return self.content if last == b"\n" else b"\n" + self.content

    def _new_content(self, ground: Ground) -> tuple[int, str]:
        if not self.source:
            return len(self.content), _digest_of([self.content])
        with _opened(ground, self.source, os.O_RDONLY) as held:
            return os.fstat(held).st_size, _digest_of(_blocks(held))

    def prepare(self, ground: Ground) -> Iterator[None]:
        """May the file be written to at all, and is what goes safe?"""
        with _opened(ground, self.path, os.O_RDWR) as held:
            if self.kept:
                remove_if_there(ground, self.kept)
                with _opened(ground, self.kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as safe:
                    os.lseek(held, self.at, os.SEEK_SET)
                    copy_content(held, safe)
                    os.fsync(safe)
        yield from ()

    def commit(self, ground: Ground) -> None:
        """Not one step: what is half done is taken back by `revoke`."""
        with _opened(ground, self.path, os.O_WRONLY | (os.O_APPEND if self.at_end else 0)) as held:
            os.lseek(held, self.at, os.SEEK_SET)
            if self.source:
                with _opened(ground, self.source, os.O_RDONLY) as source:
                    copy_content(source, held)
            else:
                write_all(held, self.content)
            if not self.at_end:
                os.ftruncate(held, self.at + self.length)
            if self.restore:
                os.utime(held, ns=(self.accessed, self.restore))
            os.fsync(held)

    def tidy(self, ground: Ground) -> None:
        self.after = ground.mark(self.path)

    def is_done(self, ground: Ground) -> bool:
        return self.is_there(ground)

    def is_there(self, ground: Ground) -> bool:
        """The new content is in its place and nothing follows it."""
        there = ground.mark(self.path)
        if there is None or self.mark is None or there.inode != self.mark[0] or there.size != self.at + self.length:
            return False
        with _opened(ground, self.path, os.O_RDONLY) as held:
            os.lseek(held, self.at, os.SEEK_SET)
            return _digest_of(_blocks(held)) == self.digest

    def revoke(self, ground: Ground) -> None:
        there = ground.mark(self.path)
        if self.mark is None or there is None or there.inode != self.mark[0] or there == self.mark:
            return
        if not self.kept and there.size > self.at + self.length:
            return  # somebody else wrote behind it: better too much than too little
        if self.kept and ground.mark(self.kept) is None:
            return  # not even begun
        with _opened(ground, self.path, os.O_WRONLY) as held:
            os.lseek(held, self.at, os.SEEK_SET)
            if self.kept:
                with _opened(ground, self.kept, os.O_RDONLY) as safe:
                    copy_content(safe, held)
            os.ftruncate(held, self.mark[1])
            os.utime(held, ns=(self.accessed, self.mark[2]))
            os.fsync(held)


@contextmanager
def _opened(ground: Ground, path: str, flags: int) -> Iterator[int]:
    held = ground.open(path, flags)
    try:
        yield held
    finally:
        os.close(held)


def _blocks(held: int) -> Iterator[bytes]:
    while block := os.read(held, 1 << 20):
        yield block


def _digest_of(blocks: Iterable[bytes]) -> str:
    import hashlib  # noqa: PLC0415 - slow to import, not always needed

    digest = hashlib.blake2b(digest_size=16)
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


@dataclass(eq=False)
class Attributes(Operation):
    kind = "attributes"
    doing = "change the rights of"
    hides = False

    mark: Mark | None = None
    mode: int | None = None
    user: int = -1
    group: int = -1
    times: list[int] | None = None
    """Accessed and modified, in nanoseconds since 1970."""

    before: dict[str, Any] = field(default_factory=dict)

    def intend(self, ground: Ground, kept: str) -> None:
        status = there(ground, self.path, self.seen)
        if stat.S_ISLNK(status.st_mode) and self.mode is not None:
            raise ToolError(both("{path} became a link; its mode was not changed.").format(path=clean_name(self.path)))
        self.mark = Mark(status.st_ino)
        self.before = _attributes(status)

    def commit(self, ground: Ground) -> None:
        self._set(ground, {"mode": self.mode, "user": self.user, "group": self.group, "times": self.times})

    def _set(self, ground: Ground, values: dict[str, Any]) -> None:
        """The owner first, because that takes the set-user-id bit away."""
        with _opened(ground, self.path, _O_PATH) as held:
            if self.mark is None or os.fstat(held).st_ino != self.mark[0]:
                raise OSError(errno.ESTALE, "it is another file by now", self.path)
            spot = ground.spot(self.path)
            if (values["user"], values["group"]) != (-1, -1):
                os.chown(spot.name, values["user"], values["group"], dir_fd=spot.folder, follow_symlinks=False)
            if values["mode"] is not None:
                os.chmod(f"/proc/self/fd/{held}", values["mode"])
            if values["times"]:
                os.utime(spot.name, ns=tuple(values["times"]), dir_fd=spot.folder, follow_symlinks=False)

    def is_so(self, ground: Ground) -> bool:
        """The file has them. When it was last read says nothing: looking at it changes that; no more does the time of
        a folder, which changes with what is in it."""
        status = ground.status(self.path)
        if status is None or not self._is_same(status):
            return False
        now, wanted = _attributes(status), self.wanted()
        modified = wanted.pop("times", now["times"])[1]
        is_folder = stat.S_ISDIR(status.st_mode)
        return all(now[name] == value for name, value in wanted.items()) and (is_folder or now["times"][1] == modified)

    def _is_same(self, status: os.stat_result) -> bool:
        return self.mark is not None and status.st_ino == self.mark[0]

    def wanted(self) -> dict[str, Any]:
        values = {"mode": self.mode, "user": self.user, "group": self.group, "times": self.times}
        return {name: value for name, value in values.items() if value not in (None, -1)}

    def is_done(self, ground: Ground) -> bool:
        return self.is_so(ground)

    def revoke(self, ground: Ground) -> None:
        status = ground.status(self.path)
        if status is None or not self._is_same(status) or not self.before:
            return
        wanted = self.wanted()
        owner = {name: self.before[name] if name in wanted else -1 for name in ("user", "group")}
        is_link = stat.S_ISLNK(status.st_mode)
        mode = None if is_link or not wanted.keys() - {"times"} else self.before["mode"]
        self._set(ground, {**owner, "mode": mode, "times": self.before["times"] if "times" in wanted else None})

    def touched(self) -> Iterable[str]:
        return ()


def _attributes(status: os.stat_result) -> dict[str, Any]:
    return {
        "mode": stat.S_IMODE(status.st_mode),
        "user": status.st_uid,
        "group": status.st_gid,
        "times": [status.st_atime_ns, status.st_mtime_ns],
    }

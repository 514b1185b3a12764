"""Unpacks an archive so that nothing lands outside the folder, is written through a link, or fills the disk.

Formats are read in archives.py. Owners, devices and set-user-id bits are never taken over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from functools import partial
from typing import IO, Protocol

from llmos.adapters.files.archives import Content, Member, format_of, members, reading
from llmos.adapters.files.change import free_space, told
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

MUCH = 10 << 30
"""Bytes from which on an archive that grows more than `GROWS` times is taken for a trap."""
GROWS = 100
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Survey:
    """What unpacking an archive into a folder will do. Made by reading the whole list of members once."""

    archive: str
    format: str
    folder: str
    stamp: tuple[int, int, int]
    """Inode, size and time of the archive: when they change, the survey is void."""

    files: tuple[tuple[str, int], ...]
    """Path and size of files and links; a size that is not known counts as nothing."""

    folders: tuple[str, ...]
    size: int
    left_out: frozenset[int]
    """The places in the archive of members that will not be unpacked: devices, links that point outside."""

    unsafe: tuple[str, ...]
    """Their names."""


def survey(archive: str, folder: str) -> Survey:
    """Raises ToolError when a member would land outside, when it does not fit, or when it is no archive."""
    format_ = format_of(archive)
    stamp = _stamp(archive)
    names: dict[str, Member] = {}
    unsafe: dict[int, str] = {}
    size = 0
    for index, (member, _) in enumerate(members(archive, format_)):
        name = safe_name(member.name, archive)
        if not _is_safe(member, name, names, archive):
            unsafe[index] = member.name
            continue
        size += member.size or 0
        _refuse_trap(size, stamp[1], archive)
        if name:
            names[name] = member
    if size > free_space(folder):
        raise ToolError(both("{archive} would not fit on the disk.").format(archive=clean_name(archive)))
    _refuse_detours(names, folder, archive)
    files = tuple((os.path.join(folder, n), m.size or 0) for n, m in names.items() if m.kind != "folder")
    folders = tuple(os.path.join(folder, name) for name, member in names.items() if member.kind == "folder")
    _refuse_other_kind(files, folders)
    return Survey(archive, format_, folder, stamp, files, folders, size, frozenset(unsafe), tuple(unsafe.values()))


def _stamp(path: str) -> tuple[int, int, int]:
    with told("read", path):
        status = os.stat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


def safe_name(name: str, archive: str) -> str:
    """The name relative to the folder, "" for the folder itself. Raises ToolError when it leads out of it."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in name:
        raise ToolError(
            both("{archive} is not safe: {name} would land outside.").format(
                archive=clean_name(archive), name=clean_name(name)
            )
        )
    return "/".join(parts)


def _is_safe(member: Member, name: str, before: dict[str, Member], archive: str) -> bool:
    if member.kind == "link":
        return _stays_inside(name, member.target)
    if member.kind == "hard link":
        target = before.get(safe_name(member.target, archive))
        return target is not None and target.kind in ("file", "hard link")
    return member.kind != "device"


def _stays_inside(name: str, target: str) -> bool:
    """`..` may only stand in front, not beyond the top: behind a link nobody can tell where it leads."""
    if target.startswith("/") or "\0" in target:
        return False
    parts = [part for part in target.split("/") if part not in ("", ".")]
    ups = next((index for index, part in enumerate(parts) if part != ".."), len(parts))
    return ups <= name.count("/") and ".." not in parts[ups:]


def _refuse_trap(size: int, packed: int, archive: str) -> None:
    if size > MUCH and size > packed * GROWS:
        raise ToolError(
            both("{archive} would become more than {grows} times as large: it may be a trap.").format(
                archive=clean_name(archive), grows=GROWS
            )
        )


def _refuse_detours(names: dict[str, Member], folder: str, archive: str) -> None:
    """No member may lie behind a link, be it in the archive or on the disk."""
    root = os.path.realpath(folder)
    checked = {""}
    for name in names:
        above = os.path.dirname(name)
        while above not in checked:
            checked.add(above)
            path = os.path.join(folder, above)
            detour = above in names and names[above].kind == "link"
            if detour or (os.path.lexists(path) and not _is_within(os.path.realpath(path), root)):
                raise ToolError(
                    both("{archive} is not safe: {name} would go through a link.").format(
                        archive=clean_name(archive), name=clean_name(name)
                    )
                )
            above = os.path.dirname(above)


def _is_within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _refuse_other_kind(files: Iterable[tuple[str, int]], folders: Iterable[str]) -> None:
    for path, _ in files:
        if os.path.isdir(path) and not os.path.islink(path):
            raise ToolError(both("{path} is a folder already.").format(path=clean_name(path)))
    for path in folders:
        if os.path.lexists(path) and not os.path.isdir(path):
            raise ToolError(both("{path} is a file already.").format(path=clean_name(path)))


class Landing(Protocol):
    """Who makes what comes out of the archive; all raise ToolError. What is there is only replaced when told to."""

    def folder(self, path: str) -> None:
        """With those above it; one that exists stays as it is."""

    def file(self, path: str, fill: Callable[[str], None], replace: bool) -> None:
        """`fill` writes the new file to the path it is given."""

    def link(self, path: str, text: str, replace: bool) -> None: ...
    def hard_link(self, path: str, target: str, replace: bool) -> None: ...
    def modified(self, path: str, when: float) -> None:
        """Seconds since 1970."""


def unpack(plan: Survey, replace: frozenset[str], landing: Landing) -> Generator[str | ToolError, None, None]:
    """Yields each path of a file or link that is there now, or why it is not. Overwrites only paths in `replace`."""
    if _stamp(plan.archive) != plan.stamp:
        raise ToolError(
            both("{archive} has changed meanwhile; nothing was unpacked.").format(archive=clean_name(plan.archive))
        )
    work = _Unpacking(plan, replace, landing)
    landing.folder(plan.folder)
    for index, (member, content) in enumerate(members(plan.archive, plan.format)):
        name = safe_name(member.name, plan.archive)
        if name and index not in plan.left_out:
            yield from work.take(member, os.path.join(plan.folder, name), content)
    yield from work.finish()


class _Unpacking:
    """Files first, links last: so nothing is ever written through a link of the archive."""

    def __init__(self, plan: Survey, replace: frozenset[str], landing: Landing) -> None:
        self._plan = plan
        self._replace = set(replace)
        self._landing = landing
        self._links: list[tuple[Member, str]] = []
        self._folders: list[tuple[str, float]] = []

    def take(self, member: Member, path: str, content: Content) -> Generator[str | ToolError, None, None]:
        try:
            if member.kind == "folder":
                self._folder(member, path)
            elif member.kind == "file":
                self._landing.folder(os.path.dirname(path))
                self._landing.file(path, partial(self._fill, member, content), self._replaces(path))
                yield path
            else:
                self._links.append((member, path))
        except ToolError as error:
            yield error

    def _folder(self, member: Member, path: str) -> None:
        if not os.path.isdir(path):
            self._landing.folder(path)
            self._folders.append((path, member.modified or 0))

    def _replaces(self, path: str) -> bool:
        """An archive may hold a file twice: the later one counts."""
        replaces = path in self._replace and os.path.lexists(path)
        self._replace.add(path)
        return replaces

    def _fill(self, member: Member, content: Content, there: str) -> None:
        with reading(self._plan.archive):
            source = content()
        with source, open(there, "xb") as file:
            self._copy(source, file)
        if member.mode is not None:
            os.chmod(there, member.mode & 0o755 | 0o600)
        if member.modified is not None:
            os.utime(there, (member.modified, member.modified))

    def _copy(self, source: IO[bytes], file: IO[bytes]) -> None:
        """In blocks, because the size of a single compressed file shows only here."""
        written = 0
        while True:
            with reading(self._plan.archive):
                block = source.read(_BLOCK)
            if not block:
                return
            written += file.write(block)
            _refuse_trap(written, self._plan.stamp[1], self._plan.archive)

    def finish(self) -> Generator[str | ToolError, None, None]:
        for member, path in self._links:
            try:
                self._link(member, path)
                yield path
            except ToolError as error:
                yield error
        for path, modified in reversed(self._folders):
            self._landing.modified(path, modified)

    def _link(self, member: Member, path: str) -> None:
        self._landing.folder(os.path.dirname(path))
        if member.kind == "link":
            self._landing.link(path, member.target, self._replaces(path))
        else:
            target = os.path.join(self._plan.folder, safe_name(member.target, self._plan.archive))
            self._landing.hard_link(path, target, self._replaces(path))

"""Walks beneath folders: iterative, in path order, never through links; vanishing and unreadable folders are survived.

Which entries are wanted is decided in `llmos.tools.files.selection` and `match.py`; nothing is read but names and stat.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from llmos.adapters.failures import explained

if TYPE_CHECKING:
    from llmos.adapters.files.sieve import Sieve

INTERNALS = frozenset({".git", ".hg", ".svn"})
"""Folders of version control; what is inside them is nobody's file."""

_by_name = attrgetter("name")


@dataclass(frozen=True)
class Root:
    """Where a walk begins, or a single file."""

    path: str
    """Absolute; links in the folders above it are resolved, a link at its end is not."""

    shown: str
    """As the user wrote it; "" for the current folder."""


def real_path(path: str) -> str:
    """Where all links lead. Raises ToolError when one of them goes away in the middle of that."""
    with explained("look at", path):
        return os.path.realpath(path)


class Entry:
    """A file, folder or other thing with a name. Its stat is taken when first asked for, and never follows a link."""

    __slots__ = ("_stat", "depth", "known", "path", "shown")

    def __init__(self, path: str, shown: str, depth: int = 0, mode: int | None = None) -> None:
        self.path = path
        self.shown = shown
        self.depth = depth
        """Levels beneath the start: 0 is the start itself."""
        self.known = mode
        """The file type bits where they are known already, 0 for one that vanished."""
        self._stat: os.stat_result | None = None

    @property
    def name(self) -> str:
        return self.path[self.path.rfind("/") + 1 :]

    @property
    def stat(self) -> os.stat_result:
        """Raises OSError when the entry has vanished."""
        if self._stat is None:
            self._stat = os.lstat(self.path)
        return self._stat

    @property
    def format(self) -> int:
        """The file type bits, like stat.S_IFREG; known from the folder for most entries, 0 for one that vanished."""
        if self.known is None:
            try:
                self.known = stat.S_IFMT(self.stat.st_mode)
            except OSError:
                return 0
        return self.known

    @property
    def is_folder(self) -> bool:
        return self.format == stat.S_IFDIR

    @property
    def is_file(self) -> bool:
        """A regular file."""
        return self.format == stat.S_IFREG

    @property
    def is_link(self) -> bool:
        return self.format == stat.S_IFLNK

    def __repr__(self) -> str:
        return f"Entry({self.path!r})"


@dataclass
class Unread:
    """Folders and files a walk could not look into."""

    count: int = 0
    first: str = ""
    reasons: set[str] = field(default_factory=set)

    def add(self, path: str, error: OSError) -> None:
        self.count += 1
        self.first = self.first or path
        self.reasons.add((error.strerror or str(error)).lower())

    def note(self) -> str:
        """One line, "" when all could be read."""
        if not self.count:
            return ""
        what = self.first if self.count == 1 else f"{self.count} folders or files, {self.first} first"
        return f"Could not read {what} ({', '.join(sorted(self.reasons))})."


def walk(
    root: Root,
    unread: Unread,
    depth: int | None = None,
    enter: Callable[[Entry], bool] | None = None,
    internals: bool = False,
    sieve: Sieve | None = None,
) -> Iterator[Entry]:
    """All entries beneath `root`, folders before what they hold, names in order; `enter` says where to go in.

    Files that the `sieve` holds back are left out.
    """
    base = real_path(root.path) if os.path.islink(root.path) else root.path
    inside = internals or not INTERNALS.isdisjoint(base.split("/"))
    pending = [_entries(Entry(base, root.shown), unread, sieve)] if depth is None or depth > 0 else []
    while pending:
        for entry in pending[-1]:
            yield entry
            if entry.known == stat.S_IFREG:  # most are, and there may be a million
                continue
            deeper = entry.format == stat.S_IFDIR and (depth is None or entry.depth < depth)
            if deeper and (inside or entry.name not in INTERNALS) and (enter is None or enter(entry)):
                pending.append(_entries(entry, unread, sieve))
                break
        else:
            pending.pop()


def still_there(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Those whose stat can be taken; it is taken now, so that asking for it later cannot fail."""
    for entry in entries:
        try:
            entry.stat  # noqa: B018
        except OSError:
            continue
        yield entry


def _entries(folder: Entry, unread: Unread, sieve: Sieve | None) -> Iterator[Entry]:
    path = folder.path.rstrip("/") + "/"
    shown = folder.shown.rstrip("/") + "/" if folder.shown else ""
    level = folder.depth + 1
    found = _read(folder.path, unread)
    found = sieve(found) if sieve else found
    found.sort(key=_by_name)
    if shown == path:  # no second string for each
        return iter([Entry(whole, whole, level, format_of(one)) for one in found for whole in (path + one.name,)])
    return iter([Entry(path + one.name, shown + one.name, level, format_of(one)) for one in found])


def scan(path: str, unread: Unread) -> list[os.DirEntry[str]]:
    """What stands directly in a folder, by name; nothing when it cannot be read."""
    return sorted(_read(path, unread), key=_by_name)


def _read(path: str, unread: Unread) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []  # vanished while we walked
    except OSError as error:
        unread.add(path, error)
        return []


def format_of(found: os.DirEntry[str]) -> int | None:
    """The file type bits where the folder tells them for nothing; None for links to be sure of and rare types."""
    try:
        if found.is_file(follow_symlinks=False):  # most are
            return stat.S_IFREG
        if found.is_dir(follow_symlinks=False):
            return stat.S_IFDIR
        if found.is_symlink():
            return stat.S_IFLNK
    except OSError:
        return None
    return None

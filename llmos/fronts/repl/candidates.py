"""What a word that is being typed may become: paths, files beneath, processes, applications, programs.

Which of them fits where is said in `completion`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from itertools import islice

from llmos.values.place import Place

SCANNED = 5_000
"""Entries looked at for one completion, so that it is there at once in any folder."""

SHOWN = 200

SKIPPED = {".git", "node_modules", "__pycache__", ".venv", "venv", ".cache", ".mypy_cache", ".ruff_cache"}
"""Folders in which nobody means a file when they do not say so."""


def paths(word: str, place: Place) -> Iterator[str]:
    """Entries whose path begins like this; folders end in a slash, hidden ones are asked for with a dot."""
    folder, slash, begin = word.rpartition("/")
    where = os.path.join(place.cwd, _expanded(folder + slash, place.home))
    found = sorted(_entries(where), key=lambda entry: entry.name.casefold())
    for entry in islice((e for e in found if _begins(e.name, begin)), SHOWN):
        yield folder + slash + entry.name + ("/" if _is_folder(entry) else "")


def _begins(name: str, begin: str) -> bool:
    if name.startswith(".") and not begin.startswith("."):
        return False
    return name.startswith(begin) or name.casefold().startswith(begin.casefold())


def _expanded(path: str, home: str) -> str:
    return home + path[1:] if path.startswith("~/") else path


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(islice(entries, SCANNED))
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def beneath(part: str, place: Place) -> Iterator[str]:
    """Files and folders beneath the current one whose path holds this part; those whose name begins so come first."""
    part = part.casefold()
    found = [path for path in _walked(place.cwd) if part in path.casefold()]
    found.sort(key=lambda path: (not _last(path).casefold().startswith(part), path.count("/"), path))
    yield from islice(found, SHOWN)


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _walked(root: str) -> Iterator[str]:
    """Level by level, so that what is near is there when the limit comes."""
    waiting, seen = deque([""]), 0
    while waiting and seen < SCANNED:
        folder = waiting.popleft()
        for entry in sorted(_entries(os.path.join(root, folder)), key=lambda entry: entry.name):
            seen += 1
            if entry.name.startswith(".") or entry.name in SKIPPED:
                continue
            if _is_folder(entry) and not entry.is_symlink():
                waiting.append(folder + entry.name + "/")
                yield folder + entry.name + "/"
            else:
                yield folder + entry.name


def processes(begin: str) -> Iterator[str]:
    import psutil  # noqa: PLC0415

    names = {process.info["name"] or "" for process in psutil.process_iter(["name"])}
    yield from sorted(name for name in names if name.casefold().startswith(begin.casefold()))


def applications(begin: str, place: Place) -> Iterator[str]:
    from llmos.adapters.apps.linux import installed  # noqa: PLC0415

    for app in installed(place.env, place.home):
        if app.name.casefold().startswith(begin.casefold()):
            yield app.name


def programs(begin: str, place: Place) -> Iterator[str]:
    """Commands of the shell's search path."""
    names = {
        entry.name
        for folder in place.env.get("PATH", "").split(":")
        if folder
        for entry in _entries(folder)
        if entry.name.startswith(begin)
    }
    yield from islice(sorted(names), SHOWN)

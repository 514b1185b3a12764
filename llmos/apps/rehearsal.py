"""An app on a copy: the folder that all it names lies in is copied, and the app is made to mean the copy.

That nothing else changes is the dispatcher's to see to, see `Bounds.root`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmos.apps.app import App
from llmos.errors import LlmosError
from llmos.translation import both

LARGEST = 200 * 2**20
"""Bytes that are copied for a test."""


def on_copy(app: App, values: Mapping[str, str], cwd: str, base: Path) -> tuple[App, dict[str, str], Path, Path]:
    """App and values as they mean the copy; the copied folder and, in it, the one to run in. Raises LlmosError."""
    named = [*_paths([dict(step.arguments) for step in app.steps]), *_paths(list(values.values()))]
    root = Path(os.path.commonpath([os.path.realpath(cwd), *map(_folder, named)]))
    if root == Path("/") or root == Path.home():
        raise LlmosError(
            both("all that it names lies in {root}, which is too much to copy; run it with --mode dry-run").format(
                root=root
            )
        )
    size = sum(path.lstat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    if size > LARGEST:
        raise LlmosError(
            both("{root} has {number} MB; a test copies at most {number2} MB").format(
                root=root, number=size >> 20, number2=LARGEST >> 20
            )
        )
    copy = base / root.name
    shutil.copytree(root, copy, symlinks=True)
    steps = tuple(replace(s, arguments=_moved(dict(s.arguments), str(root), str(copy))) for s in app.steps)
    moved: dict[str, str] = _moved(dict(values), str(root), str(copy))
    return replace(app, steps=steps), moved, copy, copy / os.path.relpath(os.path.realpath(cwd), root)


def _paths(value: object) -> Iterator[str]:
    match value:
        case str() if value.startswith(("/", "~")):
            yield os.path.realpath(os.path.expanduser(value))
        case list():
            for part in value:
                yield from _paths(part)
        case dict():
            for part in value.values():
                yield from _paths(part)


def _folder(path: str) -> str:
    """What is not there yet is made in the nearest folder that is."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _moved(value: Any, root: str, copy: str) -> Any:
    match value:
        case str() if value.startswith(("/", "~")):
            whole = os.path.realpath(os.path.expanduser(value))
            return copy + whole.removeprefix(root) if f"{whole}/".startswith(f"{root}/") else value
        case list():
            return [_moved(part, root, copy) for part in value]
        case dict():
            return {key: _moved(part, root, copy) for key, part in value.items()}
        case _:
            return value


def contents(folder: Path) -> dict[str, tuple[int, float]]:
    """Every path beneath it with size and time of change."""
    found = ((path.relative_to(folder), path.lstat()) for path in folder.rglob("*"))
    return {str(path): (status.st_size, status.st_mtime) for path, status in found}


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    made = [f"+ {path}" for path in sorted(after.keys() - before.keys())]
    gone = [f"- {path}" for path in sorted(before.keys() - after.keys())]
    changed = [f"~ {path}" for path in sorted(before.keys() & after.keys()) if before[path] != after[path]]
    return made + gone + changed

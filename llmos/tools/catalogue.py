"""Where manifests lie and what their tools are called: by their files' names, without reading them.

What stands in one is `manifest`'s business.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from llmos import paths

SUFFIX = ".toml"


def own_folder(env: Mapping[str, str]) -> Path:
    """The user's, beside their configuration."""
    return paths.config_file(env).with_name("tools")


def folders(env: Mapping[str, str]) -> tuple[Path, ...]:
    """Those that ship with llmos first: what a tool that ships is called, no other one can be called."""
    return paths.share("tools"), own_folder(env)


def name_of(file: Path) -> str:
    return file.name.removesuffix(SUFFIX)


def files(folders: Iterable[Path]) -> Iterator[Path]:
    """All manifests, folder by folder, in the order of their paths."""
    for folder in folders:
        found = (os.path.join(top, name) for top, _, names in os.walk(folder) for name in names)
        yield from (Path(path) for path in sorted(found) if path.endswith(SUFFIX))


def by_name(folders: Iterable[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file in files(folders):
        found.setdefault(name_of(file), file)
    return found

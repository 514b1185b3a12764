"""Applications on macOS: bundles in the Applications folders, and the command lines of `open`.

Which application opens a file is left to `open`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from llmos.adapters.apps.app import App
from llmos.adapters.terminal import clean_name

OPEN = "/usr/bin/open"
_FOLDERS = ("/Applications", "/Applications/Utilities", "/System/Applications", "/System/Applications/Utilities")


def installed(env: Mapping[str, str], home: str) -> list[App]:
    found: dict[str, App] = {}
    for folder in (os.path.join(home, "Applications"), *_FOLDERS):
        for bundle in _bundles(folder):
            name = clean_name(bundle.removesuffix(".app"))
            found.setdefault(bundle, App(bundle, name, (name,), path=os.path.join(folder, bundle)))
    return sorted(found.values(), key=lambda app: app.name.casefold())


def _bundles(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.endswith(".app")]
    except OSError:
        return []


def app_command(app: App, paths: Sequence[str], env: Mapping[str, str]) -> list[str]:
    return [OPEN, "-a", app.path, *paths]


def file_command(path: str, env: Mapping[str, str], home: str) -> list[str]:
    return [OPEN, path]


def url_command(url: str, env: Mapping[str, str], home: str) -> list[str]:
    return [OPEN, url]


def program(app: App) -> str:
    """The name its processes have."""
    return app.name

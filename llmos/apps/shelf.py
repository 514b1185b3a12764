"""Where apps lie: a TOML file each beside the user's configuration, every earlier version, and which are trusted.

Only an app whose very text the user has accepted runs; one that was imported, or edited by another program, waits.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from llmos import paths
from llmos.apps.app import App, dumps, loads
from llmos.errors import UsageError
from llmos.translation import both
from llmos.values.place import Place

TRUSTED = "apps.json"
"""In the state folder: name → SHA-256 of the text that was accepted."""


@dataclass(frozen=True)
class Shelf:
    folder: Path
    state: Path

    def names(self) -> list[str]:
        return sorted(file.stem for file in self.folder.glob("*.toml"))

    def text(self, name: str, version: int | None = None) -> str:
        """As it stands in the file. Raises UsageError."""
        file = self._file(name) if version is None else self._version(name, version)
        try:
            return file.read_text("utf-8")
        except OSError:
            raise UsageError(self._missing(name, version)) from None

    def app(self, name: str, version: int | None = None) -> App:
        return loads(self.text(name, version), name)

    def readable(self) -> Iterator[App]:
        """All that can be read: one with a mistake in it is no reason to refuse every request."""
        for name in self.names():
            with suppress(UsageError):
                yield self.app(name)

    def versions(self, name: str) -> list[int]:
        kept = (file.stem for file in (self.folder / "versions" / name).glob("*.toml"))
        return sorted(int(stem) for stem in kept if stem.isdigit())

    def keep(self, app: App, *, trusted: bool) -> App:
        """A new version of it. Raises OSError."""
        app = replace(app, version=max(self.versions(app.name), default=0) + 1)
        text = dumps(app)
        for file in (self._version(app.name, app.version), self._file(app.name)):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = file.with_name(f".{file.name}.new")
            made.write_text(text, "utf-8")
            made.replace(file)
        if trusted:
            self.trust(app.name)
        return app

    def remove(self, name: str) -> None:
        """Its versions stay, so that it can be had back. Raises UsageError."""
        self.text(name)
        self._file(name).unlink()

    # ---- trust

    def is_trusted(self, name: str) -> bool:
        return self._accepted().get(name) == _hash(self.text(name))

    def trust(self, name: str) -> None:
        accepted = {**self._accepted(), name: _hash(self.text(name))}
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self.state / f".{TRUSTED}.new"
        made.write_text(json.dumps(accepted), "utf-8")
        made.replace(self.state / TRUSTED)

    def _accepted(self) -> Mapping[str, str]:
        try:
            value = json.loads((self.state / TRUSTED).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def _file(self, name: str) -> Path:
        return self.folder / f"{_safe(name)}.toml"

    def _version(self, name: str, version: int) -> Path:
        return self.folder / "versions" / _safe(name) / f"{version}.toml"

    def _missing(self, name: str, version: int | None) -> str:
        from difflib import get_close_matches  # noqa: PLC0415

        if version is not None:
            there = ", ".join(map(str, self.versions(name))) or "none"
            return f"there is no version {version} of {name}; there are {there}"
        near = ", ".join(get_close_matches(name, self.names(), n=2))
        return f"no app is called {name!r}; " + (f"near it: {near}" if near else "llmos app list shows all")


def open_shelf(place: Place) -> Shelf:
    return Shelf(paths.apps_folder(place.env), Path(place.state))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _safe(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name):
        raise UsageError(both("{name!r} is no name for an app: small letters, digits, - and _").format(name=name))
    return name

"""Which sandbox this machine can have: the best one that holds when it is attacked, remembered until something changes.

The attacks are selfcheck.py; nothing is remembered where the state folder cannot be written.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from llmos.sandbox import bubblewrap, landlock
from llmos.sandbox.base import Level, Sandbox
from llmos.sandbox.none import Nothing
from llmos.sandbox.seatbelt import PROGRAM, Seatbelt
from llmos.sandbox.selfcheck import Check, check

_KNOBS = (
    "/proc/sys/user/max_user_namespaces",
    "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
)
"""What an administrator turns namespaces off with."""


@dataclass(frozen=True)
class Found:
    level: Level
    tried: tuple[tuple[Level, tuple[Check, ...]], ...] = ()
    """From the best level downward until one held."""

    new: bool = False
    """It was found out just now and not remembered."""

    def sandbox(self, level: Level | None = None) -> Sandbox:
        return make(level or self.level)


_found: dict[str, Found] = {}


def find(state: str, *, again: bool = False) -> Found:
    """Found out once, by this process or, where the state folder can be written, by any."""
    key = _key()
    if again or key not in _found:
        remembered = None if again else _remembered(state, key)
        _found[key] = remembered or _find_out(state, key)
    return _found[key]


def make(level: Level) -> Sandbox:
    if level is Level.L0:
        return Nothing()
    if sys.platform == "darwin":
        return Seatbelt()
    if level is Level.L1:
        return landlock.Landlock()
    return bubblewrap.Bubblewrap(bubblewrap.program() or "/usr/bin/bwrap", overlay=level is Level.L3)


def _find_out(state: str, key: str) -> Found:
    tried: list[tuple[Level, tuple[Check, ...]]] = []
    level = Level.L0
    for candidate in candidates():
        checks = tuple(check(make(candidate)))
        tried.append((candidate, checks))
        if all(one.held for one in checks):
            level = candidate
            break
    found = Found(level, tuple(tried), new=True)
    _remember(state, key, found)
    return found


def candidates() -> Iterator[Level]:
    if sys.platform == "darwin":
        if os.path.exists(PROGRAM):
            yield Level.L1
        return
    if bubblewrap.program():
        yield from (Level.L3, Level.L2)
    if landlock.version() >= landlock.LEAST:
        yield Level.L1


def missing() -> Mapping[Level, str]:
    """Why a level was not even tried."""
    absent: dict[Level, str] = {}
    if sys.platform != "darwin" and not bubblewrap.program():
        absent[Level.L3] = absent[Level.L2] = "bubblewrap is not installed"
    if sys.platform != "darwin" and landlock.version() < landlock.LEAST:
        absent[Level.L1] = f"Landlock version {landlock.LEAST} is needed, this kernel has {landlock.version()}"
    return absent


def _key() -> str:
    """What the answer hangs on: kernel, user, bubblewrap, switches, and how we confine."""
    program = bubblewrap.program()
    sources = sorted(Path(__file__).parent.glob("*.py"))
    kernel = os.uname()
    parts = [kernel.release, kernel.version, kernel.machine, os.geteuid(), landlock.version(), sys.executable]
    parts += [_stamp(program)] if program else []
    parts += [_text(knob) for knob in _KNOBS] + [_stamp(str(source)) for source in sources]
    return json.dumps(parts)


def _stamp(path: str) -> list[object]:
    status = os.stat(path)
    return [path, status.st_size, status.st_mtime_ns]


def _text(path: str) -> str:
    with suppress(OSError), open(path, encoding="ascii") as file:
        return file.read().strip()
    return ""


def _file(state: str) -> Path:
    return Path(state) / "sandbox.json"


def _remembered(state: str, key: str) -> Found | None:
    try:
        known = json.loads(_file(state).read_text("utf-8"))
        if known["key"] != key or known["level"] == Level.L0:  # something may have been installed since
            return None
        tried = tuple((Level(level), tuple(Check(*one) for one in checks)) for level, checks in known["tried"])
        return Found(Level(known["level"]), tried)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _remember(state: str, key: str, found: Found) -> None:
    if not state:
        return
    file = _file(state)
    part = file.with_name(f"{file.name}.{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_text(json.dumps({"key": key, "level": found.level, "tried": found.tried}), "utf-8")
        os.replace(part, file)

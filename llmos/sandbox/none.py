"""Level L0: nothing on this machine confines a command, so none runs. File tools go on working."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from llmos.errors import NoSandbox
from llmos.sandbox.base import Command, Confinement, Entered, Level
from llmos.translation import both

_INSTALL: Mapping[str, str] = MappingProxyType(
    {
        "apt-get": "sudo apt install",
        "dnf": "sudo dnf install",
        "pacman": "sudo pacman -S",
        "zypper": "sudo zypper install",
        "apk": "sudo apk add",
        "emerge": "sudo emerge",
        "nix-env": "nix-env -i",
        "brew": "brew install",
    }
)
"""Package manager → how it installs something."""


class Nothing:
    level = Level.L0

    def enter(self, command: Command, confinement: Confinement, report: int) -> Entered:
        raise refusal()


def refusal() -> NoSandbox:
    if sys.platform == "linux" and not shutil.which("bwrap"):
        advice = f"install bubblewrap: {how_to_install('bubblewrap')}"
    else:
        advice = "this system keeps programs from confining others; `llmos doctor` says what was tried"
    return NoSandbox(both("commands cannot be confined here, so none is run: {advice}").format(advice=advice))


def how_to_install(package: str, search: Sequence[str] = tuple(_INSTALL)) -> str:
    """As a command line, for the package manager that is there."""
    manager = next((name for name in search if shutil.which(name)), None)
    return f"{_INSTALL[manager]} {package}" if manager else f"install the package {package}"

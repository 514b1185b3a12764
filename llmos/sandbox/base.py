"""What every sandbox shares: levels, what a command may touch, its limits, how it ended, and the seam itself.

Which sandbox this machine can have is detect.py; how each confines is in the module of its name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

MIB = 1 << 20
GIB = 1 << 30

SECRETS = (
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".netrc", ".pypirc", ".npmrc", ".git-credentials",
    ".config/gcloud", ".config/gh", ".config/op", ".config/rclone", ".mozilla", ".thunderbird", ".config/google-chrome",
    ".config/chromium", ".local/share/keyrings", ".password-store", ".pgpass", ".my.cnf", ".vault-token",
    ".cargo/credentials.toml", ".bash_history", ".zsh_history", ".python_history", ".local/share/fish/fish_history",
)  # fmt: skip
"""Beneath the home folder: what opens other machines, and what was typed. No command sees them."""

PINNED = (
    ".git/hooks", ".git/config", ".envrc", ".vscode", ".idea", ".mcp.json", ".bashrc", ".bash_profile", ".profile",
    ".zshrc", ".zshenv", ".zprofile", ".xprofile", ".config/autostart", ".config/systemd", ".config/fish",
    ".config/git", ".gitconfig", ".llmos.toml",
)  # fmt: skip
"""Beneath a writable folder: what runs by itself later. Read-only where no overlay holds changes back."""

ROOT_ONLY = (
    "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers", "/etc/sudoers.d",
    "/etc/ssl/private", "/etc/ssh", "/var/lib/private", "/var/log/auth.log", "/var/log/secure",
)  # fmt: skip
"""Root without capabilities could still read them, because they are root's."""

SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var")


class Level(StrEnum):
    """How confined a command is."""

    L3 = "L3"
    """Namespaces, seccomp, Landlock, limits; its changes are held back in an overlay."""

    L2 = "L2"
    """The same without the overlay: what it changes in its folder is changed at once."""

    L1 = "L1"
    """Landlock, seccomp and limits; no namespaces."""

    L0 = "L0"
    """Nothing. No command runs."""


@dataclass(frozen=True)
class Limits:
    """Over the whole tree of processes of one command."""

    memory: int = 0
    """Bytes resident; 0 is half of what the machine has."""

    processes: int = 512
    """Threads do not count."""

    disk: int = 0
    """Bytes written, or held in the overlay; 0 is an eighth of the memory, 4 GiB at most."""

    seconds: float = 60.0
    output: int = 256 * MIB
    """Bytes printed."""

    def resolved(self) -> Limits:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        memory = self.memory or total // 2
        disk = self.disk or min(total // 8, 4 * GIB)
        return Limits(memory, self.processes, disk, self.seconds, self.output)


@dataclass(frozen=True)
class Confinement:
    """What one command may see and touch. All paths are absolute and resolved."""

    roots: tuple[str, ...]
    """Folders it may change; none lies within another."""

    hidden: tuple[str, ...] = ()
    """Files and folders it does not see."""

    network: bool = False
    limits: Limits = field(default_factory=Limits)
    reads: bool = False
    """The roots too are only looked at."""


class Command(NamedTuple):
    argv: tuple[str, ...]
    cwd: str
    env: dict[str, str]
    stdin: int
    """A descriptor."""

    output: int
    """A descriptor of a file, for both streams."""


class Entered(NamedTuple):
    """What the confined process executes, and what it hands to llmos."""

    argv: Sequence[str]
    keep: tuple[int, ...] = ()
    """Descriptors the program inherits."""

    uppers: tuple[int, ...] = ()
    """One folder for each root: the upper layer of its overlay."""

    reports: bool = False
    """It writes into `report` as bubblewrap's --json-status-fd does, so that its own failure can be told."""


class Sandbox(Protocol):
    level: Level

    def enter(self, command: Command, confinement: Confinement, report: int) -> Entered:
        """Called in the new process, which it confines as far as that can be done before it executes the result.

        Raises OSError when this machine does not let it.
        """


def outermost(paths: Sequence[str]) -> tuple[str, ...]:
    """Without those that lie within another."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(is_within(path, other) for other in kept):
            kept.append(path)
    return tuple(kept)


def is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def may_be_root(folder: str) -> bool:
    """Not the system's folders nor what holds them: there a command only reads."""
    return folder != "/" and not any(is_within(folder, s) for s in SYSTEM if not is_within(folder, "/var/tmp"))


def secrets(home: str, state: str) -> tuple[str, ...]:
    """What exists of it, links resolved too: a mask over a link would leave its target open."""
    in_home = [os.path.join(home, name) for name in SECRETS]
    return tuple(dict.fromkeys(_existing([*in_home, state, *(ROOT_ONLY if os.geteuid() == 0 else ())])))


def _existing(paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        real = os.path.realpath(path) if path else ""
        if real and real != "/" and os.path.exists(real):
            yield real


def hidden_python() -> list[str]:
    """The folders of this Python that lie where commands see nothing, as a virtual environment in /tmp does.

    The self-check and the user's own scripts have to find them.
    """
    return sorted({folder for folder in (sys.prefix, sys.base_prefix) if folder.startswith(("/tmp/", "/run/"))})

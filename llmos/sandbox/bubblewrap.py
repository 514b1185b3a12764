"""Levels L3 and L2: bubblewrap's namespaces, our mounts before it, seccomp, Landlock's scopes. No capabilities.

What the command sees is arranged in mounts.py; what it changed is read in overlay.py.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from llmos.sandbox import landlock, mounts, seccomp
from llmos.sandbox.base import Command, Confinement, Entered, Level, hidden_python

_NAMES = ("/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager")
"""Where /etc/resolv.conf may lead."""


def program() -> str | None:
    """Never from the PATH of the place: what lies there may be anybody's."""
    return shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin")


class Bubblewrap:
    def __init__(self, bwrap: str, *, overlay: bool) -> None:
        self.level = Level.L3 if overlay else Level.L2
        self._bwrap = bwrap
        # Made here once, not in each new process.
        self._filter = seccomp.program(seccomp.Sockets.LOCAL, alone=True)
        self._scopes = landlock.version() >= landlock.LEAST

    def enter(self, command: Command, confinement: Confinement, report: int) -> Entered:
        uppers = mounts.arrange(confinement, self.level is Level.L3)
        if self._scopes:
            landlock.restrict(None, network=True)  # signals and abstract sockets; a second wall where the network is on
        filter = seccomp.as_file(self._filter)
        options = (*arguments(confinement, command.cwd, filter), "--json-status-fd", str(report))
        return Entered((self._bwrap, *options, "--", *command.argv), (filter, report), uppers, reports=True)


def arguments(confinement: Confinement, cwd: str, filter: int) -> Iterator[str]:
    """bwrap(1), without the program and what it runs."""
    size = str(confinement.limits.disk)
    yield from ("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session")
    yield from ("--cap-drop", "ALL")
    if confinement.network:
        yield "--share-net"
    yield from ("--ro-bind", "/", "/", "--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev")
    yield from ("--proc", "/proc")
    yield from ("--ro-bind", "/proc/sys", "/proc/sys")  # root without capabilities could still write there
    yield from ("--size", size, "--perms", "1777", "--tmpfs", "/tmp", "--tmpfs", "/run")
    for folder in hidden_python():
        yield from ("--ro-bind", folder, folder)
    if confinement.network:
        for folder in _existing(_NAMES):
            yield from ("--ro-bind", folder, folder)
    for root in confinement.roots:
        yield from ("--ro-bind" if confinement.reads else "--bind", root, root)
    yield from ("--chdir", cwd, "--seccomp", str(filter))


def _existing(paths: tuple[str, ...]) -> list[str]:
    return [path for path in paths if os.path.isdir(path)]

"""One command of a place in its sandbox: what it may touch, what it printed, what it changed.

Which sandbox that is comes from detect.py; what is asked of the user is the tools' and the dispatcher's business.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from llmos.adapters import commands
from llmos.adapters.commands import Finished
from llmos.errors import ToolError
from llmos.sandbox import supervise
from llmos.sandbox.base import Command, Confinement, Level, Limits, Sandbox, is_within, may_be_root, outermost, secrets
from llmos.sandbox.overlay import Held
from llmos.translation import both
from llmos.values.place import Place

_AGENTS = ("SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "GPG_AGENT_INFO", "XAUTHORITY", "DBUS_SYSTEM_BUS_ADDRESS")
"""Ways to services that act for the user; the sockets are hidden anyway."""

_SECRET = re.compile(r"(_KEY|_TOKEN|_SECRET|_PASSWORD|_PASSWD|_CREDENTIALS)$")

_WITHOUT_TERMINAL = {
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "DEBIAN_FRONTEND": "noninteractive",
}
"""Nobody could answer what asks, or turn a page."""


@dataclass(frozen=True)
class Ran:
    finished: Finished
    level: Level
    held: Held | None = None
    """What it changed and has not changed yet; None where it changed it at once."""

    unmapped: bool = False
    """It met files whose owners an overlay cannot name."""


def confinement(
    place: Place, network: bool, seconds: float, named: Sequence[str] = (), *, reads: bool = False
) -> Confinement:
    roots = outermost([path for path in (place.cwd, *named) if may_be_root(path) and os.path.isdir(path)])
    limits = Limits(seconds=seconds)
    return Confinement(roots, secrets(place.home, place.state), network, limits, reads)


def run(sandbox: Sandbox, argv: Sequence[str], place: Place, within: Confinement) -> Ran:
    """To its end or to a limit. Raises ToolError, CannotConfine and NoSandbox."""
    keep = os.path.join(place.state, "output") if place.state else None
    since = time.time_ns()
    with commands.output_file(keep) as output, scratch(sandbox.level, environment(place, within.network)) as env:
        if sys.platform == "darwin":
            entered = sandbox.enter(Command(tuple(argv), place.cwd, env, 0, 0), within, -1)
            return Ran(
                commands.run(entered.argv, place.cwd, env, place.input, within.limits.seconds, keep), sandbox.level
            )
        with commands.starting(argv[0]), open(place.input or os.devnull, "rb") as source:
            command = Command(tuple(argv), place.cwd, env, source.fileno(), output.fileno())
            ended = supervise.run(sandbox, command, within)
        finished = commands.finished(output, ended.code, ended.stopped)
    return Ran(finished, sandbox.level, _held(within.roots, ended, since), _is_unmapped(finished))


def _held(roots: Sequence[str], ended: supervise.Ended, since: int) -> Held | None:
    if not ended.uppers:
        return None
    try:
        return Held(roots, ended.uppers, since)
    except BaseException:
        for descriptor in ended.uppers:
            os.close(descriptor)
        raise


def _is_unmapped(finished: Finished) -> bool:
    """EOVERFLOW: a file of a group this user cannot name was to be copied up."""
    return finished.code != 0 and "Value too large for defined data type" in finished.output


def environment(place: Place, network: bool) -> dict[str, str]:
    """Without ways to services; without passwords unless it may talk to somebody who wants one."""
    hidden = [name for name in place.env if name in _AGENTS or (not network and _SECRET.search(name.upper()))]
    env = {name: value for name, value in place.env.items() if name not in hidden}
    return {**env, **_WITHOUT_TERMINAL, "TMPDIR": "/tmp"}


@contextmanager
def scratch(level: Level, env: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Where there is no /tmp of its own, a folder that goes with the command."""
    if level is not Level.L1:
        yield dict(env)
        return
    folder = tempfile.mkdtemp(prefix="llmos-")
    try:
        yield {**env, "TMPDIR": folder}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def named_folders(words: Sequence[str], place: Place) -> list[str]:
    """Folders that a command line names, or that hold what it names: it may change those too."""
    found = []
    for word in words:
        path = word.partition("=")[2] if "=/" in word or "=~/" in word else word
        if path.startswith(("/", "~/", "../")) or path == "..":
            full = os.path.realpath(os.path.join(place.cwd, os.path.expanduser(path)))
            folder = full if os.path.isdir(full) else os.path.dirname(full)
            above_home = folder != place.home and is_within(place.home, folder)
            if may_be_root(folder) and os.path.isdir(folder) and not above_home:
                found.append(folder)
    return found


def refuse_full(ran: Ran) -> None:
    """Raises ToolError when the overlay could not hold all of it."""
    if ran.held and ran.held.full():
        ran.held.discard()
        raise ToolError(
            both(
                "It writes more than can be held back to be shown first, so nothing was changed; in "
                "the background it may write at once."
            )
        )

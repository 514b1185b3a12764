"""The real world as a Place: the one way in which fronts read folder, environment, terminal and clock."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from llmos import paths
from llmos.errors import UsageError
from llmos.translation import _
from llmos.values.place import Place

TERMINAL = "/dev/tty"


def here(env: Mapping[str, str], folder: str | None) -> Place:
    """Raises UsageError when the folder is gone or cannot be entered."""
    cwd = _folder(folder)
    return Place(
        cwd=cwd,
        home=os.path.realpath(os.path.expanduser("~")),
        env=dict(env),
        interactive=can_ask(),
        now=time.time(),
        state=os.path.realpath(paths.state_folder(env)),
    )


def _folder(chosen: str | None) -> str:
    try:
        cwd = os.getcwd()
    except OSError:
        if chosen is None or not os.path.isabs(chosen):
            raise UsageError(_("the current folder does not exist any more; go to another one or use -C")) from None
        cwd = "/"
    folder = os.path.realpath(os.path.join(cwd, os.path.expanduser(chosen or ".")))
    if not os.path.isdir(folder):
        raise UsageError(_("there is no folder {chosen}").format(chosen=chosen))
    return folder


def can_ask() -> bool:
    """True when somebody sees the question and can answer it. Standard input does not count: it may be anybody's."""
    if not is_terminal(2):
        return False
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def local_time() -> float:
    return time.time()

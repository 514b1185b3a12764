"""A routine is put in, taken out and shown as the change it makes; for the command and for the interactive shell.

Who is asked, and how, is theirs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from llmos.adapters.timers import Timer, scheduler
from llmos.errors import LlmosError, UsageError
from llmos.memory import routines
from llmos.memory.routines import Routine
from llmos.paths import PACKAGE
from llmos.translation import _
from llmos.values.place import Place

PASSED_ON = (
    "PATH", "LLMOS_STATE", "LLMOS_CONFIG", "LANG", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY",
    "WAYLAND_DISPLAY",
)  # fmt: skip
"""What a program that nobody starts has no other way to know."""


def known(place: Place) -> Mapping[str, Routine]:
    """Raises LlmosError when they cannot be read."""
    try:
        return routines.read(place.state)
    except (OSError, ValueError, TypeError, KeyError):
        raise LlmosError(
            _("{file} cannot be read; remove it and add them anew").format(file=routines.file_in(place.state))
        ) from None


def shown(routine: Routine, place: Place) -> str:
    """As a change set."""
    made = scheduler(place.env, place.home).changes(_timer(routine, place))
    rights = _("; what would be asked is approved each time") if routine.approved else ""
    head = f"{routine.when}, in {routine.folder}: {routine.request}{rights}"
    files = (f"+ {where}\n" + "".join(f"    {line}\n" for line in text.splitlines()) for where, text in made.items())
    return "\n".join((head, "".join(files).rstrip()))


def add(routine: Routine, place: Place) -> None:
    """One of the same name is replaced. Raises LlmosError."""
    others = {**known(place), routine.name: routine}
    scheduler(place.env, place.home).add(_timer(routine, place))
    _write(place, others)


def remove(routine: Routine, place: Place) -> None:
    """Raises LlmosError."""
    scheduler(place.env, place.home).remove(routine.name)
    _write(place, {name: one for name, one in known(place).items() if name != routine.name})


def _write(place: Place, those: Mapping[str, Routine]) -> None:
    try:
        routines.write(place.state, those.values())
    except OSError as error:
        raise LlmosError(
            _("{file} cannot be written: {reason}").format(file=routines.file_in(place.state), reason=error.strerror)
        ) from None


def _timer(routine: Routine, place: Place) -> Timer:
    if not re.fullmatch(r"[\w-]{1,40}", routine.name, re.ASCII):
        raise UsageError(_("a routine's name is of letters, digits, - and _"))
    passed = {name: place.env[name] for name in PASSED_ON if "\n" not in place.env.get(name, "\n")}
    settings = (f"{name}={value}" for name, value in {**passed, "PYTHONPATH": str(PACKAGE.parent)}.items())
    argv = ("/usr/bin/env", *settings, sys.executable, "-m", "llmos", "routines", "run", routine.name)
    return Timer(routine.name, routine.when.calendar(), routine.when.cron(), argv)

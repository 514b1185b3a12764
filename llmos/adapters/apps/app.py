"""An installed application, how one is found by what people call it, and how one is started.

Where applications come from is linux.py's and macos.py's business.
"""

from __future__ import annotations

import difflib
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmos.adapters.commands import starting
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

_FAILS_WITHIN = 0.3
"""Seconds in which a program that cannot run says so; a window needs longer to be seen anyway."""


@dataclass(frozen=True)
class App:
    id: str
    """The name of its desktop entry, or of its bundle."""

    name: str
    """As shown, in the language of the user."""

    names: tuple[str, ...]
    """What else it may be called: names in other languages, generic names, its program."""

    comment: str = ""
    exec: str = ""
    """The command line of a desktop entry, with its field codes."""

    terminal: bool = False
    folder: str = ""
    """Where it wants to be started; "" where it does not matter."""

    path: str = ""
    types: tuple[str, ...] = ()
    """MIME types it opens."""


def find(apps: Sequence[App], name: str) -> App:
    """By its exact name, one of its other names, a beginning or a part; ToolError with near ones otherwise."""
    wanted = name.strip().casefold()
    for fits in (_is_called, _is_also_called, _begins, _contains):
        found = [app for app in apps if wanted and fits(app, wanted)]
        if found:
            return min(found, key=lambda app: (len(app.name), app.name))
    raise ToolError(
        both("There is no application '{name}'{near}.").format(name=clean_name(name), near=_near(apps, wanted))
    )


def _is_called(app: App, wanted: str) -> bool:
    return wanted in (app.name.casefold(), app.id.casefold())


def _is_also_called(app: App, wanted: str) -> bool:
    return wanted in (name.casefold() for name in app.names)


def _begins(app: App, wanted: str) -> bool:
    return any(name.casefold().startswith(wanted) for name in (app.name, *app.names))


def _contains(app: App, wanted: str) -> bool:
    return matches(app, wanted)


def matches(app: App, part: str) -> bool:
    return any(part.casefold() in name.casefold() for name in (app.name, *app.names))


def _near(apps: Sequence[App], wanted: str) -> str:
    called = {name.casefold(): app.name for app in apps for name in (app.name, *app.names)}
    near = dict.fromkeys(called[name] for name in difflib.get_close_matches(wanted, list(called), n=3, cutoff=0.6))
    return f"; near it: {', '.join(near)}" if near else "; list the applications to see which there are"


def launch(argv: Sequence[str], cwd: str, env: Mapping[str, str]) -> int:
    """Start a program that goes on by itself, and give its pid; ToolError when it fails at once."""
    with starting(argv[0]):
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        code = process.wait(_FAILS_WITHIN)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()  # collects its exit code, so no zombie stays
        return process.pid
    if code:
        raise ToolError(both("{name} ended at once with exit code {code}.").format(name=clean_name(argv[0]), code=code))
    return process.pid

"""What the command line needs first: the place, the settings, a parser, a session made of options.

What is done in a session is the fronts' business.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmos import config, paths
from llmos.commands import COMMANDS
from llmos.config import Settings
from llmos.errors import UsageError
from llmos.fronts.here import here
from llmos.translation import _, translate_argparse
from llmos.translation import here as shown
from llmos.values.place import Place

if TYPE_CHECKING:
    from llmos.session import Session


def open_place(folder: str | None = None) -> Place:
    """The real world. Raises UsageError when the folder is gone."""
    return here(os.environ, folder)


def open_settings(place: Place, flags: Mapping[str, str | None] = {}) -> Settings:
    """Raises UsageError when a file or a value does not fit."""
    return config.load(os.environ, paths.config_file(os.environ), place.cwd, place.home, flags)


def parser(name: str, epilog: str = "") -> argparse.ArgumentParser:
    """With the same line about the command as `llmos --help`."""
    translate_argparse()
    return argparse.ArgumentParser(
        prog=f"llmos {name}",
        description=_(COMMANDS[name][1]),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


@contextmanager
def open_session(options: argparse.Namespace, mode: str | None = None) -> Iterator[Session]:
    """What the turn options describe; `mode` comes before theirs. Saved and closed at the end."""
    from llmos.session import Choices, Session  # noqa: PLC0415  # reaches every tool

    place = open_place(options.folder)
    settings = open_settings(place, {"model": options.model, "mode": mode or options.mode})
    choices = Choices(_session_name(options, place.state), options.yes, keep_folder=options.folder is not None)
    session = Session(settings, place, choices, note=lambda text: print(f"llmos: {shown(text)}", file=sys.stderr))
    try:
        yield session
    finally:
        session.close()


def _session_name(options: argparse.Namespace, state: str) -> str | None:
    """As the log knows it. Raises UsageError when there is none to go on with."""
    if options.session is None and not options.resume:
        return None
    if options.session and options.resume:
        raise UsageError(_("give either --continue or --session, not both"))
    from llmos.memory import past  # noqa: PLC0415  # sqlite

    return past.latest(state) if options.resume else past.known_as(state, options.session)

"""What several sub-commands need first: the place, the settings and the parser every one of them begins with.

A whole conversation is `session`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

from llmos import config, paths
from llmos.commands import COMMANDS
from llmos.config import Settings
from llmos.fronts.here import here
from llmos.values.place import Place


def open_place(folder: str | None = None) -> Place:
    """The real world. Raises UsageError when the folder is gone."""
    return here(os.environ, folder)


def open_settings(place: Place, flags: Mapping[str, str | None] = {}) -> Settings:
    """Raises UsageError when a file or a value does not fit."""
    return config.load(os.environ, paths.config_file(os.environ), place.cwd, place.home, flags)


def parser(name: str, epilog: str = "") -> argparse.ArgumentParser:
    """With the same line about the command as `llmos --help`."""
    return argparse.ArgumentParser(
        prog=f"llmos {name}",
        description=COMMANDS[name][1],
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )

"""The options of every command that takes requests. Standard library only: `--help` shows them.

What they come to is `opening`'s business.
"""

from __future__ import annotations

import argparse

from llmos.translation import _


def seconds(text: str) -> float:
    """For options. Raises ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"not a number of seconds: {text!r}")
    return number


def add_turn_options(made: argparse.ArgumentParser) -> None:
    """The options of every command that takes requests."""
    add = made.add_argument
    add("-C", dest="folder", metavar="DIR", help=_("work in this folder"))
    add("-y", "--yes", action="store_true", help=_("approve what would be asked"))
    add("-s", "--session", metavar="NAME", help=_("go on with the conversation and in the folder of this name"))
    add("--continue", dest="resume", action="store_true", help=_("go on with the last conversation, in its folder"))
    add("--mode", metavar="MODE", help=_("how much runs without asking: ask (default), auto, read-only, dry-run"))
    add("--model", metavar="MODEL", help=_("embedded (default), openai:NAME, a folder with a model, or owner/name"))
    add("--json", action="store_true", help=_("one JSON object a line for everything that happens"))
    add("--timeout", type=seconds, metavar="SECONDS", help=_("stop after this time, whatever runs"))
    add("-q", "--quiet", action="store_true", help=_("no notes on standard error, only errors"))

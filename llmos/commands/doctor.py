"""`llmos doctor`: how commands are confined here, what was tried to get out, what is missing and how to get it.

The attacks themselves are sandbox/selfcheck.py.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import llmos
from llmos.commands.opening import open_place, parser
from llmos.errors import Exit
from llmos.sandbox import bubblewrap, detect
from llmos.sandbox.base import Level
from llmos.sandbox.none import how_to_install, refusal
from llmos.sandbox.seatbelt import UNTRIED
from llmos.sandbox.selfcheck import Check
from llmos.translation import _

MEANING: Mapping[Level, str] = MappingProxyType(
    {
        Level.L3: "commands run apart from the rest, and what they change is shown before it is real",
        Level.L2: "commands run apart from the rest; what they change in their folder is changed at once",
        Level.L1: "commands reach no network, no process of yours and no file outside; each is asked for",
        Level.L0: "nothing confines commands, so none runs; tools for files go on working",
    }
)

OPEN: Mapping[Level, str] = MappingProxyType(
    {
        Level.L2: "new editor and shell files in the folder (.vscode, .envrc) can be made",
        Level.L1: "command lines of other programs can be read, modes and times of your other files can be changed",
    }
)
"""What is known not to hold."""


class Program(NamedTuple):
    name: str
    package: str
    what_for: str


PROGRAMS = (
    Program("bwrap", "bubblewrap", "levels L3 and L2"),
    Program("rg", "ripgrep", "searching large folders quickly"),
    Program("git", "git", "the tools for repositories"),
)


def main(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    place = open_place()
    found = detect.find(place.state, again=options.again)
    if options.json:
        print(json.dumps(_as_json(found, place.state), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_lines(found, place.state)))
    return Exit.NO_SANDBOX if found.level is Level.L0 else Exit.DONE


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    made = parser("doctor", _("exit code: 5 where no command can be confined"))
    made.add_argument("--again", action="store_true", help=_("try everything once more instead of remembering"))
    made.add_argument("--json", action="store_true", help=_("for programs"))
    return made.parse_args(arguments)


def _lines(found: detect.Found, state: str) -> Iterator[str]:
    yield _("llmos {version}, Python {python_version}, {system} {release}").format(
        version=llmos.__version__,
        python_version=platform.python_version(),
        system=platform.system(),
        release=platform.release(),
    )
    yield _("level {level}: {meaning}").format(level=found.level, meaning=MEANING[found.level])
    if found.level in OPEN:
        yield _("  open: {open}").format(open=OPEN[found.level])
    if sys.platform == "darwin":
        yield f"  {UNTRIED}"
    if found.level is Level.L0:
        yield f"  {refusal()}"
    yield from _tried(found)
    yield from _programs()
    yield _("state: {state}").format(state=state) + (
        "" if _writable(state) else _(" (cannot be written: nothing is remembered or undone)")
    )


def _tried(found: detect.Found) -> Iterator[str]:
    for level, checks in found.tried:
        failed = [check for check in checks if not check.held]
        yield _("  {level}: {number} of {count} attempts to get out were stopped").format(
            level=level, number=len(checks) - len(failed), count=len(checks)
        )
        yield from (f"      not stopped: {_in_words(check)}" for check in failed)
    yield from (f"  {level}: not tried, {why}" for level, why in detect.missing().items())


def _in_words(check: Check) -> str:
    return check.what + (f" ({check.why})" if check.why else "")


def _programs() -> Iterator[str]:
    for program in PROGRAMS:
        if program.name == "bwrap" and sys.platform == "darwin":
            continue
        if path := _path_of(program):
            yield f"{program.package}: {path}"
        else:
            yield _("{package}: missing, for {what_for}; {how_to_install}").format(
                package=program.package, what_for=program.what_for, how_to_install=how_to_install(program.package)
            )


def _path_of(program: Program) -> str | None:
    return bubblewrap.program() if program.name == "bwrap" else shutil.which(program.name)


def _writable(state: str) -> bool:
    existing = state
    while existing and not os.path.exists(existing):
        existing = os.path.dirname(existing)
    return os.access(existing, os.W_OK)


def _as_json(found: detect.Found, state: str) -> dict[str, object]:
    return {
        "level": found.level,
        "stopped": {level: {check.what: check.held for check in checks} for level, checks in found.tried},
        "not_tried": dict(detect.missing()),
        "programs": {program.package: _path_of(program) for program in PROGRAMS},
        "state": state,
    }

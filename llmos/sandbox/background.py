"""A background job in its sandbox: this process waits for it, so that limits hold and its exit code is known.

Changes are not held back: nobody is there to be asked when it ends. Its output and state are in adapters/jobs.py.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from llmos.errors import NoSandbox
from llmos.sandbox import confined, detect, none, supervise
from llmos.sandbox.base import Command, Confinement, Level, Limits
from llmos.values.place import Place

_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from llmos.sandbox.background import main; main(sys.argv[2:])"

_STOPPED = 137
"""The exit code of what a limit has ended, as for anything killed."""


def prefix(place: Place, network: bool) -> list[str]:
    """What stands before the argument list of a job. Raises NoSandbox."""
    level = level_of(place)
    within = confined.confinement(place, network, math.inf)
    given = {"level": level, "network": network, "roots": within.roots, "hidden": within.hidden, "cwd": place.cwd}
    package = str(Path(__file__).parents[2])
    return [sys.executable, "-I", "-c", _BOOT, package, json.dumps(given)]


def level_of(place: Place) -> Level:
    """The best one that lets changes through. Raises NoSandbox."""
    level = detect.find(place.state).level
    if level is Level.L0:
        raise none.refusal()
    return Level.L2 if level is Level.L3 else level


def main(arguments: Sequence[str]) -> None:
    given, *argv = arguments
    values = json.loads(given)
    level = Level(values["level"])
    limits = Limits(seconds=math.inf)
    within = Confinement(tuple(values["roots"]), tuple(values["hidden"]), values["network"], limits)
    with confined.scratch(level, os.environ) as env:
        command = Command(tuple(argv), values["cwd"], env, 0, 1)
        try:
            ended = supervise.run(detect.make(level), command, within)
        except (supervise.CannotConfine, NoSandbox) as error:
            raise SystemExit(f"The sandbox could not be set up: {error}") from None
    if ended.stopped:
        print(f"It was stopped: {ended.stopped}", file=sys.stderr)
    sys.exit(_STOPPED if ended.stopped else ended.code if ended.code >= 0 else 128 - ended.code)

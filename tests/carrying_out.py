"""Plans and runs one call as the dispatcher would, without deciding; for tests of tools.

Decisions are tested with the dispatcher.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from llmos.tools.registry import Registry
from llmos.tools.tool import Tool
from llmos.values.messages import Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Plan


def place_in(folder: Path, **changes: Any) -> Place:
    """A place with its own home and state beneath the folder; the environment is small and known."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "LANG": "C.UTF-8"}
    env.update(changes.pop("env", {}))
    cwd = folder / "work"
    cwd.mkdir(exist_ok=True)
    known = {"cwd": str(cwd), "home": env["HOME"], "now": 1772892311.0, "state": str(folder / "state")}
    return Place(env=env, **{**known, **changes})


def planned(tool: str | Tool[Any], place: Place, /, **arguments: Any) -> Plan:
    chosen = Registry()[tool] if isinstance(tool, str) else tool
    call = ToolCall("1", chosen.name, arguments)
    return chosen.plan(call, chosen.arguments.model_validate(arguments), place)


def finish(tool: str | Tool[Any], plan: Plan, place: Place) -> Outcome:
    """To its outcome; a further plan is carried out as well."""
    chosen = Registry()[tool] if isinstance(tool, str) else tool
    done = chosen.run(plan, place)
    while not isinstance(done, Outcome):
        if isinstance(done, Plan):
            done = chosen.run(done, place)
            continue
        try:
            next(done)
        except StopIteration as end:
            done = end.value
    return done


def carry_out(tool: str | Tool[Any], place: Place, /, **arguments: Any) -> Outcome:
    return finish(tool, planned(tool, place, **arguments), place)

"""The tool that runs a command line, for what no other tool does.

Where and how it is confined is not decided here; background work is jobs.py.
"""

from __future__ import annotations

import os
import shlex
from functools import partial
from typing import NamedTuple, cast

from llmos.adapters import commands
from llmos.errors import ToolError
from llmos.tools.arguments import Duration
from llmos.tools.fields import Arguments, Field
from llmos.tools.tool import Tool
from llmos.values.messages import Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target

_TIMEOUT = 60.0
_SHOWN = 4000
"""Characters of output that go into an error."""


class RunCommandArguments(Arguments):
    command: str = Field(description="a command line for sh")
    timeout: Duration | None = Field(default=None, description="stop it after this time: seconds, or like 2 minutes")


class _Action(NamedTuple):
    argv: tuple[str, ...]
    timeout: float


class RunCommand(Tool[RunCommandArguments]):
    name = "run_command"
    description = "Run a command line, for what no other tool does."
    arguments = RunCommandArguments

    def plan(self, call: ToolCall, arguments: RunCommandArguments, place: Place) -> Plan:
        if not arguments.command.strip() or "\0" in arguments.command:
            raise ToolError("There is no command to run.")
        argv = (commands.shell(place.env), "-c", arguments.command)
        return Plan(
            call=call,
            targets=(Target(Effect.RUN, shlex.join(argv)),),
            action=_Action(argv, arguments.timeout or _TIMEOUT),
            summary=f"run {commands.described(arguments.command, place.env)}",
        )

    def run(self, plan: Plan, place: Place) -> Outcome:
        action = cast(_Action, plan.action)
        keep = os.path.join(place.state, "output") if place.state else None
        finished = commands.run(action.argv, place.cwd, place.env, place.input, action.timeout, keep)
        return outcome(action.argv[-1], finished)


def outcome(what: str, finished: commands.Finished) -> Outcome:
    """What a command printed; ToolError with the end of it when it failed or was stopped."""
    text = finished.output.rstrip("\n")
    if finished.stopped:
        raise ToolError(_with_output(f"`{what}` was stopped: {finished.stopped}", finished))
    if finished.code:
        raise ToolError(_with_output(f"`{what}` {_ending(finished.code)}", finished))
    if finished.whole is None:
        return Outcome(text)
    return Outcome(text, more=finished.whole, whole=partial(commands.lines, finished.whole))


def _ending(code: int) -> str:
    return f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"


def _with_output(line: str, finished: commands.Finished) -> str:
    text = finished.output.strip("\n")[-_SHOWN:]
    whole = f"\n(everything it printed: {finished.whole})" if finished.whole else ""
    if not text:
        return line
    return f"{line}: {text}{whole}" if "\n" not in text else f"{line}:\n{text}{whole}"

"""The tool that runs a command line, for what no other tool does: in the sandbox, what it changes is shown first.

How it is confined is the sandbox's business; background work is jobs.py.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from llmos.adapters import commands
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.tools.arguments import Duration
from llmos.tools.fields import Arguments, Field
from llmos.tools.tool import Tool
from llmos.translation import both
from llmos.values.changes import ChangeKind, ChangeSet
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target

if TYPE_CHECKING:
    from llmos.sandbox.confined import Ran

_TIMEOUT = 60.0
_SHOWN = 4000
"""Characters of output that go into an error."""

_POINTED_AT = 50
"""Changed paths that a later request may mean."""


class RunCommandArguments(Arguments):
    command: str = Field(description="a command line for sh")
    timeout: Duration | None = Field(default=None, description="stop it after this time: seconds, or like 2 minutes")


class Command(NamedTuple):
    """To be run; at level L3 only in its overlay."""

    argv: tuple[str, ...]
    title: str
    timeout: float
    level: str
    network: bool = False
    named: tuple[str, ...] = ()
    """Folders it may change besides the one it runs in."""

    reads: bool = False
    """It has no business changing anything."""


@dataclass(frozen=True)
class Rehearsed:
    """It ran, and what it changed is held back."""

    command: Command
    ran: Ran

    def discard(self) -> None:
        if self.ran.held:
            self.ran.held.discard()


class RunCommand(Tool[RunCommandArguments]):
    name = "run_command"
    description = "Run a command line, for what no other tool does."
    arguments = RunCommandArguments

    def plan(self, call: ToolCall, arguments: RunCommandArguments, place: Place) -> Plan:
        from llmos.sandbox import confined, programs  # noqa: PLC0415  # not for the other tools

        line = arguments.command
        if not line.strip() or "\0" in line:
            raise ToolError(both("There is no command to run."))
        _refuse_what_asks(line)
        hosts = programs.hosts(line)
        words = [word for use in programs.uses(line) for word in use.words]
        named = tuple(confined.named_folders(words, place))
        argv = (commands.shell(place.env), "-c", line)
        command = Command(argv, line, arguments.timeout or _TIMEOUT, level_of(place), bool(hosts), named)
        return to_run(call, command, hosts, place)

    def run(self, plan: Plan, place: Place) -> Outcome | Plan:
        if isinstance(plan.action, Rehearsed):
            return commit(plan.action, plan, place)
        assert isinstance(plan.action, Command)
        return rehearse(plan.action, plan, place)


def _refuse_what_asks(line: str) -> None:
    """What waits for a password or a key would wait for ever."""
    from llmos.sandbox import programs  # noqa: PLC0415

    if program := programs.needs_rights(line):
        raise ToolError(
            both("{program} needs rights that no command has here; run it yourself: !{line}").format(
                program=program, line=clean_name(line)
            )
        )
    if program := programs.needs_terminal(line):
        raise ToolError(
            both("{program} waits for somebody at a terminal; run it yourself: !{line}").format(
                program=program, line=clean_name(line)
            )
        )


def level_of(place: Place) -> str:
    """Raises NoSandbox where nothing confines a command."""
    from llmos.sandbox import detect, none  # noqa: PLC0415
    from llmos.sandbox.base import Level  # noqa: PLC0415

    level = detect.find(place.state).level
    if level is Level.L0:
        raise none.refusal()
    return level


def to_run(call: ToolCall, command: Command, hosts: Sequence[str], place: Place, why: str = "") -> Plan:
    """What is only rehearsed touches nothing yet; what reaches the network or changes files at once is asked for."""
    summary = both("run {described}{why}").format(described=commands.described(command.title, place.env), why=why)
    running = Target(Effect.RUN, shlex.join(command.argv))
    if hosts:
        targets = (*(Target(Effect.NETWORK, host) for host in hosts), running)
        return Plan(
            call,
            targets,
            command,
            both("{summary} with the network: {names}").format(summary=summary, names=", ".join(hosts)),
            level=command.level,
        )
    return Plan(call, (running,), command, summary, level=command.level)


def rehearse(command: Command, plan: Plan, place: Place) -> Outcome | Plan:
    """What it printed; or, where it changed something that is held back, or needs more, what is to be decided."""
    from llmos.sandbox import confined, detect, programs  # noqa: PLC0415
    from llmos.sandbox.base import Level  # noqa: PLC0415
    from llmos.sandbox.supervise import CannotConfine  # noqa: PLC0415

    within = confined.confinement(place, command.network, command.timeout, command.named, reads=command.reads)
    try:
        ran = confined.run(detect.make(Level(command.level)), command.argv, place, within)
    except CannotConfine as error:
        if command.level == Level.L3:
            return _at_once(command, plan, place, str(error))
        raise ToolError(
            both("The sandbox could not be set up: {error}; `llmos doctor` says more.").format(error=error)
        ) from None
    with ExitStack() as stack:
        stack.callback(Rehearsed(command, ran).discard)
        if command.level == Level.L3 and ran.unmapped:
            return _at_once(command, plan, place, "it meets files of a group that cannot be held back")
        if ran.held and not command.network and ran.finished.code and programs.failed_offline(ran.finished.output):
            return to_run(plan.call, command._replace(network=True), ("what it could not reach",), place)
        confined.refuse_full(ran)
        if ran.held and ran.held.found and not ran.finished.stopped:
            further = _to_commit(Rehearsed(command, ran), plan, place)
            stack.pop_all()
            return further
        if ran.held and ran.held.found:
            stopped = replace(ran.finished, stopped=f"{ran.finished.stopped}; nothing was changed")
            return outcome(command.title, stopped)
        return outcome(command.title, ran.finished)


def _at_once(command: Command, plan: Plan, place: Place, reason: str) -> Plan:
    """Without an overlay what it changes is changed, so that is asked before it runs."""
    return to_run(plan.call, command._replace(level="L2"), (), place, f" (its changes cannot be shown first: {reason})")


def _to_commit(rehearsed: Rehearsed, plan: Plan, place: Place) -> Plan:
    command, held = rehearsed.command, rehearsed.ran.held
    assert held is not None
    held.check()
    code = rehearsed.ran.finished.code
    failed = both(", though it {ending}").format(ending=_ending(code)) if code else ""
    return Plan(
        plan.call,
        (Target(Effect.RUN, shlex.join(command.argv)),),
        rehearsed,
        both("run {described}{failed}: {counted}").format(
            described=commands.described(command.title, place.env), failed=failed, counted=counted(held.change_set())
        ),
        held.change_set(),
        level=command.level,
        rehearsed=True,
    )


def commit(rehearsed: Rehearsed, plan: Plan, place: Place) -> Outcome:
    """Make real what it changed. Raises ToolError also where the command itself failed, after that."""
    from llmos.journal.journal import open_journal  # noqa: PLC0415

    held = rehearsed.ran.held
    assert held is not None
    with open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
        held.commit(entry)
    printed = outcome(rehearsed.command.title, rehearsed.ran.finished)
    paths = [change.to if change.kind is ChangeKind.MOVED else change.path for change in plan.changes.changes]
    text = printed.text or f"Done: {counted(plan.changes)}."
    items = tuple(paths[:_POINTED_AT])
    return Outcome(text, items=items, kind=ItemKind.PATH, more=printed.more, whole=printed.whole)


def counted(changes: ChangeSet) -> str:
    """3 created, 1 deleted"""
    return ", ".join(f"{count} {kind}" for kind, count in Counter(change.kind for change in changes.changes).items())


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
    return (
        both("ended with exit code {code}").format(code=code)
        if code > 0
        else both("was ended by signal {what}").format(what=-code)
    )


def _with_output(line: str, finished: commands.Finished) -> str:
    text = finished.output.strip("\n")[-_SHOWN:]
    whole = both("\n(everything it printed: {whole})").format(whole=finished.whole) if finished.whole else ""
    if not text:
        return line
    return f"{line}: {text}{whole}" if "\n" not in text else f"{line}:\n{text}{whole}"

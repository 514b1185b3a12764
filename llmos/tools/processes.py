"""Tools for processes: list and describe them, find who uses a port or a file, signal, prioritise, wait.

Background jobs are jobs.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from llmos.errors import ToolError
from llmos.tools.arguments import Count, Duration, Names, Number
from llmos.tools.fields import Arguments, Field
from llmos.tools.tool import Run, Tool
from llmos.translation import both
from llmos.values.events import Progress
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target
from llmos.values.table import Cell, Column, Table, Unit

if TYPE_CHECKING:
    from llmos.adapters.processes import Connection, Process, ProcessId

_SAMPLE = 0.2
"""Seconds over which the present load is measured."""

_GRACE = 3.0
"""Seconds a process gets to end before we say that it has not."""


class ListProcessesArguments(Arguments):
    name: str | None = Field(default=None, description="only those whose name or command line contains this")
    user: str | None = Field(default=None, description="only those of this user")
    state: Literal["running", "sleeping", "stopped", "zombie"] | None = Field(
        default=None, description="only this state"
    )
    sort: Literal["cpu", "memory", "newest", "oldest", "name"] | None = Field(
        default=None, description="what comes first"
    )
    limit: Count | None = Field(default=None, description="show this many at most")
    show: Literal["table", "count", "pids"] = Field(default="table", description="a table, their number, or their pids")


class ProcessTreeArguments(Arguments):
    target: str | None = Field(default=None, description="a pid or name; everything by default")


class ProcessInfoArguments(Arguments):
    target: Names = Field(description="pids or names")
    about: Literal["all", "files", "connections", "environment"] = Field(default="all", description="which part")


class FindPortArguments(Arguments):
    port: Count = Field(description="the port number, 1 to 65535; shows the process that uses it")


class WhoUsesArguments(Arguments):
    path: str = Field(description="a file or folder; shows the processes that have it open")


class SignalProcessArguments(Arguments):
    target: Names = Field(default=[], description="pids or names")
    port: Count | None = Field(default=None, description="the process that listens on this port")
    signal: Literal["terminate", "kill", "stop", "continue", "hangup", "interrupt"] = Field(
        default="terminate", description="terminate asks, kill forces, stop pauses, continue resumes"
    )


class SetPriorityArguments(Arguments):
    target: Names = Field(description="pids or names")
    priority: Number = Field(ge=-20, le=19, description="nice value: -20 is first, 19 is last")


class WaitProcessArguments(Arguments):
    target: Names = Field(description="pids or names to wait for")
    seconds: Duration | None = Field(default=None, description="at most this long: seconds, or like 2 minutes")


# Listing


class ListProcesses(Tool[ListProcessesArguments]):
    name = "list_processes"
    description = "List running processes with their processor and memory use."
    arguments = ListProcessesArguments

    def plan(self, call: ToolCall, arguments: ListProcessesArguments, place: Place) -> Plan:
        return Plan(call, (), action=arguments, summary=both("list processes"))

    def run(self, plan: Plan, place: Place) -> Outcome:
        arguments = cast(ListProcessesArguments, plan.action)
        found = _selected(arguments)
        total = len(found)
        found = found[: arguments.limit]
        pids = tuple(str(p.pid) for p in found)
        match arguments.show:
            case "count":
                return Outcome(str(total))
            case "pids":
                table = Table((Column("pid"),), tuple((p.pid,) for p in found))
            case "table":
                table = _process_table(found, with_start=arguments.sort in ("newest", "oldest"))
        return Outcome("" if found else _none_found(arguments), table, pids, ItemKind.PROCESS)


_ORDER: dict[str, Callable[[Process], tuple[float | str, ...]]] = {
    "cpu": lambda p: (-(p.cpu or 0),),
    "memory": lambda p: (-(p.memory or 0),),
    "newest": lambda p: (-p.started, -p.pid),
    "oldest": lambda p: (p.started, p.pid),
    "name": lambda p: (p.name.casefold(),),
}


def _selected(arguments: ListProcessesArguments) -> list[Process]:
    from llmos.adapters import processes

    found = processes.all_processes(_SAMPLE if arguments.sort == "cpu" else None)
    if arguments.user is not None:
        found = [p for p in found if p.user == arguments.user]
    if arguments.state is not None:
        found = [p for p in found if p.state == arguments.state]
    if arguments.name:
        found = processes.named(found, arguments.name)
    return sorted(found, key=_ORDER[arguments.sort]) if arguments.sort else found


def _none_found(arguments: ListProcessesArguments) -> str:
    kind = f" {arguments.state}" if arguments.state else ""
    name = both(" named '{name}'").format(name=arguments.name) if arguments.name else ""
    user = both(" of {user}").format(user=arguments.user) if arguments.user else ""
    return both("There is no{kind} process{name}{user}.").format(kind=kind, name=name, user=user)


def _process_table(found: Sequence[Process], with_start: bool) -> Table:
    columns = [Column("pid"), Column("user"), Column("cpu", Unit.PERCENT), Column("memory", Unit.BYTES), Column("name")]
    start = [Column("started", Unit.TIME)] if with_start else []
    rows = (
        (p.pid, p.user, p.cpu, p.memory, p.name, *((p.started,) if with_start else ()), _shortened(p.line))
        for p in found
    )
    return Table((*columns, *start, Column("command")), tuple(rows))


def _shortened(line: str, width: int = 80) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"


class ProcessTree(Tool[ProcessTreeArguments]):
    name = "process_tree"
    description = "Show which process started which."
    arguments = ProcessTreeArguments

    def plan(self, call: ToolCall, arguments: ProcessTreeArguments, place: Place) -> Plan:
        return Plan(
            call,
            (),
            action=arguments.target,
            summary=both("show the process tree of {what}").format(what=arguments.target or "all"),
        )

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters import processes

        target = cast("str | None", plan.action)
        everything = processes.all_processes()
        known = {p.pid for p in everything}
        roots = processes.find_targets([target]) if target else [p for p in everything if p.parent not in known]
        children: dict[int, list[Process]] = {}
        for p in everything:
            children.setdefault(p.parent, []).append(p)
        lines: list[tuple[int, str]] = []
        for root in _topmost(roots, everything):
            _grow(root, children, "", "", lines)
        return Outcome(
            "\n".join(text for _, text in lines), None, tuple(str(pid) for pid, _ in lines), ItemKind.PROCESS
        )


def _topmost(roots: Sequence[Process], everything: Sequence[Process]) -> list[Process]:
    """Without those that stand beneath another one anyway."""
    parent = {p.pid: p.parent for p in everything}
    wanted = {p.pid for p in roots}

    def beneath_another(pid: int) -> bool:
        above = parent.get(pid)
        while above is not None and above not in wanted:
            above = parent.get(above)
        return above is not None

    return [p for p in roots if not beneath_another(p.pid)]


def _grow(
    process: Process, children: dict[int, list[Process]], branch: str, below: str, lines: list[tuple[int, str]]
) -> None:
    lines.append((process.pid, f"{branch}{process.name} ({process.pid})"))
    offspring = [p for p in children.get(process.pid, ()) if p.pid != process.pid]
    for child in offspring:
        last = child is offspring[-1]
        _grow(child, children, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "), lines)


# Describing


class ProcessInfo(Tool[ProcessInfoArguments]):
    name = "process_info"
    description = "Describe processes: state, memory, command line, open files, connections, environment."
    arguments = ProcessInfoArguments

    def plan(self, call: ToolCall, arguments: ProcessInfoArguments, place: Place) -> Plan:
        from llmos.adapters import processes

        found = processes.find_targets(arguments.target)
        summary = both("describe {names}").format(names=", ".join(f"{p.name} ({p.pid})" for p in found))
        return Plan(call, (), action=(found, arguments.about), summary=summary)

    def run(self, plan: Plan, place: Place) -> Outcome:
        found, about = cast("tuple[list[Process], str]", plan.action)
        table = _ABOUT[about](found)
        text = (
            ""
            if table.rows
            else both("No {about} of {names}.").format(
                about=about, names=", ".join(f"{p.name} ({p.pid})" for p in found)
            )
        )
        return Outcome(text, table, tuple(str(p.pid) for p in found), ItemKind.PROCESS)


def _properties(found: Sequence[Process]) -> Table:
    """One column per process, so that several can be compared."""
    described = [_described(p) for p in found]
    heads = [Column("value")] if len(found) == 1 else [Column(f"{p.name} {p.pid}") for p in found]
    rows = ((name, *(values[name] for values in described)) for name in described[0])
    return Table((Column("property"), *heads), tuple(rows))


def _described(p: Process) -> dict[str, Cell]:
    from llmos.adapters import processes
    from llmos.values.display import format_size, format_time

    more = processes.details(p.pid)
    return {
        "name": p.name,
        "pid": p.pid,
        "parent": p.parent,
        "user": p.user,
        "state": p.state,
        "cpu": None if p.cpu is None else f"{p.cpu:g} %",
        "memory": None if p.memory is None else format_size(p.memory),
        "threads": more.threads,
        "priority": more.priority,
        "started": format_time(p.started),
        "program": more.program,
        "folder": more.cwd,
        "command": p.line,
        "open files": more.open_files,
        "connections": more.connections,
    }


def _files(found: Sequence[Process]) -> Table:
    from llmos.adapters import processes

    rows = ((p.pid, p.name, path) for p in found for path in processes.open_files(p.pid))
    return Table((Column("pid"), Column("name"), Column("path")), tuple(rows))


def _connections(found: Sequence[Process]) -> Table:
    from llmos.adapters import processes

    rows = (
        (p.pid, p.name, c.protocol, c.local, c.remote, c.state) for p in found for c in processes.connections(p.pid)
    )
    columns = ("pid", "name", "protocol", "local", "remote", "state")
    return Table(tuple(Column(name) for name in columns), tuple(rows))


def _environment(found: Sequence[Process]) -> Table:
    from llmos.adapters import processes
    from llmos.adapters.environment import without_secrets

    rows = ((p.pid, *pair) for p in found for pair in without_secrets(processes.environment(p.pid)))
    return Table((Column("pid"), Column("name"), Column("value")), tuple(rows))


_ABOUT: dict[str, Callable[[Sequence[Process]], Table]] = {
    "all": _properties,
    "files": _files,
    "connections": _connections,
    "environment": _environment,
}


# Who uses what


class FindPort(Tool[FindPortArguments]):
    name = "find_port"
    description = "Show which process uses a network port."
    arguments = FindPortArguments

    def plan(self, call: ToolCall, arguments: FindPortArguments, place: Place) -> Plan:
        port = _checked_port(arguments.port)
        return Plan(call, (), action=port, summary=both("find what uses port {port}").format(port=port))

    def run(self, plan: Plan, place: Place) -> Outcome:
        port = cast(int, plan.action)
        users = _port_users(port)
        table = Table(
            tuple(Column(name) for name in ("pid", "name", "address", "port", "state")),
            tuple((c.pid, c.name, c.local, c.port, c.state) for c in users),
        )
        pids = dict.fromkeys(str(c.pid) for c in users if c.pid is not None)
        return Outcome(
            "" if users else both("Nothing uses port {port}.").format(port=port), table, tuple(pids), ItemKind.PROCESS
        )


def _checked_port(port: int) -> int:
    if not 1 <= port <= 65535:
        raise ToolError(both("{port} is not a port; ports go from 1 to 65535.").format(port=port))
    return port


def _port_users(port: int) -> list[Connection]:
    """Listeners first. What only waits for stray packets (time-wait) uses a port no more."""
    from llmos.adapters import processes

    found = {c for c in processes.connections() if c.port == port and c.state != "time-wait"}
    return sorted(found, key=lambda c: (not processes.is_listener(c), c.pid or 0, c.local, c.remote))


class WhoUses(Tool[WhoUsesArguments]):
    name = "who_uses"
    description = "Show which processes have a file, or anything in a folder, open."
    arguments = WhoUsesArguments

    def plan(self, call: ToolCall, arguments: WhoUsesArguments, place: Place) -> Plan:
        from llmos.adapters.failures import missing
        from llmos.tools.files.selection import locate

        path = os.path.realpath(locate(arguments.path, place))
        if not os.path.exists(path):
            raise missing(path)
        return Plan(
            call, (Target(Effect.READ, path),), action=path, summary=both("find what uses {path}").format(path=path)
        )

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters import processes

        path = cast(str, plan.action)
        found = processes.users_of(path)
        table = Table(tuple(Column(name) for name in ("pid", "name", "use", "path")), tuple(found))
        pids = dict.fromkeys(str(use.pid) for use in found)
        return Outcome("" if found else _no_user_of(path), table, tuple(pids), ItemKind.PROCESS)


def _no_user_of(path: str) -> str:
    """Only root sees into everybody's processes; without that, finding nothing proves little."""
    return (
        both("Nothing uses {path}.").format(path=path)
        if os.geteuid() == 0
        else both("None of your processes uses {path}; others are not shown.").format(path=path)
    )


# Acting on them


class _Signals(NamedTuple):
    which: tuple[ProcessId, ...]
    signal: str


class SignalProcess(Tool[SignalProcessArguments]):
    name = "signal_process"
    description = "End, force to end, pause or resume processes."
    arguments = SignalProcessArguments

    def plan(self, call: ToolCall, arguments: SignalProcessArguments, place: Place) -> Plan:
        targets = [*arguments.target, *_listeners(arguments.port)]
        if not targets:
            raise ToolError(both("Which process? Give a pid, a name or a port."))
        which = _touchable(targets)
        return _act_plan(call, which, _Signals(which, arguments.signal), _VERBS[arguments.signal])

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters import processes

        which, signal = cast(_Signals, plan.action)
        for process in which:
            if len(which) == 1 or processes.is_alive(process):  # the first to go often takes the others along
                processes.send(process, processes.SIGNALS[signal])
        if signal in ("stop", "continue", "hangup"):
            return _acted(
                which,
                [both("{done} {name} (pid {pid}).").format(done=_DONE[signal], name=p.name, pid=p.pid) for p in which],
            )
        alive = processes.wait_ended(which, _GRACE)
        return _acted(which, [_ended(p, p in alive, signal) for p in which])


_VERBS = {
    "terminate": "end",
    "kill": "kill",
    "stop": "pause",
    "continue": "resume",
    "hangup": "send a hangup to",
    "interrupt": "interrupt",
}
_DONE = {"stop": "Paused", "continue": "Resumed", "hangup": "Sent a hangup to"}


def _ended(p: ProcessId, alive: bool, signal: str) -> str:
    if not alive:
        return both("{what} {name} (pid {pid}).").format(
            what="Killed" if signal == "kill" else "Ended", name=p.name, pid=p.pid
        )
    advice = "it is stuck in the system" if signal == "kill" else "ask to kill it"
    return both("{name} ({pid}) has not ended yet; {advice}.").format(name=p.name, pid=p.pid, advice=advice)


def _listeners(port: int | None) -> list[str]:
    """The pids of what listens on a port."""
    from llmos.adapters import processes

    if port is None:
        return []
    listeners = [c for c in _port_users(_checked_port(port)) if processes.is_listener(c)]
    if not listeners:
        raise ToolError(both("Nothing listens on port {port}.").format(port=port))
    pids = list(dict.fromkeys(str(c.pid) for c in listeners if c.pid is not None))
    if not pids:
        raise ToolError(
            both("What listens on port {port} belongs to someone else; only root can see it.").format(port=port)
        )
    return pids


def _touchable(targets: Sequence[str]) -> tuple[ProcessId, ...]:
    """The processes meant, each once, without those that are never touched."""
    from llmos.adapters import processes

    found: dict[int, ProcessId] = {}
    for target in targets:
        by_name = re.search(r"\D", target.strip()) is not None
        for process in processes.may_be_signalled(processes.find_targets([target]), by_name):
            found[process.pid] = processes.identify(process)
    return tuple(found.values())


def _act_plan(call: ToolCall, which: Sequence[ProcessId], action: object, verb: str) -> Plan:
    names = ", ".join(f"{p.name} ({p.pid})" for p in which)
    several = both("{count} processes: ").format(count=len(which)) if len(which) > 1 else ""
    targets = tuple(Target(Effect.SIGNAL, str(p)) for p in which)
    return Plan(call, targets, action=action, summary=f"{verb} {several}{names}")


def _acted(which: Sequence[ProcessId], lines: Sequence[str]) -> Outcome:
    return Outcome("\n".join(lines), items=tuple(str(p.pid) for p in which), kind=ItemKind.PROCESS)


class SetPriority(Tool[SetPriorityArguments]):
    name = "set_priority"
    description = "Set how much processor time processes get compared with others."
    arguments = SetPriorityArguments

    def plan(self, call: ToolCall, arguments: SetPriorityArguments, place: Place) -> Plan:
        which = _touchable(arguments.target)
        return _act_plan(call, which, (which, arguments.priority), f"set priority {arguments.priority} for")

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters import processes

        which, priority = cast("tuple[tuple[ProcessId, ...], int]", plan.action)
        for process in which:
            processes.set_priority(process, priority)
        return _acted(
            which,
            [
                both("{name} ({pid}) has priority {priority} now.").format(name=p.name, pid=p.pid, priority=priority)
                for p in which
            ],
        )


class WaitProcess(Tool[WaitProcessArguments]):
    name = "wait_process"
    description = "Wait until processes have ended."
    arguments = WaitProcessArguments

    def plan(self, call: ToolCall, arguments: WaitProcessArguments, place: Place) -> Plan:
        from llmos.adapters import processes

        which = tuple(processes.identify(p) for p in processes.find_targets(arguments.target))
        summary = both("wait for {names}").format(names=", ".join(f"{p.name} ({p.pid})" for p in which))
        return Plan(call, (), action=(which, arguments.seconds), summary=summary)

    def run(self, plan: Plan, place: Place) -> Run:
        from llmos.adapters import processes

        which, seconds = cast("tuple[tuple[ProcessId, ...], float | None]", plan.action)
        yield Progress(plan.call, plan.summary)
        alive = processes.wait_ended(which, seconds)
        return _acted(which, [_waited(p, p in alive, seconds) for p in which])


def _waited(p: ProcessId, alive: bool, seconds: float | None) -> str:
    return (
        both("{name} ({pid}) still runs after {seconds:g} s.").format(name=p.name, pid=p.pid, seconds=seconds)
        if alive
        else both("{name} ({pid}) has ended.").format(name=p.name, pid=p.pid)
    )

"""Tools that tell about the machine: hardware, disks, network, users, services, environment.

All of them only read; processes and applications are elsewhere.
"""

from __future__ import annotations

import calendar
import difflib
import os
import shutil
from datetime import datetime, tzinfo
from typing import Literal, cast

from llmos.errors import ToolError
from llmos.tools.fields import Arguments, Field
from llmos.tools.tool import Tool
from llmos.translation import both
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Plan
from llmos.values.table import Column, Table


class SystemInfoArguments(Arguments):
    about: Literal[
        "cpu", "load", "memory", "swap", "disks", "mounts", "temperature", "battery", "network", "address", "traffic",
        "ports", "routes", "dns", "uptime", "boot_time", "users", "user", "groups", "host", "os", "kernel", "timezone",
        "limits", "devices",
    ] = Field(
        description="address: this machine's IP addresses; ports: what listens; users: who is logged in; user: who I am"
    )  # fmt: skip


class ShowDateArguments(Arguments):
    zone: str | None = Field(default=None, description="a time zone like Asia/Shanghai; the local one by default")
    show: Literal["date", "time", "both", "calendar"] = Field(default="both", description="which part")


class ShowEnvironmentArguments(Arguments):
    name: str | None = Field(default=None, description="one variable; all by default")


class WhichProgramArguments(Arguments):
    name: str = Field(description="the program whose path to show")


class ShowServicesArguments(Arguments):
    name: str | None = Field(default=None, description="only services whose name contains this")
    state: Literal["running", "failed", "stopped"] | None = Field(default=None, description="only this state")


class SystemInfo(Tool[SystemInfoArguments]):
    name = "system_info"
    description = "Tell about the machine: hardware, disks, network, users, limits."
    arguments = SystemInfoArguments

    def plan(self, call: ToolCall, arguments: SystemInfoArguments, place: Place) -> Plan:
        return Plan(call, (), action=arguments.about, summary=both("look up {about}").format(about=arguments.about))

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters.system import FACTS

        about = cast(str, plan.action)
        fact = FACTS[about]()
        if isinstance(fact, Table):
            return Outcome(table=fact, items=_items(fact, about), kind=_kind(about))
        return Outcome(fact, items=(fact,))


def _kind(about: str) -> ItemKind:
    return {"ports": ItemKind.PROCESS, "disks": ItemKind.PATH, "mounts": ItemKind.PATH}.get(about, ItemKind.VALUE)


def _items(fact: Table, about: str) -> tuple[str, ...]:
    """What "kill that" or "go there" would mean: the pids of listeners, the folders of disks."""
    wanted = {"ports": "pid", "disks": "mount", "mounts": "mount", "address": "address"}.get(about)
    names = [column.name for column in fact.columns]
    index = names.index(wanted) if wanted else 0
    return tuple(dict.fromkeys(str(row[index]) for row in fact.rows if row[index] is not None))


# The date


class ShowDate(Tool[ShowDateArguments]):
    name = "show_date"
    description = "Show the date, the time or a calendar, here or in another time zone."
    arguments = ShowDateArguments

    def plan(self, call: ToolCall, arguments: ShowDateArguments, place: Place) -> Plan:
        zone = _zone(arguments.zone, place)
        return Plan(call, (), action=(zone, arguments.show), summary=both("show the date"))

    def run(self, plan: Plan, place: Place) -> Outcome:
        zone, show = cast("tuple[tzinfo | None, str]", plan.action)
        text = _date(datetime.fromtimestamp(place.now, zone).astimezone(zone), show)
        return Outcome(text, items=(text,))


def _zone(name: str | None, place: Place) -> tzinfo | None:
    """The zone asked for, else the one of the environment; None is the machine's."""
    from llmos.adapters.zones import find_zone

    if name and name.strip().lower() not in ("local", "here"):
        return find_zone(name)
    try:
        return find_zone(place.env.get("TZ", "").lstrip(":")) if place.env.get("TZ") else None
    except ToolError:
        return None


def _date(moment: datetime, show: str) -> str:
    match show:
        case "date":
            return moment.strftime("%Y-%m-%d (%A)")
        case "time":
            return moment.strftime("%H:%M:%S %Z")
        case "calendar":
            return calendar.TextCalendar().formatmonth(moment.year, moment.month).rstrip("\n")
        case _:
            return moment.strftime("%Y-%m-%d %H:%M:%S %Z (%A)")


# The environment


class ShowEnvironment(Tool[ShowEnvironmentArguments]):
    name = "show_environment"
    description = "Show environment variables."
    arguments = ShowEnvironmentArguments

    def plan(self, call: ToolCall, arguments: ShowEnvironmentArguments, place: Place) -> Plan:
        name = _variable(arguments.name, place) if arguments.name else None
        return Plan(call, (), action=name, summary=both("show {what}").format(what=name or "the environment"))

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters.environment import without_secrets
        from llmos.adapters.terminal import clean

        name = cast("str | None", plan.action)
        if name is not None:
            value = clean(place.env[name])
            return Outcome(value, items=(value,))
        rows = tuple((clean(name), clean(value)) for name, value in without_secrets(place.env))
        return Outcome(table=Table((Column("name"), Column("value")), rows), items=tuple(name for name, _ in rows))


def _variable(name: str, place: Place) -> str:
    """The name as it is set: $PATH, ${PATH} and path are PATH."""
    plain = name.strip().removeprefix("$").strip("{}")
    for written in (plain, plain.upper(), plain.lower()):
        if written in place.env:
            return written
    near = difflib.get_close_matches(plain.upper(), list(place.env), n=3, cutoff=0.7)
    raise ToolError(
        both("The variable {plain} is not set").format(plain=plain)
        + (both("; near it: {names}.").format(names=", ".join(near)) if near else ".")
    )


class WhichProgram(Tool[WhichProgramArguments]):
    name = "which_program"
    description = "Show where a program is installed."
    arguments = WhichProgramArguments

    def plan(self, call: ToolCall, arguments: WhichProgramArguments, place: Place) -> Plan:
        return Plan(
            call, (), action=arguments.name.strip(), summary=both("find the program {name}").format(name=arguments.name)
        )

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters.terminal import clean_name

        name = cast(str, plan.action)
        written = os.path.join(place.cwd, name) if os.sep in name else name
        path = shutil.which(written, path=place.env.get("PATH", os.defpath)) if name else None
        if path is None:
            raise ToolError(both("There is no program '{name}' on the PATH.").format(name=clean_name(name)))
        return Outcome(clean_name(path), items=(path,), kind=ItemKind.PATH)


class ShowServices(Tool[ShowServicesArguments]):
    name = "show_services"
    description = "List system services with their state."
    arguments = ShowServicesArguments

    def plan(self, call: ToolCall, arguments: ShowServicesArguments, place: Place) -> Plan:
        return Plan(call, (), action=arguments, summary=both("list services"))

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters.services import services

        arguments = cast(ShowServicesArguments, plan.action)
        wanted = (arguments.name or "").casefold()
        found = [s for s in services(arguments.state, place.env) if wanted in s.name.casefold()]
        table = Table((Column("service"), Column("state"), Column("description")), tuple(found))
        return Outcome("" if found else both("There is no such service."), table, tuple(s.name for s in found))

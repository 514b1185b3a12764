"""Tools for applications: list, open, close.

Command-line programs are run by shell.py.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from llmos.errors import ToolError
from llmos.tools.arguments import Paths
from llmos.tools.fields import Arguments, Field
from llmos.tools.tool import Tool
from llmos.translation import both
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target
from llmos.values.table import Column, Table

if TYPE_CHECKING:
    from llmos.adapters.apps.app import App
    from llmos.adapters.processes import Process, ProcessId


class ListAppsArguments(Arguments):
    name: str | None = Field(default=None, description="only applications whose name contains this")


class OpenAppArguments(Arguments):
    name: str = Field(description="the application")
    path: str | None = Field(default=None, description="a file to open with it")


class OpenFileArguments(Arguments):
    path: Paths = Field(description="files or folders to open with their default application")


class OpenUrlArguments(Arguments):
    url: str = Field(description="the address to open in the browser")


class CloseAppArguments(Arguments):
    name: str = Field(description="the application to close")


class _Launch(NamedTuple):
    argvs: tuple[tuple[str, ...], ...]
    cwd: str
    said: str
    """What to say once it runs."""

    items: tuple[str, ...] = ()
    kind: ItemKind = ItemKind.APP


def _launched(plan: Plan, place: Place) -> Outcome:
    from llmos.adapters.apps.app import launch

    action = cast(_Launch, plan.action)
    for argv in action.argvs:
        launch(argv, action.cwd, place.env)
    return Outcome(action.said, items=action.items, kind=action.kind)


def _runs(argvs: Sequence[Sequence[str]]) -> tuple[Target, ...]:
    return tuple(Target(Effect.RUN, shlex.join(argv)) for argv in argvs)


def _existing(path: str, place: Place) -> str:
    from llmos.adapters.failures import missing
    from llmos.tools.files.selection import locate

    resolved = locate(path, place)
    if not os.path.exists(resolved):
        raise missing(resolved)
    return resolved


class ListApps(Tool[ListAppsArguments]):
    name = "list_apps"
    description = "List installed applications."
    arguments = ListAppsArguments

    def plan(self, call: ToolCall, arguments: ListAppsArguments, place: Place) -> Plan:
        return Plan(call, (), action=arguments.name, summary=both("list applications"))

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters.apps.app import matches

        part = cast("str | None", plan.action)
        found = [app for app in _desktop().installed(place.env, place.home) if not part or matches(app, part)]
        table = Table((Column("name"), Column("description")), tuple((app.name, app.comment) for app in found))
        text = (
            ""
            if found
            else both("There is no application{what} here.").format(what=f" with {part!r} in its name" if part else "")
        )
        return Outcome(text, table, tuple(app.name for app in found), ItemKind.APP)


class OpenApp(Tool[OpenAppArguments]):
    name = "open_app"
    description = "Open an application, with a file if one is given."
    arguments = OpenAppArguments

    def plan(self, call: ToolCall, arguments: OpenAppArguments, place: Place) -> Plan:
        app = _find_app(arguments.name, place)
        paths = [_existing(arguments.path, place)] if arguments.path else []
        argv = tuple(_desktop().app_command(app, paths, place.env))
        what = both("{name} with {paths}").format(name=app.name, paths=paths[0]) if paths else app.name
        launch = _Launch((argv,), app.folder or place.cwd, both("Opened {what}.").format(what=what), (app.name,))
        return Plan(call, _runs([argv]), action=launch, summary=both("open {what}").format(what=what))

    def run(self, plan: Plan, place: Place) -> Outcome:
        return _launched(plan, place)


class OpenFile(Tool[OpenFileArguments]):
    name = "open_file"
    description = "Open files or folders with their default application."
    arguments = OpenFileArguments

    def plan(self, call: ToolCall, arguments: OpenFileArguments, place: Place) -> Plan:
        paths = tuple(_existing(path, place) for path in arguments.path)
        opened = [_opening(path, place) for path in paths]
        argvs = tuple(argv for argv, _ in opened)
        what = ", ".join(said for _, said in opened)
        launch = _Launch(argvs, place.cwd, both("Opened {what}.").format(what=what), paths, ItemKind.PATH)
        return Plan(call, _runs(argvs), action=launch, summary=both("open {what}").format(what=what))

    def run(self, plan: Plan, place: Place) -> Outcome:
        return _launched(plan, place)


def _opening(path: str, place: Place) -> tuple[tuple[str, ...], str]:
    """How a file is opened, and what to say of it: as the user usually does, else with the default application."""
    from llmos.memory import habits, unwanted

    known = habits.read(Path(place.state) / "log.sqlite", unwanted.read(place.state)) if place.state else None
    usual = known.favourite(path) if known and not os.path.isdir(path) else ""
    if usual:
        with suppress(ToolError):  # it may have been removed since
            app = _find_app(usual, place)
            return tuple(_desktop().app_command(app, [path], place.env)), f"{path} with {app.name}, as usual"
    try:
        return tuple(_desktop().file_command(path, place.env, place.home)), path
    except ToolError as error:
        raise ToolError(f"{error}{_to_install(path)}") from None


_OPENERS = {
    "image": "eog", "video": "mpv", "audio": "mpv", "document": "libreoffice", "archive": "file-roller",
    "code": "gedit", "text": "gedit",
}  # fmt: skip
"""Debian packages of applications that open such files."""


def _to_install(path: str) -> str:
    from llmos.adapters.files.kinds import is_kind

    package = (
        "evince"
        if path.lower().endswith(".pdf")
        else next((package for kind, package in _OPENERS.items() if is_kind(os.path.basename(path), kind)), "")
    )
    return both(" {package} can; on Debian: sudo apt install {package}").format(package=package) if package else ""


class OpenUrl(Tool[OpenUrlArguments]):
    name = "open_url"
    description = "Open an address in the browser."
    arguments = OpenUrlArguments

    def plan(self, call: ToolCall, arguments: OpenUrlArguments, place: Place) -> Plan:
        url = _checked_url(arguments.url)
        argv = tuple(_desktop().url_command(url, place.env, place.home))
        launch = _Launch((argv,), place.cwd, both("Opened {url}.").format(url=url), (url,), ItemKind.VALUE)
        return Plan(call, (Target(Effect.NETWORK, url),), action=launch, summary=both("open {url}").format(url=url))

    def run(self, plan: Plan, place: Place) -> Outcome:
        return _launched(plan, place)


_SCHEMES = ("http", "https", "mailto", "ftp")


def _checked_url(url: str) -> str:
    """Other schemes start programs or read files (javascript:, file:, steam:); a bare host is meant as a web page."""
    written = url.strip()
    if re.search(r"[\x00-\x20\x7f]", written):
        raise ToolError(both("An address cannot contain spaces or control characters."))
    if re.fullmatch(r"(localhost|[\w-]+(\.[\w-]+)+)(:\d+)?([/?#].*)?", written):
        return f"{'http' if written.startswith(('localhost', '127.')) else 'https'}://{written}"
    scheme, colon, rest = written.partition(":")
    if not colon or scheme.lower() not in _SCHEMES or not rest.strip("/"):
        raise ToolError(
            both("'{written}' is not an address that can be opened; use {names}.").format(
                written=written, names=", ".join(_SCHEMES)
            )
        )
    return written


class CloseApp(Tool[CloseAppArguments]):
    name = "close_app"
    description = "Close an application."
    arguments = CloseAppArguments

    def plan(self, call: ToolCall, arguments: CloseAppArguments, place: Place) -> Plan:
        which = _running(arguments.name, place)
        names = ", ".join(f"{p.name} ({p.pid})" for p in which)
        targets = tuple(Target(Effect.SIGNAL, str(p)) for p in which)
        return Plan(
            call, targets, action=which, summary=both("close {name}: {names}").format(name=arguments.name, names=names)
        )

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters import processes

        which = cast("tuple[ProcessId, ...]", plan.action)
        for process in which:
            if processes.is_alive(process):  # the first to go often takes the others along
                processes.send(process, processes.SIGNALS["terminate"])
        left = processes.wait_ended(which, 3.0)
        lines = [f"{p.name} ({p.pid}) has not closed yet; ask to kill it." for p in left]
        return Outcome("\n".join(lines) or f"Closed {which[0].name}.", items=(which[0].name,), kind=ItemKind.APP)


def _running(name: str, place: Place) -> tuple[ProcessId, ...]:
    """The processes of the application called so; where none is called so, those with that name."""
    from llmos.adapters import processes

    try:
        app = _find_app(name, place)
    except ToolError:
        found = processes.find_targets([name])
    else:
        found = _of_app(_desktop().program(app), app.name)
    return tuple(processes.identify(p) for p in processes.may_be_signalled(found, by_name=True))


def _of_app(program: str, name: str) -> list[Process]:
    from llmos.adapters import processes

    try:
        return processes.find_targets([program])
    except ToolError:
        raise ToolError(both("{name} does not run.").format(name=name)) from None


class _Desktop(Protocol):
    """What linux.py and macos.py both offer."""

    def installed(self, env: Mapping[str, str], home: str) -> list[App]: ...
    def app_command(self, app: App, paths: Sequence[str], env: Mapping[str, str]) -> list[str]: ...
    def file_command(self, path: str, env: Mapping[str, str], home: str) -> list[str]: ...
    def url_command(self, url: str, env: Mapping[str, str], home: str) -> list[str]: ...
    def program(self, app: App) -> str: ...


def _desktop() -> _Desktop:
    if sys.platform == "darwin":
        from llmos.adapters.apps import macos

        return macos
    from llmos.adapters.apps import linux

    return linux


def _find_app(name: str, place: Place) -> App:
    from llmos.adapters.apps.app import find

    return find(_desktop().installed(place.env, place.home), name)

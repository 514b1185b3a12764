"""Tools that change permissions and owners.

How a mode is read is in llmos.adapters.files.modes. Access lists and attributes are not covered.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from llmos.adapters.files import change
from llmos.adapters.files.anchored import Mark
from llmos.adapters.files.modes import new_mode
from llmos.adapters.files.walk import Root, Unread, walk
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal.journal import open_journal
from llmos.journal.operations import Attributes
from llmos.tools.arguments import Selection
from llmos.tools.fields import Field
from llmos.tools.files.chosen import choose
from llmos.tools.files.selection import Entry
from llmos.tools.files.steps import Done, carry_out
from llmos.tools.files.wording import things
from llmos.tools.tool import Run, Tool
from llmos.translation import both
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.events import Progress
from llmos.values.messages import Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target


class ChangeModeArguments(Selection):
    mode: str = Field(description="octal (755) or symbolic (u+x, go-w)")
    recursive: bool = Field(default=False, description="with everything beneath")


class ChangeOwnerArguments(Selection):
    user: str | None = Field(default=None, description="the new owner")
    group: str | None = Field(default=None, description="the new group")
    recursive: bool = Field(default=False, description="with everything beneath")


class _NewMode(NamedTuple):
    path: str
    mode: int
    seen: Mark

    def operation(self) -> Attributes:
        return Attributes(self.path, mode=self.mode, seen=self.seen)


class _NewOwner(NamedTuple):
    path: str
    user: int
    group: int
    seen: Mark

    def operation(self) -> Attributes:
        return Attributes(self.path, user=self.user, group=self.group, seen=self.seen)


@dataclass(frozen=True)
class _Changing:
    steps: tuple[_NewMode, ...] | tuple[_NewOwner, ...]
    what: str
    """ "3 files"."""


class ChangeMode(Tool[ChangeModeArguments]):
    name = "change_mode"
    description = "Change the permissions of files or folders."
    arguments = ChangeModeArguments

    def plan(self, call: ToolCall, arguments: ChangeModeArguments, place: Place) -> Plan:
        new_mode(arguments.mode, 0, False)  # what is no mode is told before anything is looked for
        entries = _entries(arguments, arguments.recursive, place, "change")
        steps: list[_NewMode] = []
        folders = 0
        for path, status in _followed(entries):
            folder = stat.S_ISDIR(status.st_mode)
            mode = new_mode(arguments.mode, status.st_mode, folder)
            if mode != stat.S_IMODE(status.st_mode):
                steps.append(_NewMode(path, mode, Mark(status.st_ino)))
                folders += folder
        changes = tuple(Change(ChangeKind.MODE, step.path, f"{step.mode:o}") for step in steps)
        what = _what([step.path for step in steps], folders)
        summary = (
            both("set the mode of {what} to {mode}").format(what=what, mode=arguments.mode)
            if steps
            else both("change nothing: the mode is so already")
        )
        return _plan(call, summary, changes, _Changing(tuple(steps), what))

    def run(self, plan: Plan, place: Place) -> Run:
        changing = cast(_Changing, plan.action)

        steps = cast(tuple[_NewMode, ...], changing.steps)
        if not steps:
            return Outcome(both("The mode is so already."))
        done = yield from _carry_out(plan, steps, place)
        modes = {f"{step.mode:o}" for step in steps}
        to = both(" to {pop}").format(pop=modes.pop()) if len(modes) == 1 else ""
        return done.outcome(both("Changed the mode of {amount}{to}.").format(amount=done.amount(changing.what), to=to))


class ChangeOwner(Tool[ChangeOwnerArguments]):
    name = "change_owner"
    description = "Change the owner or the group of files or folders."
    arguments = ChangeOwnerArguments

    def plan(self, call: ToolCall, arguments: ChangeOwnerArguments, place: Place) -> Plan:
        wanted = _owner(arguments)
        entries = _entries(arguments, arguments.recursive, place, "change")
        steps: list[_NewOwner] = []
        folders = 0
        for path, status in _followed(entries):
            if wanted.user in (-1, status.st_uid) and wanted.group in (-1, status.st_gid):
                continue
            _refuse_to_give_away(path, status, wanted)
            steps.append(_NewOwner(path, wanted.user, wanted.group, Mark(status.st_ino)))
            folders += stat.S_ISDIR(status.st_mode)
        changes = tuple(Change(ChangeKind.OWNER, step.path, wanted.shown) for step in steps)
        what = _what([step.path for step in steps], folders)
        summary = (
            both("give {what} to {shown}").format(what=what, shown=wanted.shown)
            if steps
            else both("change nothing: the owner is so already")
        )
        return _plan(call, summary, changes, _Changing(tuple(steps), what))

    def run(self, plan: Plan, place: Place) -> Run:
        changing = cast(_Changing, plan.action)

        steps = cast(tuple[_NewOwner, ...], changing.steps)
        if not steps:
            return Outcome(both("The owner is so already."))
        done = yield from _carry_out(plan, steps, place)
        return done.outcome(
            both("Gave {amount} to {to}.").format(amount=done.amount(changing.what), to=plan.changes.changes[0].to)
        )


def _carry_out(plan: Plan, steps: Sequence[_NewMode | _NewOwner], place: Place) -> Generator[Progress, None, Done]:
    with open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
        operations = [step.operation() for step in steps]
        entry.intend(operations)

        def change_one(operation: Attributes) -> str:
            entry.do(operation)
            return operation.path

        return (yield from carry_out(plan.call, operations, change_one))


def _plan(call: ToolCall, summary: str, changes: tuple[Change, ...], action: _Changing) -> Plan:
    targets = tuple(Target(Effect.WRITE, one.path) for one in changes)
    return Plan(call, targets, action, summary, ChangeSet(changes))


def _what(paths: list[str], folders: int) -> str:
    return clean_name(paths[0]) if len(paths) == 1 else things(len(paths) - folders, folders)


def _entries(selection: Selection, recursive: bool, place: Place, doing: str) -> Iterator[Entry]:
    """Links that are found on the way are left alone: what they point to may be anywhere."""
    follow = not selection.has_filter
    for entry in choose(selection, place, doing).entries:
        if follow or not entry.is_link:
            yield entry
        if recursive and os.path.isdir(entry.path) and (follow or not entry.is_link):
            root = Root(entry.path, entry.path)
            yield from (one for one in walk(root, Unread(), internals=True) if not one.is_link)


def _followed(entries: Iterable[Entry]) -> Iterator[tuple[str, os.stat_result]]:
    """Path and stat, each once; of a link that was named, what it points to."""
    seen: set[str] = set()
    for entry in entries:
        path = os.path.realpath(entry.path) if entry.is_link else entry.path
        if path not in seen:
            seen.add(path)
            with change.told("look at", path):
                status = os.stat(path, follow_symlinks=False)
            yield path, status


class _Wanted(NamedTuple):
    user: int
    group: int
    shown: str
    """ "ada", "ada:staff" or ":staff"."""


def _owner(arguments: ChangeOwnerArguments) -> _Wanted:
    """Also "user:group" as the user, as chown takes it."""
    user, colon, group = (arguments.user or "").partition(":")
    group = arguments.group or group
    if not user and not group:
        raise ToolError(both("The new owner or group is missing."))
    if colon and not group:
        group = str(_login_group(user))  # "ada:" is ada with her own group
    shown = f"{user}:{group}" if group else user
    return _Wanted(_user_number(user) if user else -1, _group_number(group) if group else -1, clean_name(shown))


def _number(name: str, look_up: Callable[[str], int], what: str) -> int:
    try:
        return look_up(name)
    except KeyError:
        if name.isdecimal():
            return int(name)
        raise ToolError(both("There is no {what} '{name}'.").format(what=what, name=clean_name(name))) from None


def _user_number(name: str) -> int:
    import pwd  # noqa: PLC0415 - not on every system

    return _number(name, lambda one: pwd.getpwnam(one).pw_uid, "user")


def _login_group(name: str) -> int:
    import pwd  # noqa: PLC0415 - not on every system

    return _number(name, lambda one: pwd.getpwnam(one).pw_gid, "user")


def _group_number(name: str) -> int:
    import grp  # noqa: PLC0415 - not on every system

    return _number(name, lambda one: grp.getgrnam(one).gr_gid, "group")


def _refuse_to_give_away(path: str, status: os.stat_result, wanted: _Wanted) -> None:
    if os.geteuid() == 0:
        return
    if wanted.user not in (-1, status.st_uid):
        raise ToolError(both("Only the superuser may give {path} to another user.").format(path=clean_name(path)))
    if status.st_uid != os.geteuid() or (wanted.group not in {-1, status.st_gid, *os.getgroups(), os.getegid()}):
        raise ToolError(both("Only the superuser may give {path} to that group.").format(path=clean_name(path)))

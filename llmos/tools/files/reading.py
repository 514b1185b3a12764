"""What tools that only read have in common: a plan of the places they look at, and tables of entries.

What they look for there is each tool's own.
"""

from __future__ import annotations

import heapq
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

from llmos.adapters.files.details import group_name, link_target, mode_text, user_name
from llmos.adapters.files.walk import Entry, Root, Unread, real_path, still_there
from llmos.adapters.terminal import clean_name
from llmos.tools.arguments import Selection
from llmos.tools.fields import Arguments
from llmos.tools.files.selection import find_roots
from llmos.tools.files.wording import described
from llmos.tools.tool import Run, Tool
from llmos.translation import both
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target
from llmos.values.table import Cell, Column, Table, Unit

A = TypeVar("A", bound=Arguments)
Row = tuple[Cell, ...]

SIZE = Column("size", Unit.BYTES)
TIME = Column("time", Unit.TIME)
PATH = Column("path")
HALF_A_YEAR = 365.2425 * 86400 / 2
DETAILS = (Column("mode"), Column("links"), Column("owner"), Column("group"), SIZE, TIME)
"""In the order of `ls -l`."""


class _HasPath(Protocol):
    @property
    def path(self) -> list[str]: ...


@dataclass(frozen=True)
class Reading(Generic[A]):
    """What a reading plan carries: the arguments and the places they lead to."""

    arguments: A
    roots: tuple[Root, ...]


class ReadingTool(Tool[A]):
    """A tool whose plan is to look at the paths it was given."""

    verb = "look at"

    def plan(self, call: ToolCall, arguments: A, place: Place) -> Plan:
        roots = tuple(find_roots(self.paths(arguments), place))
        # Links are followed for the target: what is read is what they lead to. What was piped in is the user's own.
        paths = [real_path(root.path) for root in roots if root.shown != "-"]
        targets = tuple(Target(Effect.READ, path) for path in paths)
        return Plan(call, targets, Reading(arguments, roots), f"{self.verb} {in_words(roots)}")

    def run(self, plan: Plan, place: Place) -> Outcome | Run:
        reading = cast(Reading[A], plan.action)
        return self.read(reading.arguments, reading.roots, place)

    def paths(self, arguments: A) -> Sequence[str]:
        return cast(_HasPath, arguments).path

    @abstractmethod
    def read(self, arguments: A, roots: Sequence[Root], place: Place) -> Outcome:
        """Look, and say what was found. Raises ToolError."""


def in_words(roots: Sequence[Root]) -> str:
    """The places looked at: "here", "src", "3 places"."""
    if len(roots) != 1:
        return both("{count} places").format(count=len(roots))
    return clean_name(roots[0].shown or "this folder") if roots[0].shown != "-" else "the input"


def nothing_found(selection: Selection, roots: Sequence[Root], unread: Unread) -> str:
    where = " and ".join(clean_name(root.path) for root in roots[:3])
    return with_note(f"Nothing found: no {described(selection)} in {where}.", unread)


def with_note(text: str, unread: Unread) -> str:
    note = clean_name(unread.note())
    return f"{text} {note}" if text and note else text or note


def a_number(number: int, unread: Unread) -> Outcome:
    """Text; with a note it is a row, so that a pipe gets the number alone."""
    note = with_note("", unread)
    if not note:
        return Outcome(str(number), items=(str(number),))
    return Outcome(note, Table((Column("number"),), ((number,),)), (str(number),))


def one_path(entry: Entry) -> Row:
    return (clean_name(entry.shown),)


def details(entry: Entry) -> Row:
    """Cells for DETAILS."""
    stat = entry.stat
    owners = user_name(stat.st_uid), group_name(stat.st_gid)
    return mode_text(entry), stat.st_nlink, *owners, stat.st_size, stat.st_mtime


def long_line(now: float) -> Callable[[Row], str]:
    """How a row of DETAILS and a name reads in a pipe: as `ls -l` prints it, which scripts know."""

    def line(cells: Row) -> str:
        *before, moment, name = cells
        return " ".join([*map(str, before), _ls_time(cast(float, moment), now), str(name)])

    return line


def _ls_time(moment: float, now: float) -> str:
    """The time of day where it is recent, else the year; half a year is what `ls` takes for recent."""
    recent = now - HALF_A_YEAR < moment <= now + 3600  # what this request made is a little younger than it
    return time.strftime("%b %e %H:%M" if recent else "%b %e  %Y", time.localtime(moment))


def with_target(entry: Entry, name: str) -> str:
    """Links with where they point to, as `ls -l` shows them."""
    target = link_target(entry)
    return clean_name(f"{name} -> {target}" if target else name)


def listing(
    entries: Iterable[Entry],
    columns: Sequence[Column],
    cells: Callable[[Entry], Row],
    text: str,
    plain: Callable[[Row], str] | None = None,
) -> Outcome:
    """A row for each entry that is still there; `text` is said when there is none."""
    rows: list[Row] = []
    items: list[str] = []
    for entry in entries:
        try:
            rows.append(cells(entry))
        except OSError:
            continue  # vanished since it was found
        items.append(entry.path)
    return Outcome("" if rows else text, Table(tuple(columns), tuple(rows), plain), tuple(items), ItemKind.PATH)


Key = Callable[[Entry], Any]

ORDERS: dict[str, Key] = {
    "name": lambda entry: entry.path.split("/"),
    "largest": lambda entry: (-entry.stat.st_size, entry.path),
    "smallest": lambda entry: (entry.stat.st_size, entry.path),
    "newest": lambda entry: (-entry.stat.st_mtime_ns, entry.path),
    "oldest": lambda entry: (entry.stat.st_mtime_ns, entry.path),
    "extension": lambda entry: (_extension(entry.name), entry.path),
    "deepest": lambda entry: (-entry.depth, entry.path),
    "shallowest": lambda entry: (entry.depth, entry.path),
}


def ordered(entries: Iterable[Entry], order: str | None, limit: int | None) -> Iterable[Entry]:
    """In this order, or as they come; with a limit no more than that many are held at a time."""
    if order is None:
        return entries if limit is None else _first(entries, limit)
    key = ORDERS[order]
    if limit is None:
        return sorted(still_there(entries), key=key)
    return heapq.nsmallest(limit, still_there(entries), key=key)


def _first(entries: Iterable[Entry], limit: int) -> Iterator[Entry]:
    """Stops asking for entries as soon as there are enough: the rest of the disk is not walked."""
    if limit > 0:
        for count, entry in enumerate(entries, 1):
            yield entry
            if count >= limit:
                return


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""

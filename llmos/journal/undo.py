"""Taking entries back: which can be, what exactly would be done, and what stands in the way.

An undo is an entry of its own, so it is taken back by a redo in the same way. Every operation in it says which one it
reverses (`of`, "entry.operation.part"): an undo that was cut off half-way goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import NamedTuple

from llmos.adapters.files.anchored import Ground, Mark
from llmos.adapters.files.change import measure
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.journal import kept
from llmos.journal.journal import Entry, Journal
from llmos.journal.operations import Attributes, Move, Operation, Purge, Put, Splice, Take, of_record
from llmos.journal.recovery import recover
from llmos.journal.reversal import Ours, conflict, inverse, is_final, paths_of, saving_both
from llmos.journal.store import Header, Store, Written
from llmos.translation import both
from llmos.values.changes import Change, ChangeKind
from llmos.values.messages import ToolCall


class Back(NamedTuple):
    """An operation that was done, and one of those that take it back."""

    done: Operation
    operation: Operation


class Past(NamedTuple):
    """A finished entry and what of it is still as it made it."""

    header: Header
    done: tuple[Operation, ...]
    """In the order they were done."""

    left: tuple[Back, ...]
    """What would take back what has not been taken back yet, in the order to do it."""

    placed: Mapping[str, Mark]
    """What this and the later entries have put where last."""

    @property
    def id(self) -> str:
        return f"c{self.header.number}"

    @property
    def is_final(self) -> bool:
        """Nothing takes it back, and nothing ever did."""
        return not self.left and any(is_final(one) for one in self.done)


@dataclass(frozen=True)
class Step:
    """One entry to be taken back."""

    past: Past
    operations: tuple[Operation, ...]
    changes: tuple[Change, ...]
    loses: frozenset[str]
    """Paths whose present content is too large to be kept: it goes for good."""

    @property
    def summary(self) -> str:
        return self.past.header.summary

    @property
    def kind(self) -> str:
        return "redo" if self.past.header.kind == "undo" else "undo"


def history(store: Store) -> Iterator[Past]:
    """Finished entries, the latest first."""
    reversed_: set[str] = set()
    placed: dict[str, Mark] = {}
    for number in reversed(store.numbers()):
        written = store.read(number)
        if written is None:
            continue
        operations = _operations(written)
        reversed_ |= {one.of for one in operations.values()} - {""}
        backs = [back for n, one in reversed(operations.items()) for back in _backs(one, f"{number}.{n}")]
        left = tuple(back for back in backs if back.operation.of not in reversed_)
        for one in reversed(operations.values()):
            placed.update((path, mark) for path, mark in _placed(one) if path not in placed)
        yield Past(written.header, tuple(operations.values()), left, placed)


def _operations(written: Written) -> dict[int, Operation]:
    """In the order they were done; a line that somebody spoiled counts for nothing."""
    found = {}
    for number in written.done:
        with suppress(KeyError, TypeError):
            found[number] = of_record(written.records[number])
    return found


def _placed(one: Operation) -> Iterator[tuple[str, Mark]]:
    match one:
        case Put(new=Mark() as mark) | Splice(after=Mark() as mark):
            yield one.path, mark
        case Move(mark=Mark() as mark):
            yield one.to, one.new or mark


def _backs(one: Operation, name: str) -> Iterator[Back]:
    for part, operation in enumerate(inverse(one)):
        operation.of = f"{name}.{part}"
        yield Back(one, operation)


def to_undo(journal: Journal, steps: int = 1) -> list[Past]:
    """What the latest requests changed and is still there. Raises ToolError when there is nothing."""
    recover(journal.store)
    open_ = (past for past in history(journal.store) if past.header.kind != "undo" and (past.left or past.is_final))
    return _some(_of_requests(open_, steps), "Nothing to undo.")


def to_redo(journal: Journal, steps: int = 1) -> list[Past]:
    """What was undone last, as long as nothing else was changed after it. Raises ToolError when there is none."""
    recover(journal.store)
    return _some(_of_requests(_undone(journal.store), steps), "Nothing to redo.")


def _of_requests(pasts: Iterable[Past], count: int) -> list[Past]:
    """What one request changed in several calls is one step to whom asked; its calls all have its time."""
    requests = groupby(pasts, key=lambda past: past.header.time or past.header.number)
    return [past for _, together in islice(requests, count) for past in together]


def _undone(store: Store) -> Iterator[Past]:
    for past in history(store):
        if past.header.kind == "change" and past.left:
            return
        if past.header.kind == "undo" and past.left:
            yield past


def with_id(journal: Journal, id_: str) -> Past:
    """The entry that `history` calls so. Raises ToolError."""
    recover(journal.store)
    for past in history(journal.store):
        if past.id == id_:
            if not past.left:
                raise ToolError(
                    both("{id} has been taken back already, or cannot be: `llmos history` says which.").format(id=id_)
                )
            return past
    raise ToolError(both("No change is called {id}; `llmos history` lists them.").format(id=clean_name(id_)))


def _some(found: list[Past], nothing: str) -> list[Past]:
    if not found:
        raise ToolError(nothing)
    if final := next((past for past in found if past.is_final), None):
        raise ToolError(
            both(
                "{id} ({summary}) cannot be undone: nothing was kept. `llmos undo ID` takes back one "
                "before it; `llmos history` shows which there are."
            ).format(id=final.id, summary=final.header.summary)
        )
    return found


def plan(journal: Journal, pasts: Sequence[Past], keep_both: bool = False) -> list[Step]:
    """What taking these entries back comes to, the latest first. Raises ToolError naming what stands in the way.

    What another operation changed later, in these entries, is looked at when its turn comes."""
    later = _Paths()
    with Ground() as ground:
        return [_step(journal, past, ground, later, keep_both) for past in pasts]


def _step(journal: Journal, past: Past, ground: Ground, later: _Paths, keep_both: bool) -> Step:
    operations: list[Operation] = []
    troubles: list[str] = []
    for back, trouble in _judged(past, ground, later):
        if not trouble:
            operations.append(back.operation)
        elif keep_both:
            operations += _saving_both(back, ground)
        else:
            troubles.append(trouble)
    if troubles:
        raise _refusal(past, troubles)
    large = _too_large(journal, operations)
    operations = [Purge(one.path, of=one.of) if one.path in large else one for one in operations]
    return Step(past, tuple(operations), tuple(_change(one) for one in operations), large)


def _judged(past: Past, ground: Ground, later: _Paths) -> Iterator[tuple[Back, str]]:
    """What is left of it, and what stands in the way of each; with what `later` touches that is seen when it comes."""
    going: set[str] = set()
    for back in past.left:
        paths = paths_of(back.done)
        trouble = "" if any(map(later.touch, paths)) else conflict(back.done, ground, Ours(going, past.placed))
        if not trouble:
            going.update(paths)
        yield back, trouble
        later.add(paths)


class Standing:
    """What of a history can be taken back; to be asked entry by entry, the latest first."""

    def __init__(self) -> None:
        self._later = _Paths()

    def of(self, past: Past) -> str:
        """In a few words, for a list."""
        if past.is_final:
            return "no: nothing was kept"
        if not past.left:
            return "redone" if past.header.kind == "undo" else "undone"
        with Ground() as ground:
            troubles = [trouble for _, trouble in _judged(past, ground, self._later) if trouble]
        if troubles:
            return f"no: {troubles[0]}"
        return "can be redone" if past.header.kind == "undo" else "can be undone"


def _saving_both(back: Back, ground: Ground) -> list[Operation]:
    """Once for an operation that takes several to be taken back."""
    name = back.operation.of
    return [replace(part, of=name) for part in saving_both(back.done, ground)] if name.endswith(".0") else []


class _Paths:
    """Paths, and which others are the same, above or beneath."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._above: set[str] = set()

    def add(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._paths.add(path)
            self._above.update(_upward(path))

    def touch(self, path: str) -> bool:
        return path in self._above or not self._paths.isdisjoint([path, *_upward(path)])


def _upward(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _refusal(past: Past, troubles: Sequence[str]) -> ToolError:
    what = "redo" if past.header.kind == "undo" else "undo"
    more = both(", and {number:,} more").format(number=len(troubles) - 1) if len(troubles) > 1 else ""
    return ToolError(
        both("Cannot {what} it as a whole: {troubles}{more}. `llmos {what} --keep-both` saves both versions.").format(
            what=what, troubles=troubles[0], more=more
        )
    )


def _too_large(journal: Journal, operations: Sequence[Operation]) -> frozenset[str]:
    taken = [one.path for one in operations if isinstance(one, Take)]
    if not taken:
        return frozenset()
    allowed = kept.quota(journal.store.kept, journal.quota)
    return frozenset(path for path in taken if measure(path).size > allowed)


def _change(one: Operation) -> Change:  # noqa: PLR0911 - one for each kind
    match one:
        case Put(replace=True):
            return Change(ChangeKind.CHANGED, one.path, size=measure(one.path).size)
        case Put():
            return Change(ChangeKind.CREATED, one.path, size=measure(one.source).size if one.source else 0)
        case Move():
            return Change(ChangeKind.MOVED, one.path, one.to, measure(one.path).size)
        case Attributes(mode=int(mode), user=-1, group=-1):
            return Change(ChangeKind.MODE, one.path, f"{mode:o}")
        case Attributes(times=None):
            return Change(ChangeKind.OWNER, one.path, f"{one.user}:{one.group}")
        case Take() | Purge():
            return Change(ChangeKind.DELETED, one.path, size=measure(one.path).size)
        case _:
            return Change(ChangeKind.CHANGED, one.path)


class Undone(NamedTuple):
    steps: int
    """Taken back whole."""

    paths: list[str]
    """What is there again, or was changed, in the order it was done."""

    trouble: str
    """Why it stopped before the end, or ""."""


def carry_out(journal: Journal, steps: Sequence[Step], call: ToolCall | None, now: float) -> Undone:
    """Each step is an entry of its own. Stops at the first operation that cannot be done; what is done stays done and
    can be redone, and the rest can still be undone."""
    paths: list[str] = []
    for index, step in enumerate(steps):
        with journal.begin(step.summary, call, now, step.kind, step.past.header.number) as entry:
            trouble = _carry_out(entry, step, paths)
        if trouble:
            return Undone(index, paths, trouble)
    return Undone(len(steps), paths, "")


def _carry_out(entry: Entry, step: Step, paths: list[str]) -> str:
    originals = {back.operation.of: back.done for back in step.past.left}
    entry.intend([one for one in step.operations if isinstance(one, Take | Move)])
    placed = dict(step.past.placed)
    with Ground() as ground:
        for one in step.operations:
            try:
                if trouble := _since(one, originals[one.of], ground, placed):
                    return trouble
                entry.do(one)
            except ToolError as error:
                return str(error)
            if one.moves_folders:
                ground.leave()
            placed.update(_placed(one))
            paths.append(one.to if isinstance(one, Move) else one.path)
    return ""


def _since(one: Operation, done: Operation, ground: Ground, placed: Mapping[str, Mark]) -> str:
    """What has come in the way since it was planned; where both versions are saved nothing does."""
    is_planned = one.path in paths_of(done)
    first = one.of.endswith(".0")
    trouble = conflict(done, ground, Ours(placed=placed)) if is_planned and first else ""
    return f"{trouble[0].upper()}{trouble[1:]}." if trouble else ""

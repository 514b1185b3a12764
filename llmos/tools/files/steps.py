"""Carrying out the planned steps of a file tool one after the other: progress, failures, what to say in the end.

What a step does is the tool's business.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from llmos.errors import ToolError
from llmos.translation import both, joined
from llmos.values.events import Progress
from llmos.values.messages import ItemKind, Outcome, ToolCall

S = TypeVar("S")
R = TypeVar("R")

_PROGRESS_EVERY = 0.5
_FAILURES_SHOWN = 3


@dataclass
class Done:
    """What came of the steps: those that worked, in order, and why the others did not."""

    paths: list[str] = field(default_factory=list)
    """What is there now because of the steps that worked."""

    failures: list[str] = field(default_factory=list)

    @property
    def failed(self) -> str:
        """One line on the steps that failed, "" when there were none."""
        if not self.failures:
            return ""
        first = joined(" ", self.failures[:_FAILURES_SHOWN])
        return (
            first
            if len(self.failures) == 1
            else both("{count:,} failed: {first}").format(count=len(self.failures), first=first)
        )

    def amount(self, all_of_it: str) -> str:
        """What worked: `all_of_it`, or how many of how many."""
        worked = len(self.paths)
        return (
            both("{worked:,} of {number:,}").format(worked=worked, number=worked + len(self.failures))
            if self.failures
            else all_of_it
        )

    def outcome(self, text: str, items: Sequence[str] | None = None, lines: Sequence[str] = ()) -> Outcome:
        """`lines` follow the text: what exactly was done. Raises ToolError when nothing worked."""
        if self.failures and not self.paths:
            raise ToolError(self.failed)
        items = tuple(self.paths if items is None else items)
        said = joined(" ", filter(None, (text, self.failed)))
        return Outcome(joined("\n", [said, *lines]), items=items, kind=ItemKind.PATH)


def carry_out(
    call: ToolCall, steps: Sequence[S], do: Callable[[S], str], done: Done | None = None
) -> Generator[Progress, None, Done]:
    """Does every step, also after some failed; `do` returns the path that came of it, or raises ToolError."""
    done = done or Done()
    shown = time.monotonic()
    for index, step in enumerate(steps):
        if time.monotonic() - shown > _PROGRESS_EVERY:
            shown = time.monotonic()
            yield Progress(call, both("{worked:,} of {number:,}").format(worked=index, number=len(steps)))
        try:
            done.paths.append(do(step))
        except ToolError as error:
            done.failures.append(str(error))
    return done

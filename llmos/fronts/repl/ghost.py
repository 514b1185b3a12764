"""Suggestions behind the cursor, from what the user said before. The right arrow key takes one, nothing runs by itself.

Which suggestion is best, and what is habit, is the business of `memory/habits`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.eventloop import run_in_executor_with_context

from llmos.fronts.here import local_time
from llmos.memory import unwanted
from llmos.memory.habits import Habits, Moment, read
from llmos.memory.routines import When
from llmos.memory.unwanted import Unwanted
from llmos.values.place import Place

TIP = "grey text is from your own requests; → takes it. llmos habits shows what was learned, llmos habits off ends it"


class Ghost(AutoSuggest):
    def __init__(self, place: Callable[[], Place], tell: Callable[[str], None] = lambda _text: None) -> None:
        """`tell` is told once, ever, what the suggestions are."""
        self._place = place
        self._tell = tell
        self._before = ""
        self._offered = ""
        """What was shown on the empty line."""

    @cached_property
    def _habits(self) -> Habits:
        state = self._place().state
        return read(Path(state) / "log.sqlite", unwanted.read(state))

    def said(self, request: str, cwd: str) -> None:
        """`cwd` is the folder it was said in."""
        if self._offered:
            self._remember(self._habits.unwanted.seen(self._offered, taken=request == self._offered))
        self._offered = ""
        if not self._habits.unwanted.off:
            self._habits.add(request, Moment(local_time(), cwd, self._before))
        self._before = request

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        typed = document.text
        if not typed.strip() or "\n" in typed:
            return None
        best = self._habits.best(typed, self._now())
        return Suggestion(best[len(typed) :]) if best else None

    async def get_suggestion_async(self, buff: Buffer, document: Document) -> Suggestion | None:
        """The log is read beside the first keys: 40 ms for 10,000 lines of it that no key has to wait for."""
        if "_habits" not in self.__dict__:
            await run_in_executor_with_context(lambda: self._habits)
        return self.get_suggestion(buff, document)

    def next(self) -> Suggestion | None:
        """For an empty line: what has come next before."""
        self._offered = self._habits.next(self._now()) if self._before else ""
        if not self._offered:
            return None
        if not self._habits.unwanted.told:
            self._tell(TIP)
            self._remember(replace(self._habits.unwanted, told=True))
        return Suggestion(self._offered)

    def routine(self, request: str) -> When | None:
        """When this could run by itself; None when that is not to be proposed."""
        return self._habits.routine(request)

    def proposed(self, request: str, *, taken: bool) -> None:
        """After the user was asked."""
        self._remember(self._habits.unwanted.with_proposal(request, local_time(), taken=taken))

    def _now(self) -> Moment:
        return Moment(local_time(), self._place().cwd, self._before)

    def _remember(self, said: Unwanted) -> None:
        self._habits.unwanted = said
        with contextlib.suppress(OSError):  # a state folder that cannot be written costs no answer
            unwanted.write(self._place().state, said)

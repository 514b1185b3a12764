"""Suggestions behind the cursor, from what the user said before. The right arrow key takes one, nothing runs by itself.

Which suggestion is best is `memory/suggest`'s business.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document

from llmos.fronts.here import local_time
from llmos.memory.suggest import Past, Use, read
from llmos.values.place import Place


class Ghost(AutoSuggest):
    def __init__(self, place: Callable[[], Place]) -> None:
        self._place = place
        self._before = ""

    @cached_property
    def _past(self) -> Past:
        return read(Path(self._place().state) / "log.sqlite")

    def said(self, request: str, cwd: str) -> None:
        """`cwd` is the folder it was said in."""
        self._past.add(request, Use(local_time(), cwd, self._before))
        self._before = request

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        typed = document.text
        if not typed.strip() or "\n" in typed:
            return None
        best = self._past.best(typed, self._place().cwd, self._before, local_time())
        return Suggestion(best[len(typed) :]) if best else None

    def next(self) -> Suggestion | None:
        """For an empty line: what has come next before."""
        following = self._past.next(self._before)
        return Suggestion(following) if following else None

"""A view for `--schema`: nothing of the answer is shown before all of it is there and fits.

How it is made to fit is `fit`'s business.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from llmos.fronts.fit import Shape, Told
from llmos.values.events import Event, Failed, Finished, Said
from llmos.values.messages import JSON, Outcome

if TYPE_CHECKING:
    from llmos.fronts.once import View


class Shaped:
    """Errors, notes and questions go where `notices` puts them; its own answers are not seen."""

    def __init__(self, notices: View, out: TextIO, schema: str) -> None:
        """Raises UsageError when the file holds no schema."""
        self._notices = notices
        self._out = out
        self._shape = Shape(schema)
        self.ask, self.note = notices.ask, notices.note
        self._begin()

    @property
    def schema(self) -> dict[str, JSON]:
        return self._shape.schema

    def _begin(self) -> None:
        self._said: list[str] = []
        self._outcomes: list[Outcome] = []
        self._went_well = True

    def show(self, event: Event) -> None:
        match event:
            case Said(text, asks_back):
                self._said.append(text)
                self._went_well = self._went_well and not asks_back
            case Finished(result, step=False):
                self._outcomes.append(result.outcome)
                self._went_well = self._went_well and result.ok
            case Finished(result):
                self._said.clear()  # what was said before a working step is no part of the answer
            case Failed():
                self._went_well = False
            case _:
                pass
        if not isinstance(event, Said):
            self._notices.show(event)

    def end(self) -> None:
        """Raises Unfit."""
        self._notices.end()
        told, well = Told("".join(self._said), tuple(self._outcomes)), self._went_well
        self._begin()
        if well:
            print(json.dumps(self._shape.fitted(told), ensure_ascii=False), file=self._out, flush=True)
        elif told.said:
            self._notices.note(told.said)

"""One answer while it comes in: text, reasoning and calls put together from whatever pieces a server sends.

How pieces look in chat completions and in responses is `completions`' and `responses`' business.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from llmos.decoding.broken import glimpse, value
from llmos.errors import ModelError
from llmos.translation import both
from llmos.values.messages import ToolCall


@dataclass
class Begun:
    """A call that is still being written."""

    id: str = ""
    name: str = ""
    arguments: str = ""

    def more(self, name: str, arguments: object) -> None:
        if name != self.name:  # some servers say the name with every piece, some cut it in pieces
            self.name += name
        if isinstance(arguments, dict | list):
            arguments = json.dumps(arguments)
        self.arguments += arguments if isinstance(arguments, str) else ""

    def done(self, *, cut: bool) -> tuple[str, dict[str, Any]]:
        """Raises ModelError when the arguments cannot be read."""
        arguments, rest = value(self.arguments.strip() or "{}", cut=cut)
        if isinstance(arguments, str):  # JSON within JSON
            arguments, rest = value(arguments or "{}", cut=cut)
        if rest.strip() or not isinstance(arguments or {}, dict):
            raise ModelError(
                both("the model's call cannot be read: {name} {glimpse}").format(
                    name=self.name, glimpse=glimpse(self.arguments)
                )
            )
        return self.name.strip().removeprefix("functions."), arguments or {}


@dataclass
class Draft:
    text: str = ""
    thought: str = ""
    calls: list[Begun] = field(default_factory=list)
    finish: str = ""
    """Why the server stopped: "length" is a limit, "" that it did not say."""

    usage: dict[str, int] = field(default_factory=dict)
    """`input`, `output`, and `cached` of the input: tokens."""

    model: str = ""
    """What the server calls the model that answered."""

    refusal: str = ""
    places: dict[object, int] = field(default_factory=dict)
    """Where a call stands that goes under this number."""

    @property
    def cut(self) -> bool:
        return self.finish in ("length", "max_tokens", "max_output_tokens", "incomplete")

    def call(self, number: object, id: str, name: str) -> Begun:
        """The call a piece belongs to. Numbers may be missing, or all the same: then the id tells."""
        at = self.places.get(number)
        if number is None and self.calls and not (id and id != self.calls[-1].id and self.calls[-1].id):
            at = len(self.calls) - 1 if not name or name == self.calls[-1].name else None
        if at is not None:
            known = self.calls[at]
            if not (id and known.id and id != known.id and name):
                known.id = known.id or id
                return known
        self.calls.append(Begun(id))
        self.places[number] = len(self.calls) - 1
        return self.calls[-1]

    def finished(self) -> tuple[ToolCall, ...]:
        """The calls, numbered anew: ids may be missing or the same. Raises ModelError for one that is broken."""
        named = [begun for begun in self.calls if begun.name.strip()]
        if self.calls and not named:
            raise ModelError(both("the model's call has no name"))
        done = [begun.done(cut=self.cut or not self.finish) for begun in named]
        return tuple(ToolCall(str(number), name, arguments) for number, (name, arguments) in enumerate(done, 1))


def word(value: object) -> str:
    """The value where it is text; servers send null, numbers and objects in places for text."""
    return value if isinstance(value, str) else ""


def count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0

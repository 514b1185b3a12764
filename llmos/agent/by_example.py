"""Calls of tools that a model was not taught: what is said as in an example of such a tool is answered without it.

How examples are told is in tools/examples.py. Models that are shown the tools need none of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from llmos.models.base import Context, Model
from llmos.tools.registry import BUILT_IN
from llmos.values.events import Note
from llmos.values.messages import Reply, UserMessage


@runtime_checkable
class Taught(Model, Protocol):
    """A model that writes calls only of tools it was taught, whatever it is shown."""

    def knows(self, tool: str) -> bool: ...


class ByExample:
    def __init__(self, model: Taught, manifests: Sequence[Path]) -> None:
        """`manifests` are folders."""
        self._model = model
        self._manifests = manifests

    @property
    def name(self) -> str:
        return self._model.name

    def reply(self, context: Context) -> Iterator[str | Note | Reply]:
        """Where an example says it, a call without a probability; the model is not asked then."""
        said = self._said(context)
        if said is None:
            yield from self._model.reply(context)
        else:
            yield said

    def _said(self, context: Context) -> Reply | None:
        from llmos.tools import examples  # noqa: PLC0415  # only for models of this kind

        request = context.messages[-1]
        if not isinstance(request, UserMessage):
            return None
        call = examples.find(request.text, examples.load(self._manifests, context.place.state), context.place)
        if call is None or call.name in BUILT_IN or self._model.knows(call.name):
            return None
        return Reply(calls=(call,), final=True)


def by_example(model: Model, manifests: Sequence[Path]) -> Model:
    """The model itself when it can call every tool it is shown."""
    return ByExample(model, manifests) if manifests and isinstance(model, Taught) else model

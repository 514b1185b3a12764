"""Calls that are sure without the embedded model: command lines typed out, and what is said as in an example of a tool
that it was not taught.

How examples are told is in tools/examples.py. Models that are shown the tools need none of this.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from llmos.agent.typed_out import command_in
from llmos.models.base import Context, Model
from llmos.tools.registry import BUILT_IN
from llmos.values.events import Note
from llmos.values.messages import Reply, ToolCall, UserMessage


def taught(state: str) -> Collection[str]:
    """The tools that the weights used here know."""
    from llmos.models.embedded.model import read_schema  # noqa: PLC0415  # once an example fits
    from llmos.models.embedded.taught import weights  # noqa: PLC0415

    return read_schema(weights(state)).keys()


class ByExample:
    def __init__(
        self, model: Model, manifests: Sequence[Path], known: Callable[[str], Collection[str]] = taught
    ) -> None:
        """`manifests` are folders; `known` gives the model's tools for a state folder."""
        self._model = model
        self._manifests = manifests
        self._known = known

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
        from llmos.tools import examples  # noqa: PLC0415  # only for this model

        request, place = context.messages[-1], context.place
        if not isinstance(request, UserMessage):
            return None
        if line := command_in(request.text, place.env):
            return Reply(calls=(ToolCall("1", "run_command", {"command": line}),), final=True)
        call = examples.find(request.text, examples.load(self._manifests, place.state), place)
        if call is None or call.name in BUILT_IN or call.name in self._known(place.state):
            return None
        return Reply(calls=(call,), final=True)


def by_example(model: Model, manifests: Sequence[Path]) -> Model:
    """The model itself when it can call every tool it is shown."""
    return ByExample(model, manifests) if manifests and model.name == "embedded" else model

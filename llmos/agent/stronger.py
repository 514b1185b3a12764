"""Two models as one: the first answers, and where it is not sure or has only words, the stronger one is asked.

Without a stronger one, a request for words is answered honestly. Which models these are is the session's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from llmos.agent.doubt import is_doubtful
from llmos.agent.wishes import honest, is_wish
from llmos.errors import ModelError
from llmos.models.base import Context, Model
from llmos.translation import both
from llmos.values.events import Note
from llmos.values.messages import Reply, UserMessage

Load = Callable[[], Model]

SURE_TO_TALK = 0.6
"""How probable it has to be that a request without a call was one, before the first model's words are the answer."""


class Stronger:
    def __init__(self, first: Model, load: Load, sure: float) -> None:
        """`load` gives the stronger one when it is first needed. `sure` as in doubt.py."""
        self._first = first
        self._load = load
        self._sure = sure
        self._taken_over = -1
        """How many requests there were when the stronger one was asked: it goes on until the next."""

    @property
    def name(self) -> str:
        return self._first.name

    def reply(self, context: Context) -> Iterator[str | Note | Reply]:
        requests = sum(isinstance(message, UserMessage) for message in context.messages)
        if requests == self._taken_over:
            yield from self._load().reply(context)
            return
        said = False
        for piece in self._first.reply(context):
            if isinstance(piece, Reply) and not said and self._wants_more(piece, context):
                yield from self._ask(piece, context, requests)
            else:
                said = said or isinstance(piece, str)
                yield from self._whose(piece)
                yield piece

    def _wants_more(self, reply: Reply, context: Context) -> bool:
        if reply.confidence is None or not isinstance(context.messages[-1], UserMessage):
            return False
        if reply.calls:
            return is_doubtful(reply, self._sure)
        return is_wish(context.messages[-1].text) or reply.confidence < SURE_TO_TALK

    def _ask(self, reply: Reply, context: Context, requests: int) -> Iterator[str | Note | Reply]:
        """The stronger one's answer; the first one's where that cannot be had."""
        said = False
        try:
            model = self._load()
            yield Note(both("asking {name}").format(name=model.name), model=model.name)
            for piece in model.reply(context):
                said = said or isinstance(piece, str)
                yield piece
            self._taken_over = requests
        except ModelError as error:
            if said:
                raise
            yield Note(str(error))
            yield from self._whose(reply)
            yield _honestly(reply, context)

    def _whose(self, piece: str | Note | Reply) -> Iterator[Note]:
        if isinstance(piece, Reply):
            yield Note("", model=self._first.name)


class Alone:
    """A model that says so when it is asked for words that it does not have."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return self._model.name

    def reply(self, context: Context) -> Iterator[str | Note | Reply]:
        for piece in self._model.reply(context):
            yield _honestly(piece, context) if isinstance(piece, Reply) else piece


def _honestly(reply: Reply, context: Context) -> Reply:
    request = context.messages[-1]
    if reply.calls or not isinstance(request, UserMessage) or not is_wish(request.text):
        return reply
    return replace(reply, text=honest(request.text), asks_back=True, others=None)


def with_stronger(first: Model, load: Load | None, sure: float) -> Model:
    """`load` is None where no stronger model is configured. Other models than the embedded one are strong enough."""
    if first.name != "embedded":
        return first
    return Alone(first) if load is None else Stronger(first, load, sure)

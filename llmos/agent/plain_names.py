"""Names of tools as every model and server takes them: `files.read` is `files__read` to the model, and back.

OpenAI's interface takes letters, digits, - and _ in 64 characters, and no call format takes more for certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from llmos.models.base import Context, Model
from llmos.values.events import Note
from llmos.values.messages import AssistantMessage, Message, Reply, ToolCall, ToolMessage, ToolSchema

MOST = 64


class PlainNames:
    """Wraps a model that is shown the tools."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._whole: dict[str, str] = {}

    @property
    def name(self) -> str:
        return self._model.name

    def reply(self, context: Context) -> Iterator[str | Note | Reply]:
        shown = replace(
            context, messages=tuple(map(self._message, context.messages)), tools=lambda: self._tools(context)
        )
        for piece in self._model.reply(shown):
            yield self._reply(piece) if isinstance(piece, Reply) else piece

    def _tools(self, context: Context) -> tuple[ToolSchema, ...]:
        return tuple(replace(tool, name=self._plain(tool.name)) for tool in context.tools())

    def _plain(self, name: str) -> str:
        made = plain(name)
        self._whole[made] = name
        return made

    def _message(self, message: Message) -> Message:
        match message:
            case AssistantMessage(calls=calls):
                return replace(message, calls=tuple(map(self._call, calls)))
            case ToolMessage(result):
                return ToolMessage(replace(result, call=self._call(result.call)))
        return message

    def _call(self, call: ToolCall) -> ToolCall:
        return replace(call, name=self._plain(call.name))

    def _reply(self, reply: Reply) -> Reply:
        calls = (replace(call, name=self._whole.get(call.name, call.name)) for call in reply.calls)
        return replace(reply, calls=tuple(calls))


def plain(name: str) -> str:
    made = re.sub(r"[^A-Za-z0-9_-]", "__", name)
    return made if len(made) <= MOST else f"{made[: MOST - 9]}_{sha256(name.encode()).hexdigest()[:8]}"

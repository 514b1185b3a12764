"""A model on another machine, which is shown the conversation with secrets hidden: best effort.

The conversation itself is not altered; what a secret looks like is in memory/redact.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from llmos.models.base import Context, Model
from llmos.values.events import Note
from llmos.values.messages import Message, Reply


class Redacted:
    """Wraps a model that has `remote` set."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return self._model.name

    def reply(self, context: Context) -> Iterator[str | Note | Reply]:
        return self._model.reply(replace(context, messages=tuple(map(redacted, context.messages))))


def redacted(message: Message) -> Message:
    from llmos.memory.redact import redact_json  # noqa: PLC0415  # with the log comes sqlite
    from llmos.memory.sessions import from_json, to_json  # noqa: PLC0415

    text = to_json(message)
    safe = redact_json(text)
    return message if safe == text else from_json(safe)


def for_sending(model: Model) -> Model:
    """The model itself when it is on this machine."""
    return Redacted(model) if getattr(model, "remote", False) else model

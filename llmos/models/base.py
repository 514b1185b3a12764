"""What a model is to the rest of llmos: a context goes in, pieces of text and then one reply come out.

Which models there are and how each works is not said here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from llmos.values.events import Note
from llmos.values.messages import JSON, Message, Reply, ToolSchema
from llmos.values.place import Place


def no_tools() -> tuple[ToolSchema, ...]:
    return ()


@dataclass(frozen=True)
class Context:
    messages: tuple[Message, ...]
    """The whole conversation; the last is the request, or the results of the calls the model asked for."""

    place: Place

    tools: Callable[[], tuple[ToolSchema, ...]] = no_tools
    """The schemas of all tools. A function, because building them takes longer than a small model takes to answer."""

    hints: tuple[str, ...] = ()
    """Names in the current folder that the request may mean, sorted."""

    known: tuple[tuple[str, str], ...] = ()
    """Names in the request that exist, from the current folder: (name as it is written, "file" or "folder")."""

    pictures: tuple[str, ...] = ()
    """Absolute paths of images that go with the request, for models that see."""

    answer: Mapping[str, JSON] | None = None
    """The JSON schema that the last text has to fit, where the user wants JSON."""


@dataclass(frozen=True)
class Reach:
    """How servers with models are reached, where the name of a model does not say."""

    base_url: str = ""
    key_command: str = ""
    """A shell line that prints the key."""

    env: Mapping[str, str] = field(default_factory=dict)


ANYWHERE = Reach()


class Model(Protocol):
    @property
    def name(self) -> str: ...

    def reply(self, context: Context) -> Iterator[str | Note | Reply]:
        """Pieces of text while they are written, then exactly one `Reply`, which holds the whole text again. Notes
        may stand anywhere before it.

        Raises ModelError.
        """
        ...

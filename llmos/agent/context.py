"""What the model gets to see: the conversation, the tools, and names in the current folder that may be meant.

Turning that into a prompt is the model's business.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from llmos.models.base import Context, no_tools
from llmos.values.messages import (
    JSON,
    AssistantMessage,
    ItemKind,
    Message,
    ToolMessage,
    ToolSchema,
    UserMessage,
)
from llmos.values.place import Place

HINTS = 200
RECENT = 100
OFFERED = 75
"""Tools that a model is shown at most, unless more were called already."""

SCANNED = 5_000
"""Entries looked at: enough for folders people name files in, and a few ms where there are a million."""


@dataclass
class Conversation:
    """Grows while turns run: the turn appends what is said and moves `place` when a call changes the folder."""

    place: Place
    messages: list[Message] = field(default_factory=list)
    answer: Mapping[str, JSON] | None = None
    """The JSON schema that answers have to fit."""


def recent_paths(messages: Sequence[Message]) -> tuple[str, ...]:
    """What the last answers were about, latest first."""
    results = (m.result for m in reversed(messages) if isinstance(m, ToolMessage))
    shown = (r.outcome.items for r in results if r.ok and r.outcome.kind is ItemKind.PATH)
    return tuple(islice(dict.fromkeys(chain.from_iterable(shown)), RECENT))


def make_context(conversation: Conversation, tools: Callable[[], tuple[ToolSchema, ...]] = no_tools) -> Context:
    place = conversation.place
    requests = [m.text for m in conversation.messages if isinstance(m, UserMessage)]
    here = _kinds(place.cwd)
    return Context(
        messages=tuple(conversation.messages),
        place=place,
        tools=lambda: offered(tools(), conversation.messages),
        hints=_hints(here, requests[-1] if requests else ""),
        known=tuple(_known("\n".join(requests[-2:]), place, here)),
        answer=conversation.answer,
    )


def offered(tools: Sequence[ToolSchema], messages: Sequence[Message]) -> tuple[ToolSchema, ...]:
    """Of more than a model should have to choose from: what is built in, what was called, what is like the request.

    What comes first stays first and the same, so that a model need not read it again.
    """
    if len(tools) <= OFFERED:
        return tuple(tools)
    from llmos.tools.registry import BUILT_IN  # noqa: PLC0415  # a model that reads schemas takes longer than this
    from llmos.tools.retrieval import relevant  # noqa: PLC0415

    called = {call.name for m in messages if isinstance(m, AssistantMessage) for call in m.calls}
    kept = [tool for tool in tools if tool.name in BUILT_IN or tool.name in called]
    others = [tool for tool in tools if tool not in kept]
    requests = [m.text for m in messages if isinstance(m, UserMessage)]
    return (*kept, *relevant(others, "\n".join(requests[-2:]), max(0, OFFERED - len(kept))))


def _kinds(folder: str) -> Mapping[str, str]:
    """The names in the folder, with "file" or "folder"."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: _is(entry) for entry in islice(entries, SCANNED)}
    except OSError:
        return {}


def _is(entry: os.DirEntry[str]) -> str:
    try:
        return "folder" if entry.is_dir() else "file"
    except OSError:  # a link in a circle
        return "file"


def _hints(here: Mapping[str, str], request: str) -> tuple[str, ...]:
    """Names in the folder; where there are too many, those that share a word with the request come first."""
    names = sorted(here)
    if len(names) > HINTS:
        words = _words(request)
        names.sort(key=lambda name: not words & _words(name))
    return tuple(sorted(names[:HINTS]))


_PATHLIKE = re.compile(r"[\w./~+@%=-]+", re.ASCII)
_NAMED = 64
"""Names in a request that are looked up at most."""


def _known(requests: str, place: Place, here: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the requests name that is there: paths, and names in the folder however they are written."""
    for name in islice(dict.fromkeys(_PATHLIKE.findall(requests)), _NAMED):
        for path in dict.fromkeys((name, name.rstrip("."))):
            kind = here.get(path) or (_kind(path, place) if re.search(r"\w", path) and "/" in path else None)
            if kind:
                yield path, kind
                break
    for name, kind in here.items():
        if not _PATHLIKE.fullmatch(name) and name in requests:
            yield name, kind


def _kind(path: str, place: Place) -> str | None:
    whole = os.path.join(place.cwd, place.home + path[1:] if path.startswith("~/") else path)
    if os.path.isdir(whole):
        return "folder"
    return "file" if os.path.exists(whole) else None


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))

"""A session as a document: Markdown for people, one JSON value for programs.

Which sessions there are is `memory.past`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from llmos.adapters.terminal import clean
from llmos.fronts import layout
from llmos.memory.log import Entry
from llmos.memory.past import Past
from llmos.memory.sessions import CLEARED, from_json, is_mark
from llmos.values.messages import AssistantMessage, Message, ToolMessage, ToolResult, UserMessage

WIDTH = 100


@dataclass
class Exchange:
    """A request with all that followed it."""

    request: str
    time: float
    folder: str
    bodies: list[str] = field(default_factory=list)
    """Replies and results, as the log has them."""


def exchanges(entries: Sequence[Entry]) -> list[Exchange]:
    found: list[Exchange] = []
    for entry in entries:
        if is_mark(entry.body) or entry.body == CLEARED:
            continue
        message = from_json(entry.body)
        if isinstance(message, UserMessage):
            found.append(Exchange(message.text, entry.time, entry.cwd))
        elif found:
            found[-1].bodies.append(entry.body)
            found[-1].folder = entry.cwd
    return found


def markdown(past: Past, entries: Sequence[Entry]) -> str:
    turns = exchanges(entries)
    head = f"# {past.name}\n\nIn {past.cwd}, {_moment(past.began)} to {_moment(past.last)}.\n"
    pieces = [head, *(_turn(turn) for turn in turns)]
    if past.cut_off:
        pieces.append("**Cut off here**: llmos was ended while it worked on this; part of it may be done.\n")
    return clean("\n".join(pieces))


def as_json(past: Past, entries: Sequence[Entry]) -> str:
    turns = [
        {"request": t.request, "time": t.time, "folder": t.folder, "messages": [json.loads(body) for body in t.bodies]}
        for t in exchanges(entries)
    ]
    value: dict[str, Any] = {"name": past.name, "folder": past.cwd, "began": past.began, "last": past.last}
    return json.dumps({**value, "cut_off": past.cut_off, "turns": turns}, indent=2) + "\n"


def _turn(turn: Exchange) -> str:
    parts = [f"## {' '.join(turn.request.split())}", f"{_moment(turn.time)}"]
    for body in turn.bodies:
        parts += _message(from_json(body))
    return "\n\n".join(parts) + "\n"


def _message(message: Message) -> Iterator[str]:
    match message:
        case AssistantMessage(text=text) if text:
            yield text
        case ToolMessage(result=result):
            arguments = json.dumps(dict(result.call.arguments), ensure_ascii=False)
            yield f"- {_code(f'{result.call.name} {arguments}')}{'' if result.ok else ': ' + result.error}"
            if answer := _answer(result):
                yield _fenced(answer)


def _answer(result: ToolResult) -> str:
    return layout.for_terminal(result.outcome, WIDTH) if result.ok else ""


def _code(text: str) -> str:
    ticks = "`" * (_longest_run(text) + 1)
    return f"{ticks} {text} {ticks}" if len(ticks) > 1 else f"`{text}`"


def _fenced(text: str) -> str:
    """In a fence that nothing in the text can close."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))

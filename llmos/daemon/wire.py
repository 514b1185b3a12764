"""What passes between a shell and the daemon: one JSON object a line, values with the name of their class.

Who may say what when is in `client.py` and `server.py`. The environment of a place stays where it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from llmos.models.base import Context
from llmos.values.events import Note
from llmos.values.messages import (
    JSON,
    AssistantMessage,
    ItemKind,
    Outcome,
    Reply,
    ToolCall,
    ToolMessage,
    ToolResult,
    ToolSchema,
    UserMessage,
)
from llmos.values.place import Place
from llmos.values.table import Cell, Column, Table, Unit

KIND = "is"
"""Where the name of a value's class stands."""

_CLASSES: Mapping[str, Callable[..., Any]] = {
    made.__name__: made
    for made in (
        AssistantMessage, Column, Context, Note, Outcome, Place, Reply, Table, ToolCall, ToolMessage, ToolResult,
        ToolSchema, UserMessage,
    )
}  # fmt: skip

_AS_THEY_ARE = ("arguments", "parameters", "answer")
"""Fields with JSON of their own, in which a list is a list."""

_LEFT_OUT = ("tools", "whole", "others", "env", "state")
"""Functions, and what no model needs to know."""

Object = dict[str, Any]


def to_line(value: Mapping[str, Any]) -> bytes:
    """Text that is not valid Unicode keeps its bytes as escapes."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> Object:
    """Raises ValueError for a line that is cut off or no object."""
    value = json.loads(line)
    if not line.endswith(b"\n") or not isinstance(value, dict):
        raise ValueError("not a whole line with an object")
    return value


def from_context(context: Context, tools: Sequence[ToolSchema]) -> Object:
    """`tools` are sent along where the model wants them; to build their schemas takes longer than the rest."""
    return {**pack(context), "tools": pack(tools)}


def to_context(value: Object) -> Context:
    tools = cast(tuple[ToolSchema, ...], unpack(value.pop("tools")))
    return cast(Context, unpack({**value, "tools": lambda: tools}))


def pack(value: Any) -> Any:
    """Functions are left out: other readings are asked for in a request of their own."""
    if isinstance(value, Table):
        return {**_fields(value), "plain": list(map(value.plain, value.rows)) if value.plain else None}
    if hasattr(value, "__dataclass_fields__"):
        return _fields(value)
    if isinstance(value, list | tuple):
        return [pack(part) for part in value]
    return dict(value) if isinstance(value, Mapping) else value


def _fields(value: Any) -> Object:
    names = (field.name for field in fields(value))
    return {KIND: type(value).__name__} | {name: pack(getattr(value, name)) for name in names if name not in _LEFT_OUT}


def unpack(value: Any) -> Any:
    match value:
        case {"is": "Table"}:
            rows = cast(tuple[tuple[Cell, ...], ...], unpack(value["rows"]))
            return Table(unpack(value["columns"]), rows, _plain(rows, value["plain"]))
        case {"is": str(name)}:
            return _CLASSES[name](**{field: _field(field, part) for field, part in value.items() if field != KIND})
        case dict():
            return {name: unpack(part) for name, part in value.items()}
        case list():
            return tuple(unpack(part) for part in value)
        case _:
            return value


def _field(name: str, value: Any) -> Any:
    if name in _AS_THEY_ARE:
        return cast(JSON, value)
    if name == "kind":
        return ItemKind(value)
    return Unit(value) if name == "unit" else unpack(value)


def _plain(rows: Iterable[tuple[Cell, ...]], lines: Sequence[str] | None) -> Callable[[tuple[Cell, ...]], str] | None:
    """A function cannot be sent, but all that it says."""
    return None if lines is None else dict(zip(rows, lines, strict=True)).__getitem__

"""Arguments that say the right thing in the wrong type, put into the type their schema wants: "5" → 5, "a" → ["a"].

Only where one reading is left; whether they then fit is validated with the call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmos.decoding.broken import value
from llmos.decoding.parse import Unread
from llmos.decoding.schemas import tidy
from llmos.errors import ModelError
from llmos.values.messages import JSON, ToolCall, ToolSchema


def fitted(calls: Iterable[ToolCall], tools: Sequence[ToolSchema]) -> tuple[ToolCall, ...]:
    schemas = {tool.name: tool.parameters for tool in tools}
    return tuple(_fitted(call, schemas.get(call.name, {})) for call in calls)


def _fitted(call: ToolCall, schema: Mapping[str, JSON]) -> ToolCall:
    properties = schema.get("properties")
    known: Mapping[str, Any] = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    needed = required if isinstance(required, list) else []
    arguments = {
        name: _typed(given, tidy(known.get(name, {})))
        for name, given in call.arguments.items()
        if not (given is None and name not in needed)  # models write null for what they leave out
    }
    return replace(call, arguments=arguments)


def _typed(given: Any, schema: Mapping[str, Any]) -> JSON:
    kind = schema.get("type")
    if kind == "array":
        return _listed(given, schema)
    if isinstance(given, str) and kind in ("integer", "number", "boolean", "object"):
        return _read(given, kind)
    if isinstance(given, Unread) and (kind != "string" or ("enum" in schema and given not in schema["enum"])):
        return _read(given, None)
    if kind == "integer" and isinstance(given, float) and given.is_integer():
        return int(given)
    if kind == "string" and isinstance(given, int | float) and not isinstance(given, bool):
        return str(given)
    return str(given) if isinstance(given, Unread) else given


def _listed(given: Any, schema: Mapping[str, Any]) -> JSON:
    items = schema.get("items")
    each: Mapping[str, Any] = items if isinstance(items, dict) else {}
    if isinstance(given, str) and given.lstrip().startswith("["):
        read = _read(given, None)
        given = read if isinstance(read, list) else [str(given)]
    elif not isinstance(given, list) and given is not None:
        given = [given]
    return [_typed(part, each) for part in given] if isinstance(given, list) else given


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
}


def _read(given: str, kind: str | None) -> JSON:
    """The value the text stands for, where it is of that kind; else the text: "10 MB" is read by the tools."""
    word = given.strip()
    try:
        found, rest = value({"True": "true", "False": "false", "None": "null"}.get(word, word))
    except ModelError:
        return str(given)
    if isinstance(given, Unread) and isinstance(found, str) and not rest.strip():
        return found
    fits = kind is None or (isinstance(found, _KINDS[kind]) and not (kind != "boolean" and isinstance(found, bool)))
    return found if fits and not rest.strip() and json.dumps(found) is not None else str(given)

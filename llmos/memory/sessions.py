"""Messages as JSON and back, and a session read from the log.

Results are kept short: what later requests may point at, not whole outputs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from llmos.memory.log import Entry, Log
from llmos.values.messages import (
    AssistantMessage,
    ItemKind,
    Message,
    Outcome,
    ToolCall,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from llmos.values.table import Column, Table, Unit

ITEMS = 2_000
ROWS = 200
CHARACTERS = 20_000
REMEMBERED = 60
"""Messages of a session that the next turn starts with: about fifteen turns."""


CLEARED = '{"cleared": true}'
"""Stands in the log where the user said that what was before is to be forgotten."""


@dataclass(frozen=True)
class Remembered:
    messages: tuple[Message, ...]
    cwd: str
    """"" when the session is new."""


def recall(log: Log, session: str, last: int = REMEMBERED) -> Remembered:
    """What a named session said and did since it was cleared, from the beginning of a turn on."""
    entries = log.entries(session, last)
    messages: list[Message] = []
    for entry in entries:
        messages = [] if entry.body == CLEARED else [*messages, from_json(entry.body)]
    while messages and not isinstance(messages[0], UserMessage):
        del messages[0]
    return Remembered(tuple(messages), entries[-1].cwd if entries else "")


def as_entries(messages: Sequence[Message], cwd: str, time: float) -> list[Entry]:
    return [Entry(time, cwd, to_json(message)) for message in messages]


def to_json(message: Message) -> str:
    match message:
        case UserMessage(text, input):
            value: dict[str, Any] = {"user": text, "input": input}
        case AssistantMessage(text, calls):
            value = {"assistant": text, "calls": [call_value(call) for call in calls]}
        case ToolMessage(result):
            value = {"result": _result_value(result)}
    return json.dumps(value)


def call_value(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "name": call.name, "arguments": dict(call.arguments), "probability": call.probability}


def _result_value(result: ToolResult) -> dict[str, Any]:
    return {
        "call": call_value(result.call),
        "ok": result.ok,
        "error": result.error,
        "refused": result.refused,
        "level": result.level,
        "outcome": _outcome_value(result.outcome),
    }


def _outcome_value(outcome: Outcome) -> dict[str, Any]:
    return {
        "text": outcome.text[:CHARACTERS],
        "table": _table_value(outcome.table) if outcome.table else None,
        "items": list(outcome.items[:ITEMS]),
        "kind": outcome.kind,
        "more": outcome.more,
        "cwd": outcome.cwd,
    }


def _table_value(table: Table) -> dict[str, Any]:
    columns = [[column.name, column.unit] for column in table.columns]
    return {"columns": columns, "rows": [list(row) for row in table.rows[:ROWS]]}


def from_json(body: str) -> Message:
    value = json.loads(body)
    if "user" in value:
        return UserMessage(value["user"], value["input"])
    if "assistant" in value:
        return AssistantMessage(value["assistant"], tuple(ToolCall(**call) for call in value["calls"]))
    result = value["result"]
    call, outcome = ToolCall(**result["call"]), _outcome(result["outcome"])
    return ToolMessage(ToolResult(**{**result, "call": call, "outcome": outcome}))


def _outcome(value: dict[str, Any]) -> Outcome:
    whole = Outcome(**{**value, "table": None, "items": tuple(value["items"]), "kind": ItemKind(value["kind"])})
    return replace(whole, table=_table(value["table"])) if value["table"] else whole


def _table(value: dict[str, Any]) -> Table:
    columns = tuple(Column(name, Unit(unit)) for name, unit in value["columns"])
    return Table(columns, tuple(tuple(row) for row in value["rows"]))

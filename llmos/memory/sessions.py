"""Messages as JSON and back, and a session read from the log.

Results are kept short: what later requests may point at, not whole outputs.
"""

from __future__ import annotations

import json
import os
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

REMOVED = '{"removed": true}'
"""Stands there where the session was taken off the list. The log itself forgets nothing."""

_MARKS = ("began", "ended")


def began(pid: int) -> str:
    """Stands before what a turn does: without its `ended`, the process of this pid was cut off."""
    return json.dumps({"began": pid})


def ended(code: int) -> str:
    return json.dumps({"ended": code})


def is_mark(body: str) -> bool:
    return body.startswith(tuple(f'{{"{mark}":' for mark in _MARKS))


def is_message(body: str) -> bool:
    """False for what stands between messages: marks, and what was cleared or removed."""
    return body not in (CLEARED, REMOVED) and not is_mark(body)


UNKNOWN = "cut off: llmos was ended while this ran; part of it may be done"


@dataclass(frozen=True)
class Remembered:
    messages: tuple[Message, ...]
    cwd: str
    """"" when the session is new."""

    cut_off: str = ""
    """The last request, when llmos was killed before it was through."""


def recall(log: Log, session: str, last: int = REMEMBERED) -> Remembered:
    """What a named session said and did since it was cleared, from the beginning of a turn on."""
    entries = log.entries(session, last)
    if entries and entries[-1].body == REMOVED:
        return Remembered((), "")
    messages: list[Message] = []
    for entry in entries:
        if entry.body in (CLEARED, REMOVED):
            messages.clear()
        elif not is_mark(entry.body):
            messages += _next(messages, from_json(entry.body))
    messages += _cut_off(messages)
    while messages and not isinstance(messages[0], UserMessage):
        del messages[0]
    return Remembered(tuple(messages), entries[-1].cwd if entries else "", _unended(entries, messages))


def _unended(entries: Sequence[Entry], messages: Sequence[Message]) -> str:
    marks = [entry.body for entry in entries if is_mark(entry.body)]
    pid = json.loads(marks[-1]).get("began") if marks else None
    requests = [message.text for message in messages if isinstance(message, UserMessage)]
    return requests[-1] if pid and requests and not is_alive(pid) else ""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _next(before: Sequence[Message], message: Message) -> list[Message]:
    """With results for calls that have none: every call of a conversation has one, also after a crash."""
    return [message] if isinstance(message, ToolMessage) else [*_cut_off(before), message]


def _cut_off(messages: Sequence[Message]) -> list[Message]:
    answered = 0
    for message in reversed(messages):
        match message:
            case ToolMessage():
                answered += 1
            case AssistantMessage(calls=calls):
                return [ToolMessage(ToolResult(call, ok=False, error=UNKNOWN)) for call in calls[answered:]]
            case UserMessage():
                break
    return []


def as_entries(messages: Sequence[Message], cwd: str, time: float) -> list[Entry]:
    return [Entry(time, cwd, to_json(message)) for message in messages]


def to_json(message: Message) -> str:
    match message:
        case UserMessage(text, input):
            value: dict[str, Any] = {"user": text, "input": input}
        case AssistantMessage(text, calls, chosen):
            value = {"assistant": text, "calls": [call_value(call) for call in calls]} | (
                {"chosen": True} if chosen else {}
            )
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
        calls = tuple(ToolCall(**call) for call in value["calls"])
        return AssistantMessage(value["assistant"], calls, value.get("chosen", False))
    result = value["result"]
    call, outcome = ToolCall(**result["call"]), _outcome(result["outcome"])
    return ToolMessage(ToolResult(**{**result, "call": call, "outcome": outcome}))


def _outcome(value: dict[str, Any]) -> Outcome:
    whole = Outcome(**{**value, "table": None, "items": tuple(value["items"]), "kind": ItemKind(value["kind"])})
    return replace(whole, table=_table(value["table"])) if value["table"] else whole


def _table(value: dict[str, Any]) -> Table:
    columns = tuple(Column(name, Unit(unit)) for name, unit in value["columns"])
    return Table(columns, tuple(tuple(row) for row in value["rows"]))

"""Events as JSON values, one object each: what `--json` prints.

Fields are only ever added. Text that is not valid Unicode keeps its bytes as escapes.
"""

from __future__ import annotations

import json
from typing import Any

from llmos.values.changes import Change
from llmos.values.events import Ask, Choose, Event, Failed, Finished, Note, Progress, Said, Started
from llmos.values.messages import ToolCall, ToolResult
from llmos.values.plans import Plan
from llmos.values.table import Table


def to_line(event: Event) -> str:
    return json.dumps(_value(event))


def _value(event: Event) -> dict[str, Any]:
    match event:
        case Said(text, asks_back):
            value: dict[str, Any] = {"event": "said", "text": text, "asks_back": asks_back}
        case Ask(plan, decision, scope, typed, warning):
            asked = {"verdict": decision.verdict, "rule": decision.rule, "scope": scope, "typed": typed}
            value = {"event": "ask", **_plan(plan), **asked, "warning": warning}
        case Choose(readings, confidence):
            calls = [[call_value(call) for call in reading] for reading in readings]
            value = {"event": "choose", "readings": calls, "confidence": confidence}
        case Started(plan):
            value = {"event": "started", **_plan(plan)}
        case Progress(call, text):
            value = {"event": "progress", "call": call_value(call), "text": text}
        case Note(text, model):
            value = {"event": "note", "text": text, "model": model}
        case Finished(result, step):
            value = {"event": "finished", "step": step, **_result(result)}
        case Failed(reason, exit_code):
            value = {"event": "failed", "reason": reason, "exit_code": int(exit_code)}
    return value


def call_value(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "name": call.name, "arguments": dict(call.arguments), "probability": call.probability}


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "call": call_value(plan.call),
        "summary": plan.summary,
        "targets": [{"effect": target.effect, "what": target.what} for target in plan.targets],
        "changes": [change_value(change) for change in plan.changes.changes],
    }


def change_value(change: Change) -> dict[str, Any]:
    return {"kind": change.kind, "path": change.path, "to": change.to, "size": change.size}


def _result(result: ToolResult) -> dict[str, Any]:
    outcome = result.outcome
    return {
        "call": call_value(result.call),
        "ok": result.ok,
        "error": result.error,
        "refused": result.refused,
        "level": result.level,
        "text": outcome.text,
        "table": _table(outcome.table) if outcome.table else None,
        "items": list(outcome.items),
        "kind": outcome.kind,
        "more": outcome.more,
        "cwd": outcome.cwd,
    }


def _table(table: Table) -> dict[str, Any]:
    columns = [{"name": column.name, "unit": column.unit} for column in table.columns]
    return {"columns": columns, "rows": [list(row) for row in table.rows]}

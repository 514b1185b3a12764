"""A conversation as the messages that chat templates take: the system part, the tools, what the model sees of results.

Rendering and counting tokens is the model's business; for people results are laid out by the fronts.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from llmos import paths
from llmos.decoding.formats import Format
from llmos.decoding.schemas import candidates, tidy
from llmos.models.base import Context
from llmos.models.data import as_data, unframed
from llmos.values.messages import (
    JSON,
    AssistantMessage,
    Message,
    Outcome,
    ToolCall,
    ToolMessage,
    ToolResult,
    ToolSchema,
    UserMessage,
)
from llmos.values.place import Place
from llmos.values.plain import exact
from llmos.values.table import Cell, Column, Table, Unit

Part = dict[str, JSON]

_PROMPT = "agent/prompts/system.md"
_SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
_NAMES_SHOWN = 60
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Extent:
    """How much of a conversation is put into the prompt."""

    dropped: int = 0
    """The oldest exchanges that are left out."""

    result: int = 6000
    """Characters of one result."""

    described: bool = True
    """Tools with a description of every argument."""


def extents(context: Context, described: bool) -> Iterator[Extent]:
    """From all of it to the least that still makes sense: the system part, the tools, the current request."""
    extent = Extent(described=described)
    for dropped in range(max(1, len(exchanges(context.messages)))):
        extent = replace(extent, dropped=dropped)
        yield extent
    yield replace(extent, result=1500)
    yield replace(extent, result=400)
    yield replace(extent, result=400, described=False)


def left_out(extent: Extent) -> tuple[str, ...]:
    """What the user is told about it."""
    notes = []
    if extent.dropped:
        plural = "" if extent.dropped == 1 else "s"
        notes.append(f"the model has no room for the oldest {extent.dropped} request{plural} of this conversation")
    if extent.result < Extent.result:
        notes.append("the model sees the results only in part")
    return tuple(notes)


def exchanges(messages: Sequence[Message]) -> list[list[Message]]:
    """Each request with all that followed it."""
    found: list[list[Message]] = []
    for message in messages:
        if isinstance(message, UserMessage) or not found:
            found.append([])
        found[-1].append(message)
    return found


def conversation(context: Context, form: Format, extent: Extent = Extent()) -> list[Part]:
    """The messages for `apply_chat_template`. The folder stands with the request, so that what is before it stays."""
    kept = [message for exchange in exchanges(context.messages)[extent.dropped :] for message in exchange]
    last = max((i for i, message in enumerate(kept) if isinstance(message, UserMessage)), default=-1)
    parts: list[Part] = [{"role": "system", "content": system(context.place)}]
    calls = _Calls(form)
    for i, message in enumerate(kept):
        match message:
            case UserMessage(text=text):
                around = surroundings(context) if i == last else ""
                parts += _rounded_off(parts[-1])
                parts.append({"role": "user", "content": _encodable(text + around)})
            case AssistantMessage():
                parts += calls.asked(message)
            case ToolMessage(result=result):
                parts += calls.answered(result, extent.result)
    return parts


def least(context: Context) -> list[Part]:
    """What stands in every prompt, however long the conversation is."""
    return [{"role": "system", "content": system(context.place)}, {"role": "user", "content": "?"}]


def _rounded_off(last: Part) -> list[Part]:
    """Where a request was left without a last word, one: some templates insist on requests and replies in turn."""
    if last["role"] in ("tool", "user"):
        return [{"role": "assistant", "content": "(done)" if last["role"] == "tool" else "(interrupted)"}]
    return []


class _Calls:
    """Pairs calls with their results. Ids are given anew: models repeat theirs, and Mistral wants nine characters."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._number = 0
        self._open: list[str] = []
        self._said = ""

    def asked(self, message: AssistantMessage) -> list[Part]:
        part: Part = {"role": "assistant", "content": _encodable(message.text)}
        if not message.calls:
            return [part]
        if not self._form.several:  # each call is then written just before its result
            self._said = str(part["content"])
            return []
        self._open = [self._new_id() for _ in message.calls]
        part["tool_calls"] = [_asked(id, call) for id, call in zip(self._open, message.calls, strict=True)]
        return [part]

    def answered(self, result: ToolResult, limit: int) -> list[Part]:
        parts: list[Part] = []
        id = self._open.pop(0) if self._open else self._new_id()
        if not self._form.several:
            parts.append({"role": "assistant", "content": self._said, "tool_calls": [_asked(id, result.call)]})
            self._said = ""
        content = _encodable(shown(result, limit))
        content = content if result.refused else as_data(content)
        return [*parts, {"role": "tool", "tool_call_id": id, "name": result.call.name, "content": content}]

    def _new_id(self) -> str:
        self._number += 1
        return f"call{self._number:05d}"


def _asked(id: str, call: ToolCall) -> Part:
    arguments = json.loads(_encodable(json.dumps(dict(call.arguments))))
    return {"type": "function", "id": id, "function": {"name": call.name, "arguments": arguments}}


def system(place: Place) -> str:
    text = (paths.PACKAGE / _PROMPT).read_text("utf-8")
    today = time.strftime("%A, %Y-%m-%d", time.localtime(place.now))
    machine = _SYSTEMS.get(sys.platform, sys.platform)
    return _encodable(text.format(system=machine, home=place.home, date=today)).strip()


def surroundings(context: Context) -> str:
    """Where the request was made, and names it may mean."""
    lines = [f"folder: {unframed(_cell(context.place.cwd))}"]
    if context.hints:
        more = len(context.hints) - _NAMES_SHOWN
        names = ", ".join(unframed(_cell(name)) for name in context.hints[:_NAMES_SHOWN])
        lines.append(f"names in it: {names}" + (f" and {more} more" if more > 0 else ""))
    if context.place.input is not None:
        lines.append('text was piped in; it is the file "-"')
    if context.answer is not None:
        lines.append(f"the last answer is nothing but JSON that fits this schema: {json.dumps(context.answer)}")
    return "\n\n(" + "; ".join(lines) + ")"


def tool_parts(tools: Iterable[ToolSchema], *, described: bool = True) -> list[Part]:
    """The tools for a chat template. An argument that several tools share is described where it first stands."""
    seen: set[str] = set()
    parts: list[Part] = []
    for tool in tools:
        parameters = tidy(tool.parameters)
        properties = parameters.get("properties")
        if isinstance(properties, dict):
            parameters["properties"] = {n: _brief(n, p, seen, described) for n, p in properties.items()}
        parameters.pop("additionalProperties", None)
        function: Part = {"name": tool.name, "description": tool.description, "parameters": parameters}
        parts.append({"type": "function", "function": function})
    return parts


def _brief(name: str, schema: JSON, seen: set[str], described: bool) -> JSON:
    if not isinstance(schema, dict):
        return schema
    short: Part = {key: value for key, value in schema.items() if key not in ("minimum", "default", "unit")}
    if "unit" in schema:
        short["type"] = "string"
    whole = json.dumps([name, short])
    if whole in seen or not described:
        short.pop("description", None)
    seen.add(whole)
    return short


def shown(result: ToolResult, limit: int = 6000) -> str:
    """What the model sees of a result."""
    if not result.ok:
        return cut(f"{'not run' if result.refused else 'failed'}: {result.error}", limit, None)
    outcome = result.outcome
    parts = [outcome.text.strip("\n"), *_rows(outcome.table), *_items(outcome)]
    return cut("\n".join(part for part in parts if part) or "done", limit, outcome.more)


def _rows(table: Table | None) -> Iterator[str]:
    """Exact values between tabs under the names of the columns; one column alone needs no name."""
    if table is None:
        return
    if not table.rows:
        yield "nothing found"
        return
    if len(table.columns) > 1:
        yield "\t".join(_head(column) for column in table.columns)
    for row in table.rows:
        yield "\t".join(_cell(cell, column.unit) for cell, column in zip(row, table.columns, strict=True))


def _items(outcome: Outcome) -> Iterator[str]:
    if not outcome.text and outcome.table is None:
        yield from map(_cell, outcome.items)


def _head(column: Column) -> str:
    return f"{column.name} ({column.unit})" if column.unit in (Unit.BYTES, Unit.SECONDS) else column.name


def _cell(cell: Cell, unit: Unit = Unit.NONE) -> str:
    return exact(cell, unit).replace("\n", "\\n").replace("\t", "\\t")


def cut(text: str, limit: int, whole: str | None) -> str:
    """At most about `limit` characters, the middle left out at line ends where there are any."""
    where = f"the whole is in {whole}, which read_file pages through" if whole else ""
    if len(text) <= limit:
        return f"{text}\n[{where}]" if whole else text
    head, tail = text[: limit * 2 // 3], text[-(limit // 3) :]
    head = head[: head.rfind("\n") if "\n" in head else None]
    tail = tail[tail.find("\n") + 1 :]
    left_out = text[len(head) : len(text) - len(tail)]
    lines = max(0, left_out.strip("\n").count("\n") + 1) if "\n" in left_out else 0
    amount = f"{lines} lines" if lines else f"{len(left_out)} characters"
    return f"{head}\n[{amount} are left out here{f'; {where}' if where else ''}]\n{tail}"


def _encodable(text: str) -> str:
    """Bytes that are not UTF-8 are shown as escapes: a tokenizer takes no surrogates."""
    return _SURROGATES.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def untaught(parts: Sequence[Part], tools: Sequence[Part], form: Format) -> list[Part]:
    """The same for a template that knows neither tools nor a system part: requests and replies in turn, in words."""
    told: list[Part] = []
    for part in parts:
        role, content = _in_words(part, form)
        if role == "system" and tools:
            content = f"{content}\n\n{_taught(tools, form)}"
        role = "user" if role == "system" else role
        if told and told[-1]["role"] == role:
            told[-1]["content"] = f"{told[-1]['content']}\n\n{content}"
        else:
            told.append({"role": role, "content": content})
    return told


def _in_words(part: Part, form: Format) -> tuple[str, str]:
    content = str(part["content"])
    if part["role"] == "tool":
        return "user", f"[result of {part['name']}]\n{content}"
    calls = part.get("tool_calls")
    written = [_as_written(call, form) for call in calls] if isinstance(calls, list) else []
    return str(part["role"]), "\n".join(filter(None, [content, *written]))


def _as_written(call: JSON, form: Format) -> str:
    assert isinstance(call, dict)
    function = call["function"]
    assert isinstance(function, Mapping)
    arguments = function["arguments"]
    assert isinstance(arguments, Mapping)
    return form.written(str(function["name"]), arguments)


def _taught(tools: Sequence[Part], form: Format) -> str:
    listed = "\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in tools)
    return f"{_how(form)}\n\nThe tools:\n{listed}"


def _how(form: Format) -> str:
    example = form.written("NAME", {"ARGUMENT": "VALUE"})
    return f"To call a tool, write nothing but this, with as many arguments as are needed:\n{example}"


def reminded(parts: list[Part], form: Format) -> list[Part]:
    """Where the template teaches a wrapper that is not in the table, say how calls are written here."""
    if form.markers:
        return parts
    first, *rest = parts
    return [{**first, "content": f"{first['content']}\n\n{_how(form)}"}, *rest]


_COPYABLE = 400


def copyable(context: Context) -> list[str]:
    """What arguments may be copied from, the newest first: requests, results, arguments, names in the folder."""
    texts: list[str] = []
    values: list[str] = []
    for message in reversed(context.messages):
        match message:
            case UserMessage(text=text):
                texts.append(text)
            case ToolMessage(result=result):
                values += result.outcome.items
                texts += result.outcome.text.splitlines()[:20]
            case AssistantMessage(calls=calls):
                values += (text for call in calls for text in _strings(dict(call.arguments)))
    return [".", "-", *candidates(texts[:30], [*values[:_COPYABLE], *context.hints])][: 3 * _COPYABLE]


def _strings(value: JSON) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from _strings(part)
        case dict():
            for part in value.values():
                yield from _strings(part)

"""Responses (`/responses`): what a request looks like, and what the events of its answer mean.

https://platform.openai.com/docs/api-reference/responses. Nothing is kept on the server: every request is whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmos.errors import ModelError
from llmos.models.chat import Part
from llmos.models.openai.draft import Draft, count, word
from llmos.values.messages import JSON

PATH = "responses"

OPTIONAL = ("text", "tool_choice", "store", "stream")


def body(model: str, parts: Sequence[Part], tools: Sequence[Part], answer: Mapping[str, JSON] | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "model": model,
        "input": [item for part in parts for item in _items(part)],
        "stream": True,
        "store": False,
    }
    if tools:
        made["tools"] = [_tool(tool) for tool in tools]
        made["tool_choice"] = "auto"
    if answer is not None:
        made["text"] = {"format": {"type": "json_schema", "name": "answer", "schema": dict(answer)}}
    return made


def words(text: JSON) -> JSON:
    return {"type": "input_text", "text": text}


def picture(url: str) -> JSON:
    return {"type": "input_image", "image_url": url}


def _tool(tool: Part) -> Part:
    function = tool["function"]
    assert isinstance(function, dict)
    return {"type": "function", "strict": False, **function}


def _items(part: Part) -> Iterator[Part]:
    if part["role"] == "tool":
        yield {"type": "function_call_output", "call_id": part["tool_call_id"], "output": part["content"]}
        return
    if part["content"]:
        yield {"role": part["role"], "content": part["content"]}
    calls = part.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        assert isinstance(call, dict) and isinstance(call["function"], dict)
        function = call["function"]
        arguments = json.dumps(function["arguments"], ensure_ascii=False)
        yield {"type": "function_call", "call_id": call["id"], "name": function["name"], "arguments": arguments}


def take(draft: Draft, event: Mapping[str, Any]) -> Iterator[str]:
    """What this event adds to the text. Raises ModelError where the event is an error."""
    match word(event.get("type")):
        case "response.output_text.delta":
            draft.text += word(event.get("delta"))
            yield word(event.get("delta"))
        case "response.reasoning_text.delta" | "response.reasoning_summary_text.delta":
            draft.thought += word(event.get("delta"))
        case "response.refusal.delta":
            draft.refusal += word(event.get("delta"))
        case "response.completed" | "response.incomplete" | "response.failed":
            yield from _whole(draft, event.get("response") or {})
        case "error":
            raise ModelError(_gave_up(event))
        case "" if "output" in event:  # not streamed
            yield from _whole(draft, event)
        case _:
            pass


def _whole(draft: Draft, response: Mapping[str, Any]) -> Iterator[str]:
    """The last event holds all of the answer again: calls are taken from there, whole."""
    if error := response.get("error"):
        raise ModelError(_gave_up(error if isinstance(error, dict) else {}))
    draft.model = word(response.get("model")) or draft.model
    draft.finish = "length" if response.get("status") == "incomplete" else "stop"
    for number, item in enumerate(response.get("output") or ()):
        if item.get("type") == "function_call":
            name = word(item.get("name"))
            draft.call(number, word(item.get("call_id")), name).more(name, item.get("arguments"))
        elif item.get("type") == "message" and not draft.text:
            text = "".join(word(part.get("text")) for part in item.get("content") or ())
            draft.text += text
            yield text
    usage = response.get("usage")
    if isinstance(usage, dict):
        details = usage.get("input_tokens_details")
        cached = count(details.get("cached_tokens")) if isinstance(details, dict) else 0
        draft.usage = {"input": count(usage.get("input_tokens")), "output": count(usage.get("output_tokens"))}
        draft.usage["cached"] = cached


def _gave_up(error: Mapping[str, Any]) -> str:
    said = word(error.get("message")) or word(error.get("code")) or "it does not say why"
    return f"the server gave up: {' '.join(said.split())[:200]}; try again"

"""Chat completions (`/chat/completions`): what a request looks like, and what the pieces of its answer mean.

https://platform.openai.com/docs/api-reference/chat; fields that other servers added are read where they are common.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmos.errors import ModelError
from llmos.models.chat import Part
from llmos.models.openai.draft import Draft, count, word
from llmos.translation import both
from llmos.values.messages import JSON

PATH = "chat/completions"

OPTIONAL = ("stream_options", "response_format", "tool_choice", "stream")
"""What a server may not know: left out when it says so, and the answer is the same, or checked afterwards."""


def body(model: str, parts: Sequence[Part], tools: Sequence[Part], answer: Mapping[str, JSON] | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "model": model,
        "messages": [_message(part) for part in parts],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if tools:
        made["tools"] = list(tools)
        made["tool_choice"] = "auto"
    if answer is not None:
        made["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(answer)}}
    return made


def words(text: JSON) -> JSON:
    return {"type": "text", "text": text}


def picture(url: str) -> JSON:
    return {"type": "image_url", "image_url": {"url": url}}


def _message(part: Part) -> Part:
    calls = part.get("tool_calls")
    if not isinstance(calls, list):
        return part
    return {**part, "content": part["content"] or None, "tool_calls": [_as_text(call) for call in calls]}


def _as_text(call: JSON) -> JSON:
    """Arguments are text here."""
    assert isinstance(call, dict) and isinstance(call["function"], dict)
    function = call["function"]
    return {**call, "function": {**function, "arguments": json.dumps(function["arguments"], ensure_ascii=False)}}


def take(draft: Draft, event: Mapping[str, Any]) -> Iterator[str]:
    """What this piece adds to the text. Raises ModelError where the piece is an error."""
    if error := event.get("error"):
        said = word(error.get("message")) if isinstance(error, dict) else word(error)
        raise ModelError(
            both("the server gave up: {what}; try again").format(
                what=" ".join(said.split())[:200] or "it does not say why"
            )
        )
    draft.model = word(event.get("model")) or draft.model
    if isinstance(usage := event.get("usage"), dict):
        draft.usage = _usage(usage)
    choices = event.get("choices")
    for choice in choices[:1] if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            yield from _choice(draft, choice)


def _choice(draft: Draft, choice: Mapping[str, Any]) -> Iterator[str]:
    draft.finish = word(choice.get("finish_reason")) or draft.finish
    delta = choice.get("delta") or choice.get("message") or {}
    if not isinstance(delta, dict):
        return
    draft.thought += word(delta.get("reasoning_content")) or word(delta.get("reasoning"))
    draft.refusal += word(delta.get("refusal"))
    calls = delta.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict):
            _call(draft, call)
    if isinstance(function := delta.get("function_call"), dict):  # as it was before there were several
        draft.call(0, "", "").more(word(function.get("name")), function.get("arguments"))
    if text := _content(delta.get("content")):
        draft.text += text
        yield text


def _call(draft: Draft, call: Mapping[str, Any]) -> None:
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    name = word(function.get("name"))
    number = call.get("index")
    begun = draft.call(number if isinstance(number, int | str) else None, word(call.get("id")), name)
    begun.more(name, function.get("arguments"))


def _content(content: object) -> str:
    """Text, or a list of parts of which some are text."""
    if isinstance(content, list):
        return "".join(word(part.get("text")) for part in content if isinstance(part, dict))
    return word(content)


def _usage(usage: Mapping[str, Any]) -> dict[str, int]:
    details = usage.get("prompt_tokens_details")
    cached = count(details.get("cached_tokens")) if isinstance(details, dict) else 0
    return {
        "input": count(usage.get("prompt_tokens")),
        "output": count(usage.get("completion_tokens")),
        "cached": cached,
    }

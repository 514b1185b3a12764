"""In words: how sure the model was, what else it might have done, where each argument came from, what was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmos.adapters.terminal import clean, clean_name
from llmos.agent.context import Conversation, make_context
from llmos.fronts.repl.call_line import to_line
from llmos.fronts.repl.last import Last
from llmos.models.base import Model
from llmos.tools import catalogue, examples
from llmos.tools.registry import BUILT_IN
from llmos.tools.tool import Tool
from llmos.values.messages import JSON, Reply, ToolCall, ToolMessage, ToolResult
from llmos.values.wording import in_words


def why(last: Last, model: Model) -> str:
    """How the last request was read."""
    if last.by_user:
        return f"You gave the call yourself: {clean_name(last.request)}"
    example = _is_example(last)
    read = None if example else _read_again(last, model)
    sure = f" ({_percent(read.confidence)} sure)" if read and read.confidence is not None else ""
    sure = " (it is said as in an example of this tool)" if example else sure
    lines = [f"“{clean_name(last.request)}” was read as{sure}"]
    for call in last.calls:
        lines += [f"  {clean_name(to_line(call))}", *_sources(call, last)]
    if not last.calls:
        lines.append(f"  nothing to do, only to say: {clean(last.said)}" if last.said else "  nothing that can be done")
    return "\n".join([*lines, *_others(read, last)])


def _is_example(last: Last) -> bool:
    """No model was asked: an example of a manifest says it."""
    if len(last.calls) != 1 or last.calls[0].name in BUILT_IN or last.calls[0].probability is not None:
        return False
    known = examples.load(catalogue.folders(last.place.env), last.place.state)
    found = examples.find(last.request, known, last.place)
    return found is not None and found.name == last.calls[0].name


def _read_again(last: Last, model: Model) -> Reply | None:
    """Only by the model that does it in no time; another one is not asked twice."""
    if model.name != "embedded":
        return None
    context = make_context(Conversation(last.place, list(last.before)))
    return next((piece for piece in model.reply(context) if isinstance(piece, Reply)), None)


def _others(read: Reply | None, last: Last) -> Iterator[str]:
    others = read.others() if read and read.others else ()
    done = in_words(last.calls)
    others = tuple(other for other in others if in_words(other.calls) != done)
    if others:
        yield "next best:"
    for other in others:
        what = " then ".join(map(to_line, other.calls)) or f"say “{other.text}”"
        yield f"  {clean_name(what)}  {_percent(other.confidence)}"


def _percent(probability: float | None) -> str:
    if probability is None:
        return ""
    return f"{probability:.0%}" if probability >= 0.01 else "under 1%"


def _sources(call: ToolCall, last: Last) -> Iterator[str]:
    for name, value in call.arguments.items():
        if value not in (None, False, []):
            yield f"    {name}: {_origin(call, name, value, last)}"


def _origin(call: ToolCall, name: str, value: JSON, last: Last) -> str:
    texts = [str(part) for part in value] if isinstance(value, list) else [str(value)]
    words = [last.request[start:end] for start, end in call.sources.get(name, ())]
    if not words and all(text in last.request for text in texts):
        words = texts
    if words:
        return "from " + ", ".join(f"“{clean_name(word)}”" for word in words)
    results = (message.result for message in last.before if isinstance(message, ToolMessage))
    shown = {item for result in results for item in result.outcome.items}
    return "from an answer before" if shown.issuperset(texts) else "from the request as a whole"


def explain(last: Last, tools: Mapping[str, Tool[Any]]) -> str:
    """What the last calls did."""
    if not last.calls:
        return f"I only said something: {clean(last.said)}" if last.said else "I did nothing."
    lines = []
    for call, result in zip(last.calls, last.results, strict=False):
        about = tools[call.name].description if call.name in tools else "a tool that is not there"
        lines += [f"{call.name}: {about}", *_given(call), f"  {_became(result)}"]
    return "\n".join(lines)


def _given(call: ToolCall) -> Iterator[str]:
    for name, value in call.arguments.items():
        if value not in (None, False, []):
            text = ", ".join(map(str, value)) if isinstance(value, list) else "yes" if value is True else str(value)
            yield f"  {name} = {clean_name(text)}"


def _became(result: ToolResult) -> str:
    outcome = result.outcome
    if not result.ok:
        return f"It did not work: {clean_name(result.error)}"
    if outcome.table is not None:
        return f"It found {len(outcome.table.rows)} row{'s' * (len(outcome.table.rows) != 1)}."
    first, _, more = outcome.text.strip().partition("\n")
    return (clean_name(first) + (" …" if more else "")) or "It had nothing to say."

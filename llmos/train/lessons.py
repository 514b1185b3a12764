"""What the user teaches the embedded model: the examples of manifests, and requests they had to correct.

A lesson becomes a line whose values can be replaced by others of their kind, as with described command lines. How it is
learned is `teach`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from llmos.models.embedded.codec import WORDS, Call, Parameter, Piece, Schema, Span, parameters
from llmos.models.embedded.words import cut
from llmos.tools.manifest import Manifest, manifest_tool
from llmos.train.shell_lines import Line
from llmos.values.messages import JSON, AssistantMessage, Message, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.quantities import parse_number

_KINDS = (("port", "port"), ("mode", "mode"), ("user", "user"), ("path", "path"), ("extension", "extension"))


class NotSaid(ValueError):
    """The sentence does not say a value of the call, so that the model cannot learn to point at it."""


@dataclass(frozen=True)
class Lesson:
    text: str
    calls: tuple[ToolCall, ...]


def schema_of(manifests: Iterable[Manifest]) -> Schema:
    return {m.name: parameters(manifest_tool(m).arguments.model_json_schema()) for m in manifests}


def from_manifests(manifests: Iterable[Manifest]) -> Iterator[Lesson]:
    for manifest in manifests:
        for example in manifest.examples:
            yield Lesson(example.phrase, (ToolCall("1", manifest.name, dict(example.arguments)),))


def from_messages(messages: Sequence[Message]) -> Iterator[Lesson]:
    """Requests where the user picked a reading or corrected the call: what ran then is what was meant."""
    for request, reply, result in zip(messages, messages[1:], messages[2:], strict=False):
        match request, reply, result:
            case UserMessage(text), AssistantMessage(calls=calls, chosen=True), ToolMessage(ToolResult(ok=True)):
                yield Lesson(text, calls)
            case UserMessage(text), AssistantMessage(calls=(call,)), ToolMessage(ToolResult(corrected, ok=True)):
                if (call.name, call.arguments) != (corrected.name, corrected.arguments):
                    yield Lesson(text, (corrected,))


def line(lesson: Lesson, schema: Schema) -> Line:
    """Raises NotSaid."""
    spans: list[tuple[int, int, str]] = []
    calls = tuple(_call(call, lesson.text, schema, spans) for call in lesson.calls)
    language = "zh" if re.search(r"[\u4e00-\u9fff]", lesson.text) else "en"
    return Line(lesson.text, language, calls, tuple(sorted(_apart(spans))))


def _call(call: ToolCall, text: str, schema: Schema, spans: list[tuple[int, int, str]]) -> Call:
    if call.name not in schema:
        raise NotSaid(f"there is no tool {call.name}")
    known = {parameter.name: parameter for parameter in schema[call.name]}
    given = {name: value for name, value in call.arguments.items() if value not in (None, False, [])}
    return Call(call.name, {name: _value(known[name], value, text, spans) for name, value in given.items()})


def _value(parameter: Parameter, value: JSON, text: str, spans: list[tuple[int, int, str]]) -> object:
    if parameter.flag:
        return True
    if parameter.values:
        return str(value)
    elements: list[list[Piece]] = []
    for element in value if isinstance(value, list) else [value]:
        start, end = _found(str(element), text, number=parameter.number)
        spans.append((start, end, _kind(parameter, str(element))))
        elements.append([Span(start, end)])
    return elements


def _found(value: str, text: str, *, number: bool) -> tuple[int, int]:
    match = re.search(rf"(?<![\w.]){re.escape(value)}(?![\w])", text) or re.search(re.escape(value), text)
    if match:
        return match.span()
    if number:
        for word in cut(text, WORDS):
            if _number(text[word.start : word.end]) == _number(value):
                return word.start, word.end
    raise NotSaid(f"{text!r} does not say {value!r}")


def _number(text: str) -> float | None:
    try:
        return parse_number(text)
    except ValueError:
        return None


def _kind(parameter: Parameter, value: str) -> str:
    """What may be put in its place, so that the model learns to point there and not the word itself."""
    if parameter.number:
        return "number"
    for part, kind in _KINDS:
        if part in parameter.name:
            return kind
    looks_like_path = "/" in value or re.fullmatch(r"[\w-]+\.\w{1,5}", value) is not None
    return "path" if looks_like_path else "word" if value.isalpha() else "as it is"


def _apart(spans: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Two arguments may point at the same words; replaced are they once."""
    seen: set[tuple[int, int]] = set()
    for start, end, kind in spans:
        if (start, end) not in seen:
            seen.add((start, end))
            yield start, end, kind


def lines(lessons: Iterable[Lesson], schema: Schema) -> tuple[list[Line], list[str]]:
    """Those that can be learned, and what is wrong with the others."""
    good: list[Line] = []
    bad: list[str] = []
    for lesson in lessons:
        try:
            good.append(line(lesson, schema))
        except NotSaid as error:
            bad.append(str(error))
    return good, bad

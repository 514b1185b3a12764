"""What a model wrote → text and calls, while it is written and at the end; also for models that ignore their wrapper.

Which calls exist and whether their arguments fit is the dispatcher's business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from llmos.decoding.formats import Format
from llmos.errors import ModelError
from llmos.values.messages import ToolCall

_FENCED = re.compile(r"\s*```(?:json|tool_call|tool_code)?\s*\n(.*?)(?:\n\s*```\s*|\s*)\Z", re.DOTALL)
_CALLISH = ("{", "[", "```")
"""What a reply may begin with that turns out to be a call: nothing of it is shown before it is whole."""


@dataclass(frozen=True)
class Parsed:
    text: str
    calls: tuple[ToolCall, ...] = ()


class Deltas:
    """A reply that is still being written: each piece of it gives the text that can be shown by now."""

    def __init__(self, form: Format) -> None:
        self.whole = ""
        self._form = form
        self._shown = 0

    def feed(self, piece: str) -> str:
        self.whole += piece
        return self._until(self._sure())

    def rest(self, parsed: Parsed) -> str:
        """What is left to show when the reply is over: text that looked like a call and is none."""
        start = len(self.whole) - len(self.whole.lstrip())
        return self._until(start + len(parsed.text))

    def _until(self, end: int) -> str:
        begin, self._shown = self._shown, max(self._shown, end)
        return self.whole[begin:end].lstrip() if begin == 0 else self.whole[begin:end]

    def _sure(self) -> int:
        """How far the reply is text for certain: up to a call, half a beginning of one, or white space before it."""
        if self.whole.lstrip().startswith(_CALLISH):
            return 0
        begin = self._form.begin
        end = self.whole.find(begin) if begin else -1
        if end < 0:
            end = len(self.whole) - _overlap(self.whole, begin)
        return len(self.whole[:end].rstrip())


def _overlap(text: str, begin: str) -> int:
    """How many characters at the end of `text` may be the beginning of `begin`."""
    return next((n for n in range(len(begin) - 1, 0, -1) if text.endswith(begin[:n])), 0)


def parse(text: str, form: Format, tools: Collection[str], *, cut: bool = False) -> Parsed:
    """The whole reply; `cut` says that it was stopped by a limit. Raises ModelError for a call that cannot be read.

    A call without its wrapper counts only when it is all there is, and of a known tool: JSON inside a sentence is a
    quotation.
    """
    if form.begin and form.begin in text:
        return _wrapped(text, form, cut)
    bare = _bare(text.strip(), tools, cut)
    return Parsed("", bare) if bare else Parsed(text.strip())


def _wrapped(text: str, form: Format, cut: bool) -> Parsed:
    said, _, rest = text.partition(form.begin)
    calls: list[Any] = []
    while rest.strip():
        value, rest = _value(rest.strip(), cut)
        calls += value if isinstance(value, list) else [value]
        rest = rest.strip().removeprefix(form.end).strip().removeprefix(form.begin)
    if not calls:
        raise ModelError("the model began a call and did not write it")
    return Parsed(said.strip(), _numbered(map(_call, calls)))


def _bare(text: str, tools: Collection[str], cut: bool) -> tuple[ToolCall, ...]:
    """The calls when the text is nothing else."""
    if fenced := _FENCED.match(text):
        text = fenced[1].strip()
    if not text.startswith(("{", "[")) or not any(f'"{name}"' in text for name in tools):
        return ()
    try:
        value, rest = _value(text, cut)
        calls = [_call(each) for each in (value if isinstance(value, list) else [value])]
    except ModelError:
        if re.match(r'[\[{\s]*"(name|function|tool|type)"\s*:', text):
            raise
        return ()
    known = not rest.strip() and all(name in tools for name, _ in calls)
    return _numbered(calls) if known else ()


def _value(text: str, cut: bool) -> tuple[Any, str]:
    """The JSON value that `text` begins with, and what follows it."""
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text)
        return value, text[end:]
    except (ValueError, RecursionError):
        pass
    whole = _closed(text, cut)
    try:
        return json.loads(whole or "", strict=False), ""
    except (ValueError, RecursionError):
        raise ModelError(f"the model's call cannot be read: {_glimpse(text)}") from None


def _closed(text: str, cut: bool) -> str | None:
    """With the brackets that are missing at the end; None where something else may be missing too.

    After a cut that is everywhere but behind the arguments: another argument may have made a call narrower.
    """
    closers = _open_brackets(text)
    if closers is None or (cut and not (text.rstrip().endswith("}") and closers in ("}", "}]"))):
        return None
    return text.rstrip().removesuffix(",") + closers


def _open_brackets(text: str) -> str | None:
    """What closes the brackets that are open at the end; None within a string or where they do not match."""
    stack: list[str] = []
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|["{}\[\]]', text, re.DOTALL):
        match token[0]:
            case "{" | "[" as opener:
                stack.append("}" if opener == "{" else "]")
            case "}" | "]" as closer:
                if not stack or stack.pop() != closer:
                    return None
            case '"':
                return None
    return "".join(reversed(stack))


def _call(value: Any) -> tuple[str, dict[str, Any]]:
    """Name and arguments: as Hermes, Llama or the OpenAI interface write them."""
    if isinstance(value, dict):
        value = value.get("function") if isinstance(value.get("function"), dict) else value
        arguments = value.get("arguments", value.get("parameters", {}))
        if isinstance(arguments, str):
            arguments, _ = _value(arguments or "{}", cut=False)
        if isinstance(value.get("name"), str) and isinstance(arguments, dict):
            return value["name"], arguments
    raise ModelError(f"the model's call has no name or arguments: {_glimpse(json.dumps(value))}")


def _numbered(calls: Iterable[tuple[str, dict[str, Any]]]) -> tuple[ToolCall, ...]:
    return tuple(ToolCall(str(number), name, arguments) for number, (name, arguments) in enumerate(calls, 1))


def _glimpse(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:38]} … {line[-38:]}"

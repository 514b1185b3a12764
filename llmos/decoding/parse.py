"""What a model wrote → text and calls, while it is written and at the end; also for models that ignore their wrapper.

One reader for all ways of writing a call: what stands there says how it is read, not which model was asked. Which
calls exist and whether their arguments fit is the dispatcher's business.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from llmos.decoding import thought
from llmos.decoding.broken import glimpse, value
from llmos.decoding.formats import Format
from llmos.errors import ModelError
from llmos.values.messages import ToolCall

Found = tuple[str, dict[str, Any]]
"""The name of a call and its arguments."""

BEGINS = (
    "<tool_call>", "<|tool_call|>", "<|tool_call>", "<|tool_call_start|>", "[TOOL_CALLS]", "<start_function_call>",
    "<|python_tag|>", "<|python_start|>", "<function=", "<|channel|>commentary to=", "<|start|>assistant to=",
    "<｜tool▁calls▁begin｜>", "<|tool_calls_section_begin|>", "<TOOLCALL>", "<function_calls>",
)  # fmt: skip
"""With these a call begins, whoever writes it."""

_BETWEEN = re.compile(
    r"(?:\s|[;,]|</?tool_call>|<\|/?tool_call\|>|<\|tool_call>|<tool_call\|>|<\|tool_call_(?:start|end)\|>"
    r"|\[/?TOOL_CALLS\]|<(?:start|end)_function_call>|<\|python_(?:tag|start|end)\|>|</?TOOLCALL>|</?function_calls>"
    r"|<｜tool▁calls?▁(?:begin|end)｜>|<\|tool_calls_section_(?:begin|end)\|>|<\|tool_call_(?:begin|end)\|>"
    r"|<\|(?:call|end|eom_id|eot_id|im_end|return|end_of_text)\|>|<end▁of▁sentence>|<｜end▁of▁sentence｜>|</s>)*"
)
_FENCED = re.compile(r"\s*```(?:json|tool_call|tool_code|python|xml)?\s*\n(.*?)(?:\n\s*```\s*|\s*)\Z", re.DOTALL)
_CALLISH = ("{", "[", "```")
"""What a reply may begin with that turns out to be a call: nothing of it is shown before it is whole."""

_NAME = r"(?:functions\.)?([A-Za-z_][\w.-]*)"


@dataclass(frozen=True)
class Parsed:
    text: str
    calls: tuple[ToolCall, ...] = ()
    thought: str = ""
    """Reasoning, which is not part of the answer."""


class Unread(str):
    """A value in a syntax that does not tell numbers from text; the schema of the tool says what it is."""


class Deltas:
    """A reply that is still being written: each piece of it gives the text that can be shown by now."""

    def __init__(self, form: Format) -> None:
        self.whole = ""
        self._begins = tuple(dict.fromkeys(filter(None, (form.begin, *BEGINS))))
        self._from: int | None = None
        """Where the answer begins, after what was thought."""

        self._shown = 0

    def feed(self, piece: str) -> str:
        self.whole += piece
        if self._from is None:
            self._from = thought.begins(self.whole)
            self._shown = self._from or 0
        return "" if self._from is None else self._until(self._sure())

    def rest(self, parsed: Parsed) -> str:
        """What is left to show when the reply is over: text that looked like a call and is none."""
        begin = self.whole.find(parsed.text, self._from or 0) if parsed.text else -1
        return self._until(begin + len(parsed.text)) if begin >= 0 else ""

    def _until(self, end: int) -> str:
        begin, self._shown = self._shown, max(self._shown, end)
        shown = self.whole[begin:end]
        return shown.lstrip() if begin == (self._from or 0) else shown

    def _sure(self) -> int:
        """How far the reply is text for certain: up to a call, half a beginning of one, or white space before it."""
        answer = self.whole[self._from :].lstrip()
        if answer.startswith(_CALLISH) or any(begin.startswith(answer) for begin in _CALLISH):
            return self._from or 0
        end = min((at for begin in self._begins if (at := self.whole.find(begin, self._from)) >= 0), default=-1)
        if end < 0:
            end = len(self.whole) - max(_overlap(self.whole, begin) for begin in self._begins)
        return len(self.whole[:end].rstrip())


def _overlap(text: str, begin: str) -> int:
    """How many characters at the end of `text` may be the beginning of `begin`."""
    return next((n for n in range(len(begin) - 1, 0, -1) if text.endswith(begin[:n])), 0)


def parse(text: str, form: Format, tools: Collection[str], *, cut: bool = False) -> Parsed:
    """The whole reply; `cut` says that it was stopped by a limit. Raises ModelError for a call that cannot be read.

    A call without its wrapper counts only when it is all there is, and of a known tool: JSON inside a sentence is a
    quotation. So is a wrapper that is not the model's own around something that is no call of a known tool.
    """
    thought_of, answer = thought.apart(text)
    if form.begin and form.begin in answer:
        said, _, _ = answer.partition(form.begin)
        return Parsed(said.strip(), _wrapped(answer[len(said) :], cut), thought_of)
    if found := _foreign(answer, tools, cut):
        said, calls = found
        return Parsed(said.strip(), calls, thought_of)
    bare = _bare(answer.strip(), tools, cut)
    return Parsed("", bare, thought_of) if bare else Parsed(answer.strip(), (), thought_of)


def _wrapped(text: str, cut: bool) -> tuple[ToolCall, ...]:
    calls, rest = _all(text, cut)
    if not calls:
        raise ModelError(
            f"the model's call cannot be read: {glimpse(rest)}"
            if rest
            else "the model began a call and did not write it"
        )
    return _numbered(calls)


def _foreign(text: str, tools: Collection[str], cut: bool) -> tuple[str, tuple[ToolCall, ...]] | None:
    """The text before the first call and the calls, in a wrapper that the model was not told to use."""
    at = min((at for begin in BEGINS if (at := text.find(begin)) >= 0), default=-1)
    if at < 0:
        return None
    try:
        calls, rest = _all(text[at:], cut)
    except ModelError:
        if any(re.search(rf"\b{re.escape(name)}\b", text[at:]) for name in tools):
            raise
        return None
    known = bool(calls) and all(name in tools for name, _ in calls)
    return (text[:at], _numbered(calls)) if known and not _quoted(text[:at], rest) else None


def _quoted(before: str, after: str) -> bool:
    """Words before and after the call on the same line. On a line of their own they are an invented result."""
    goes_on = bool(after.strip()) and not after.lstrip(" ").startswith(("\n", "<"))
    return goes_on and bool(before.rpartition("\n")[2].strip())


def _bare(text: str, tools: Collection[str], cut: bool) -> tuple[ToolCall, ...]:
    """The calls when the text is nothing else."""
    if fenced := _FENCED.match(text):
        text = fenced[1].strip()
    if not any(re.search(rf"\b{re.escape(name)}\b", text) for name in tools):
        return ()
    try:
        calls, rest = _all(text, cut)
    except ModelError:
        if re.match(r'[\[{\s]*"(name|function|tool|type)"\s*:', text):
            raise
        return ()
    known = bool(calls) and not rest.strip() and all(name in tools for name, _ in calls)
    return _numbered(calls) if known else ()


def _all(text: str, cut: bool) -> tuple[list[Found], str]:
    """The calls that stand one after another, and what follows them. Raises ModelError for one that is broken."""
    calls: list[Found] = []
    rest = _past(text)
    while rest:
        reader, match = next(((r, m) for pattern, r in _SHAPES if (m := pattern.match(rest))), (None, None))
        if reader is None or match is None:
            break
        try:
            found, rest = reader(match, rest[match.end() :], cut)
        except ModelError:
            if calls and "{" not in rest[:1]:
                break
            raise
        calls += found
        rest = _past(rest)
    return calls, rest


def _past(text: str) -> str:
    """After the tags and marks that stand around calls; a line end before other text stays, as a sign."""
    match = _BETWEEN.match(text)
    rest = text[match.end() :] if match else text
    return rest if not rest or any(p.match(rest) for p, _ in _SHAPES) or "\n" not in text else "\n" + rest


def _json(match: re.Match[str], _rest: str, cut: bool) -> tuple[list[Found], str]:
    """`{"name": …, "arguments": …}` or a list of these."""
    found, rest = value(match.string, cut=cut)
    return [_call(each) for each in (found if isinstance(found, list) else [found])], rest


def _named(match: re.Match[str], rest: str, cut: bool) -> tuple[list[Found], str]:
    """A name, then the arguments as JSON."""
    arguments, rest = value(rest.lstrip() or "{}", cut=cut)
    if not isinstance(arguments, dict):
        raise ModelError(f"the model's call cannot be read: {glimpse(match.string)}")
    return [(match[1], arguments)], rest.removeprefix("\n```")


def _tagged(match: re.Match[str], rest: str, cut: bool) -> tuple[list[Found], str]:
    """`<function=f>`, then `<parameter=a>` … `</parameter>`, or JSON."""
    if rest.lstrip().startswith("{"):
        found, rest = _named(match, rest, cut)
        return found, rest.lstrip().removeprefix("</function>")
    return _children(match[1], rest, cut, _PARAMETER, "</function>")


def _bare_name(match: re.Match[str], rest: str, _cut: bool) -> tuple[list[Found], str]:
    return [(match[1], {})], rest


def _invoked(match: re.Match[str], rest: str, cut: bool) -> tuple[list[Found], str]:
    return _children(match[1], rest, cut, _INVOKED_PARAMETER, "</invoke>")


def _paired(match: re.Match[str], rest: str, cut: bool) -> tuple[list[Found], str]:
    """A name, then `<arg_key>a</arg_key>` `<arg_value>…</arg_value>`."""
    return _children(match[1], "<arg_key>" + rest, cut, _PAIR, "</tool_call>")


def _children(name: str, rest: str, cut: bool, child: re.Pattern[str], end: str) -> tuple[list[Found], str]:
    arguments: dict[str, Any] = {}
    while match := child.match(rest):
        arguments[match[1].strip()] = Unread(match[2].strip("\n"))
        rest = rest[match.end() :]
    ended = rest.lstrip().startswith(end)
    if not ended and (cut or re.match(r"\s*<(parameter|arg_)", rest)):
        raise ModelError(f"the model's call cannot be read: {name} {glimpse(rest)}")
    return [(name, arguments)], rest.lstrip().removeprefix(end) if ended else rest


_PARAMETER = re.compile(r"\s*<parameter=([^>\s]+)>(.*?)</parameter>", re.DOTALL)
_INVOKED_PARAMETER = re.compile(r"\s*<parameter name=\"([^\"]+)\"[^>]*>(.*?)</parameter>", re.DOTALL)
_PAIR = re.compile(r"\s*<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)


def _python(match: re.Match[str], _rest: str, cut: bool) -> tuple[list[Found], str]:
    """`[f(a="b"), g()]`, or one call without the brackets."""
    text = match.string
    for end in _ends(text, cut):
        try:
            tree = ast.parse(text[:end].strip() + ("" if end <= len(text) else ")]"[: end - len(text)]), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        nodes = tree.body.elts if isinstance(tree.body, ast.List) else [tree.body]
        return [_of_node(node) for node in nodes], text[end:]
    raise ModelError(f"the model's call cannot be read: {glimpse(text)}")


def _ends(text: str, cut: bool) -> Iterator[int]:
    """Where a call may end, the shortest first; at most so many, because each costs a parse."""
    closers = [match.end() for match in re.finditer(r"\]" if text.startswith("[") else r"\)", text)][:50]
    yield from closers


def _of_node(node: ast.expr) -> Found:
    if not isinstance(node, ast.Call) or node.args:
        raise ModelError(f"the model's call cannot be read: {glimpse(ast.unparse(node))}")
    try:
        return ast.unparse(node.func).removeprefix("functions."), {
            str(word.arg): _of_value(word.value) for word in node.keywords if word.arg
        }
    except ValueError:
        raise ModelError(f"the model's call cannot be read: {glimpse(ast.unparse(node))}") from None


def _of_value(node: ast.expr) -> Any:
    """A literal; JSON's names for true, false and null are understood too."""
    words = {"true": True, "false": False, "null": None}
    if isinstance(node, ast.Name) and node.id in words:
        return words[node.id]
    if isinstance(node, ast.List):
        return [_of_value(part) for part in node.elts]
    return ast.literal_eval(node)


def _escaped(match: re.Match[str], rest: str, cut: bool) -> tuple[list[Found], str]:
    """`call:f{a:<escape>text<escape>,b:1}`, or with `<|"|>` for the quotes: JSON without quotes around its keys."""
    quote = "<escape>" if "<escape>" in rest else '<|"|>'
    parts = rest.split(quote)
    if len(parts) % 2 == 0:
        raise ModelError(f"the model's call cannot be read: {glimpse(match.string)}")
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"([{,]\s*|^)([A-Za-z_]\w*)\s*:", r'\1"\2":', parts[i])
    texts = (part if i % 2 == 0 else json.dumps(part, ensure_ascii=False) for i, part in enumerate(parts))
    arguments, rest = value("{" + "".join(texts), cut=cut)
    return [(match[1], arguments)], rest


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str, bool], tuple[list[Found], str]]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), reader)
    for pattern, reader in (
        (rf"\[?\s*{_NAME}\((?!\{{)", _python),
        (r"[\[{]", _json),
        (rf"<function={_NAME}\s*>", _tagged),
        (rf"<invoke name=\"{_NAME}\"\s*>", _invoked),
        (rf"call:{_NAME}\{{", _escaped),
        (rf"{_NAME}\s*(?:\[CALL_ID\]\w*)?\[ARGS\]", _named),
        (rf"{_NAME}\s*<arg_key>", _paired),
        (rf"{_NAME}\s*(?=</tool_call>)", _bare_name),
        (rf"(?:<\|start\|>assistant)?\s*(?:<\|channel\|>\w+)?\s*to={_NAME}[^{{]*?<\|message\|>", _named),
        (rf"{_NAME}(?::\d+)?\s*<\|tool_call_argument_begin\|>", _named),
        (rf"(?:function)?<｜tool▁sep｜>{_NAME}\s*```json\s*", _named),
        (rf"{_NAME}<｜tool▁sep｜>", _named),
        (rf"{_NAME}\s*\n?(?=\{{)", _named),
        (rf"{_NAME}\((?=\{{)", _named),
    )
)
"""The first that matches counts."""


def _call(found: Any) -> Found:
    """Name and arguments: as Hermes, Llama, Cohere or the OpenAI interface write them."""
    if isinstance(found, dict):
        found = found.get("function") if isinstance(found.get("function"), dict) else found
        name = found.get("name", found.get("tool_name", found.get("tool")))
        arguments = found.get("arguments", found.get("parameters", found.get("args", {})))
        if isinstance(arguments, str):
            arguments, _ = value(arguments or "{}")
        if isinstance(name, str) and isinstance(arguments or {}, dict):
            return name.removeprefix("functions."), arguments or {}
    raise ModelError(f"the model's call has no name or arguments: {glimpse(json.dumps(found, default=str))}")


def _numbered(calls: Iterable[Found]) -> tuple[ToolCall, ...]:
    return tuple(ToolCall(str(number), name, arguments) for number, (name, arguments) in enumerate(calls, 1))

"""From the schemas of the tools to one grammar for a whole reply: free text, or calls that always fit their schema.

How a mask is made of it is `grammar`'s business; what a call looks like around its arguments is `formats`'.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from llmos.decoding.formats import Format
from llmos.decoding.syntax import SEPARATORS
from llmos.values.messages import JSON, ToolSchema

Schema = dict[str, JSON]

_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""pydantic writes bounds that stand behind a validator under names that JSON Schema does not know."""

_GRAMMATICAL = {
    "type", "enum", "const", "anyOf", "$ref", "$defs", "pattern", "minLength", "maxLength", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "items", "prefixItems", "minItems", "maxItems", "properties", "required",
    "additionalProperties",
}  # fmt: skip
"""What the grammar holds a model to. Other keywords are left to the validation of the call."""

_LARGEST = 2**53 - 1
"""No tool counts further, and a model that has begun to write digits stops."""

_QUANTITIES = {
    "bytes": r"[0-9]{1,15}(\.[0-9]{1,3})?( ?(bytes|[KMGT]i?B))?",
    "seconds": r"[0-9]{1,15}(\.[0-9]{1,3})?( (second|minute|hour|day|week|month|year)s?)?",
}
"""The tools read these too, and small models are bad at multiplying. So many digits that none is ever cut off."""


_UNWRITABLE = re.compile(r"\(\?<?[=!]|\\[bB]")
"""In patterns: to look around is more than the grammar can do."""


def tidy(schema: Mapping[str, JSON]) -> Schema:
    """The same schema in as few words: no titles, no empty defaults, no null beside a type, bounds by their names."""
    short = {_BOUNDS.get(key, key): value for key, value in schema.items() if key != "title"}
    if short.get("default", "") in (None, [], "", False):
        short.pop("default", None)
    options = short.get("anyOf")
    if isinstance(options, list):
        real = [option for option in options if isinstance(option, dict) and option.get("type") != "null"]
        if len(real) == 1:
            del short["anyOf"]
            short = {**tidy(real[0]), **short}
    return _deeper(short, tidy)


def _deeper(schema: Schema, change: Callable[[Mapping[str, JSON]], Schema]) -> Schema:
    """The schema with all that are nested in it changed; names of properties are not keywords."""
    for key, value in schema.items():
        if key in ("properties", "$defs") and isinstance(value, dict):
            schema[key] = {name: change(part) for name, part in value.items() if isinstance(part, dict)}
        elif key in ("anyOf", "prefixItems") and isinstance(value, list):
            schema[key] = [change(part) for part in value if isinstance(part, dict)]
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            schema[key] = change(value)
    return schema


def writable(schema: Mapping[str, JSON], copied: Sequence[str] | None = None) -> Schema:
    """What may be written for a schema. With `copied`, free strings are one of these."""
    named: Schema = {_BOUNDS.get(key, key): value for key, value in schema.items()}
    if "oneOf" in named:
        named["anyOf"] = named.pop("oneOf")
    kept: Schema = {key: value for key, value in named.items() if key in _GRAMMATICAL}
    if _UNWRITABLE.search(str(kept.get("pattern", ""))):
        del kept["pattern"]
    kind, unit = kept.get("type"), named.get("unit")
    if kind in ("integer", "number"):
        kept = _bounded(kept)
        if unit in _QUANTITIES:
            return {"anyOf": [kept, {"type": "string", "pattern": f"^{_QUANTITIES[str(unit)]}$"}]}
    elif kind == "string" and copied is not None and not {"enum", "const", "pattern"} & kept.keys():
        return {"enum": list(copied) or ["."]}
    elif kind == "object":
        kept.setdefault("additionalProperties", False)
    return _deeper(kept, lambda part: writable(part, copied))


def _bounded(schema: Schema) -> Schema:
    if "minimum" not in schema and "exclusiveMinimum" not in schema:
        schema["minimum"] = -_LARGEST
    if "maximum" not in schema and "exclusiveMaximum" not in schema:
        schema["maximum"] = _LARGEST
    return schema


def reply_grammar(
    tools: Sequence[ToolSchema],
    form: Format,
    special: Callable[[str], int | None] = lambda _text: None,
    copied: Sequence[str] | None = None,
    answer: Mapping[str, JSON] | None = None,
) -> str:
    """Lark. `special` gives the id of a text that is one token of its own in the vocabulary.

    With the schema of an `answer`, what is no call is JSON that fits it.
    """
    rules = _rules(tools, form, copied)
    rules = rules if answer is None else _answering(rules, answer)
    return "\n".join(_tokenized(rule, special) for rule in rules)


def _rules(tools: Sequence[ToolSchema], form: Format, copied: Sequence[str] | None) -> Iterator[str]:
    """Every tag stands as text here; `_tokenized` puts in those that are tokens."""
    before_text = f"{json.dumps(form.before_text)} " if form.before_text else ""
    yield f"start: {'thought? ' if form.thought else ''}({before_text}TEXT{' | head rest' if tools else ''})"
    yield rf"TEXT: /(?s:.*)\S(?s:.*)/{_barred(form)}"
    if form.thought:
        yield f"thought: {json.dumps(form.thought[0])} thinking"
        yield f"thinking[lazy]: /(?s:.*)/ {json.dumps(form.thought[1])}"
    if not tools:
        return
    begin = json.dumps(form.begin)
    if not form.begin or form.before_text:
        yield f"head: {begin}"
    else:
        yield f"head[lazy]: /(?s:.*)/ {begin}"
    again = f" ({json.dumps(form.between)} {begin} call)*" if form.between is not None else ""
    yield f"rest: call{again}"
    names = " | ".join(f"t_{i}" for i in range(len(tools)))
    yield f"call: {json.dumps(form.before_name)} ({names}) {json.dumps(form.after + form.end)}"
    for i, tool in enumerate(tools):
        yield f"t_{i}: {json.dumps(tool.name + form.before_arguments)} a_{i}"
        yield from form.arguments.rules(f"a_{i}", writable(tidy(tool.parameters), copied))


def _answering(rules: Iterator[str], answer: Mapping[str, JSON]) -> Iterator[str]:
    """The same without free text, also none before a call."""
    for rule in rules:
        if rule.startswith("start:"):
            yield rule.replace("TEXT", "answer", 1)
        elif rule.startswith("head"):
            yield "head: " + rule.partition(": ")[2].replace("/(?s:.*)/ ", "")
        elif not rule.startswith("TEXT:"):
            yield rule
    # A line end tells an answer from a call that is not wrapped: both begin with a brace.
    yield f"answer: {json.dumps(chr(10))} %json {json.dumps({**answer, 'x-guidance': SEPARATORS})}"


def _barred(form: Format) -> str:
    """Text may not hold what begins a call."""
    if form.begin:
        return f" & ~/(?s:.*){re.escape(form.begin).replace('/', chr(92) + '/')}(?s:.*)/"
    return rf" & ~/\s*{re.escape(form.before_name[0])}(?s:.*)/"


_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_TAG = re.compile(r"(<[^<>\s]*>|\[/?[A-Z_]+\])")


def _tokenized(rule: str, special: Callable[[str], int | None]) -> str:
    """With the ids of tags that are one token in the vocabulary. Free text cannot hold those, so none ends it early."""
    head, json_rule, schema = rule.partition("%json ")
    if rule.startswith("TEXT:"):
        return rule
    changed = _LITERAL.sub(lambda match: _sequence(json.loads(match[0]), special), head)
    if "[lazy]" in changed and re.search(r"/\(\?s:\.\*\)/ <\[", changed):
        changed = changed.replace("[lazy]", "").replace("/(?s:.*)/", "/(?s:.+)/?")
    return changed + json_rule + schema


def _sequence(text: str, special: Callable[[str], int | None]) -> str:
    parts: list[str] = []
    for part in _TAG.split(text):
        token = special(part) if _TAG.fullmatch(part) else None
        if token is not None:
            parts.append(f"<[{token}]>")
        elif part and parts and parts[-1].startswith('"'):
            parts[-1] = json.dumps(json.loads(parts[-1]) + part)
        elif part:
            parts.append(json.dumps(part))
    return " ".join(parts) if parts else '""'


_LONGEST_COPY = 8
_PUNCTUATION = " \t\n,;:!?()[]{}<>\"'`“”‘’。，；：！？（）《》「」"


def candidates(texts: Collection[str], values: Collection[str]) -> list[str]:
    """What an argument may be copied from: runs of words in the texts, and the values whole."""
    found: dict[str, None] = {}
    for text in texts:
        words = [match.span() for match in re.finditer(r"\S+", text)]
        for first, (start, _) in enumerate(words):
            for _, stop in words[first : first + _LONGEST_COPY]:
                found[text[start:stop].strip(_PUNCTUATION)] = None
    found.update(dict.fromkeys(values))
    return [text for text in found if text and _encodable(text)]


def _encodable(text: str) -> bool:
    """Names that are not UTF-8 cannot be written by a grammar over Unicode."""
    return not re.search("[\ud800-\udfff]", text)

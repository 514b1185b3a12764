"""The arguments of a call as JSON, as tags, as Python or in Gemma's way: written, and as rules of a grammar.

Reading them back is `parse`'s business, the wrappers around them `formats`'.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from llmos.values import messages

Value = messages.JSON
Schema = Mapping[str, Value]

SEPARATORS: dict[str, Value] = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""As `json.dumps` writes, which is what models have been trained on."""


class Syntax(Protocol):
    def write(self, arguments: Mapping[str, Value]) -> str: ...

    def rules(self, name: str, schema: Schema) -> Iterator[str]:
        """Lark: `name` stands for all arguments that fit the schema of an object."""
        ...


def _dumped(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json_rule(schema: Value) -> str:
    assert isinstance(schema, dict)
    return f"%json {json.dumps({**schema, 'x-guidance': SEPARATORS})}"


def _properties(schema: Schema) -> Mapping[str, Value]:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _all(name: str, schema: Schema, between: str = "") -> str:
    """The rules of the properties in order: those that are required, then any of the others."""
    known = list(_properties(schema))
    required = schema.get("required")
    needed = [key for key in known if isinstance(required, list) and key in required]
    then = f"{json.dumps(between)} " if between else ""
    first = f" {then}".join(f"{name}_{known.index(key)}" for key in needed)
    others = " | ".join(f"{name}_{i}" for i, key in enumerate(known) if key not in needed)
    if not others:
        return first or '""'
    return f"{first} ({then}({others}))*" if first else f"(({others}) ({then}({others}))*)?"


def _is_text(schema: Value) -> bool:
    """Free text, which some syntaxes write without quotes."""
    return (
        isinstance(schema, dict) and schema.get("type") == "string" and not {"enum", "const", "pattern"} & set(schema)
    )


class Json:
    def write(self, arguments: Mapping[str, Value]) -> str:
        return _dumped(dict(arguments))

    def rules(self, name: str, schema: Schema) -> Iterator[str]:
        yield f"{name}: {_json_rule(dict(schema))}"


@dataclass(frozen=True)
class Tags:
    """Each argument between tags of its own; text as it is, all else as JSON."""

    before_key: str
    before_value: str
    after: str

    def write(self, arguments: Mapping[str, Value]) -> str:
        texts = {key: value if isinstance(value, str) else _dumped(value) for key, value in arguments.items()}
        return "".join(self.before_key + key + self.before_value + text + self.after for key, text in texts.items())

    def rules(self, name: str, schema: Schema) -> Iterator[str]:
        known = _properties(schema)
        yield f"{name}: {_all(name, schema)}"
        for i, (key, value) in enumerate(known.items()):
            opener = json.dumps(f"{self.before_key}{key}{self.before_value}")
            if _is_text(value):
                yield f"{name}_{i}: {opener} {name}_{i}_v"
                yield f"{name}_{i}_v[lazy]: /(?s:.*)/ {json.dumps(self.after)}"
            elif words := _words(value):
                yield f"{name}_{i}: {opener} ({' | '.join(map(json.dumps, words))}) {json.dumps(self.after)}"
            else:
                yield f"{name}_{i}: {opener} {name}_{i}_v {json.dumps(self.after)}"
                yield f"{name}_{i}_v: {_json_rule(value)}"


def _words(schema: Value) -> list[str]:
    """The texts there are to choose from."""
    enum = schema.get("enum") if isinstance(schema, dict) else None
    return enum if isinstance(enum, list) and all(isinstance(word, str) for word in enum) else []  # type: ignore[return-value]


class Python:
    """`a="b", c=[1], d=True`."""

    def write(self, arguments: Mapping[str, Value]) -> str:
        return ", ".join(f"{key}={_python(value)}" for key, value in arguments.items())

    def rules(self, name: str, schema: Schema) -> Iterator[str]:
        known = _properties(schema)
        yield f"{name}: {_all(name, schema, ', ')}"
        for i, (key, value) in enumerate(known.items()):
            yield f"{name}_{i}: {json.dumps(key + '=')} {name}_{i}_v"
            is_boolean = isinstance(value, dict) and value.get("type") == "boolean"
            yield f"{name}_{i}_v: " + ('"True" | "False"' if is_boolean else _json_rule(value))


def _python(value: Value) -> str:
    match value:
        case bool() | None:
            return str(value)
        case list():
            return f"[{', '.join(map(_python, value))}]"
        case dict():
            return "{" + ", ".join(f"{_dumped(key)}: {_python(part)}" for key, part in value.items()) + "}"
        case _:
            return _dumped(value)


@dataclass(frozen=True)
class Escaped:
    """`{a:<escape>text<escape>,b:1}`: keys without quotes, and a token of its own around texts."""

    quote: str

    def write(self, arguments: Mapping[str, Value]) -> str:
        return self._write(dict(arguments))

    def _write(self, value: Value) -> str:
        match value:
            case str():
                return f"{self.quote}{value}{self.quote}"
            case list():
                return f"[{','.join(map(self._write, value))}]"
            case dict():
                return "{" + ",".join(f"{key}:{self._write(part)}" for key, part in value.items()) + "}"
            case _:
                return _dumped(value)

    def rules(self, name: str, schema: Schema) -> Iterator[str]:
        known = _properties(schema)
        yield f'{name}: "{{" {_all(name, schema, ",")} "}}"'
        for i, (key, value) in enumerate(known.items()):
            yield f"{name}_{i}: {json.dumps(key + ':')} {name}_{i}_v"
            yield from self._value(f"{name}_{i}_v", value)

    def _value(self, name: str, schema: Value) -> Iterator[str]:
        items = schema.get("items") if isinstance(schema, dict) and schema.get("type") == "array" else None
        quote = json.dumps(self.quote)
        if _is_text(schema):
            yield f"{name}: {quote} {name}_t"
            yield f"{name}_t[lazy]: /(?s:.*)/ {quote}"
        elif words := _words(schema):
            yield f"{name}: {quote} ({' | '.join(map(json.dumps, words))}) {quote}"
        elif _is_text(items) or _words(items):
            yield f'{name}: "[" ({name}_p ("," {name}_p)*)? "]"'
            yield from self._value(f"{name}_p", items)
        else:
            yield f"{name}: {_json_rule(schema)}"


JSON = Json()
XML = Tags("<parameter=", ">\n", "\n</parameter>\n")
PAIRS = Tags("<arg_key>", "</arg_key>\n<arg_value>", "</arg_value>\n")
PYTHON = Python()

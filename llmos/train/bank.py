"""Reads the phrase bank: labels, phrasings, selections and turns. Filling the slots is `generate`'s business.

python -m llmos.train.bank            coverage per tool and argument, duplicates, errors
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from llmos.models.embedded.codec import RESULTS, Parameter, Schema, parameters
from llmos.tools.arguments import Selection
from llmos.tools.registry import Registry
from llmos.train.slots import FILLS

PHRASES = Path(__file__).parent / "phrases"

Node = "str | Slot | Choice"


@dataclass(frozen=True)
class Slot:
    name: str


@dataclass(frozen=True)
class Choice:
    """One of several sequences; an optional part is a choice between it and nothing."""

    options: tuple[tuple[object, ...], ...]


Template = tuple[object, ...]


@dataclass(frozen=True)
class LabelCall:
    tool: str
    arguments: tuple[tuple[str, object], ...] = ()
    """name → True, or a tuple of elements, each a tuple of str and Slot and At."""

    files: bool = False


@dataclass(frozen=True)
class At:
    """@back, @back.item or @back.text"""

    back: int
    item: int | str


@dataclass(frozen=True)
class Label:
    calls: tuple[LabelCall, ...] = ()
    more: bool = False
    words: tuple[object, ...] = ()
    """What is said or asked, when it is no call."""

    asks: bool = False
    then: Label | None = None
    """What comes after the result was seen, when `more` is set."""

    @property
    def group(self) -> str:
        if self.calls:
            return self.calls[0].tool
        return "ask" if self.asks else "say"


@dataclass(frozen=True)
class Phrase:
    template: Template
    label: Label
    language: str
    text: str
    input: bool = False

    @property
    def held_back(self) -> bool:
        """One phrasing in twenty-five is never trained on; which, depends on its words alone."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 25 == 0


@dataclass(frozen=True)
class Part:
    """A piece of a selection: noun, adjective, clause or place."""

    role: str
    template: Template
    arguments: tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class Past:
    request: Template
    label: Label
    shown: str
    words: Template = ()


@dataclass(frozen=True)
class TurnPhrase:
    past: tuple[Past, ...]
    phrase: Phrase


@dataclass
class Bank:
    phrases: list[Phrase] = field(default_factory=list)
    parts: dict[str, list[Part]] = field(default_factory=lambda: {"en": [], "zh": []})
    turns: list[TurnPhrase] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def tool_schema() -> dict[str, tuple[Parameter, ...]]:
    """Parameters of the built-in tools, from their argument models."""
    return {name: parameters(tool.arguments.model_json_schema()) for name, tool in Registry().items()}


# ---- templates

_ESCAPES = {
    "\\[": "\ue000",
    "\\]": "\ue001",
    "\\(": "\ue002",
    "\\)": "\ue003",
    "\\|": "\ue004",
    "\\{": "\ue005",
    "\\}": "\ue006",
}
_UNESCAPE = {v: k[1] for k, v in _ESCAPES.items()}


def parse_template(text: str) -> Template:
    """`top {n} files[ in (this|the) folder]` as nested choices. Raises ValueError on unbalanced brackets."""
    for escape, stand_in in _ESCAPES.items():
        text = text.replace(escape, stand_in)
    nodes, rest = _sequence(text, 0, "")
    if rest != len(text):
        raise ValueError(f"unbalanced brackets in {text!r}")
    return nodes


def _sequence(text: str, i: int, stop: str) -> tuple[Template, int]:
    nodes: list[object] = []
    plain = ""
    while i < len(text) and text[i] not in stop:
        c = text[i]
        if c in "[({":
            if plain:
                nodes.append(_unescape(plain))
                plain = ""
            node, i = _bracket(text, i)
            nodes.append(node)
            continue
        if c in "])}":
            raise ValueError(f"unexpected {c!r} in {text!r}")
        plain += c
        i += 1
    if plain:
        nodes.append(_unescape(plain))
    return tuple(nodes), i


def _bracket(text: str, i: int) -> tuple[object, int]:
    if text[i] == "{":
        end = text.find("}", i)
        if end < 0:
            raise ValueError(f"an open brace in {text!r}")
        name = text[i + 1 : end].strip()
        if name not in FILLS and name != "files":
            raise ValueError(f"no slot {{{name}}}")
        return Slot(name), end + 1
    close = "]" if text[i] == "[" else ")"
    optional = text[i] == "["
    options: list[Template] = [()] if optional else []
    i += 1
    while True:
        option, i = _sequence(text, i, "|" + close)
        options.append(option)
        if i >= len(text):
            raise ValueError(f"an open bracket in {text!r}")
        i += 1
        if text[i - 1] == close:
            return Choice(tuple(options)), i


def _unescape(text: str) -> str:
    for stand_in, original in _UNESCAPE.items():
        text = text.replace(stand_in, original)
    return text


def slots_of(template: Template) -> set[str]:
    found: set[str] = set()
    for node in template:
        if isinstance(node, Slot):
            found.add(node.name)
        elif isinstance(node, Choice):
            for option in node.options:
                found |= slots_of(option)
    return found


# ---- labels

_TOKEN = re.compile(r'[^\s"]*"(?:[^"\\]|\\.)*"|\S+')
_AT = re.compile(r"@(\d)(?:\.(\d+|last|text))?")


def parse_label(text: str, schema: Schema) -> Label:
    """Raises ValueError when a tool, argument or value does not exist."""
    calls: list[LabelCall] = []
    parts = _split(text)
    for number, part in enumerate(parts):
        if part == "more":
            if number + 1 == len(parts):
                raise ValueError("after more stands what comes next")
            return Label(tuple(calls), more=True, then=parse_label(" ; ".join(parts[number + 1 :]), schema))
        word, _, rest = part.partition(" ")
        if word in ("say", "ask"):
            words = parse_template(rest.strip().strip('"'))
            return Label(tuple(calls), words=words, asks=word == "ask")
        calls.append(_label_call(part, schema))
    return Label(tuple(calls))


def _split(text: str) -> list[str]:
    parts, current, quoted = [], "", False
    for c in text:
        quoted ^= c == '"'
        if c == ";" and not quoted:
            parts.append(current.strip())
            current = ""
        else:
            current += c
    return [p for p in [*parts, current.strip()] if p]


def _label_call(text: str, schema: Schema) -> LabelCall:
    tokens = _TOKEN.findall(text)
    tool = tokens[0]
    if tool not in schema:
        raise ValueError(f"no tool {tool!r}")
    arguments, files = parse_arguments(tokens[1:], schema[tool])
    return LabelCall(tool, arguments, files)


def parse_arguments(
    tokens: list[str], known: tuple[Parameter, ...] | None
) -> tuple[tuple[tuple[str, object], ...], bool]:
    arguments: list[tuple[str, object]] = []
    files = False
    for token in tokens:
        if token == "{files}":
            files = True
            continue
        name, equals, value = token.partition("=")
        parameter = next((p for p in known or () if p.name == name), None)
        if known is not None and parameter is None:
            raise ValueError(f"no argument {name!r}")
        if not equals or value in ("true", "True"):
            if parameter and not parameter.flag:
                raise ValueError(f"{name} needs a value")
            arguments.append((name, True))
            continue
        if parameter and parameter.flag:
            raise ValueError(f"{name} is a flag")
        quoted = value.startswith('"')
        elements = (
            [value.strip('"').replace('\\"', '"')]
            if quoted or not (parameter is None or parameter.many)
            else value.split(",")
        )
        if parameter and parameter.values and "{" not in value and value not in parameter.values:
            raise ValueError(f"{name} has no value {value!r}")
        arguments.append((name, tuple(_element(e) for e in elements)))
    return tuple(arguments), files


def _element(text: str) -> tuple[object, ...]:
    match = _AT.fullmatch(text)
    if match:
        item = match.group(2)
        return (
            At(
                int(match.group(1)),
                "all" if item is None else item if item == "text" else -1 if item == "last" else int(item) - 1,
            ),
        )
    return tuple(
        p if not (p.startswith("{") and p.endswith("}")) else Slot(p[1:-1]) for p in re.split(r"(\{\w+\})", text) if p
    )


# ---- files


def read_bank(schema: Schema, folder: Path = PHRASES) -> Bank:
    bank = Bank()
    for file in sorted(folder.glob("*_*.txt")):
        language = file.name[:2]
        lines = file.read_text(encoding="utf-8").splitlines()
        if "selection" in file.name:
            _read_parts(bank, file.name, language, lines)
        elif "turns" in file.name:
            _read_turns(bank, file.name, language, lines, schema)
        else:
            _read_phrases(bank, file.name, language, lines, schema)
    return bank


def _content(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _read_phrases(bank: Bank, file: str, language: str, lines: list[str], schema: Schema) -> None:
    label: Label | None = None
    piped = False
    for number, line in _content(lines):
        try:
            if line.startswith("=="):
                piped = line[2:].strip() == "input"
            elif line.startswith("--"):
                label = None
                label = parse_label(line[2:].strip(), schema)
            elif label is not None:
                bank.phrases.append(Phrase(parse_template(line), label, language, line, piped))
        except ValueError as error:
            bank.errors.append(f"{file}:{number}: {error}")


def _read_parts(bank: Bank, file: str, language: str, lines: list[str]) -> None:
    role = ""
    arguments: tuple[tuple[str, object], ...] = ()
    for number, line in _content(lines):
        try:
            if line.startswith("--"):
                tokens = _TOKEN.findall(line[2:])
                role = tokens[0]
                if role not in ("noun", "adjective", "clause", "place"):
                    raise ValueError(f"no part of speech {role!r}")
                arguments, _ = parse_arguments(tokens[1:], _SELECTION)
            else:
                bank.parts[language].append(Part(role, parse_template(line), arguments))
        except ValueError as error:
            role = ""
            bank.errors.append(f"{file}:{number}: {error}")
    bank.parts[language] = [p for p in bank.parts[language] if p.role]


def _selection_parameters() -> tuple[Parameter, ...]:
    return parameters(Selection.model_json_schema())


_SELECTION = _selection_parameters()


def _read_turns(bank: Bank, file: str, language: str, lines: list[str], schema: Schema) -> None:
    block: list[tuple[int, str]] = []
    for number, line in [*_content(lines), (0, "== turn")]:
        if line.startswith("=="):
            if block:
                _turn_block(bank, file, language, block, schema)
            block = []
        else:
            block.append((number, line))


def _turn_block(bank: Bank, file: str, language: str, block: list[tuple[int, str]], schema: Schema) -> None:
    past: list[Past] = []
    request: Template = ()
    label: Label | None = None
    asked: list[str] = []
    piped = False
    try:
        for number, line in block:  # noqa: B007  # which line was wrong
            if line.startswith(">>"):
                asked.append(line[2:].strip())
            elif line.startswith(">"):
                request, label = parse_template(line[1:].strip()), None
            elif line.startswith("="):
                kind, _, words = line[1:].strip().partition(" ")
                if kind == "input":
                    piped = True
                    continue
                if kind not in RESULTS:
                    raise ValueError(f"no kind of result {kind!r}")
                past.append(
                    Past(request, label or Label(), kind, parse_template(words.strip().strip('"')) if words else ())
                )
            elif asked:
                answer = parse_label(line.removeprefix("--").strip(), schema)
                for text in asked:
                    phrase = Phrase(parse_template(text), answer, language, text, piped)
                    bank.turns.append(TurnPhrase(tuple(past), phrase))
                asked = []
            else:
                label = parse_label(line.removeprefix("--").strip(), schema)
    except ValueError as error:
        bank.errors.append(f"{file}:{number}: {error}")


# ---- coverage


def coverage(bank: Bank) -> Iterator[str]:
    tools: Counter[tuple[str, str]] = Counter()
    arguments: Counter[str] = Counter()
    for phrase in [*bank.phrases, *(t.phrase for t in bank.turns)]:
        tools[phrase.label.group, phrase.language] += 1
        for call in phrase.label.calls:
            for name, _ in call.arguments:
                arguments[f"{call.tool}.{name}"] += 1
    for tool in sorted({t for t, _ in tools}):
        given = sorted((k.split(".")[1], n) for k, n in arguments.items() if k.startswith(tool + "."))
        yield f"{tool:18} en {tools[tool, 'en']:4} zh {tools[tool, 'zh']:4}  " + " ".join(f"{k}:{n}" for k, n in given)


def _duplicates(bank: Bank) -> Iterator[str]:
    seen: dict[str, Phrase] = {}
    for phrase in bank.phrases:
        other = seen.setdefault(phrase.text.lower(), phrase)
        if other is not phrase:
            verdict = "twice" if other.label == phrase.label else "with two labels"
            yield f"{verdict}: {phrase.text}"


def summary(bank: Bank, schema: Mapping[str, object]) -> None:
    print("\n".join(coverage(bank)))
    print("\n".join(sorted(_duplicates(bank))))
    print("\n".join(bank.errors), file=sys.stderr)
    parts = ", ".join(f"{len(p)} parts {lang}" for lang, p in bank.parts.items())
    print(f"{len(bank.phrases)} phrasings, {len(bank.turns)} turns, {parts}, {len(bank.errors)} errors")
    print(f"{len(schema)} tools")


if __name__ == "__main__":
    known = tool_schema()
    summary(read_bank(known), known)

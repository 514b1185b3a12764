"""Between conversations and the embedded model's tokens: copy by reference.

Before every word of the request stands an index token; the model writes `<t:find_files> <a:path> <w5>` and the codec
puts the exact text of word 5 there. Earlier results and arguments have index tokens of their own. Weights, decoding
and the grammar are elsewhere.

Prompt:  <s> earlier rounds <here> names <user> <w0> word <w1> word … <call>; a name of something that is there has
         <is:file> or <is:folder> between its first index token and the word
Output:  <t:tool> <a:argument> value … [<t:tool> …] then </s>, or <more> to see the results first
         <say> text </s>, <ask> question </s>
Value:   an enum token, or pieces: <wI> a word, <wI><wJ> the text from word I to word J, <rI> an earlier value, literal
         tokens; <,> between the elements of a list. A flag has no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from llmos.models.embedded.words import Word, cut
from llmos.values.quantities import in_quantity

WORDS = 128
"""Index tokens for words of the request."""

ITEMS = 64
"""Index tokens for values of earlier rounds and names in the folder."""

SHOWN = 8
"""Items of the latest result that the model sees; of earlier ones it sees three."""

LONGEST_PROMPT = 1800
"""Tokens; a reply of 160 then still fits the model's 2,048 positions."""

ROUNDS = 3
ITEM_TOKENS = 12
TEXT_TOKENS = 40

CONTROL = (
    "<pad>", "<s>", "</s>", "<user>", "<again>", "<call>", "<result>", "<here>", "<input>", "<say>", "<ask>", "<more>",
    "<,>", "<all:1>", "<all:2>", "<text:1>", "<text:2>", "<is:file>", "<is:folder>",
)  # fmt: skip

NEW = ("<is:file>", "<is:folder>")
"""Control tokens that weights may lack: those that users taught themselves before the tokens came."""

RESULTS = ("paths", "processes", "jobs", "apps", "lines", "text", "number", "nothing", "error", "done", "said", "asked")


class Encoding(Protocol):
    @property
    def ids(self) -> list[int]: ...


class Tokenizer(Protocol):
    """What the codec needs of `tokenizers.Tokenizer`."""

    def token_to_id(self, token: str) -> int | None: ...
    def encode(self, sequence: str, *, add_special_tokens: bool) -> Encoding: ...
    def decode(self, ids: list[int], *, skip_special_tokens: bool) -> str: ...


@dataclass(frozen=True)
class Parameter:
    """One argument of a tool, as the model writes it."""

    name: str
    values: tuple[str, ...] = ()
    """Its enum values; empty for free values."""

    flag: bool = False
    many: bool = False
    number: bool = False
    """Its values are numbers, sizes or durations."""

    required: bool = False


Schema = Mapping[str, tuple[Parameter, ...]]


def parameters(json_schema: Mapping[str, object]) -> tuple[Parameter, ...]:
    """The parameters of a tool from the JSON Schema of its arguments, in order."""
    properties = json_schema.get("properties", {})
    required = json_schema.get("required", [])
    assert isinstance(properties, dict) and isinstance(required, list)
    return tuple(_parameter(name, spec, name in required) for name, spec in properties.items())


def _parameter(name: str, spec: Mapping[str, object], required: bool) -> Parameter:
    options = spec.get("anyOf", [spec])
    assert isinstance(options, list)
    values: list[str] = []
    for option in options:
        values += option.get("enum", []) + ([option["const"]] if "const" in option else [])
    types = {option.get("type") for option in options}
    number = bool(types & {"integer", "number"})
    return Parameter(name, tuple(values), "boolean" in types, "array" in types, number, required)


@dataclass(frozen=True)
class Literal:
    text: str


@dataclass(frozen=True)
class Span:
    """Characters start to end of the request."""

    start: int
    end: int


@dataclass(frozen=True)
class Ref:
    """An item of an earlier round: `back` 1 is the latest, `item` counts from 0, -1 is the last; or all, or text."""

    back: int
    item: int | str


Piece = Literal | Span | Ref
Value = Sequence[Sequence[Piece]]
"""Elements (one unless the argument is a list), each of pieces that are joined without a gap."""


@dataclass(frozen=True)
class Shown:
    """A result as the model sees it."""

    kind: str
    """One of RESULTS."""

    items: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Round:
    """An earlier request with what was done about it."""

    request: str
    calls: tuple[tuple[str, Mapping[str, object]], ...] = ()
    shown: Shown = Shown("done")


@dataclass(frozen=True)
class View:
    """All that the model sees of a conversation."""

    request: str
    rounds: tuple[Round, ...] = ()
    """Oldest first; the last one belongs to this request when `again` is set."""

    hints: tuple[str, ...] = ()
    """Names in the current folder."""

    known: tuple[tuple[int, str], ...] = ()
    """Characters of the request where the name of something that exists begins: (start, "file" or "folder")."""

    input: bool = False
    """Something was piped in; its path is "-"."""

    again: bool = False


FREE = {"command", "text", "pattern", "old", "new", "delimiter", "contains", "columns"}
"""Arguments whose literal text may be anything; elsewhere it is a short path, word or number."""

_MARKS = frozenset("\"'`“”‘’「」《》,;:()<>!?{}[]|，。；：（）！？、…")


@dataclass
class Prompt:
    ids: list[int]
    request: str
    words: list[Word]
    items: list[str] = field(default_factory=list)
    """What `<rI>` stands for."""

    places: dict[tuple[int, int | str], int] = field(default_factory=dict)
    """(back, item) → index into items."""

    view: View | None = None

    def names(self) -> list[int]:
        """Words that can begin or end a name or path: all but quotation marks, brackets and commas."""
        return [i for i, word in enumerate(self.words) if self.request[word.start : word.end] not in _MARKS]

    def quantities(self) -> list[int]:
        """Words that can be part of a number, a size or a length of time."""
        return [i for i, word in enumerate(self.words) if in_quantity(self.request[word.start : word.end])]


@dataclass(frozen=True)
class Call:
    tool: str
    arguments: Mapping[str, object]


@dataclass(frozen=True)
class Decoded:
    calls: tuple[Call, ...] = ()
    said: str = ""
    asked: bool = False
    more: bool = False
    sources: tuple[Mapping[str, list[tuple[int, int]]], ...] = ()
    """For each call: argument → spans of the request it was copied from."""


class NotWritable(Exception):
    """The target cannot be written with this prompt's references (training data only)."""


class Codec:
    def __init__(self, tokenizer: Tokenizer, schema: Schema) -> None:
        self.tokenizer = tokenizer
        self.schema = schema
        self._ids: dict[str, int] = {}
        names = [*CONTROL, *special_tokens(schema)]
        for name in names:
            found = tokenizer.token_to_id(name)
            if found is None and name in NEW:
                continue
            if found is None:
                raise ValueError(f"the tokenizer has no token {name!r}")
            self._ids[name] = found
        self._names = {i: name for name, i in self._ids.items()}
        self.word0 = self._ids["<w0>"]
        self.item0 = self._ids["<r0>"]
        self.end = self._ids["</s>"]
        self._cache: dict[str, list[int]] = {}

    def id(self, token: str) -> int:
        return self._ids[token]

    def name(self, token_id: int) -> str | None:
        """The special token of this id; None for a piece of text."""
        return self._names.get(token_id)

    def literal(self, text: str) -> list[int]:
        if text not in self._cache:
            if len(self._cache) > 50_000:
                self._cache.clear()
            # A file name may hold bytes that are not UTF-8; the tokenizer takes only what is.
            valid = text.encode("utf-8", "replace").decode("utf-8")
            self._cache[text] = self.tokenizer.encode(valid, add_special_tokens=False).ids
        return self._cache[text]

    # ---- prompt

    def prompt(self, view: View) -> Prompt:
        """The tokens before the model's reply, with what their references stand for.

        Where all of it is too long, the oldest rounds are left out; the request is always whole.
        """
        view = replace(view, rounds=tuple(map(self._readable, view.rounds)))
        prompt = self._prompt(view)
        while len(prompt.ids) > LONGEST_PROMPT and (view.rounds or view.hints):
            view = replace(view, rounds=view.rounds[1:], hints=())
            prompt = self._prompt(view)
        return prompt

    def _readable(self, round_: Round) -> Round:
        """Without calls of tools that the weights know nothing of: the user's own, or another model's."""
        return replace(round_, calls=tuple(call for call in round_.calls if call[0] in self.schema))

    def _prompt(self, view: View) -> Prompt:
        words = cut(view.request, WORDS)
        prompt = Prompt([], view.request, words, view=view)
        rounds = view.rounds[-ROUNDS:]
        self._number_items(prompt, rounds, view)
        ids = [self.id("<s>")]
        for back in range(len(rounds), 0, -1):
            ids += self._round(prompt, rounds[-back], back)
        ids += self._hints(prompt, view)
        ids.append(self.id("<again>" if view.again else "<user>"))
        if view.input:
            ids.append(self.id("<input>"))
        known = {start: kind for start, kind in view.known if f"<is:{kind}>" in self._ids}
        for i, word in enumerate(words):
            ids.append(self.word0 + i)
            ids += [self.id(f"<is:{known[word.start]}>")] if word.start in known else []
            ids += self.literal(view.request[word.start : word.end])[:ITEM_TOKENS]
        ids.append(self.id("<call>"))
        prompt.ids = ids
        return prompt

    def _number_items(self, prompt: Prompt, rounds: Sequence[Round], view: View) -> None:
        """Newest first, so that the first item of the latest result is always <r0>."""
        for back, round_ in enumerate(reversed(rounds), 1):
            for position in shown_positions(len(round_.shown.items), SHOWN if back == 1 else 3):
                self._add_item(prompt, (back, position), round_.shown.items[position])
                if position == len(round_.shown.items) - 1 and (back, position) in prompt.places:
                    prompt.places[back, -1] = prompt.places[back, position]
            for number, value in enumerate(self._argument_texts(round_.calls)):
                self._add_item(prompt, (back, f"a{number}"), value)
        for number, name in enumerate(view.hints):
            self._add_item(prompt, (0, number), name)

    def _argument_texts(self, calls: Iterable[tuple[str, Mapping[str, object]]]) -> list[str]:
        """The free values of the calls, in the order in which `_round` writes them."""
        return [
            text
            for tool, arguments in calls
            for parameter in self.schema[tool]
            if parameter.name in arguments and not parameter.values and not parameter.flag
            for text in _texts(arguments[parameter.name])
        ]

    def _add_item(self, prompt: Prompt, place: tuple[int, int | str], value: str) -> None:
        if len(prompt.items) < ITEMS:
            prompt.places[place] = len(prompt.items)
            prompt.items.append(value)

    def _item(self, prompt: Prompt, place: tuple[int, int | str]) -> list[int]:
        index = prompt.places.get(place)
        if index is None:
            return []
        return [self.item0 + index, *self.literal(short(prompt.items[index]))[:ITEM_TOKENS]]

    def _round(self, prompt: Prompt, round_: Round, back: int) -> list[int]:
        ids: list[int] = []
        if not round_.calls:
            ids += [self.id("<user>"), *self.literal(round_.request)[:TEXT_TOKENS]]
        ids.append(self.id("<call>"))
        number = 0
        for tool, arguments in round_.calls:
            ids.append(self.id(f"<t:{tool}>"))
            for parameter in self.schema[tool]:
                if parameter.name not in arguments:
                    continue
                ids.append(self.id(f"<a:{parameter.name}>"))
                value = arguments[parameter.name]
                if parameter.values:
                    ids.append(self.id(f"<v:{value}>"))
                elif not parameter.flag:
                    for _ in _texts(value):
                        ids += self._item(prompt, (back, f"a{number}"))
                        number += 1
        ids += [self.id("<result>"), self.id(f"<v:{round_.shown.kind}>")]
        if round_.shown.kind in ("said", "asked", "text", "number", "error"):
            ids += self.literal(round_.shown.text[:80])[:TEXT_TOKENS]
        elif round_.shown.items:
            ids += self.literal(str(len(round_.shown.items)))
        for position in shown_positions(len(round_.shown.items), SHOWN if back == 1 else 3):
            ids += self._item(prompt, (back, position))
        return ids

    def _hints(self, prompt: Prompt, view: View) -> list[int]:
        if not view.hints:
            return []
        ids = [self.id("<here>")]
        for number in range(len(view.hints)):
            ids += self._item(prompt, (0, number))
        return ids

    # ---- target (training)

    def encode_calls(
        self, prompt: Prompt, calls: Iterable[tuple[str, Mapping[str, object]]], more: bool = False
    ) -> list[int]:
        """The tokens of a reply made of calls. Values are True (flag), str (enum) or Value. Raises NotWritable."""
        ids: list[int] = []
        for tool, arguments in calls:
            ids.append(self.id(f"<t:{tool}>"))
            unknown = set(arguments) - {p.name for p in self.schema[tool]}
            if unknown:
                raise NotWritable(f"{tool} has no {', '.join(sorted(unknown))}")
            for parameter in self.schema[tool]:
                if parameter.name in arguments:
                    ids.append(self.id(f"<a:{parameter.name}>"))
                    ids += self._encode_value(prompt, parameter, arguments[parameter.name])
        return [*ids, self.id("<more>") if more else self.end]

    def encode_text(self, prompt: Prompt, pieces: Sequence[Piece], asked: bool) -> list[int]:
        ids = [self.id("<ask>" if asked else "<say>")]
        for piece in pieces:
            ids += self._encode_piece(prompt, piece)
        return [*ids, self.end]

    def _encode_value(self, prompt: Prompt, parameter: Parameter, value: object) -> list[int]:
        if parameter.flag:
            if value is not True:
                raise NotWritable(f"{parameter.name} is a flag")
            return []
        if parameter.values:
            if value not in parameter.values:
                raise NotWritable(f"{parameter.name} has no value {value!r}")
            return [self.id(f"<v:{value}>")]
        if not isinstance(value, list) or not value:
            raise NotWritable(f"{parameter.name} needs a value")
        ids: list[int] = []
        for number, element in enumerate(value):
            ids += [self.id("<,>")] if number else []
            for piece in _verbatim(prompt, element) or element:
                ids += self._encode_piece(prompt, piece)
        return ids

    def _encode_piece(self, prompt: Prompt, piece: Piece) -> list[int]:
        match piece:
            case Literal(text):
                return self.literal(text)
            case Ref(back, "all"):
                return [self.id(f"<all:{back}>")]
            case Ref(back, "text"):
                return [self.id(f"<text:{back}>")]
            case Ref(back, item):
                index = prompt.places.get((back, item))
                if index is None:
                    raise NotWritable("the item is not shown")
                return [self.item0 + index]
            case Span(start, end):
                return self._encode_span(prompt, start, end)

    def _encode_span(self, prompt: Prompt, start: int, end: int) -> list[int]:
        first = next((i for i, w in enumerate(prompt.words) if w.start == start), None)
        last = next((i for i, w in enumerate(prompt.words) if w.end == end), None)
        if first is None or last is None or last < first:
            raise NotWritable(f"no words make {prompt.request[start:end]!r}")
        return [self.word0 + first] + ([self.word0 + last] if last > first else [])

    # ---- reply

    def decode(self, ids: Sequence[int], prompt: Prompt) -> Decoded:
        """What the model wrote, with references put in. Never raises on tokens that the grammar allows."""
        if ids and self.name(ids[0]) in ("<say>", "<ask>"):
            body = [i for i in ids[1:] if i != self.end]
            return Decoded(said=self._text(body, prompt, [])[0], asked=self.name(ids[0]) == "<ask>")
        calls: list[Call] = []
        sources: list[dict[str, list[tuple[int, int]]]] = []
        tool, arguments, spans = "", {}, {}
        position = 0
        while position < len(ids):
            name = self.name(ids[position]) or ""
            position += 1
            if name.startswith("<t:"):
                tool, arguments, spans = name[3:-1], dict[str, object](), dict[str, list[tuple[int, int]]]()
                calls.append(Call(tool, arguments))
                sources.append(spans)
            elif name.startswith("<a:"):
                stop = position
                while stop < len(ids) and not self._ends_value(ids[stop]):
                    stop += 1
                copied: list[tuple[int, int]] = []
                arguments[name[3:-1]] = self._value(tool, name[3:-1], ids[position:stop], prompt, copied)
                spans[name[3:-1]] = copied
                position = stop
        return Decoded(tuple(calls), more=bool(ids) and self.name(ids[-1]) == "<more>", sources=tuple(sources))

    def _ends_value(self, token_id: int) -> bool:
        name = self.name(token_id)
        return name is not None and (name.startswith(("<a:", "<t:")) or name in ("</s>", "<more>"))

    def _value(
        self, tool: str, argument: str, ids: Sequence[int], prompt: Prompt, copied: list[tuple[int, int]]
    ) -> object:
        parameter = next(p for p in self.schema[tool] if p.name == argument)
        if parameter.flag:
            return True
        if parameter.values:
            return (self.name(ids[0]) or "")[3:-1] if ids else parameter.values[0]
        elements: list[list[int]] = [[]]
        for token_id in ids:
            if self.name(token_id) == "<,>":
                elements.append([])
            else:
                elements[-1].append(token_id)
        free = parameter.name in FREE
        values = [value for element in elements for value in self._text(element, prompt, copied, free)]
        return values if parameter.many else "".join(values)

    def _text(self, ids: Sequence[int], prompt: Prompt, copied: list[tuple[int, int]], free: bool = False) -> list[str]:
        """The text of one element; all items of a result where it says so."""
        out: list[str] = [""]
        position = 0
        while position < len(ids):
            name = self.name(ids[position])
            if name is None:
                stop = position
                while stop < len(ids) and self.name(ids[stop]) is None:
                    stop += 1
                out[-1] += self.tokenizer.decode(list(ids[position:stop]), skip_special_tokens=False)
                position = stop
                continue
            if name.startswith("<w"):
                first = last = ids[position] - self.word0
                if position + 1 < len(ids) and (self.name(ids[position + 1]) or "").startswith("<w"):
                    position += 1
                    last = ids[position] - self.word0
                if max(first, last) < len(prompt.words) and first <= last:
                    span = _quoted(prompt, prompt.words[first].start, prompt.words[_with_name(prompt, last)].end, free)
                    copied.append(span)
                    out[-1] += prompt.request[span[0] : span[1]]
            elif name.startswith("<r"):
                index = ids[position] - self.item0
                out[-1] += prompt.items[index] if index < len(prompt.items) else ""
            elif name.startswith("<all:"):
                out = [*out[:-1], *self._all(prompt, int(name[5:-1]))]
            elif name.startswith("<text:"):
                out[-1] += self._shown_text(prompt, int(name[6:-1]))
            position += 1
        return out

    def _all(self, prompt: Prompt, back: int) -> list[str]:
        rounds = prompt.view.rounds if prompt.view else ()
        return list(rounds[-back].shown.items) if back <= len(rounds) else []

    def _shown_text(self, prompt: Prompt, back: int) -> str:
        rounds = prompt.view.rounds if prompt.view else ()
        return rounds[-back].shown.text if back <= len(rounds) else ""


def _with_name(prompt: Prompt, index: int) -> int:
    """The word itself, or the name behind it when it is the `$` of a variable: a `$` alone means nothing."""
    word, after = prompt.words[index], prompt.words[index + 1 : index + 2]
    named = prompt.request[word.start : word.end] == "$" and after and after[0].start == word.end
    return index + 1 if named else index


_QUOTES = frozenset("\"'`“‘「《")
_QUOTED = (
    r"""(?<!\w)"([^"\n]+)"(?!\w)|(?<!\w)'([^'\n]+)'(?!\w)|`([^`\n]+)`"""
    r"|“([^”\n]+)”|‘([^’\n]+)’|「([^」\n]+)」|《([^》\n]+)》"
)
"""Not compiled before a request has a quotation mark."""


def _quoted(prompt: Prompt, start: int, end: int, free: bool) -> tuple[int, int]:
    """What people put in quotation marks is one thing: a span across one of the marks becomes what stands between them,
    and so does a part of it where any text may stand.
    """
    if _QUOTES.isdisjoint(prompt.request):
        return start, end
    for match in re.finditer(_QUOTED, prompt.request):
        inner = match.span(match.lastindex or 0)
        apart = end <= match.start() or start >= match.end()
        whole = start <= match.start() and end >= match.end()
        within = start >= inner[0] and end <= inner[1]
        if not (apart or whole or (within and not free)):
            return inner
    return start, end


def special_tokens(schema: Schema) -> list[str]:
    """Tokens beyond CONTROL, in the order of their ids."""
    arguments = sorted({p.name for ps in schema.values() for p in ps})
    values = sorted({v for ps in schema.values() for p in ps for v in p.values} | set(RESULTS))
    return [
        *(f"<t:{tool}>" for tool in sorted(schema)),
        *(f"<a:{name}>" for name in arguments),
        *(f"<v:{value}>" for value in values),
        *(f"<w{i}>" for i in range(WORDS)),
        *(f"<r{i}>" for i in range(ITEMS)),
    ]


def after_asking(request: str, answer: str) -> str:
    """A request that was asked back about, and the answer: one request, whose words can all be pointed at."""
    return f"{request} … {answer}"


def shown_positions(count: int, limit: int) -> list[int]:
    """Which items of a result are shown: the first ones and the last."""
    return list(range(count)) if count <= limit else [*range(limit - 1), count - 1]


def short(value: str) -> str:
    """A path by its last two parts; anything else by its beginning."""
    parts = value.rstrip("/").rsplit("/", 2)
    return ("/".join(parts[-2:]) if len(parts) > 2 else value)[-60:]


def _verbatim(prompt: Prompt, element: Sequence[Piece]) -> list[Piece] | None:
    """One span for what is composed but stands as it is in the request: a command typed out, a name with its folder."""
    text = ""
    for piece in element:
        match piece:
            case Literal(literal):
                text += literal
            case Span(start, end):
                text += prompt.request[start:end]
            case _:
                return None
    if len(text) < 3 or (len(element) == 1 and isinstance(element[0], Span)):
        return None
    starts, ends = {w.start for w in prompt.words}, {w.end for w in prompt.words}
    at = prompt.request.find(text)
    return [Span(at, at + len(text))] if at in starts and at + len(text) in ends else None


def _texts(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]

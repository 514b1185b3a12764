"""Makes training examples from the phrase bank: fills slots, composes selections, adds noise, history and names.

An example is a View (what the model sees) and a target (what it should write). Tokens are the codec's business.

    python -m llmos.train.generate --count 20 [--seed 1] [--tool find_files]
"""

from __future__ import annotations

import argparse
import math
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from llmos.models.embedded.codec import (
    Codec,
    Literal,
    NotWritable,
    Piece,
    Prompt,
    Ref,
    Round,
    Schema,
    Shown,
    Span,
    View,
    after_asking,
)
from llmos.models.embedded.view import RESULT_OF
from llmos.train import slots
from llmos.train.bank import (
    At,
    Bank,
    Choice,
    Label,
    LabelCall,
    Part,
    Past,
    Phrase,
    Slot,
    Template,
    TurnPhrase,
    read_bank,
    tool_schema,
)
from llmos.train.slots import FILLS, Fill
from llmos.train.surface import Backstories, noisy, wrap

WRITERS = {
    "delete_files",
    "move_files",
    "copy_files",
    "change_mode",
    "change_owner",
    "archive_files",
    "replace_text",
    "rename_files",
}


TURNS = 0.2
"""The share of examples that are follow-ups."""


@dataclass
class Filled:
    """A sentence with what its slots were filled with."""

    text: str = ""
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    fills: dict[str, Fill] = field(default_factory=dict)
    extra: dict[str, dict[str, object]] = field(default_factory=dict)
    """For `files`: the arguments that the selection brought, their slots renamed."""


@dataclass(frozen=True)
class Target:
    """What the model should write: calls, or words."""

    calls: tuple[tuple[str, Mapping[str, object]], ...] = ()
    more: bool = False
    words: tuple[Piece, ...] = ()
    asks: bool = False


@dataclass(frozen=True)
class Example:
    view: View
    target: Target
    phrase: Phrase

    def tokens(self, codec: Codec) -> tuple[list[int], int]:
        """Prompt and target together, and where the target begins. Raises NotWritable."""
        prompt = codec.prompt(self.view)
        target = self._target(codec, prompt)
        return prompt.ids + target, len(prompt.ids)

    def _target(self, codec: Codec, prompt: Prompt) -> list[int]:
        if self.target.calls:
            return codec.encode_calls(prompt, self.target.calls, self.target.more)
        return codec.encode_text(prompt, self.target.words, self.target.asks)


class Generator:
    def __init__(self, bank: Bank, schema: Schema, seed: int, held_back: bool = False) -> None:
        self.bank = bank
        self.schema = schema
        self.random = random.Random(seed)
        self.backstories = Backstories()
        self._deletes = self._of_text = False
        slots.COMMANDS[:] = sorted({*slots.COMMANDS, *_literal_commands(bank)})
        self._phrases = self._by_group(p for p in bank.phrases if p.held_back == held_back)
        self._turns = [t for t in bank.turns if t.phrase.held_back == held_back]
        self._oftener = {g: list(accumulate(map(_variety, ps))) for g, ps in self._phrases.items()}
        self._weights = {g: (len(ps) ** 0.6) * _IMPORTANCE.get(g, 1.0) for g, ps in self._phrases.items()}
        self._parts: dict[tuple[str, str], list[Part]] = defaultdict(list)
        for language, parts in bank.parts.items():
            for part in parts:
                self._parts[language, part.role].append(part)

    def _by_group(self, phrases: object) -> dict[str, list[Phrase]]:
        groups: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:  # type: ignore[attr-defined]
            groups[phrase.label.group].append(phrase)
        return dict(groups)

    # ---- examples

    def example(self, tool: str | None = None) -> Example:
        """One example; tries again where the draw makes none that can be written."""
        while True:
            if tool is None and self._turns and self.random.random() < TURNS:
                return self._turn_example(self.random.choice(self._turns))
            phrase = self._phrase(tool)
            made = self._single(phrase)
            if made is not None:
                return made

    def _phrase(self, tool: str | None) -> Phrase:
        if tool is None:
            groups = list(self._phrases)
            tool = self.random.choices(groups, [self._weights[g] for g in groups])[0]
        return self.random.choices(self._phrases[tool], cum_weights=self._oftener[tool])[0]

    def _single(self, phrase: Phrase) -> Example | None:
        r = self.random
        hints: tuple[str, ...] = ()
        preset: dict[str, Fill] = {}
        refs: dict[str, Ref] = {}
        if r.random() < 0.28:
            hints = tuple(dict.fromkeys(self._entry(phrase.language) for _ in range(r.choice([1, 2, 3, 4, 6, 8]))))
            preset, refs = self._mention(phrase, hints)
        filled = self.fill(phrase.template, phrase.language, preset, phrase.label)
        filled = noisy(r, filled, phrase.language)
        if phrase.label.calls and not phrase.label.words:
            filled = wrap(r, filled, phrase.language, self.backstories)
        rounds = self._unrelated(phrase.language) if r.random() < 0.15 and not phrase.label.asks else ()
        if phrase.label.then is not None and r.random() < 0.5:
            return self._second_step(phrase, filled, rounds, hints)
        view = View(filled.text, rounds, hints, input=phrase.input)
        return Example(view, self._target(phrase.label, filled, refs), phrase)

    def _second_step(
        self, phrase: Phrase, filled: Filled, rounds: tuple[Round, ...], hints: tuple[str, ...]
    ) -> Example:
        """The same request once more, with the result of the first calls in view."""
        assert phrase.label.then is not None
        done = self._round(phrase.label, filled, self._kind_of(phrase.label), "")
        view = View(filled.text, (*rounds, done), hints, input=phrase.input, again=True)
        return Example(view, self._target(phrase.label.then, filled, {}), phrase)

    def _entry(self, language: str) -> str:
        r = self.random
        return slots.file_name(r, language) if r.random() < 0.65 else slots.folder_name(r, language)

    def _mention(self, phrase: Phrase, hints: Sequence[str]) -> tuple[dict[str, Fill], dict[str, Ref]]:
        """Sometimes a file is called by a part of a name that is in the folder: "the budget" for budget_2024.xlsx."""
        r = self.random
        preset: dict[str, Fill] = {}
        refs: dict[str, Ref] = {}
        for slot, wants_file in (("file", True), ("folder", False)):
            if slot not in phrase.text or r.random() < 0.35:
                continue
            fitting = [i for i, h in enumerate(hints) if ("." in h[1:]) == wants_file]
            if not fitting:
                continue
            index = r.choice(fitting)
            name = hints[index]
            if r.random() < 0.45:
                preset[slot] = Fill(name)
                continue
            stem = name.rsplit(".", 1)[0] if wants_file and "." in name[1:] else name
            said = re.sub(r"[_\-.]+", " ", stem)
            said = said.lower() if r.random() < 0.6 else said
            if (
                len(stem) < 3
                or said == name
                or [re.sub(r"[_\-.]+", " ", h).lower().startswith(said.lower()) for h in hints].count(True) > 1
            ):
                preset[slot] = Fill(name)
                continue
            before, after = ("", "")
            if phrase.language == "en" and r.random() < 0.6:
                before, after = "the ", r.choice(["", "", " file"] if wants_file else ["", " folder"])
            preset[slot] = Fill(said, before, after)
            refs[slot] = Ref(0, index)
        return preset, refs

    def _unrelated(self, language: str) -> tuple[Round, ...]:
        rounds = []
        for _ in range(self.random.choice([1, 1, 2])):
            phrase = self._phrase(None)
            filled = self.fill(phrase.template, phrase.language, {}, phrase.label)
            rounds.append(self._round(phrase.label, filled, self._kind_of(phrase.label), ()))
        return tuple(rounds)

    def _kind_of(self, label: Label) -> str:
        if not label.calls:
            return "asked" if label.asks else "said"
        shown = dict(label.calls[-1].arguments).get("show")
        if shown is not None and label.calls[-1].tool == "search_text":
            return {"count": "number", "occurrences": "number"}.get(str(shown[0][0]), "paths")  # type: ignore[index]
        return RESULT_OF.get(label.calls[-1].tool, "done")

    def _turn_example(self, turn: TurnPhrase) -> Example:
        while True:
            made = self._turn(turn)
            if made is not None:
                return made
            turn = self.random.choice(self._turns)

    def _turn(self, turn: TurnPhrase) -> Example | None:
        """None when the target needs something that is neither in the request nor in an earlier call."""
        fills: dict[str, Fill] = {}
        language = turn.phrase.language
        asked = [self._asked(past, language, fills) for past in turn.past]
        rounds = tuple(self._round_of(past, before) for past, before in zip(turn.past, asked, strict=True))
        filled = self.fill(turn.phrase.template, language, fills, turn.phrase.label)
        filled = noisy(self.random, filled, language)
        if turn.phrase.label.calls and not turn.phrase.label.words:
            filled = wrap(self.random, filled, language, self.backstories)
        for before in asked:
            for name, arguments in before.extra.items():
                filled.extra.setdefault(name, arguments)
        if turn.past and turn.past[-1].shown == "asked":
            filled = _joined(asked[-1], filled)
            rounds = rounds[:-1]
        if self.random.random() < 0.2 and not turn.phrase.label.asks:
            rounds = (*self._unrelated(language), *rounds)
        known = self._known(rounds, filled, fills)
        needed = {s for c in turn.phrase.label.calls for _, v in self._arguments(c, filled) for s in _slots_in(v)}
        if any(s in fills and s not in filled.spans and s not in known for s in needed):
            return None
        target = self._target(turn.phrase.label, filled, known)
        return Example(View(filled.text, rounds, input=turn.phrase.input), target, turn.phrase)

    def _known(self, rounds: Sequence[Round], filled: Filled, fills: Mapping[str, Fill]) -> dict[str, Ref]:
        """Slots of the target that the request does not name but an earlier call does."""
        refs: dict[str, Ref] = {}
        for slot, fill in fills.items():
            if slot in filled.spans:
                continue
            for back, round_ in enumerate(reversed(rounds), 1):
                texts = [
                    str(text)
                    for tool, arguments in round_.calls
                    for p in self.schema[tool]
                    if p.name in arguments and not p.values and not p.flag
                    for text in _several(arguments[p.name])
                ]
                value = fill.value or fill.core
                if value in texts:
                    refs[slot] = Ref(back, f"a{texts.index(value)}")
                    break
        return refs

    def _asked(self, past: Past, language: str, fills: dict[str, Fill]) -> Filled:
        """An earlier request; what its slots were filled with stays for the ones after it."""
        filled = self.fill(past.request, language, fills, past.label)
        fills.update(filled.fills)
        return filled

    def _round_of(self, past: Past, filled: Filled) -> Round:
        return self._round(past.label, filled, past.shown, "".join(self._words(past.words, filled, "")))

    def _words(self, template: Template, filled: Filled, language: str) -> list[str]:
        out: list[str] = []
        for node in template:
            if isinstance(node, Slot):
                fill = filled.fills.get(node.name)
                out.append(fill.core if fill else "")
            elif isinstance(node, Choice):
                out += self._words(self.random.choice(node.options), filled, language)
            else:
                out.append(str(node))
        return out

    def _round(self, label: Label, filled: Filled, kind: str, words: object) -> Round:
        calls = []
        for call in (*label.calls, *(label.then.calls if label.then and kind == "done" else ())):
            arguments = {}
            for name, value in self._arguments(call, filled):
                rendered = self._plain(value, filled)
                if rendered is not None:
                    arguments[name] = rendered
            calls.append((call.tool, arguments))
        if kind in ("said", "asked") and not words:
            words = "".join(self._words(label.words, filled, "en"))
        return Round(filled.text, tuple(calls), self._shown(kind, filled, str(words or "")))

    def _plain(self, value: object, filled: Filled) -> object:
        """The value of an argument as text, for a call that was made earlier; None when a slot is missing."""
        if value is True:
            return True
        elements = []
        assert isinstance(value, tuple)
        for element in value:
            text = ""
            for piece in element:
                if isinstance(piece, At):
                    text += "earlier"
                elif isinstance(piece, Slot):
                    fill = filled.fills.get(piece.name)
                    if fill is None:
                        return None
                    text += fill.value or fill.core
                else:
                    text += str(piece)
            elements.append(text)
        return elements if len(elements) > 1 else elements[0]

    def _shown(self, kind: str, filled: Filled, words: str) -> Shown:  # noqa: PLR0911  # one return per kind
        r = self.random
        count = r.choice([1, 2, 2, 3, 3, 4, 5, 6, 8, 9, 12, 20])
        ext = next((filled.fills[k] for k in ("ext", "files.ext") if k in filled.fills), None)
        match kind:
            case "paths":
                folder = r.choice(["", "", "/home/alice/", "/var/log/", "docs/", "/srv/data/", "~/"])
                suffix = (ext.value or ext.core).lstrip("*.").lower() if ext else None
                items = tuple(
                    dict.fromkeys(
                        folder + slots.file_name(r, "zh" if r.random() < 0.1 else "en", suffix) for _ in range(count)
                    )
                )
                return Shown(kind, items, "\n".join(items))
            case "done" if words == "":
                made = tuple(self._entry("en") for _ in range(r.choice([0, 1, 1, 2])))
                return Shown(kind, made, "Done.")
            case "processes":
                return _listed(kind, (str(r.randint(2, 65000)) for _ in range(count)))
            case "jobs":
                return _listed(kind, (str(i) for i in range(1, min(count, 5) + 1)))
            case "apps":
                return _listed(kind, (r.choice(slots.APPS) for _ in range(count)))
            case "lines":
                items = tuple(
                    f"{r.choice(slots.WORDS)} {r.choice(slots.NOUNS)} {r.choice(slots.WORDS)}" for _ in range(count)
                )
                return Shown(kind, items, "\n".join(items))
            case "number":
                return Shown(kind, (), str(r.choice([0, 1, 2, 3, 5, 7, 12, r.randint(0, 5000)])))
            case "text":
                return Shown(kind, (), words or r.choice([*slots.TEXTS, *slots.CHINESE_TEXTS]))
            case "error":
                return Shown(kind, (), words or f"There is no {slots.file_name(r, 'en')!r} here.")
            case _:
                items = (slots.file_name(r, "en"),) if kind == "done" and r.random() < 0.5 else ()
                return Shown(kind, items, words)

    # ---- sentences

    def fill(self, template: Template, language: str, preset: Mapping[str, Fill], label: Label) -> Filled:
        """A sentence from a template; `preset` says what some slots are filled with."""
        filled = Filled(fills={})
        self._of_text = any(c.tool in _TEXT_TOOLS for c in label.calls)
        self._deletes = any(c.tool == "delete_files" for c in label.calls)
        self._render(template, language, dict(preset), filled, "", any(c.tool in WRITERS for c in label.calls))
        filled.text = filled.text.rstrip()
        return filled

    def _render(
        self, template: Template, language: str, preset: dict[str, Fill], out: Filled, scope: str, writes: bool
    ) -> None:
        for node in template:
            if isinstance(node, Choice):
                self._render(self.random.choice(node.options), language, preset, out, scope, writes)
            elif isinstance(node, Slot) and node.name == "files":
                out.extra["files"] = self._selection(language, out, writes)
            elif isinstance(node, Slot):
                self._put(scope + node.name, node.name, language, preset, out)
            else:
                text = str(node)
                if text.startswith(" ") and (not out.text or out.text.endswith(" ")):
                    text = text.lstrip(" ")
                out.text += text

    def _put(self, key: str, slot: str, language: str, preset: dict[str, Fill], out: Filled) -> None:
        fill = out.fills.get(key) or preset.get(key)
        if fill is None:
            maker = FILLS.get(slot)
            if maker is None:
                raise KeyError(slot)
            fill = maker(self.random, language)
            others = {f.core for k, f in [*out.fills.items(), *preset.items()]}
            if self._deletes:
                others |= _NEVER_DELETED
            for _ in range(5):
                if fill.core not in others:
                    break
                fill = maker(self.random, language)
        preset[key] = fill
        out.fills[key] = fill
        if (
            language == "zh"
            and out.text
            and out.text[-1] > "\u2fff"
            and fill.core[:1].isascii()
            and self.random.random() < 0.4
        ):
            out.text += " "
        if re.search(r"\b(?:last|past|next|previous) $", out.text):
            fill = Fill(re.sub(r"^(?:a|an|one) (?=\w+$)", "", fill.core), fill.before, fill.after, fill.value)
            preset[key] = out.fills[key] = fill
        out.text += fill.before
        start = len(out.text)
        out.text += fill.core
        out.spans[key] = (start, len(out.text))
        out.text += fill.after
        if language == "zh" and fill.core[-1:].isascii() and self.random.random() < 0.3:
            out.text += " "

    # ---- selections

    def _selection(self, language: str, out: Filled, writes: bool) -> dict[str, object]:
        r = self.random
        clauses = r.choices([0, 1, 2, 3], [46, 36, 14, 4])[0]
        adjectives = 1 if r.random() < 0.18 else 0
        place = r.random() < 0.58
        arguments: dict[str, object] = {}
        used: set[str] = set()
        noun = self._part(language, "noun", used, arguments)
        chosen = [noun]
        for role, count in (("adjective", adjectives), ("clause", clauses), ("place", int(place))):
            for _ in range(count):
                part = self._part(language, role, used, arguments)
                if part is not None:
                    chosen.append(part)
        parts = [p for p in chosen if p is not None]
        order = (
            ["adjective", "noun", "clause", "place"] if language == "en" else ["place", "clause", "adjective", "noun"]
        )
        if language == "en" and r.random() < 0.2:
            order = ["adjective", "noun", "place", "clause"]
        parts.sort(key=lambda p: order.index(p.role))
        self._selection_words(parts, language, out)
        if (
            noun is not None
            and not noun.arguments
            and language == "zh"
            and any("文件" in str(n) or "档" in str(n) or "檔" in str(n) for n in noun.template)
        ):
            arguments.setdefault("type", (("file",),))
        if writes and not set(arguments) - {"path"}:
            arguments["name"] = (("*",),)
        return arguments

    def _part(self, language: str, role: str, used: set[str], arguments: dict[str, object]) -> Part | None:
        for _ in range(4):
            part = self.random.choice(self._parts[language, role])
            names = {name for name, _ in part.arguments}
            clash = names & set(arguments)
            if self._of_text and any(v in ((("folder",),), (("link",),)) for _, v in part.arguments):
                continue
            folder_only = arguments.get("type") == (("folder",),) and names & {
                "larger_than",
                "smaller_than",
                "contains",
                "extension",
            }
            if clash or folder_only:
                continue
            for name, value in part.arguments:
                arguments[name] = _scoped(value)
            return part
        return None if role != "noun" else self._parts[language, "noun"][0]

    def _selection_words(self, parts: Sequence[Part], language: str, out: Filled) -> None:
        r = self.random
        if language == "en" and r.random() < 0.45 and not _NO_DETERMINER.search(out.text):
            out.text += r.choice(
                ["all ", "all the ", "the ", "every single one of the ", "any ", "all of the ", "all "]
            )
        elif language == "zh" and r.random() < 0.4 and parts[0].role == "place":
            pass
        last = None
        for part in parts:
            if last is not None and language == "en":
                joint = " "
                if part.role == "clause" and last.role == "clause":
                    joint = r.choice([" and ", " ", ", ", " and "])
                out.text += joint
            elif last is not None and language == "zh" and part.role == "clause" and last.role == "clause":
                out.text += r.choice(["", "、", "，", "并且"])
            if language == "zh" and part.role == "noun" and r.random() < 0.3:
                out.text += r.choice(["所有", "全部", "所有的"])
            self._render(part.template, language, {}, out, "files.", False)
            last = part

    # ---- targets

    def _arguments(self, call: LabelCall, filled: Filled) -> list[tuple[str, object]]:
        merged: dict[str, object] = dict(filled.extra.get("files", {})) if call.files else {}
        merged.update(call.arguments)
        return list(merged.items())

    def _target(self, label: Label, filled: Filled, refs: Mapping[str, Ref]) -> Target:
        if label.words and not label.calls:
            pieces: list[Piece] = []
            for word in label.words:
                if isinstance(word, Slot):
                    if word.name in filled.spans:
                        pieces.append(Span(*filled.spans[word.name]))
                elif isinstance(word, Choice):
                    first = word.options[-1]
                    pieces += [Literal(str(w)) for w in first if isinstance(w, str)]
                else:
                    pieces.append(Literal(str(word)))
            return Target(words=tuple(pieces), asks=label.asks)
        calls = []
        for call in label.calls:
            arguments: dict[str, object] = {}
            known = {p.name: p for p in self.schema[call.tool]}
            for name, value in self._arguments(call, filled):
                if name not in known:
                    continue
                made = self._value(value, known[name].values != (), filled, refs)
                if made is not None:
                    arguments[name] = made
            calls.append((call.tool, arguments))
        return Target(tuple(calls), label.more)

    def _value(self, value: object, enum: bool, filled: Filled, refs: Mapping[str, Ref]) -> object:
        if value is True:
            return True
        assert isinstance(value, tuple)
        elements: list[list[Piece]] = []
        for element in value:
            pieces: list[Piece] = []
            for piece in element:
                if isinstance(piece, At):
                    pieces.append(Ref(piece.back, piece.item))
                elif isinstance(piece, Slot):
                    made = self._slot_piece(piece.name, filled, refs)
                    if made is None:
                        return None
                    pieces.append(made)
                else:
                    pieces.append(Literal(str(piece)))
            elements.append(pieces)
        if enum:
            piece = elements[0][0]
            return piece.text if isinstance(piece, Literal) else None
        return elements

    def _slot_piece(self, name: str, filled: Filled, refs: Mapping[str, Ref]) -> Piece | None:
        if name in refs:
            return refs[name]
        fill = filled.fills.get(name)
        if name in filled.spans and fill is not None:
            return Literal(fill.value) if fill.value is not None else Span(*filled.spans[name])
        return None


_NO_DETERMINER = re.compile(
    r"(?i)(?:\b(?:how many|number of|any|which|what|no|each|every|all|the|more|of|only|some|my|these|those) |\d )$"
)
_TEXT_TOOLS = {"read_file", "search_text", "replace_text", "checksum", "count"}
"""Tools whose selections are never of folders or links."""

_NEVER_DELETED = {
    "/", "/etc", "/usr", "/var", "/home", "/boot", "/proc", "/root", "/bin", "/usr/bin", "/usr/lib", "/var/lib",
    "~", ".", "..", "../..", "/opt", "/srv",
}  # fmt: skip
"""What people are refused when they ask to delete it, see en_decline.txt."""

_IMPORTANCE = {
    "find_files": 3.0, "search_text": 2.3, "count": 2.3, "read_file": 1.8, "delete_files": 2.0, "list_folder": 1.5,
    "move_files": 1.6, "copy_files": 1.6, "archive_files": 1.3, "change_mode": 1.2, "checksum": 1.3,
    "change_folder": 1.2, "run_command": 0.7, "say": 1.5, "ask": 1.3,
}  # fmt: skip
"""How often people ask for it, against how many phrasings there are."""


def _variety(phrase: Phrase) -> float:
    """How often a phrasing is drawn: one of many words to choose from oftener than a plain one, within reason."""
    return float(min(_variants(phrase.template), 64) ** 0.5)


def _variants(template: Template) -> int:
    return math.prod(sum(map(_variants, n.options)) for n in template if isinstance(n, Choice))


def _joined(before: Filled, answer: Filled) -> Filled:
    """A request that was asked back about and the answer, as the model sees them: one request."""
    text = after_asking(before.text, answer.text)
    shift = len(text) - len(answer.text)
    spans = before.spans | {k: (a + shift, b + shift) for k, (a, b) in answer.spans.items()}
    return Filled(text, spans, before.fills | answer.fills, before.extra | answer.extra)


def _listed(kind: str, items: Iterable[str]) -> Shown:
    shown = tuple(items)
    return Shown(kind, shown, "\n".join(shown))


def _literal_commands(bank: Bank) -> list[str]:
    """Command lines of the bank that have no slot: what `{command}` may be."""
    found = []
    for phrase in bank.phrases:
        for call in phrase.label.calls:
            for name, value in call.arguments:
                if name == "command" and isinstance(value, tuple) and all(isinstance(p, str) for p in value[0]):
                    found.append("".join(value[0]))
    return found


def _slots_in(value: object) -> list[str]:
    if not isinstance(value, tuple):
        return []
    return [piece.name for element in value for piece in element if isinstance(piece, Slot)]


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _scoped(value: object) -> object:
    if value is True:
        return True
    assert isinstance(value, tuple)
    return tuple(tuple(Slot("files." + p.name) if isinstance(p, Slot) else p for p in element) for element in value)


def describe(example: Example) -> str:
    """For people who review the bank."""
    request = example.view.request

    def text(value: object) -> str:
        if not isinstance(value, list):
            return str(value)
        return ",".join("".join(_piece_text(p, request) for p in element) for element in value)

    if example.target.calls:
        target = " ; ".join(tool + "".join(f" {k}={text(v)}" for k, v in a.items()) for tool, a in example.target.calls)
    else:
        target = ("ask " if example.target.asks else "say ") + "".join(
            _piece_text(p, request) for p in example.target.words
        )
    past = "".join(f"[{c[0]}→{r.shown.kind}] " for r in example.view.rounds for c in (r.calls or [("-", {})]))
    return f"{past}{request}\n    → {target}{' ; more' if example.target.more else ''}"


def _piece_text(piece: Piece, request: str) -> str:
    match piece:
        case Literal(text):
            return text
        case Span(start, end):
            return f"«{request[start:end]}»"
        case Ref(back, item):
            return f"@{back}.{item}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--tool")
    given = options.parse_args()
    schema = tool_schema()
    generator = Generator(read_bank(schema), schema, given.seed)
    for _ in range(given.count):
        print(describe(generator.example(given.tool)))


if __name__ == "__main__":
    main()


__all__ = ["Example", "Generator", "NotWritable", "Target"]

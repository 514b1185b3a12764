"""The model that ships with llmos: a small causal LM that points at words of the request instead of spelling them.

It decodes greedily under its grammar and says how sure it was. The forward pass is `engine`'s, tokens are `codec`'s.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from llmos.errors import ModelError
from llmos.models.base import Context
from llmos.models.embedded.codec import Codec, Decoded, Parameter, Prompt, Schema, Tokenizer
from llmos.models.embedded.confidence import Confidence, read_confidence
from llmos.models.embedded.engine import Array, Engine, log_softmax
from llmos.models.embedded.grammar import lark
from llmos.models.embedded.structure import Structure
from llmos.models.embedded.view import view
from llmos.translation import both
from llmos.values.messages import JSON, Reply, ToolCall, UserMessage

if TYPE_CHECKING:  # 50 ms with its tables, and most replies need none of it
    from llmos.decoding.grammar import Constraint

WEIGHTS = Path(__file__).parent / "weights"
LONGEST_REPLY = 160

OTHERS = 2
"""Readings besides the best one that are offered."""

FIRST = 3
"""Other tools with which a reading may begin; later on, one other token a step will do."""


class Forward(Protocol):
    """The numpy engine, or the reference in transformers."""

    @property
    def length(self) -> int: ...

    def rewind(self, length: int) -> None: ...
    def forward(self, ids: list[int]) -> Array: ...


@dataclass(frozen=True)
class Written:
    ids: tuple[int, ...]
    log_probability: float
    """Of the whole reply, under the model without the grammar."""


def read_schema(folder: Path) -> Schema:
    """The tools' parameters as the weights were trained with them."""
    raw = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    return {tool: tuple(Parameter(**{**p, "values": tuple(p["values"])}) for p in ps) for tool, ps in raw.items()}


class EmbeddedModel:
    name = "embedded"

    def __init__(self, folder: Path = WEIGHTS, engine: str = "numpy") -> None:
        if not (folder / "model.safetensors").exists():
            raise ModelError(
                both("the weights of the embedded model are missing in {folder}; install llmos again").format(
                    folder=folder
                )
            )
        self.folder = folder
        self.engine = engine

    @cached_property
    def codec(self) -> Codec:
        from tokenizers import Tokenizer as Loaded  # noqa: PLC0415  # 40 ms, not needed to make the object

        tokenizer = Loaded.from_file(str(self.folder / "tokenizer.json"))
        return Codec(cast(Tokenizer, tokenizer), read_schema(self.folder))

    @cached_property
    def network(self) -> Forward:
        if self.engine == "transformers":
            from llmos.models.embedded.reference import Reference  # noqa: PLC0415  # imports torch

            return Reference(self.folder)
        return Engine(self.folder)

    @cached_property
    def _grammar_tokens(self) -> Any:
        from llmos.decoding.grammar import read_tokenizer  # noqa: PLC0415

        return read_tokenizer((self.folder / "tokenizer.json").read_text(encoding="utf-8"))

    @cached_property
    def confidence(self) -> Confidence:
        return read_confidence(self.folder)

    def prepare(self) -> None:
        """Load now what the first reply would load."""
        self.codec, self.network, self.confidence  # noqa: B018

    def reply(self, context: Context) -> Iterator[str | Reply]:
        seen = view(context)
        prompt = self.codec.prompt(seen)
        before = len(seen.request) - len(next(m.text for m in reversed(context.messages) if isinstance(m, UserMessage)))
        best = self.readings(prompt)[0]
        yield replace(
            self._reply(best, prompt, before),
            others=lambda: tuple(
                self._reply(w, prompt, before) for w in self.readings(prompt, OTHERS + 1) if w.ids != best.ids
            ),
        )

    def _reply(self, written: Written, prompt: Prompt, before: int) -> Reply:
        """`before`: characters of an earlier request, which was asked back about, in front of the present one."""
        decoded = self.codec.decode(written.ids, prompt)
        return Reply(
            text=decoded.said.strip(),
            calls=_calls(decoded, written, before),
            final=not decoded.more,
            asks_back=decoded.asked,
            confidence=self.confidence.right(written.log_probability),
        )

    def readings(self, prompt: Prompt, count: int = 1) -> list[Written]:
        """What the model makes of a prompt, the likeliest first, no two of them the same.

        The first is written greedily; each other one leaves it where another token was nearly as likely.
        """
        self.network.rewind(0)
        first = log_softmax(self.network.forward(prompt.ids))
        start = max(Structure(self.codec, prompt).starts(), key=lambda token: first[token])
        best = self._write(Choice(self, prompt, start), float(first[start]))
        return [best] if count == 1 else Branches(self, prompt).best([best], count)

    def _write(self, choice: Choice, log_probability: float) -> Written:
        """Greedy decoding after the tokens that are chosen already, of which the network has not seen the last."""
        while choice.ids[-1] not in self._last and len(choice.ids) < LONGEST_REPLY:
            scores = log_softmax(self.network.forward(choice.ids[-1:]))
            log_probability += float(scores[choice.best(scores)])
        return Written(tuple(choice.ids), log_probability)

    @cached_property
    def _last(self) -> tuple[int, int]:
        return self.codec.end, self.codec.id("<more>")

    def constraint(self, prompt: Prompt) -> Constraint:
        """What may be written for a prompt."""
        from llmos.decoding.grammar import Constraint  # noqa: PLC0415

        return Constraint(self._grammar_tokens, lark(self.codec, prompt))


class Choice:
    """Picks the likeliest token that the grammar allows; the grammar itself is loaded when the model wants another."""

    def __init__(self, model: EmbeddedModel, prompt: Prompt, *begun: int) -> None:
        self.ids = list(begun)
        self._model = model
        self._prompt = prompt
        self._structure = Structure(model.codec, prompt)
        self._constraint: Constraint | None = None
        if not all(self._structure.accept(token) for token in begun):
            self._constraint = model.constraint(prompt)
            self._constraint.accept(begun[:-1])

    def best(self, scores: Array) -> int:
        token = int(scores.argmax())
        if self._constraint or not self._structure.accept(token):
            token = self._allowed(scores)
        self.ids.append(token)
        return token

    def _allowed(self, scores: Array) -> int:
        if self._constraint is None:
            self._constraint = self._model.constraint(self._prompt)
            self._constraint.accept(self.ids)
        else:
            self._constraint.accept(self.ids[-1:])
        allowed = self._constraint.allowed()
        return int(allowed[scores[allowed].argmax()]) if len(allowed) else self._model.codec.end


class Branches:
    """The replies near the greedy one: every step of it where another token is likely begins one."""

    def __init__(self, model: EmbeddedModel, prompt: Prompt) -> None:
        self._model = model
        self._prompt = prompt

    def best(self, found: list[Written], count: int) -> list[Written]:
        """`found` holds the greedy one; with those that differ in what they would do, likeliest first."""
        meant = {self._meaning(found[0])}
        for begun, log_probability in self._starts(found[0].ids)[: 2 * count]:
            written = self._finish(begun, log_probability)
            if self._meaning(written) not in meant:
                meant.add(self._meaning(written))
                found.append(written)
        return sorted(found, key=lambda w: -w.log_probability)[:count]

    def _starts(self, ids: Sequence[int]) -> list[tuple[list[int], float]]:
        """Where the second choice stands in place of the first, with the probability so far; likeliest first."""
        network, constraint = self._model.network, self._model.constraint(self._prompt)
        network.rewind(0)
        scores = log_softmax(network.forward(self._prompt.ids))
        sure, starts = 0.0, []
        for step, token in enumerate(ids):
            others = [int(i) for i in constraint.allowed() if i != token]
            for other in sorted(others, key=lambda i: -scores[i])[: 1 if step else FIRST]:
                starts.append(([*ids[:step], other], sure + float(scores[other])))
            sure += float(scores[token])
            if step + 1 < len(ids):
                constraint.accept([token])
                scores = log_softmax(network.forward([token]))
        return sorted(starts, key=lambda start: -start[1])

    def _finish(self, begun: list[int], log_probability: float) -> Written:
        self._model.network.rewind(len(self._prompt.ids))
        if begun[:-1]:
            self._model.network.forward(begun[:-1])
        return self._model._write(Choice(self._model, self._prompt, *begun), log_probability)

    def _meaning(self, written: Written) -> str:
        decoded = self._model.codec.decode(written.ids, self._prompt)
        return repr([(c.tool, sorted(c.arguments.items())) for c in decoded.calls] or decoded.asked)


def _calls(decoded: Decoded, written: Written, before: int) -> tuple[ToolCall, ...]:
    probability = math.exp(written.log_probability)
    return tuple(
        ToolCall(str(number), call.tool, cast(dict[str, JSON], dict(call.arguments)), probability, sources)
        for number, (call, sources) in enumerate(zip(decoded.calls, _sources(decoded, before), strict=True), 1)
    )


def _sources(decoded: Decoded, before: int) -> Iterator[Mapping[str, tuple[tuple[int, int], ...]]]:
    for sources in decoded.sources:
        yield {
            argument: tuple((start - before, end - before) for start, end in spans if start >= before)
            for argument, spans in sources.items()
        }

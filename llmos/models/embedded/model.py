"""The model that ships with llmos: a small causal LM that points at words of the request instead of spelling them.

It decodes greedily under its grammar and says how sure it was. The forward pass is `engine`'s, tokens are `codec`'s.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from llmos.errors import ModelError
from llmos.models.base import Context
from llmos.models.embedded.codec import Codec, Decoded, Parameter, Prompt, Schema, Tokenizer
from llmos.models.embedded.engine import Array, Engine, log_softmax
from llmos.models.embedded.grammar import lark
from llmos.models.embedded.structure import Structure
from llmos.models.embedded.view import view
from llmos.values.messages import JSON, Reply, ToolCall

if TYPE_CHECKING:  # 50 ms with its tables, and most replies need none of it
    from llmos.decoding.grammar import Constraint

WEIGHTS = Path(__file__).parent / "weights"
LONGEST_REPLY = 160


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
            raise ModelError(f"the weights of the embedded model are missing in {folder}; install llmos again")
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

    def reply(self, context: Context) -> Iterator[str | Reply]:
        prompt = self.codec.prompt(view(context))
        best, *others = self.readings(prompt)
        decoded = self.codec.decode(best.ids, prompt)
        yield Reply(
            text=decoded.said.strip(),
            calls=_calls(decoded, best),
            final=not decoded.more,
            asks_back=decoded.asked,
            alternatives=tuple(
                call for other in others for call in _calls(self.codec.decode(other.ids, prompt), other)[:1]
            ),
        )

    def readings(self, prompt: Prompt, count: int = 1) -> list[Written]:
        """What the model makes of a prompt, best first; the others begin with the tools that come next."""
        self.network.rewind(0)
        first = log_softmax(self.network.forward(prompt.ids))
        ranked = sorted(Structure(self.codec, prompt).starts(), key=lambda token: -first[token])[:count]
        return [self._write(token, float(first[token]), prompt) for token in ranked]

    def _write(self, token: int, log_probability: float, prompt: Prompt) -> Written:
        """Greedy decoding from the first token on."""
        self.network.rewind(len(prompt.ids))
        choice = Choice(self, prompt, token)
        while token not in self._last and len(choice.ids) < LONGEST_REPLY:
            scores = log_softmax(self.network.forward([token]))
            token = choice.best(scores)
            log_probability += float(scores[token])
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

    def __init__(self, model: EmbeddedModel, prompt: Prompt, first: int) -> None:
        self.ids = [first]
        self._model = model
        self._prompt = prompt
        self._structure = Structure(model.codec, prompt)
        self._structure.accept(first)
        self._constraint: Constraint | None = None

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


def _calls(decoded: Decoded, written: Written) -> tuple[ToolCall, ...]:
    probability = math.exp(written.log_probability)
    return tuple(
        ToolCall(str(number), call.tool, cast(dict[str, JSON], dict(call.arguments)), probability)
        for number, call in enumerate(decoded.calls, 1)
    )

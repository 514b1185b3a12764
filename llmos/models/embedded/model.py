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
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from llmos.decoding.grammar import Constraint, read_tokenizer
from llmos.errors import ModelError
from llmos.models.base import Context
from llmos.models.embedded.codec import Codec, Decoded, Parameter, Prompt, Schema, Tokenizer
from llmos.models.embedded.grammar import lark
from llmos.models.embedded.view import view
from llmos.values.messages import JSON, Reply, ToolCall

WEIGHTS = Path(__file__).parent / "weights"
LONGEST_REPLY = 160


class Forward(Protocol):
    """The numpy engine, or the reference in transformers."""

    @property
    def length(self) -> int: ...

    def rewind(self, length: int) -> None: ...
    def forward(self, ids: list[int]) -> NDArray[np.float32]: ...


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
        from llmos.models.embedded.engine import Engine  # noqa: PLC0415

        return Engine(self.folder)

    @cached_property
    def _grammar_tokens(self) -> object:
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
        """What the model makes of a prompt: the best reply, then those that begin with the next best tools."""
        start = Constraint(self._grammar_tokens, lark(self.codec, prompt))
        self.network.rewind(0)
        first = log_softmax(self.network.forward(prompt.ids))
        allowed = start.allowed()
        ranked = allowed[np.argsort(-first[allowed])][:count]
        return [self._write(int(token), float(first[token]), start.copy(), len(prompt.ids)) for token in ranked]

    def _write(self, token: int, log_probability: float, constraint: Constraint, prompt_length: int) -> Written:
        """Greedy decoding from the first token on."""
        self.network.rewind(prompt_length)
        ids = [token]
        while token != self.codec.end and len(ids) < LONGEST_REPLY:
            constraint.accept([token])
            allowed = constraint.allowed()
            if not len(allowed):
                break
            scores = log_softmax(self.network.forward([token]))
            token = int(allowed[np.argmax(scores[allowed])])
            log_probability += float(scores[token])
            ids.append(token)
        return Written(tuple(ids), log_probability)


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max()
    return cast(NDArray[np.float32], shifted - np.log(np.exp(shifted).sum()))


def _calls(decoded: Decoded, written: Written) -> tuple[ToolCall, ...]:
    probability = math.exp(written.log_probability)
    return tuple(
        ToolCall(str(number), call.tool, cast(dict[str, JSON], dict(call.arguments)), probability)
        for number, call in enumerate(decoded.calls, 1)
    )

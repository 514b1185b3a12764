"""Why the embedded model wrote a call: how probable each step was, and which words bore on each argument.

Two measures that know nothing of each other: attention while the argument was written (mean over layers and heads,
Abnar & Zuidema 2020, arXiv 2005.00928, on why it alone proves little), and how much less probable the argument becomes
when the text of a word is left out. Only the numpy engine is read.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from llmos.models.embedded.codec import Codec, Prompt
from llmos.models.embedded.engine import Array, Engine, log_softmax
from llmos.models.embedded.model import EmbeddedModel, Written

WORDS = 40
"""Words left out in turn at most; each takes a pass over the whole prompt."""


@dataclass(frozen=True)
class Step:
    token: str
    probability: float


@dataclass(frozen=True)
class Part:
    """The choice of a tool, or of an argument with its value."""

    tool: str
    argument: str
    """"" for the tool itself."""

    steps: tuple[Step, ...]
    attention: tuple[float, ...]
    """For each word of the request; they add up to 1."""

    fall: tuple[float, ...]
    """For each word: by how much the logarithm of the part's probability falls without it, in nats."""

    @property
    def probability(self) -> float:
        return math.prod(step.probability for step in self.steps)

    @property
    def looked_at(self) -> int:
        """The word with the most attention."""
        return int(np.argmax(self.attention))

    @property
    def needed(self) -> int:
        """The word whose loss costs most."""
        return int(np.argmax(self.fall))


@dataclass(frozen=True)
class Reasons:
    words: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def probability(self) -> float:
        """Of the whole reply: the product of its steps."""
        return math.prod(part.probability for part in self.parts)


class Watched(Engine):
    """An engine whose attention is looked at, with the weights of another and a cache of its own."""

    def __init__(self, engine: Engine) -> None:
        self.__dict__ = copy.copy(engine.__dict__)
        self.keys, self.values = engine.keys.copy(), engine.values.copy()
        self.length = 0
        self.seen: list[Array] = []

    def _attended(self, scores: Array) -> Array:
        weights = super()._attended(scores)
        self.seen.append(weights.mean(0))
        return weights


def reasons(model: EmbeddedModel, prompt: Prompt, written: Written) -> Reasons:
    """Raises TypeError for an engine that cannot be looked into."""
    if not isinstance(model.network, Engine):
        raise TypeError("only the numpy engine shows its attention")
    engine = Watched(model.network)
    ids = list(written.ids)
    sure, attention = _read(engine, prompt.ids, ids)
    words = _word_positions(model.codec, prompt)
    looked = np.stack([attention[:, begin:end].sum(1) for begin, end in words], 1)
    falls = [sure - _read(engine, _without(prompt.ids, word), ids)[0] for word in words[:WORDS]]
    falls += [np.zeros_like(sure)] * (len(words) - len(falls))
    parts = []
    for tool, argument, steps in _parts(model.codec, ids):
        at = looked[steps].sum(0)
        parts.append(
            Part(
                tool,
                argument,
                tuple(Step(_name(model.codec, ids[i]), float(np.exp(sure[i]))) for i in steps),
                tuple(float(x) for x in at / max(float(at.sum()), 1e-9)),
                tuple(float(fall[steps].sum()) for fall in falls),
            )
        )
    return Reasons(tuple(prompt.request[word.start : word.end] for word in prompt.words), tuple(parts))


def _read(engine: Watched, prompt: Sequence[int], ids: Sequence[int]) -> tuple[Array, Array]:
    """Log-probability of each token of the reply (N,), and where the model looked to write it (N, P)."""
    engine.rewind(0)
    engine.seen.clear()
    hidden = engine.hidden([*prompt, *ids[:-1]])[len(prompt) - 1 :]
    sure = np.array([log_softmax(engine.embedding @ row)[token] for row, token in zip(hidden, ids, strict=True)])
    seen = np.mean(engine.seen, axis=0)[len(prompt) - 1 :, : len(prompt)]
    return sure.astype(np.float32), seen.astype(np.float32)


def _word_positions(codec: Codec, prompt: Prompt) -> list[tuple[int, int]]:
    """From its index token to the end of its text, for each word of the request."""
    begin = max(i for i, token in enumerate(prompt.ids) if token in (codec.id("<user>"), codec.id("<again>")))
    last = codec.word0 + len(prompt.words)
    starts = [i for i in range(begin, len(prompt.ids)) if codec.word0 <= prompt.ids[i] < last]
    return list(zip(starts, [*starts[1:], len(prompt.ids) - 1], strict=True))


def _without(ids: Sequence[int], word: tuple[int, int]) -> list[int]:
    """The index token stays, so that what refers to other words still does."""
    return [*ids[: word[0] + 1], *ids[word[1] :]]


def _parts(codec: Codec, ids: Sequence[int]) -> Iterator[tuple[str, str, list[int]]]:
    """(tool, argument, places of its tokens); the end of the reply belongs to what comes last."""
    tool, argument, steps = "", "", list[int]()
    for place, token in enumerate(ids):
        name = codec.name(token) or ""
        if name.startswith(("<t:", "<a:")):
            if steps:
                yield tool, argument, steps
            tool, argument = (name[3:-1], "") if name.startswith("<t:") else (tool, name[3:-1])
            steps = []
        steps.append(place)
    yield tool, argument, steps


def _name(codec: Codec, token: int) -> str:
    return codec.name(token) or codec.tokenizer.decode([token], skip_special_tokens=False)

"""Fine-tunes the embedded model on lessons, on the user's own machine, among phrasings that it knows already.

What it knew is measured before and after; weights that got worse at it are not kept. Where lessons come from and where
weights are kept is not handled here.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from llmos.models.embedded.codec import Codec, NotWritable, Schema
from llmos.models.embedded.confidence import FILE as CONFIDENCE
from llmos.models.embedded.model import EmbeddedModel, read_schema
from llmos.train.bank import read_bank
from llmos.train.evaluate import Case, case_of, held_back, judge, share
from llmos.train.generate import Example, Generator
from llmos.train.grow import grow_tokenizer
from llmos.train.network import read_huggingface
from llmos.train.shell_lines import Line
from llmos.train.shell_lines import example as line_example
from llmos.train.tokenizer import schema_json
from llmos.train.train import Config, Sequence, Training, sequences

NEW = 0.3
"""The part of the examples that are lessons; the others are what the model knows already."""

WORSE = 1.5
"""Percentage points that it may lose of what it knew."""

PARTS = (1.0, 0.7, 0.5)
"""How far from the old weights to the new ones; the first at which nothing is forgotten is taken."""

KNOWN = 300
"""Phrasings that tell what it knew. Of so many, one in a hundred is three."""


@dataclass(frozen=True)
class Taught:
    known_before: float
    """Percent of held-back phrasings that are wholly right."""

    known_after: float
    learned: float
    """Percent of the lessons, with other names in them, that are wholly right."""

    folder: Path
    """With the new weights."""

    @property
    def forgot(self) -> bool:
        return self.known_before - self.known_after > WORSE


def teach(
    base: Path, lines: list[Line], new_tools: Schema, work: Path, minutes: float, show: Callable[[str], None]
) -> Taught:
    """`base` has the weights to begin from, `work` is an empty folder; `minutes` are those of the processor."""
    codec = _grown(base, {**read_schema(base), **new_tools}, work)
    old = EmbeddedModel(base)
    known = list(held_back(old.codec, KNOWN, seed=99))
    before = _measure(old, known)
    show(f"knows {before:.1f} % of {KNOWN} phrasings that it was not trained on")
    training = Training(_config(base, work, minutes), work, clock=time.process_time, show=lambda _: None)
    training.train(_shown(_shards(codec, lines), training, show))
    learned = {name: tensor.clone() for name, tensor in training.network.state_dict().items()}
    shutil.copy(base / CONFIDENCE, work / "model" / CONFIDENCE)
    for part in PARTS:
        _save_between(training, learned, base, part)
        new = EmbeddedModel(work / "model")
        taught = Taught(before, _measure(new, known), _measure(new, _asked(new.codec, lines)), new.folder)
        show(f"{part:.0%} of the change: {taught.learned:.0f} % of the lessons, {taught.known_after:.1f} % of the rest")
        if not taught.forgot:
            break
    return taught


def _save_between(training: Training, learned: dict[str, Tensor], base: Path, part: float) -> None:
    """Weights between the old and the new ones often know what both know (Wortsman et al. 2022, arXiv 2109.01903)."""
    if part < 1:
        old = read_huggingface(base).state_dict()
        old["embedding"] = torch.cat([old["embedding"], learned["embedding"][len(old["embedding"]) :]])
        training.network.load_state_dict({name: torch.lerp(old[name], learned[name], part) for name in learned})
    training.save()


def _grown(base: Path, schema: Schema, work: Path) -> Codec:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    grow_tokenizer(tokenizer, schema)
    tokenizer.save(str(work / "tokenizer.json"))
    (work / "schema.json").write_text(schema_json(schema), encoding="utf-8")
    return Codec(tokenizer, schema)


def _config(base: Path, work: Path, minutes: float) -> Config:
    shape = json.loads((base / "config.json").read_text(encoding="utf-8"))
    return Config(
        tokenizer=str(work),
        width=shape["hidden_size"], layers=shape["num_hidden_layers"], heads=shape["num_attention_heads"],
        inner=shape["intermediate_size"], minutes=minutes, warmup=20, decay=0.8, matrix_rate=0.0012, other_rate=0.001,
        batch_tokens=3072, longest=360, words_weight=0.3, seed=1, workers=0, initial=str(base),
    )  # fmt: skip


def _shards(codec: Codec, lines: list[Line]) -> Iterator[list[Sequence]]:
    random_ = random.Random(1)
    generator = Generator(read_bank(codec.schema), codec.schema, seed=1)

    def one() -> Example:
        return line_example(random_.choice(lines), random_) if random_.random() < NEW else generator.example()

    while True:
        yield list(sequences(one, codec, 1500, 360))


def _shown(
    shards: Iterator[list[Sequence]], training: Training, show: Callable[[str], None]
) -> Iterator[list[Sequence]]:
    for shard in shards:
        show(f"learning: {min(100, round(100 * training.progress))} %")
        yield shard


def _asked(codec: Codec, lines: list[Line]) -> list[Case]:
    """Every lesson a few times, with names in it that it was not learned with."""
    random_ = random.Random(2)
    cases: list[Case] = []
    for line in lines * max(1, 60 // len(lines)):
        try:
            cases.append(case_of(codec, line_example(line, random_)))
        except NotWritable:
            continue
    return cases


def _measure(model: EmbeddedModel, cases: list[Case]) -> float:
    return share([judge(model, case) for case in cases], "full")

"""Trains the embedded model, on CPU or CUDA, from a TOML file; continues from its checkpoint when there is one.

    python -m llmos.train.train configs/training/embedded.toml [--minutes 90] [--run runs/first]

The phrase bank is read again whenever its files change. The learning rate rises, stays, and falls over the last part
of the planned time; with more minutes a run that has not begun to fall goes on. What the model sees is `generate`'s.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from llmos.models.embedded.codec import Codec, NotWritable, Parameter, Schema
from llmos.train.bank import PHRASES, read_bank
from llmos.train.generate import Example, Generator
from llmos.train.grow import grow_embedding
from llmos.train.known import with_known
from llmos.train.network import Network, Shape, read_huggingface, save_huggingface
from llmos.train.shell_lines import Line, read_lines
from llmos.train.shell_lines import example as line_example

Sequence = tuple[list[int], int]
"""Tokens, and where the target begins."""


@dataclass(frozen=True)
class Config:
    tokenizer: str
    """A folder with tokenizer.json and schema.json."""

    width: int
    layers: int
    heads: int
    inner: int
    minutes: float
    warmup: int
    """Steps over which the learning rate rises."""

    decay: float
    """The part of the time, at the end, over which it falls."""

    matrix_rate: float
    """Learning rate of Muon for the matrices (Jordan et al. 2024)."""

    other_rate: float
    """Learning rate of AdamW for embeddings and norms."""

    batch_tokens: int
    longest: int
    words_weight: float
    """Weight of the loss on text the model says, against 1 for calls: sentences are long and would drown the calls."""

    seed: int
    workers: int
    data: str = ""
    """A folder with described command lines, see shell_lines; none by default."""

    data_share: float = 0.15
    """The part of the examples that is made from them."""

    initial: str = ""
    """A checkpoint, or a folder with trained weights, to begin from without their optimizer."""


def read_config(file: Path, **overrides: Any) -> Config:
    values = tomllib.loads(file.read_text())
    values.update({k: v for k, v in overrides.items() if v is not None})
    return Config(**values)


def read_schema(file: Path) -> Schema:
    raw = json.loads(file.read_text(encoding="utf-8"))
    return {tool: tuple(Parameter(**{**p, "values": tuple(p["values"])}) for p in ps) for tool, ps in raw.items()}


# ---- data


def make_shards(config: Config, seed: int, size: int, queue: Any) -> None:
    """Puts lists of sequences on the queue for ever; runs in a process of its own."""
    os.nice(5)
    schema = read_schema(Path(config.tokenizer) / "schema.json")
    codec = Codec(Tokenizer.from_file(f"{config.tokenizer}/tokenizer.json"), schema)
    described = described_lines(config, seed)
    stamp, generator = 0.0, None
    while True:
        newest = max(f.stat().st_mtime for f in PHRASES.glob("*.txt"))
        if newest > stamp:
            generator = _generator(schema, seed) or generator
            stamp = newest
            seed += 1000
        assert generator is not None, "the phrase bank cannot be read"
        shard = list(sequences(generator.example, codec, size, config.longest))
        if described is not None:
            shard += sequences(described, codec, round(size * config.data_share), config.longest)
        queue.put(shard)


def described_lines(config: Config, seed: int) -> Callable[[], Example] | None:
    """Makes examples from described command lines; tools that are seldom there come oftener than in the data."""
    if not config.data:
        return None
    random_ = random.Random(seed)
    by_tool: dict[str, list[Line]] = defaultdict(list)
    for line in read_lines(Path(config.data)):
        if not line.phrase.held_back:
            by_tool[line.calls[0].tool].append(line)
    tools = list(by_tool)
    weights = [len(by_tool[tool]) ** 0.7 for tool in tools]
    return lambda: line_example(random_.choice(by_tool[random_.choices(tools, weights)[0]]), random_)


def _generator(schema: Schema, seed: int) -> Generator | None:
    """None while somebody writes at the bank and it cannot be read."""
    try:
        return Generator(read_bank(schema), schema, seed)
    except ValueError as error:
        print(f"the bank as it was before goes on: {error}", flush=True)
        return None


def sequences(example: Callable[[], Example], codec: Codec, count: int, longest: int) -> Iterator[Sequence]:
    made = 0
    random_ = random.Random(count)
    while made < count:
        try:
            ids, start = with_known(example(), random_).tokens(codec)
        except NotWritable:
            continue
        if len(ids) <= longest:
            made += 1
            yield ids, start


LENGTHS = (24, 32, 40, 48, 56, 64, 80, 96, 128, 192, 256, 384)
"""Every batch has one of these lengths and the same number of tokens: with few distinct shapes oneDNN does not have to
build its kernels anew, and memory does not grow with each new shape. What it gained in time was lost in noise."""


def batches(shard: list[Sequence], batch_tokens: int, shuffle: random.Random) -> list[list[Sequence]]:
    """Examples of like length together, `batch_tokens` with padding."""
    waiting: dict[int, list[Sequence]] = {length: [] for length in LENGTHS}
    out: list[list[Sequence]] = []
    for sequence in shard:
        length = next(n for n in LENGTHS if n >= len(sequence[0]))
        waiting[length].append(sequence)
        if len(waiting[length]) == batch_tokens // length:
            out.append(waiting[length])
            waiting[length] = []
    out += [left for length, left in waiting.items() if len(left) > batch_tokens // length // 2]
    shuffle.shuffle(out)
    return out


def tensors(
    batch: list[Sequence], batch_tokens: int, words: set[int], words_weight: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """ids (B, T); positions (N,) in the flattened batch of what is learned, its targets (N,) and weights (N,)."""
    length = next(n for n in LENGTHS if n >= max(len(ids) for ids, _ in batch))
    x = torch.zeros(batch_tokens // length, length, dtype=torch.long)
    positions: list[int] = []
    targets: list[int] = []
    weights: list[float] = []
    for row, (ids, start) in enumerate(batch):
        x[row, : len(ids)] = torch.tensor(ids)
        positions += range(row * length + start - 1, row * length + len(ids) - 1)
        targets += ids[start:]
        weights += [1.0] + [words_weight if ids[start] in words else 1.0] * (len(ids) - start - 1)
    padding = -len(positions) % 256
    return (
        x,
        torch.tensor(positions + [0] * padding),
        torch.tensor(targets + [0] * padding),
        torch.tensor(weights + [0.0] * padding),
    )


# ---- steps


class Training:
    def __init__(
        self,
        config: Config,
        run: Path,
        clock: Callable[[], float] = time.monotonic,
        show: Callable[[str], None] = lambda text: print(text, flush=True),
    ) -> None:
        self.config = config
        self.run = run
        self.clock = clock
        """Whose seconds the planned minutes are counted in."""

        self.show = show
        folder = Path(config.tokenizer)
        self.codec = Codec(Tokenizer.from_file(str(folder / "tokenizer.json")), read_schema(folder / "schema.json"))
        vocabulary = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size()
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(config.seed)
        self.network = Network(Shape(vocabulary, config.width, config.layers, config.heads, config.inner)).to(
            self.device
        )
        if config.initial:
            self._begin_from(self._weights(Path(config.initial)))
        self.optimizers = self._optimizers()
        self.rates = [o.param_groups[0]["lr"] for o in self.optimizers]
        self.steps = self.examples = self.tokens = 0
        self.seconds = 0.0
        self.stopped = False
        """Set by SIGTERM: the next step saves and ends."""
        signal.signal(signal.SIGTERM, self._stop)
        self._restore()

    def _weights(self, initial: Path) -> dict[str, Tensor]:
        if initial.is_dir():
            return dict(read_huggingface(initial).state_dict())
        return dict(torch.load(initial, map_location=self.device)["network"])

    def _begin_from(self, weights: dict[str, Tensor]) -> None:
        """Weights whose tokens are the first ones of this tokenizer."""
        tokenizer = Tokenizer.from_file(f"{self.config.tokenizer}/tokenizer.json")
        weights["embedding"] = grow_embedding(weights["embedding"], tokenizer)
        self.network.load_state_dict(weights)

    def _stop(self, *_: object) -> None:
        self.stopped = True

    def _optimizers(self) -> list[torch.optim.Optimizer]:
        matrices = [p for n, p in self.network.named_parameters() if p.ndim == 2 and n != "embedding"]
        others = [p for n, p in self.network.named_parameters() if p.ndim != 2 or n == "embedding"]
        return [
            torch.optim.Muon(matrices, lr=self.config.matrix_rate, weight_decay=0.01, momentum=0.95),
            torch.optim.AdamW(others, lr=self.config.other_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
        ]

    @property
    def progress(self) -> float:
        return self.seconds / (60 * self.config.minutes)

    def _rate(self) -> float:
        rise = min(1.0, (self.steps + 1) / self.config.warmup)
        return rise * max(0.01, min(1.0, (1 - self.progress) / self.config.decay))

    def step(self, batch: list[Sequence]) -> float:
        for optimizer, rate in zip(self.optimizers, self.rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate * self._rate()
        words = {self.codec.id("<say>"), self.codec.id("<ask>")}
        made = tensors(batch, self.config.batch_tokens, words, self.config.words_weight)
        x, positions, targets, weights = (t.to(self.device) for t in made)
        hidden = self.network(x, torch.bfloat16).flatten(0, 1)[positions]
        each = F.cross_entropy(self.network.logits(hidden), targets, reduction="none")
        loss = (each * weights).sum() / weights.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.steps += 1
        self.examples += len(batch)
        self.tokens += sum(len(ids) for ids, _ in batch)
        return float(loss.detach())

    def train(self, shards: Iterator[list[Sequence]]) -> None:
        shuffle = random.Random(self.config.seed + self.steps)
        losses: list[float] = []
        last_saved = begun = self.clock()
        for shard in shards:
            for batch in batches(shard, self.config.batch_tokens, shuffle):
                losses.append(self.step(batch))
                now = self.clock()
                self.seconds += now - begun
                begun = now
                if self.steps % 100 == 0:
                    self._log(sum(losses) / len(losses))
                    losses.clear()
                if now - last_saved > 300:
                    self.save()
                    last_saved = now
                if self.progress >= 1 or self.stopped:
                    self.save()
                    return

    def _log(self, loss: float) -> None:
        line = {
            "step": self.steps, "minutes": round(self.seconds / 60, 1), "loss": round(loss, 4),
            "rate": round(self._rate(), 3),
            "examples": self.examples, "tokens": self.tokens, "tokens_per_second": round(self.tokens / self.seconds),
        }  # fmt: skip
        self.show(json.dumps(line))
        with (self.run / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")

    # ---- checkpoints

    def save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "counts": (self.steps, self.examples, self.tokens, self.seconds),
        }
        torch.save(state, self.run / "checkpoint.tmp")
        os.replace(self.run / "checkpoint.tmp", self.run / "checkpoint.pt")
        tokenizer = Path(self.config.tokenizer) / "tokenizer.json"
        ids = [self.codec.id(t) for t in ("<pad>", "<s>", "</s>")]
        save_huggingface(self.network, self.run / "model", tokenizer, *ids)
        (self.run / "model" / "schema.json").write_text((Path(self.config.tokenizer) / "schema.json").read_text())

    def _restore(self) -> None:
        file = self.run / "checkpoint.pt"
        if not file.exists():
            return
        state = torch.load(file, map_location=self.device)
        self.network.load_state_dict(state["network"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.steps, self.examples, self.tokens, self.seconds = state["counts"]


def shards(config: Config, seed: int) -> Iterator[list[Sequence]]:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(maxsize=2 * config.workers)
    for worker in range(config.workers):
        arguments = (config, seed + worker, 3000, queue)
        context.Process(target=make_shards, args=arguments, daemon=True).start()
    while True:
        yield queue.get()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("config", type=Path)
    options.add_argument("--run", type=Path, default=Path("runs/embedded"))
    options.add_argument("--minutes", type=float)
    options.add_argument("--initial")
    options.add_argument("--data", help="a folder with nl2bash.jsonl and tldr.*.jsonl")
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    given.run.mkdir(parents=True, exist_ok=True)
    training = Training(
        read_config(given.config, minutes=given.minutes, initial=given.initial, data=given.data), given.run
    )
    count = sum(p.numel() for p in training.network.parameters())
    print(f"{count / 1e6:.2f} M parameters on {training.device}, from step {training.steps}", flush=True)
    training.train(shards(training.config, training.config.seed + training.steps))
    print(f"done: {training.examples} examples, {training.tokens} tokens, {training.seconds / 60:.1f} minutes")


if __name__ == "__main__":
    main()

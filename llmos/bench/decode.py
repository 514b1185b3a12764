"""How fast the embedded model reads and writes: the numpy engine against `generate()` over the same folder, one thread.

Against the memory too: each token needs all weights once, and no engine is faster than they can be read. Whether what
it writes is right is not measured here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from llmos.bench.report import Report, Row
from llmos.models.embedded.codec import View
from llmos.models.embedded.engine import Engine
from llmos.models.embedded.model import WEIGHTS, EmbeddedModel

WRITTEN = 48
"""Tokens of one reply here; a real one has 4 to 12."""

PROMPTS = (8, 64, 256)
REQUEST = "delete all log files older than a week in /var/log"


def measure(rounds: int = 7, folder: Path = WEIGHTS) -> Report:
    """Both take turns, so that the load of the machine is the same for both."""
    numpy = Numpy(folder)
    ours: dict[str, Numpy | Transformers] = {"numpy": numpy, "transformers": Transformers(folder)}
    rows = [Row("loaded in ms", {name: engine.loaded for name, engine in ours.items()})]
    for length in PROMPTS:
        ids = [1 + i % 1000 for i in range(length)]
        read, wrote = _compare(ours, rounds, ids, 1), _compare(ours, rounds, ids, WRITTEN)
        each = {name: (wrote[name] - read[name]) / (WRITTEN - 1) for name in ours}
        rows.append(Row(f"ms to read {length} tokens", {name: 1e3 * value for name, value in read.items()}))
        rows.append(Row(f"tokens/s after {length}", {name: 1 / value for name, value in each.items()}))
    floor = _bandwidth() / numpy.size
    rows.append(Row("tokens/s the memory allows", {"numpy": floor}))
    rows.append(Row("ms for a whole call", {"numpy": 1e3 * _whole_call(rounds, folder)}))
    faster = [Row(row.name, {**row.values, **_times(row)}) for row in rows]
    return Report("Embedded model, one thread, float32 (median of the rounds)", faster, f"a whole call: {REQUEST!r}")


class Numpy:
    def __init__(self, folder: Path) -> None:
        self.loaded = 1e3 * _timed(lambda: Engine(folder))
        self._engine = Engine(folder)
        layers = [matrix for layer in self._engine.layers for matrix in layer]
        self.size = sum(matrix.nbytes for matrix in (self._engine.embedding, *layers))

    def write(self, ids: list[int], count: int) -> None:
        self._engine.rewind(0)
        token = int(self._engine.forward(ids).argmax())
        for _ in range(count - 1):
            token = int(self._engine.forward([token]).argmax())


class Transformers:
    def __init__(self, folder: Path) -> None:
        import torch  # noqa: PLC0415  # only here, so that importing this module stays cheap

        torch.set_num_threads(1)
        self.loaded = 1e3 * _timed(lambda: self._load(folder))

    def _load(self, folder: Path) -> None:
        import torch  # noqa: PLC0415
        from transformers import AutoModelForCausalLM  # noqa: PLC0415

        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def write(self, ids: list[int], count: int) -> None:
        import torch  # noqa: PLC0415

        tokens = torch.tensor([ids])
        self._model.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=count,
            min_new_tokens=count,
            do_sample=False,
        )


def _compare(engines: dict[str, Numpy | Transformers], rounds: int, ids: list[int], count: int) -> dict[str, float]:
    """Median seconds of each; the first round warms up."""
    times: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds + 1):
        for name, engine in engines.items():
            times[name].append(_timed(lambda engine=engine: engine.write(ids, count)))  # type: ignore[misc]
    return {name: median(each[1:]) for name, each in times.items()}


def _whole_call(rounds: int, folder: Path) -> float:
    """From the words to a call with its arguments, with everything loaded."""
    model = EmbeddedModel(folder)

    def call() -> None:
        prompt = model.codec.prompt(View(REQUEST))
        model.codec.decode(model.readings(prompt)[0].ids, prompt)

    return median([_timed(call) for _ in range(rounds + 1)][1:])


def _bandwidth() -> float:
    """Bytes a second that one thread reads, from far more memory than the caches hold."""
    import numpy as np  # noqa: PLC0415

    block = np.ones(40_000_000, np.float32)
    return block.nbytes / min(_timed(block.sum) for _ in range(5))


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _times(row: Row) -> dict[str, float]:
    """How many times faster ours is."""
    if len(row.values) < 2:
        return {}
    ours, theirs = row.values["numpy"], row.values["transformers"]
    return {"× faster": ours / theirs if row.name.startswith("tokens/s") else theirs / ours}

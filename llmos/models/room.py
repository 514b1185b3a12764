"""Whether a model fits into this machine, and as what: device and number format, from its files, before it is loaded.

Loading is `network`'s business. Sizes are bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmos.errors import ModelError
from llmos.translation import both

_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "float8_e4m3fn": 1}
_SMALL = 1_000_000_000
"""Parameters up to which 32 bits cost little and are quickest on a processor; above it memory is what counts."""

_SPARE = 1.1
"""For activations and for what a loader holds besides."""

_CONTEXT = 8192
"""Tokens that have to fit besides the weights."""


@dataclass(frozen=True)
class Weights:
    size: int
    """On disk."""

    stored: str = "float32"
    """The number format on disk."""

    packed: bool = False
    """Quantised: what is on disk is what is loaded."""

    per_token: int = 0
    """Numbers that each token of the context keeps."""

    @property
    def parameters(self) -> int:
        return self.size // _BYTES.get(self.stored, 2)

    def needs(self, dtype: str) -> int:
        """Memory to load it as that, with its context."""
        each = _BYTES.get(dtype, 2)
        weights = self.size if self.packed else self.parameters * each
        return int(weights * _SPARE) + self.per_token * min(each, 2) * _CONTEXT


@dataclass(frozen=True)
class Machine:
    memory: int
    """Free, of the processor."""

    accelerator: str = ""
    """As torch calls it: cuda, mps; "" without one."""

    accelerator_memory: int = 0
    half: str = "bfloat16"
    """The format of 16 bits that the accelerator is good at."""


@dataclass(frozen=True)
class Seat:
    """Where a model goes."""

    device: str
    dtype: str
    """"auto" as it is stored."""


def weights(folder: Path) -> Weights:
    """Of a model in a folder. Raises ModelError."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
        size = size or sum(file.stat().st_size for file in folder.glob("*.bin"))
    except (OSError, ValueError) as error:
        raise ModelError(
            both("the model in {folder} cannot be read: {error}").format(folder=folder, error=error)
        ) from None
    return described(config, size)


def described(config: Mapping[str, Any], size: int) -> Weights:
    """From config.json and the size of the files with the weights."""
    text = config.get("text_config") if isinstance(config.get("text_config"), dict) else config
    assert isinstance(text, Mapping)
    stored = text.get("dtype") or text.get("torch_dtype") or config.get("torch_dtype") or "float32"
    return Weights(size, str(stored), "quantization_config" in config, _per_token(text))


def _per_token(config: Mapping[str, Any]) -> int:
    """Keys and values of all layers; 0 where the configuration does not say."""
    heads = config.get("num_attention_heads") or 0
    width = config.get("head_dim") or (config.get("hidden_size", 0) // heads if heads else 0)
    keys = config.get("num_key_value_heads") or heads
    return 2 * int(config.get("num_hidden_layers") or 0) * int(keys) * int(width)


def seat(name: str, needed: Weights, machine: Machine) -> Seat:
    """The best there is for it. Raises ModelError with what is missing when it fits nowhere."""
    small = needed.parameters <= _SMALL
    choices = [(machine.accelerator, "auto" if needed.packed else machine.half, machine.accelerator_memory)]
    formats = ["auto"] if needed.packed else ["float32", "bfloat16"] if small else ["bfloat16"]
    choices += [("cpu", dtype, machine.memory) for dtype in formats]
    for device, dtype, free in choices:
        if device and needed.needs(dtype) <= free:
            return Seat(device, dtype)
    raise ModelError(_too_large(name, needed, machine, choices[-1][1]))


def _too_large(name: str, needed: Weights, machine: Machine, dtype: str) -> str:
    card = f" and {_gb(machine.accelerator_memory)} on the accelerator" if machine.accelerator else ""
    return (
        f"{name} needs about {_gb(needed.needs(dtype))} of memory ({dtype}) and {_gb(machine.memory)} are free{card};"
        " llmos model list shows which models fit"
    )


def _gb(size: int) -> str:
    return f"{size / 2**30:.1f} GB"


def this_machine() -> Machine:
    """Imports torch, which takes seconds."""
    import torch  # noqa: PLC0415

    if torch.cuda.is_available():
        free, _total = torch.cuda.mem_get_info()
        half = "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
        return Machine(free_memory(), "cuda", free, half)
    if torch.backends.mps.is_available():
        return Machine(free_memory(), "mps", free_memory(), "float16")
    return Machine(free_memory())


def free_memory() -> int:
    """Without what a container may not use."""
    import psutil  # noqa: PLC0415

    free = int(psutil.virtual_memory().available)
    group = Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text())
        return min(free, limit - int((group / "memory.current").read_text()))
    except (OSError, ValueError):  # no such limit
        return free

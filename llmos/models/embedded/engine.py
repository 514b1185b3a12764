"""The embedded model's forward pass in numpy, over the same `model.safetensors` that transformers loads.

A cold start costs no torch: the weights are mapped, not read. It knows no text; tokens in, logits out. Held to
`AutoModelForCausalLM` by a parity test. Llama: Touvron et al. 2023 (arXiv 2302.13971).

Letters: T new tokens, P tokens before them, H heads, E width of a head, D width, I inner width.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads cost more than they give at this size

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Layer(NamedTuple):
    norm1: Array
    qkv: Array
    """(D, 3 H E)"""
    out: Array
    """(H E, D)"""
    norm2: Array
    gate_up: Array
    """(D, 2 I)"""
    down: Array
    """(I, D)"""


class Engine:
    def __init__(self, folder: Path, positions: int = 1536) -> None:
        config = json.loads((folder / "config.json").read_text())
        weights = read_safetensors(folder / "model.safetensors")
        self.heads: int = config["num_attention_heads"]
        self.width_of_head: int = config["head_dim"]
        self.inner: int = config["intermediate_size"]
        self.epsilon: float = config["rms_norm_eps"]
        self.positions = min(positions, config["max_position_embeddings"])
        self.embedding = weights["model.embed_tokens.weight"]
        self.norm = weights["model.norm.weight"]
        self.layers = [_layer(weights, i) for i in range(config["num_hidden_layers"])]
        self.cos, self.sin = _rotary(self.width_of_head, self.positions, config["rope_theta"])
        shape = (len(self.layers), self.heads, self.positions, self.width_of_head)
        self.keys = np.empty(shape, np.float32)
        self.values = np.empty(shape, np.float32)
        self.length = 0
        """Tokens in the cache."""

    def rewind(self, length: int) -> None:
        """Forget all but the first `length` tokens."""
        self.length = min(length, self.length)

    def forward(self, ids: list[int]) -> Array:
        """Logits after the last of `ids`, which follow what is in the cache: (vocabulary,)."""
        logits: Array = self.embedding @ self.hidden(ids)[-1]
        return logits

    def hidden(self, ids: list[int]) -> Array:
        """(T, D) after the last norm."""
        t, p = len(ids), self.length
        if p + t > self.positions:
            raise ValueError(f"more than {self.positions} tokens")
        x = self.embedding[ids]
        mask = None if t == 1 else np.triu(np.full((t, p + t), -1e30, np.float32), p + 1)
        for i, layer in enumerate(self.layers):
            x = x + self._attention(i, layer, _norm(x, layer.norm1, self.epsilon), mask)
            gate_up = _norm(x, layer.norm2, self.epsilon) @ layer.gate_up
            gate = gate_up[:, : self.inner]
            x = x + (gate / (1 + np.exp(-gate)) * gate_up[:, self.inner :]) @ layer.down
        self.length = p + t
        return _norm(x, self.norm, self.epsilon)

    def _attention(self, i: int, layer: Layer, x: Array, mask: Array | None) -> Array:
        t, p, h, e = len(x), self.length, self.heads, self.width_of_head
        q, k, v = (x @ layer.qkv).reshape(t, 3, h, e).transpose(1, 2, 0, 3)
        cos, sin = self.cos[p : p + t], self.sin[p : p + t]
        self.keys[i, :, p : p + t] = _rotate(k, cos, sin)
        self.values[i, :, p : p + t] = v
        scores = _rotate(q, cos, sin) @ self.keys[i, :, : p + t].transpose(0, 2, 1) * np.float32(e**-0.5)
        if mask is not None:
            scores = scores + mask
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed: Array = (scores @ self.values[i, :, : p + t]).transpose(1, 0, 2).reshape(t, h * e) @ layer.out
        return mixed


def _layer(weights: dict[str, Array], i: int) -> Layer:
    def of(name: str) -> Array:
        return weights[f"model.layers.{i}.{name}.weight"]

    return Layer(
        of("input_layernorm"),
        np.concatenate([of(f"self_attn.{n}_proj") for n in "qkv"]).T,
        of("self_attn.o_proj").T,
        of("post_attention_layernorm"),
        np.concatenate([of("mlp.gate_proj"), of("mlp.up_proj")]).T,
        of("mlp.down_proj").T,
    )


def _norm(x: Array, weight: Array, epsilon: float) -> Array:
    scale: Array = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(epsilon))
    return x * scale * weight


def _rotary(width: int, positions: int, theta: float) -> tuple[Array, Array]:
    angles = np.outer(np.arange(positions), theta ** (-np.arange(0, width, 2) / width))
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def _rotate(x: Array, cos: Array, sin: Array) -> Array:
    """x: (H, T, E); cos, sin: (T, E/2)."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return np.concatenate((a * cos - b * sin, b * cos + a * sin), -1)


def read_safetensors(file: Path) -> dict[str, Array]:
    """The tensors by name, mapped into memory; half precision is widened.

    Format: an 8-byte little-endian length, a JSON header, raw data (github.com/huggingface/safetensors).
    """
    raw = np.memmap(file, dtype=np.uint8, mode="r")
    length = int(raw[:8].view("<u8")[0])
    header: dict[str, Any] = json.loads(bytes(raw[8 : 8 + length]))
    header.pop("__metadata__", None)
    return {name: _tensor(raw[8 + length :], spec) for name, spec in header.items()}


def _tensor(data: NDArray[np.uint8], spec: dict[str, Any]) -> Array:
    begin, end = spec["data_offsets"]
    part = data[begin:end]
    match spec["dtype"]:
        case "F32":
            array = part.view("<f4")
        case "F16":
            array = part.view("<f2").astype(np.float32)
        case "BF16":
            array = (part.view("<u2").astype(np.uint32) << 16).view(np.float32)
        case other:
            raise ValueError(f"weights of type {other} are not read here")
    return array.reshape(spec["shape"])

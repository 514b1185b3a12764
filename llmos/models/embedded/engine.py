"""The embedded model's forward pass in numpy, over the same `model.safetensors` that transformers loads.

A cold start costs no torch. It knows no text; tokens in, logits out. Held to `AutoModelForCausalLM` by a parity test.
Llama: Touvron et al. 2023 (arXiv 2302.13971). What its speed rests on is in `llmos/bench/README.md`.

Letters: T new tokens, P tokens before them, H heads, E width of a head, D width, I inner width.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

# OpenBLAS reads this once, while numpy is imported. Threads cost more than they give at this size: an answer takes
# 2.5 times the CPU with two of them. Programs that llmos starts are not to inherit it.
_THREADS = "OPENBLAS_NUM_THREADS"
_inherited = os.environ.get(_THREADS)
os.environ[_THREADS] = _inherited or "1"

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

if _inherited is None:
    del os.environ[_THREADS]

Array = NDArray[np.float32]

AT_FIRST = 192
"""Positions in a new cache: most prompts have fewer, and memory that is never touched is not free in huge pages."""


class Layer(NamedTuple):
    """Matrices as they lie in the file: (out, in)."""

    norm1: Array
    query: Array
    key: Array
    value: Array
    out: Array
    norm2: Array
    gate: Array
    up: Array
    down: Array


class Engine:
    def __init__(self, folder: Path, positions: int = 2048) -> None:
        config = json.loads((folder / "config.json").read_text())
        weights = read_safetensors(folder / "model.safetensors")
        self.heads: int = config["num_attention_heads"]
        self.width_of_head: int = config["head_dim"]
        self.epsilon: float = config["rms_norm_eps"]
        self.theta: float = config["rope_theta"]
        self.positions = min(positions, config["max_position_embeddings"])
        self.embedding = weights["model.embed_tokens.weight"]
        self.norm = weights["model.norm.weight"]
        self.layers = [_layer(weights, i) for i in range(config["num_hidden_layers"])]
        self.length = 0
        """Tokens in the cache."""

        self.keys = self.values = np.empty((len(self.layers), self.heads, 0, self.width_of_head), np.float32)
        self._make_room(AT_FIRST)

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
        self._make_room(p + t)
        x = self.embedding[ids]
        mask = None if t == 1 else np.triu(np.full((t, p + t), -1e30, np.float32), p + 1)
        for i, layer in enumerate(self.layers):
            x = x + self._attention(i, layer, _norm(x, layer.norm1, self.epsilon), mask)
            normed = _norm(x, layer.norm2, self.epsilon)
            gate = _apply(layer.gate, normed)
            x = x + _apply(layer.down, gate / (1 + np.exp(-gate)) * _apply(layer.up, normed))
        self.length = p + t
        return _norm(x, self.norm, self.epsilon)

    def _attention(self, i: int, layer: Layer, x: Array, mask: Array | None) -> Array:
        t, p, h, e = len(x), self.length, self.heads, self.width_of_head
        q, k, v = (_apply(w, x).reshape(t, h, e).swapaxes(0, 1) for w in (layer.query, layer.key, layer.value))
        cos, sin = self.cos[p : p + t], self.sin[p : p + t]
        self.keys[i, :, p : p + t] = _rotate(k, cos, sin)
        self.values[i, :, p : p + t] = v
        scores = _rotate(q, cos, sin) @ self.keys[i, :, : p + t].transpose(0, 2, 1) * np.float32(e**-0.5)
        if mask is not None:
            scores = scores + mask
        scores = self._attended(scores)
        return _apply(layer.out, (scores @ self.values[i, :, : p + t]).swapaxes(0, 1).reshape(t, h * e))

    def _attended(self, scores: Array) -> Array:
        """(H, T, P + T): how much each new token looks at each one up to it; who explains looks here."""
        weights: Array = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return weights

    def _make_room(self, length: int) -> None:
        """A cache for so many tokens at least, with what is in it."""
        room = self.keys.shape[2]
        if length <= room:
            return
        room = min(max(length, 2 * room), self.positions)
        self.keys, self.values = (_lengthened(old, room, self.length) for old in (self.keys, self.values))
        self.cos, self.sin = _rotary(self.width_of_head, room, self.theta)


def _layer(weights: dict[str, Array], i: int) -> Layer:
    def of(name: str) -> Array:
        return weights[f"model.layers.{i}.{name}.weight"]

    return Layer(
        of("input_layernorm"),
        of("self_attn.q_proj"),
        of("self_attn.k_proj"),
        of("self_attn.v_proj"),
        of("self_attn.o_proj"),
        of("post_attention_layernorm"),
        of("mlp.gate_proj"),
        of("mlp.up_proj"),
        of("mlp.down_proj"),
    )


def _lengthened(cache: Array, room: int, length: int) -> Array:
    layers, heads, _, width = cache.shape
    longer = np.empty((layers, heads, room, width), np.float32)
    longer[:, :, :length] = cache[:, :, :length]
    return longer


def _apply(matrix: Array, x: Array) -> Array:
    """(T, in) → (T, out). The same as `x @ matrix.T`, which OpenBLAS does half as fast for a few tokens."""
    return (matrix @ x.T).T


def log_softmax(logits: Array) -> Array:
    shifted = logits - logits.max()
    probabilities: Array = shifted - np.log(np.exp(shifted).sum())
    return probabilities


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
    """The tensors by name; half precision is widened.

    Format: an 8-byte little-endian length, a JSON header, raw data (github.com/huggingface/safetensors).
    """
    raw = np.memmap(file, dtype=np.uint8, mode="r")
    length = int(raw[:8].view("<u8")[0])
    header: dict[str, Any] = json.loads(bytes(raw[8 : 8 + length]))
    header.pop("__metadata__", None)
    data = raw[8 + length :]
    if all(spec["dtype"] == "F16" for spec in header.values()):
        whole = widen(data.view("<f2"))  # at once: one memory mapping in huge pages
        return {name: _part(whole, spec, width=2) for name, spec in header.items()}
    return {name: _tensor(data, spec) for name, spec in header.items()}


def _part(whole: Array, spec: dict[str, Any], width: int) -> Array:
    begin, end = spec["data_offsets"]
    return whole[begin // width : end // width].reshape(spec["shape"])


def _tensor(data: NDArray[np.uint8], spec: dict[str, Any]) -> Array:
    begin, end = spec["data_offsets"]
    part = data[begin:end]
    match spec["dtype"]:
        case "F32":
            array = part.view("<f4")
        case "F16":
            array = widen(part.view("<f2"))
        case "BF16":
            array = (part.view("<u2").astype(np.uint32) << 16).view(np.float32)
        case other:
            raise ValueError(f"weights of type {other} are not read here")
    return array.reshape(spec["shape"])


CHUNK = 1 << 16
"""Numbers widened at a time, so that they stay in the second-level cache between the steps."""


def widen(half: NDArray[np.float16]) -> Array:
    """The same as `astype`, which takes three times as long. Exact for all finite numbers; weights have no others.

    The exponent and fraction of a half, moved into the place they have in a single, are too small by 2**112.
    """
    bits = half.view("<i2")
    wide = np.empty(bits.size, np.int32)
    for begin in range(0, bits.size, CHUNK):
        part = wide[begin : begin + CHUNK]
        np.copyto(part, bits[begin : begin + CHUNK])
        np.left_shift(part, 13, out=part)
        np.bitwise_and(part, np.int32(~0x70001FFF), out=part)  # the sign was extended over the exponent
        np.multiply(part.view(np.float32), np.float32(2.0**112), out=part.view(np.float32))
    return wide.view(np.float32)

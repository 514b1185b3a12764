"""The embedded model as it is trained: a small Llama (RMSNorm, RoPE, SwiGLU, tied embeddings).

Also its form as a Hugging Face folder; decoding is in models/embedded.

Letters: B examples, T tokens, D width, H heads, E width of a head.
Sources: Touvron et al. 2023 (arXiv 2302.13971); rotary halves as in transformers' `rotate_half`.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

EPSILON = 1e-6
THETA = 10_000.0


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    width: int = 256
    layers: int = 6
    heads: int = 4
    inner: int = 640
    positions: int = 2048

    @property
    def head(self) -> int:
        return self.width // self.heads


class Linear(nn.Module):  # type: ignore[misc]
    def __init__(self, inputs: int, outputs: int, zero: bool = False) -> None:
        super().__init__()
        weight = torch.zeros(outputs, inputs) if zero else torch.randn(outputs, inputs) * (0.5 / math.sqrt(inputs))
        self.weight = nn.Parameter(weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.to(x.dtype))


def norm(x: Tensor, weight: Tensor) -> Tensor:
    return F.rms_norm(x, (x.shape[-1],), weight.to(x.dtype), EPSILON)


class Block(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.qkv = Linear(shape.width, 3 * shape.width)
        self.out = Linear(shape.width, shape.width, zero=True)
        self.gate_up = Linear(shape.width, 2 * shape.inner)
        self.down = Linear(shape.inner, shape.width, zero=True)
        self.norm1 = nn.Parameter(torch.ones(shape.width))
        self.norm2 = nn.Parameter(torch.ones(shape.width))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """x: (B, T, D); cos, sin: (T, E/2)."""
        b, t, d = x.shape
        qkv = self.qkv(norm(x, self.norm1)).view(b, t, 3, self.shape.heads, self.shape.head)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        attended = attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        x = x + self.out(attended.transpose(1, 2).reshape(b, t, d))
        gate, up = self.gate_up(norm(x, self.norm2)).split(self.shape.inner, -1)
        return x + self.down(F.silu(gate) * up)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention, all (B, H, T, E). On CPU in two matrix products: for examples this short the fused kernel's
    backward pass takes four times as long, which is a fifth of a whole step."""
    if q.is_cuda:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    t = q.shape[2]
    mask = torch.full((t, t), -1e30, dtype=q.dtype).triu(1)
    scores = torch.baddbmm(mask, q.flatten(0, 1), k.flatten(0, 1).transpose(1, 2), alpha=q.shape[-1] ** -0.5)
    return (scores.softmax(-1) @ v.flatten(0, 1)).view_as(q)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Network(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Parameter(torch.randn(shape.vocabulary, shape.width) * 0.1)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.width))
        angles = torch.outer(
            torch.arange(shape.positions).float(), THETA ** (-torch.arange(0, shape.head, 2).float() / shape.head)
        )
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, ids: Tensor, dtype: torch.dtype) -> Tensor:
        """Hidden states after the last norm. ids: (B, T) → (B, T, D)."""
        t = ids.shape[1]
        cos, sin = self.cos[:t].to(dtype), self.sin[:t].to(dtype)
        x = F.embedding(ids, self.embedding).to(dtype)
        for block in self.blocks:
            x = block(x, cos, sin)
        return norm(x, self.norm)

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.embedding.to(hidden.dtype)).float()


def huggingface_config(shape: Shape, pad: int, begin: int, end: int) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "head_dim": shape.head,
        "hidden_act": "silu",
        "max_position_embeddings": shape.positions,
        "rms_norm_eps": EPSILON,
        "rope_theta": THETA,
        "rope_parameters": {"rope_type": "default", "rope_theta": THETA},
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "pad_token_id": pad,
        "bos_token_id": begin,
        "eos_token_id": end,
        "dtype": "float32",
    }


def huggingface_weights(network: Network) -> dict[str, Tensor]:
    """The same weights under transformers' names, in half precision: all loaders widen them to config.json's dtype."""
    weights = {"model.embed_tokens.weight": network.embedding.data, "model.norm.weight": network.norm.data}
    for i, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        at = f"model.layers.{i}."
        for name, part in zip(("q", "k", "v"), block.qkv.weight.data.chunk(3), strict=True):
            weights[f"{at}self_attn.{name}_proj.weight"] = part
        gate, up = block.gate_up.weight.data.chunk(2)
        weights |= {
            f"{at}self_attn.o_proj.weight": block.out.weight.data,
            f"{at}mlp.gate_proj.weight": gate,
            f"{at}mlp.up_proj.weight": up,
            f"{at}mlp.down_proj.weight": block.down.weight.data,
            f"{at}input_layernorm.weight": block.norm1.data,
            f"{at}post_attention_layernorm.weight": block.norm2.data,
        }
    return {name: tensor.half().cpu().contiguous() for name, tensor in weights.items()}


def read_huggingface(folder: Path) -> Network:
    """What `save_huggingface` wrote, to train on. The weights have lost what half precision does not hold."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        config["vocab_size"],
        config["hidden_size"],
        config["num_hidden_layers"],
        config["num_attention_heads"],
        config["intermediate_size"],
        config["max_position_embeddings"],
    )
    stored = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
    network = Network(shape)
    network.load_state_dict(_own_names(stored, shape.layers))
    return network


def _own_names(stored: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    weights = {"embedding": stored["model.embed_tokens.weight"], "norm": stored["model.norm.weight"]}
    for i in range(layers):
        at, to = f"model.layers.{i}.", f"blocks.{i}."
        weights |= {
            f"{to}qkv.weight": torch.cat([stored[f"{at}self_attn.{name}_proj.weight"] for name in ("q", "k", "v")]),
            f"{to}out.weight": stored[f"{at}self_attn.o_proj.weight"],
            f"{to}gate_up.weight": torch.cat([stored[f"{at}mlp.{name}_proj.weight"] for name in ("gate", "up")]),
            f"{to}down.weight": stored[f"{at}mlp.down_proj.weight"],
            f"{to}norm1": stored[f"{at}input_layernorm.weight"],
            f"{to}norm2": stored[f"{at}post_attention_layernorm.weight"],
        }
    return weights


def save_huggingface(network: Network, folder: Path, tokenizer: Path, pad: int, begin: int, end: int) -> None:
    """A folder that `AutoModelForCausalLM.from_pretrained` and `AutoTokenizer.from_pretrained` load."""
    folder.mkdir(parents=True, exist_ok=True)
    config = huggingface_config(network.shape, pad, begin, end)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    generation = {"bos_token_id": begin, "eos_token_id": end, "pad_token_id": pad, "do_sample": False}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=1) + "\n")
    (folder / "tokenizer.json").write_text(tokenizer.read_text(encoding="utf-8"), encoding="utf-8")
    special = {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>",
        "model_max_length": network.shape.positions, "clean_up_tokenization_spaces": False,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(special, indent=1) + "\n")
    save_file(huggingface_weights(network), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # save_file keeps others from reading it


def describe(shape: Shape) -> dict[str, object]:
    return asdict(shape)

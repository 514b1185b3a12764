"""A tiny model of each family, random weights, its own tags as tokens: whatever it says is text or a call that fits."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from llmos.decoding.formats import FORMATS, Format
from llmos.errors import ModelError
from llmos.models.base import Context
from llmos.models.transformers import LocalModel
from llmos.tools.registry import Registry
from llmos.values.messages import Reply, UserMessage
from llmos.values.place import Place
from tests.models import tiny

REGISTRY = Registry()
SCHEMAS = tuple(REGISTRY[name].schema() for name in ("list_folder", "current_folder", "wait_process"))
TAG = re.compile(r"<[^<>\s]*>|\[[A-Z_]+\]")
MLA = {"qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8, "kv_lora_rank": 16, "q_lora_rank": None}
MLA |= {"num_key_value_heads": 4, "first_k_dense_replace": 2}
KINDS = {
    "hermes": ("Qwen3", {"head_dim": 8}),
    "qwen3_coder": ("Qwen3Moe", {"head_dim": 8, "num_experts": 4, "num_experts_per_tok": 2}),
    "glm": ("Glm4", {"head_dim": 8, "pad_token_id": 0, "partial_rotary_factor": 1.0}),
    "phi": ("Phi3", {"pad_token_id": 0}),
    "granite": ("Granite", {}),
    "mistral": ("Mistral", {"head_dim": 8}),
    "mistral_args": ("Ministral3", {"head_dim": 8}),
    "lfm2": ("Lfm2", {"layer_types": ["conv", "full_attention"]}),
    "functiongemma": ("Gemma3Text", {"head_dim": 8}),
    "gemma4": ("Gemma3Text", {"head_dim": 8}),
    "harmony": ("GptOss", {"head_dim": 8, "num_local_experts": 4}),
    "deepseek": ("DeepseekV3", MLA),
    "llama3_json": ("Llama", {}),
    "pythonic": ("Llama", {}),
    "json": ("Olmo2", {}),
}


def template(form: Format) -> str:
    """As Hermes's, with the marks of the family in place of its own."""
    whole = tiny.HERMES.replace("<tool_call>", "<call>").replace("</tool_call>", "</call>")
    return "{#- " + " ".join(form.markers) + " -#}\n" + whole


def save(folder: Path, form: Format, *, special: bool) -> LocalModel:
    import torch

    torch.set_num_threads(1)  # more only stand in each other's way
    kind, more = KINDS[form.name]
    tags = TAG.findall("".join((form.begin, form.before_arguments, form.after, form.end, *(form.thought or ()))))
    quote = getattr(form.arguments, "quote", "")
    tags += TAG.findall(form.written("x", {"y": "z"}) + form.before_text) + ([quote] if quote else [])
    tiny.save(folder, template=template(form), wrapper=False, kind=kind, tags=tags if special else (), **more)
    return LocalModel(str(folder), max_new_tokens=120)


class Caller:
    """Draws from the model's logits, but begins a call where one may begin, and ends strings early."""

    def __init__(self, model: LocalModel, seed: int) -> None:
        guide = model.loaded.guide
        self.random = np.random.default_rng(seed)
        begin = guide.tokenize_str(model.loaded.form.begin or model.loaded.form.before_name, parse_special=True)
        self.begin = list(begin)
        closing = (b'"', b"]", b"}", b"<", b")", b"\n")
        self.bonus = np.array([6 * guide.decode_bytes([i]).startswith(closing) for i in range(guide.vocab_size)])

    def __call__(self, logits, allowed):
        if self.begin and self.begin[0] in allowed:
            return self.begin.pop(0)
        self.begin.clear()
        scores = logits[allowed] / 8 + self.bonus[allowed]
        chances = np.exp(scores - scores.max())
        return int(self.random.choice(allowed, p=chances / chances.sum()))


@pytest.mark.parametrize(
    "special",
    [
        pytest.param(True, id="tags are tokens"),
        pytest.param(False, id="tags are text", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_tiny_model_of_the_family_writes_calls_that_fit(tmp_path, form, special):
    model = save(tmp_path, form, special=special)
    assert model.loaded.form is form
    context = Context((UserMessage("list the files 你好"),), Place("/tmp", "/home/me", now=1.7e9), lambda: SCHEMAS)
    called = 0
    for seed in range(4):
        model._choose = Caller(model, seed)
        try:
            *_, reply = model.reply(context)
        except ModelError as error:  # random words go on and on: such a call is refused, not mended
            assert "in the middle of a call" in str(error)
            continue
        assert isinstance(reply, Reply)
        for call in reply.calls:
            REGISTRY[call.name].arguments.model_validate(dict(call.arguments))
            called += 1
    assert called

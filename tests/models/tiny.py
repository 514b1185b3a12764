"""Tiny chat models with random weights and tokenizers trained on the spot, saved as folders like any other model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

HERMES = """\
{%- for message in messages %}
{%- if message.role == "tool" %}
{{- "<|im_start|>user\\n<tool_response>\\n" + message.content + "\\n</tool_response><|im_end|>\\n" }}
{%- else %}
{{- "<|im_start|>" + message.role + "\\n" + message.content }}
{%- if loop.first and tools %}
{{- "\\n\\n# Tools\\n" }}
{%- for tool in tools %}{{- tool | tojson + "\\n" }}{%- endfor %}
{{- "Call like this: <tool_call>\\n{\\"name\\": NAME, \\"arguments\\": ARGUMENTS}\\n</tool_call>" }}
{%- endif %}
{%- for call in message.tool_calls or [] %}
{{- "\\n<tool_call>\\n" + (call.function | tojson) + "\\n</tool_call>" }}
{%- endfor %}
{{- "<|im_end|>\\n" }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|im_start|>assistant\\n" }}{%- endif %}"""

PLAIN = """\
{%- for message in messages %}
{%- if message.role not in ("user", "assistant") or (message.role == "user") != (loop.index0 % 2 == 0) %}
{{- raise_exception("requests and replies in turn, please") }}
{%- endif %}
{{- "<|im_start|>" + message.role + "\\n" + message.content + "<|im_end|>\\n" }}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|im_start|>assistant\\n" }}{%- endif %}"""

CORPUS = (
    "list_folder",
    '{"type": "function", "function": {"name": "find_files", "description": "globs on the name; any may match"',
    '"parameters": {"properties": {"path": {"items": {"type": "string"}, "type": "array"}, "limit": {"type": "integer"',
    'only files whose text contains this, modified within this time: seconds, or like 3 days, "enum": ["file"',
    "你好，今天是星期一。列出最大的文件 émoji 👍 und Übergröße",
)


def tokenizer(*, wrapper: bool = True, vocabulary: int = 700, tags: Sequence[str] = ()) -> Tokenizer:
    """Byte-level BPE as Qwen has it; with `wrapper`, the tags of calls are tokens of their own."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        show_progress=False,
    )
    bpe.train_from_iterator(CORPUS * 20, trainer)
    if wrapper:
        bpe.add_tokens([AddedToken(tag, special=False, normalized=False) for tag in ("<tool_call>", "</tool_call>")])
    bpe.add_special_tokens([AddedToken(tag, special=True, normalized=False) for tag in dict.fromkeys(tags)])
    return bpe


def save(  # noqa: PLR0913
    folder: Path,
    *,
    template: str = HERMES,
    wrapper: bool = True,
    kind: str = "Qwen2",
    positions: int = 4096,
    seed: int = 0,
    prefers: Sequence[str] = (),
    tags: Sequence[str] = (),
    **more: Any,
) -> Path:
    """`prefers` makes a model that always likes these tokens best, the first above all. `tags` are special tokens."""
    import torch
    import transformers

    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer(wrapper=wrapper, tags=tags), eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    fast.chat_template = template
    fast.save_pretrained(folder)
    sizes: dict[str, Any] = {
        "vocab_size": len(fast) + 13,  # as in many models: more rows than tokens
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": positions,
        "eos_token_id": fast.eos_token_id,
        **more,
    }
    torch.manual_seed(seed)
    config = getattr(transformers, f"{kind}Config")(**sizes)
    network = transformers.AutoModelForCausalLM.from_config(config)
    network.lm_head.weight.data *= 40  # else random logits are all alike
    if prefers:
        _prefer(network, [fast.convert_tokens_to_ids(token) for token in prefers])
    network.save_pretrained(folder)
    return folder


def _prefer(network: Any, ids: Sequence[int]) -> None:
    """Every token looks alike, the layers add nothing, so that the head alone decides."""
    for name, weight in network.named_parameters():
        if name.endswith(("o_proj.weight", "down_proj.weight", "lm_head.weight")):
            weight.data.zero_()
        elif "embed" in name:
            weight.data.fill_(1)
    for rank, token in enumerate(ids):
        network.lm_head.weight.data[token] = (len(ids) - rank) / 10

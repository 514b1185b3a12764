"""Gives a trained model the tokens of new tools and arguments; it keeps what it knows, its vocabulary grows at the end.

Learning what they mean is training.

    python -m llmos.train.grow llmos/models/embedded/weights runs/grown
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer
from torch import Tensor

from llmos.models.embedded.codec import CONTROL, Schema, special_tokens
from llmos.train.bank import tool_schema
from llmos.train.tokenizer import schema_json


def grow_tokenizer(tokenizer: Tokenizer, schema: Schema) -> list[str]:
    """Adds the special tokens of `schema` that are missing; returns them."""
    new = [t for t in (*CONTROL, *special_tokens(schema)) if tokenizer.token_to_id(t) is None]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in new])
    return new


def grow_embedding(old: Tensor, tokenizer: Tokenizer) -> Tensor:
    """(V, D) → (V', D): each new token begins as the mean of the old ones of its kind, such as all tools.

    A row of its own length would be drowned or would drown others, in the input as in the logits.
    """
    rows = [old]
    for index in range(len(old), tokenizer.get_vocab_size()):
        kind = str(tokenizer.id_to_token(index))[:3]
        alike = [i for i in range(len(old)) if str(tokenizer.id_to_token(i)).startswith(kind)]
        mean = old[alike].mean(0) if alike else old.mean(0)
        rows.append((mean + torch.randn_like(mean) * old.std() * 0.1)[None])
    return torch.cat(rows)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="with tokenizer.json")
    options.add_argument("out", type=Path, help="gets tokenizer.json and schema.json for the tools there are now")
    given = options.parse_args()
    tokenizer = Tokenizer.from_file(str(given.folder / "tokenizer.json"))
    schema = tool_schema()
    print("new:", *grow_tokenizer(tokenizer, schema))
    given.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(given.out / "tokenizer.json"))
    (given.out / "schema.json").write_text(schema_json(schema), encoding="utf-8")


if __name__ == "__main__":
    main()

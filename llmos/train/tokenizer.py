"""Trains the embedded model's tokenizer: byte-level BPE whose pieces never span a space or a Chinese character.

Special tokens come from the codec. Training the model is elsewhere.

    python -m llmos.train.tokenizer --out runs/tokenizer.json --texts FILE.jsonl ...
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from llmos.models.embedded.codec import CONTROL, Codec, Schema, special_tokens
from llmos.train.bank import Bank, read_bank, tool_schema
from llmos.train.generate import Generator

PIECE = r"[A-Za-z]+|\p{N}|[\x{3400}-\x{9fff}]|\s|[^\sA-Za-z\p{N}\x{3400}-\x{9fff}]"


def train(texts: Iterator[str], schema: Schema, size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECE), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[*CONTROL, *special_tokens(schema)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=3,
        max_token_length=14,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def bank_texts(bank: Bank, schema: Schema, count: int) -> Iterator[str]:
    """What the model will read and write: requests, items, literals of the targets."""
    generator = Generator(bank, schema, seed=7)
    for _ in range(count):
        example = generator.example()
        yield example.view.request
        for round_ in example.view.rounds:
            yield from round_.shown.items
        for piece in example.target.words:
            if hasattr(piece, "text"):
                yield piece.text


def file_texts(files: list[Path]) -> Iterator[str]:
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            yield str(json.loads(line).get("description", ""))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--size", type=int, default=6144)
    options.add_argument("--examples", type=int, default=40_000)
    options.add_argument("--texts", type=Path, nargs="*", default=[])
    given = options.parse_args()
    schema = tool_schema()
    bank = read_bank(schema)

    def everything() -> Iterator[str]:
        yield from bank_texts(bank, schema, given.examples)
        yield from file_texts(given.texts)

    tokenizer = train(everything(), schema, given.size)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(given.out))
    given.out.with_name("schema.json").write_text(schema_json(schema), encoding="utf-8")
    Codec(tokenizer, schema)
    print(f"{tokenizer.get_vocab_size()} tokens")


def schema_json(schema: Schema) -> str:
    """The parameters of all tools, as the runtime reads them without importing the tools."""
    return json.dumps({tool: [p.__dict__ for p in parameters] for tool, parameters in schema.items()}, indent=1)


if __name__ == "__main__":
    main()

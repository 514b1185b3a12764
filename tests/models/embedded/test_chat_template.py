"""The weights' chat template: transformers alone gets the prompt that the codec makes."""

from __future__ import annotations

import pytest

from llmos.models.embedded.codec import View
from llmos.models.embedded.model import WEIGHTS, EmbeddedModel


@pytest.mark.parametrize("request_", ["delete all log files older than a week in /var/log", "undo"])
def test_the_template_gives_the_trained_prompt(request_: str) -> None:
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(WEIGHTS)
    text = tokenizer.apply_chat_template([{"role": "user", "content": request_}], tokenize=False)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert ids == EmbeddedModel().codec.prompt(View(request=request_)).ids

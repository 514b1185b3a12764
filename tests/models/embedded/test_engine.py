import numpy as np
import pytest

from llmos.models.embedded.codec import View
from llmos.models.embedded.model import WEIGHTS, EmbeddedModel

REQUESTS = [
    "what are the five largest files here?",
    "delete all log files older than a week in /var/log",
    "把 report.txt 移到 ~/文档",
    "how many lines mention error?",
    "who are you?",
]


@pytest.fixture(scope="module")
def reference():
    return EmbeddedModel(WEIGHTS, engine="transformers")


@pytest.mark.parametrize("request_", REQUESTS)
def test_numpy_and_transformers_agree_on_logits(model, reference, request_):
    ids = model.codec.prompt(View(request_)).ids
    for network in (model.network, reference.network):
        network.rewind(0)
    assert np.abs(model.network.forward(ids) - reference.network.forward(ids)).max() < 1e-3


@pytest.mark.parametrize("request_", REQUESTS)
def test_numpy_and_transformers_write_the_same_reply(model, reference, request_):
    prompt = model.codec.prompt(View(request_))
    assert model.readings(prompt)[0].ids == reference.readings(prompt)[0].ids


def test_the_cache_can_be_rewound(model):
    ids = model.codec.prompt(View("list files")).ids
    model.network.rewind(0)
    whole = model.network.forward(ids)
    model.network.rewind(len(ids) - 3)
    assert np.abs(model.network.forward(ids[-3:]) - whole).max() < 1e-4


def test_any_hugging_face_loader_loads_it():
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(WEIGHTS)
    tokenizer = AutoTokenizer.from_pretrained(WEIGHTS)
    assert model.config.vocab_size == len(tokenizer)

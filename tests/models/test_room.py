"""What fits where: decided from sizes alone, before anything is loaded."""

from __future__ import annotations

import json

import pytest

from llmos.errors import ModelError
from llmos.models.ladder import ladder
from llmos.models.names import SERVERS
from llmos.models.room import Machine, Seat, Weights, described, seat, weights

GB = 2**30
SMALL = Weights(int(1.2 * GB), "bfloat16")
FOUR = Weights(8 * GB, "bfloat16")


@pytest.mark.parametrize(
    ("needed", "machine", "goes"),
    [
        (SMALL, Machine(16 * GB), Seat("cpu", "float32")),
        (SMALL, Machine(2 * GB), Seat("cpu", "bfloat16")),
        (FOUR, Machine(16 * GB), Seat("cpu", "bfloat16")),
        (FOUR, Machine(16 * GB, "cuda", 24 * GB), Seat("cuda", "bfloat16")),
        (FOUR, Machine(16 * GB, "cuda", 24 * GB, "float16"), Seat("cuda", "float16")),
        (FOUR, Machine(16 * GB, "cuda", 6 * GB), Seat("cpu", "bfloat16")),
        (Weights(12 * GB, "bfloat16", packed=True), Machine(8 * GB, "cuda", 16 * GB), Seat("cuda", "auto")),
    ],
)
def test_a_model_goes_where_it_fits_best(needed, machine, goes):
    assert seat("a/b", needed, machine) == goes


def test_what_fits_nowhere_is_one_line_with_the_figures():
    with pytest.raises(ModelError, match=r"a/b needs about 8.8 GB of memory \(bfloat16\) and 4.0 GB are free"):
        seat("a/b", FOUR, Machine(4 * GB))


def test_the_context_counts_too():
    config = {"num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128}
    long = described({**config, "dtype": "bfloat16"}, 8 * GB)
    assert long.needs("bfloat16") - FOUR.needs("bfloat16") == 2 * 36 * 8 * 128 * 2 * 8192


def test_weights_are_known_from_the_files(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"text_config": {"dtype": "bfloat16"}}))
    (tmp_path / "model-00001-of-00002.safetensors").write_bytes(bytes(1000))
    (tmp_path / "model-00002-of-00002.safetensors").write_bytes(bytes(500))
    assert weights(tmp_path).parameters == 750


def test_every_recommended_model_has_a_licence_a_way_to_get_it_and_a_source_for_its_score():
    rungs = list(ladder())
    assert {rung.memory for rung in rungs} == {"8 GB", "16 GB", "32 GB", "a graphics card"}
    for rung in rungs:
        assert rung.licence and rung.how and (not rung.score or rung.source)
        assert rung.name.partition(":")[0] in SERVERS or rung.name.count("/") == 1

"""A name as the user writes it → a model; nothing is loaded or sent before the first request."""

from __future__ import annotations

import subprocess
import sys

import pytest

from llmos.errors import UsageError
from llmos.models.base import Reach
from llmos.models.names import load


@pytest.mark.parametrize("kind", ["openai", "responses"])
def test_a_model_behind_a_server_needs_no_server_to_be_named(kind):
    model = load(f"{kind}:qwen3:8b", reach=Reach("http://127.0.0.1:9/v1"))
    assert model.name == f"{kind}:qwen3:8b" and model.remote


def test_a_name_that_is_none_says_what_there_is():
    with pytest.raises(UsageError, match="openai:NAME"):
        load("gpt")


def test_the_embedded_model_loads_nothing_that_talks_to_servers():
    code = "import sys; from llmos.models.names import load; load('embedded'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"httpx2", "huggingface_hub", "torch", "tomlkit"} & set(done.stdout.split())

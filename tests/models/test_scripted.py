"""The scripted model and the names of models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmos.errors import ModelError, UsageError
from llmos.models.base import Context
from llmos.models.names import load
from llmos.models.scripted import ScriptedModel
from llmos.values.messages import Reply
from llmos.values.place import Place

CONTEXT = Context((), Place("/", "/"))


def script(folder: Path, value: object) -> str:
    (folder / "script.json").write_text(json.dumps(value))
    return f"scripted:{folder / 'script.json'}"


def test_a_script_is_read_from_a_file(tmp_path: Path) -> None:
    calls = [{"name": "look", "arguments": {"path": "x"}}, {"name": "go"}]
    *_, reply = load(script(tmp_path, [{"text": "hm", "calls": calls, "final": True}])).reply(CONTEXT)
    assert isinstance(reply, Reply) and reply.final
    assert [(call.name, dict(call.arguments)) for call in reply.calls] == [("look", {"path": "x"}), ("go", {})]


def test_pieces_make_up_the_text() -> None:
    *pieces, reply = ScriptedModel([Reply(" 你好 a\n\nb  c ")]).reply(CONTEXT)
    assert isinstance(reply, Reply) and "".join(map(str, pieces)) == reply.text


@pytest.mark.parametrize("value", [{}, 5, [5], [{"calls": [{}]}], "text"])
def test_a_script_that_does_not_fit_is_one_line(tmp_path: Path, value: object) -> None:
    with pytest.raises(ModelError, match="is not a list of replies"):
        load(script(tmp_path, value))


def test_a_script_that_is_not_there_is_one_line() -> None:
    with pytest.raises(ModelError, match="No such file"):
        load("scripted:/no/such/file")


@pytest.mark.parametrize("name", ["embeded", "scripted:", "openai:"])
def test_an_unknown_name_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError):
        load(name)

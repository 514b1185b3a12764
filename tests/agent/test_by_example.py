"""A model that was not taught a tool: what an example says is answered without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llmos.agent.by_example import ByExample, by_example
from llmos.models.base import Context
from llmos.models.scripted import ScriptedModel
from llmos.values.messages import Message, Outcome, Reply, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place

MANIFEST = '[[examples]]\nphrase = "say hello"\narguments = {}\n'


class Asked:
    name = "embedded"

    def reply(self, context: Context) -> Iterator[str | Reply]:
        yield Reply("asked the model")


def answer(folder: Path, *messages: Message, tool: str = "hello", known: tuple[str, ...] = ()) -> Reply:
    (folder / f"{tool}.toml").write_text(MANIFEST)
    model = ByExample(Asked(), [folder], known=lambda _state: known)
    (piece,) = model.reply(Context(messages, Place(str(folder), str(folder))))
    assert isinstance(piece, Reply)
    return piece


def test_what_an_example_says_is_its_call(tmp_path: Path) -> None:
    reply = answer(tmp_path, UserMessage("Say hello!"))
    assert [call.name for call in reply.calls] == ["hello"] and reply.final


def test_everything_else_is_the_models(tmp_path: Path) -> None:
    assert answer(tmp_path, UserMessage("say goodbye")).text == "asked the model"


def test_a_tool_that_it_was_taught_is_the_models(tmp_path: Path) -> None:
    assert answer(tmp_path, UserMessage("say hello"), known=("hello",)).text == "asked the model"


def test_no_example_stands_for_a_built_in_tool(tmp_path: Path) -> None:
    assert answer(tmp_path, UserMessage("say hello"), tool="count").text == "asked the model"


def test_what_a_tool_said_is_no_request(tmp_path: Path) -> None:
    result = ToolResult(ToolCall("1", "read_file", {}), True, Outcome("say hello"))
    reply = answer(tmp_path, UserMessage("read it"), ToolMessage(result))
    assert reply.text == "asked the model"


@pytest.mark.parametrize("folders", [(), (Path("/nowhere"),)])
def test_a_model_that_is_shown_its_tools_needs_no_examples(folders: tuple[Path, ...]) -> None:
    model = ScriptedModel([])
    assert by_example(model, folders) is model

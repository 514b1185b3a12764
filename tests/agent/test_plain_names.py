"""What models see of tools whose names have dots, and what becomes of their calls."""

from __future__ import annotations

import re

from llmos.agent.plain_names import PlainNames, plain
from llmos.models.base import Context
from llmos.models.scripted import ScriptedModel
from llmos.values.messages import AssistantMessage, Reply, ToolCall, ToolMessage, ToolResult, ToolSchema, UserMessage
from llmos.values.place import Place

CALL = ToolCall("1", "files.read", {"path": "a"})


def context(*names: str) -> Context:
    past = (UserMessage("read a"), AssistantMessage(calls=(CALL,)), ToolMessage(ToolResult(CALL, ok=True)))
    return Context(past, Place(cwd="/", home="/"), tools=lambda: tuple(ToolSchema(name, "") for name in names))


def test_a_model_sees_plain_names_in_tools_and_conversation() -> None:
    model = ScriptedModel([Reply("well")])
    list(PlainNames(model).reply(context("read_file", "files.read")))
    seen = model.seen[0]
    assert [tool.name for tool in seen.tools()] == ["read_file", "files__read"]
    assert "files.read" not in str(seen.messages) and "files__read" in str(seen.messages)


def test_its_calls_are_of_the_tools_by_their_whole_names() -> None:
    model = PlainNames(ScriptedModel([Reply(calls=(ToolCall("2", "files__read", {}), ToolCall("3", "read_file", {})))]))
    (reply,) = model.reply(context())
    assert isinstance(reply, Reply) and [call.name for call in reply.calls] == ["files.read", "read_file"]


def test_long_names_are_cut_and_stay_apart() -> None:
    names = [plain(f"server.{'x' * 80}{end}") for end in "ab"]
    assert names[0] != names[1] and all(re.fullmatch(r"[\w-]{1,64}", name) for name in names)

"""A model on another machine is shown no secrets; the conversation here keeps them."""

from __future__ import annotations

from llmos.agent.redacted import for_sending
from llmos.models.base import Context
from llmos.models.scripted import ScriptedModel
from llmos.values.messages import Outcome, Reply, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place

KEY = "AKIAIOSFODNN7EXAMPLE"
READ = ToolCall("1", "read_file", {"path": ["keys"]})
CONTEXT = Context(
    (
        UserMessage(f"is {KEY} in keys?"),
        ToolMessage(ToolResult(READ, True, Outcome(f"a\npassword={KEY}", items=(KEY,)))),
    ),
    Place("/tmp", "/home/ada"),
)


class Remote(ScriptedModel):
    remote = True


def test_a_model_elsewhere_sees_no_secrets() -> None:
    model = Remote([Reply("yes")])
    assert list(for_sending(model).reply(CONTEXT))[-1] == Reply("yes")
    assert KEY not in str(model.seen[0].messages) and "password=[hidden]" in str(model.seen[0].messages)
    assert str(CONTEXT.messages).count(KEY) == 3


def test_a_model_here_sees_the_conversation_as_it_is() -> None:
    model = ScriptedModel([Reply("yes")])
    list(for_sending(model).reply(CONTEXT))
    assert model.seen[0].messages is CONTEXT.messages

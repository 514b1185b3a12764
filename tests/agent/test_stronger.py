"""When the stronger model is asked, and what is said when there is none."""

from __future__ import annotations

import pytest

from llmos.agent.stronger import with_stronger
from llmos.agent.wishes import honest, is_wish
from llmos.errors import ModelError
from llmos.models.base import Context
from llmos.models.scripted import ScriptedModel
from llmos.values.events import Note
from llmos.values.messages import AssistantMessage, Reply, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place

LOOK = ToolCall("1", "list_folder", {})
DELETE = ToolCall("1", "delete_files", {"path": ["a"]})
POEM = UserMessage("write a poem")


class Small(ScriptedModel):
    name = "embedded"


def heard(first, strong, request, before=()):
    """Replies of a small model, a strong one or none, one request."""
    load = (lambda: strong) if strong else None
    model = with_stronger(Small([first]), load, 0.5)
    pieces = list(model.reply(Context((*before, request), Place("/tmp", "/"))))
    return pieces, next(piece for piece in pieces if isinstance(piece, Reply))


def strong(text="Leaves fall."):
    return ScriptedModel([Reply(text)])


@pytest.mark.parametrize(
    ("first", "request_text", "asked"),
    [
        (Reply(calls=(LOOK,), confidence=0.9), "list the files", False),
        (Reply(calls=(DELETE,), confidence=0.3), "get rid of it", True),
        (Reply(calls=(LOOK,), confidence=0.3), "what is here", False),
        (Reply("I can't.", asks_back=True, confidence=0.9), "write a poem", True),
        (Reply("You're welcome.", confidence=0.9), "thanks", False),
        (Reply("hm", asks_back=True, confidence=0.2), "thanks", True),
    ],
)
def test_the_stronger_one_is_asked_where_the_first_is_not_sure_or_has_only_words(first, request_text, asked):
    _, reply = heard(first, strong(), UserMessage(request_text))
    assert reply.text == ("Leaves fall." if asked else first.text)


def test_which_of_them_answered_is_noted():
    pieces, _ = heard(Reply("no", asks_back=True, confidence=0.1), strong(), POEM)
    assert [piece.model for piece in pieces if isinstance(piece, Note)] == ["scripted"]
    pieces, _ = heard(Reply(calls=(LOOK,), confidence=0.9), strong(), UserMessage("list"))
    assert [piece.model for piece in pieces if isinstance(piece, Note)] == ["embedded"]


def test_the_first_sees_nothing_of_a_turn_that_the_stronger_one_took_over():
    first = Small([Reply("no", asks_back=True, confidence=0.1)])
    second = ScriptedModel([Reply(calls=(LOOK,)), Reply("done")])
    model = with_stronger(first, lambda: second, 0.5)
    place = Place("/tmp", "/")
    list(model.reply(Context((POEM,), place)))
    result = ToolMessage(ToolResult(LOOK, ok=True))
    *_, reply = model.reply(Context((POEM, AssistantMessage(calls=(LOOK,)), result), place))
    assert isinstance(reply, Reply) and reply.text == "done" and len(first.seen) == 1


def test_when_the_stronger_one_cannot_be_reached_the_first_answers_and_it_is_said():
    class Gone(ScriptedModel):
        def reply(self, context):
            raise ModelError("nothing listens at 127.0.0.1:1")
            yield

    pieces, reply = heard(Reply(calls=(DELETE,), confidence=0.3), Gone([]), UserMessage("get rid of it"))
    assert reply.calls == (DELETE,) and "nothing listens" in pieces[1].text


def test_a_stronger_model_that_is_the_only_one_is_left_alone():
    model = ScriptedModel([])
    assert with_stronger(model, None, 0.5) is model


@pytest.mark.parametrize("text", ["write a poem about autumn", "请把这段话翻译成英文", "explain what tar does"])
def test_without_one_a_request_for_words_is_answered_honestly_and_is_not_done(text):
    _, reply = heard(Reply("I'm fine.", confidence=0.9), None, UserMessage(text))
    assert reply.text == honest(text) and reply.asks_back and "llmos model" in reply.text


@pytest.mark.parametrize("text", ["list the files", "delete a.txt", "how many lines has a.txt", "删除 a.txt", "hello"])
def test_a_request_for_deeds_is_none_for_words(text):
    assert not is_wish(text)

"""What the user teaches: examples of manifests and corrected requests, as lines whose values can be replaced."""

from __future__ import annotations

import random

import pytest

from llmos.models.embedded.codec import Parameter, Span
from llmos.train.lessons import Lesson, NotSaid, from_messages, line
from llmos.train.shell_lines import example
from llmos.values.messages import AssistantMessage, Message, ToolCall, ToolMessage, ToolResult, UserMessage

SCHEMA = {
    "git_log": (
        Parameter("author"),
        Parameter("count", number=True),
        Parameter("all", flag=True),
        Parameter("form", ("short", "long")),
    )
}


def lesson(text: str, **arguments: object) -> Lesson:
    return Lesson(text, (ToolCall("1", "git_log", arguments),))  # type: ignore[arg-type]


def test_a_value_becomes_the_words_that_say_it() -> None:
    made = line(lesson("what did ada commit?", author="ada"), SCHEMA)
    assert made.calls[0].arguments == {"author": [[Span(9, 12)]]}


def test_a_number_in_words_is_found() -> None:
    made = line(lesson("看看最近五次提交", count=5), SCHEMA)
    assert made.calls[0].arguments == {"count": [[Span(4, 5)]]}


def test_flags_and_choices_need_not_be_said() -> None:
    made = line(lesson("every commit", all=True, form="long"), SCHEMA)
    assert made.calls[0].arguments == {"all": True, "form": "long"}


def test_a_value_that_is_not_said_cannot_be_learned() -> None:
    with pytest.raises(NotSaid, match="does not say 'ada'"):
        line(lesson("what did she commit?", author="ada"), SCHEMA)


def test_names_are_replaced_so_that_pointing_is_learned() -> None:
    made = line(lesson("what did ada commit?", author="ada"), SCHEMA)
    texts = {example(made, random.Random(seed)).view.request for seed in range(20)}
    assert any("ada" not in text for text in texts)


def corrected(chosen: bool, ran: ToolCall) -> list[Message]:
    wrote = ToolCall("1", "git_log", {})
    reply = AssistantMessage(calls=(ran if chosen else wrote,), chosen=chosen)
    return [UserMessage("commits of ada"), reply, ToolMessage(ToolResult(ran, ok=True))]


def test_what_was_picked_is_a_lesson() -> None:
    picked = ToolCall("1", "git_log", {"author": "ada"})
    assert list(from_messages(corrected(True, picked))) == [Lesson("commits of ada", (picked,))]


def test_what_was_edited_is_a_lesson() -> None:
    edited = ToolCall("1", "git_log", {"author": "ada"})
    assert list(from_messages(corrected(False, edited))) == [Lesson("commits of ada", (edited,))]


def test_what_ran_as_it_was_written_is_none() -> None:
    assert list(from_messages(corrected(False, ToolCall("1", "git_log", {})))) == []

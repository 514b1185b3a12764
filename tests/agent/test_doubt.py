"""What happens with a request that the model is not sure about."""

from __future__ import annotations

from llmos.agent.doubt import READING, settle
from llmos.tools.registry import BUILT_IN
from llmos.values.events import Answer, Choose, Event, Pick, Response
from llmos.values.messages import Reply, ToolCall

OTHER = Reply(calls=(ToolCall("1", "find_files", {"name": ["*.log"]}),), confidence=0.2)


def reply(tool: str, confidence: float | None) -> Reply:
    return Reply(calls=(ToolCall("1", tool, {}),), confidence=confidence, others=lambda: (OTHER,))


def settled(meant: Reply, answer: Response | None = None, *, interactive: bool = True) -> tuple[Reply, list[Event]]:
    turn = settle(meant, sure=0.5, interactive=interactive)
    shown: list[Event] = []
    try:
        shown.append(next(turn))
        turn.send(answer)
    except StopIteration as end:
        return end.value[0], shown
    raise AssertionError("it asked twice")


def test_a_sure_reading_is_not_asked_about() -> None:
    assert settled(reply("delete_files", 0.6))[1] == []


def test_a_look_needs_half_as_much() -> None:
    assert settled(reply("find_files", 0.3))[1] == []


def test_a_model_that_does_not_say_how_sure_it_is_is_taken_at_its_word() -> None:
    assert settled(reply("delete_files", None))[1] == []


def test_an_unsure_change_shows_both_readings() -> None:
    _reply, shown = settled(reply("delete_files", 0.4))
    assert isinstance(shown[0], Choose) and [calls[0].name for calls in shown[0].readings] == [
        "delete_files",
        "find_files",
    ]


def test_the_reading_that_was_picked_is_the_one() -> None:
    assert settled(reply("delete_files", 0.4), Pick(1))[0] is OTHER


def test_any_other_answer_does_nothing() -> None:
    assert settled(reply("delete_files", 0.4), Answer.YES)[0].calls == ()


def test_with_nobody_there_the_question_is_the_answer() -> None:
    meant, shown = settled(reply("delete_files", 0.4), interactive=False)
    assert meant.asks_back and "find files: name *.log" in meant.text and shown == []


def test_what_is_said_at_random_is_not_said() -> None:
    assert settled(Reply("I cannot cook.", confidence=0.1))[0] == Reply()


def test_a_question_back_is_asked_however_unsure() -> None:
    assert settled(Reply("Which file?", asks_back=True, confidence=0.1))[0].text == "Which file?"


def test_the_tools_that_only_look_exist() -> None:
    assert set(BUILT_IN) >= READING

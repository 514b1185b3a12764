"""Turns: from a request to the last word, and every way they end early."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llmos.agent.limits import Limits
from llmos.agent.turn import exit_code, pending_calls, run_turn
from llmos.errors import Exit
from llmos.models.base import Context
from llmos.values.events import Answer, Event, Failed, Finished, Progress, Said, Started
from llmos.values.messages import AssistantMessage, Reply, ToolMessage, UserMessage
from tests.small_tools import Flow, Streaming, call

DONE = Reply("done")


def test_results_go_back_to_the_model_until_it_calls_no_more(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    flow = Flow(tmp_path, Reply(calls=(call("look"),)), DONE).say()
    last = flow.model.seen[1].messages[-1]
    assert isinstance(last, ToolMessage) and last.result.outcome.text == "a"
    assert flow.shown[-1] == Said("done")


def test_a_final_reply_ends_the_turn_without_asking_the_model_again(tmp_path: Path) -> None:
    flow = Flow(tmp_path, Reply(calls=(call("look"), call("look", "gone")), final=True)).say()
    assert len(flow.model.seen) == 1
    assert [result.ok for result in flow.results] == [True, False]


def test_a_new_folder_counts_for_the_calls_after_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inside").touch()
    flow = Flow(tmp_path, Reply(calls=(call("go", "sub"), call("look")), final=True)).say()
    assert flow.results[1].outcome.text == "inside"
    assert flow.conversation.place.cwd == str(tmp_path / "sub")


def test_text_is_said_while_it_is_written_and_not_again(tmp_path: Path) -> None:
    flow = Flow(tmp_path, Reply("one two")).say()
    assert [event for event in flow.shown if isinstance(event, Said)] == [Said("one "), Said("two")]
    assert flow.conversation.messages[-1] == AssistantMessage("one two")


def test_a_question_back_is_marked(tmp_path: Path) -> None:
    assert Flow(tmp_path, Reply("which one?", asks_back=True)).say().shown == [Said("which one?", asks_back=True)]


def test_after_a_failure_reads_go_on_and_changes_do_not(tmp_path: Path) -> None:
    (tmp_path / "keep").touch()
    calls = (call("look", "gone"), call("remove", "keep"), call("look"))
    flow = Flow(tmp_path, Reply(calls=calls, final=True), approve=True).say()
    assert [result.ok for result in flow.results] == [False, False, True]
    assert (tmp_path / "keep").exists()


def test_too_many_steps_are_a_limit(tmp_path: Path) -> None:
    replies = [Reply(calls=(call("look", str(i)),)) for i in range(9)]
    assert Flow(tmp_path, *replies).say().shown[-1] == Failed("stopped after 8 steps", Exit.LIMIT)


def test_the_same_call_five_times_is_a_limit_and_still_has_a_result(tmp_path: Path) -> None:
    flow = Flow(tmp_path, Reply(calls=(call("look"),) * 6)).say()
    assert isinstance(flow.shown[-1], Failed) and flow.shown[-1].exit_code == Exit.LIMIT
    assert [result.refused for result in flow.results] == ["", "", "", "", "limit", "limit"]


def test_a_model_that_does_not_stop_writing_is_stopped(tmp_path: Path) -> None:
    def endless(_context: Context) -> Iterator[str | Reply]:
        while True:
            yield "and so on "

    flow = Flow(tmp_path, limits=Limits(tokens=50), model=Streaming(endless)).say()
    assert flow.shown[-1] == Failed("stopped: the model wrote more than 50 tokens", Exit.LIMIT)
    assert isinstance(flow.conversation.messages[-1], AssistantMessage)


def test_a_slow_model_is_stopped(tmp_path: Path) -> None:
    flow = Flow(tmp_path, Reply("one two three"), limits=Limits(seconds=0.02))
    flow.model._delay = 0.03
    assert flow.say().shown[-1] == Failed("stopped: the model took more than 0.02 s", Exit.LIMIT)


def test_a_model_error_is_one_line(tmp_path: Path) -> None:
    assert Flow(tmp_path).say().shown == [Failed("the script has no more replies", Exit.FAILED)]


def test_a_model_that_says_nothing_did_not_understand(tmp_path: Path) -> None:
    event = Flow(tmp_path, Reply()).say().shown[-1]
    assert isinstance(event, Failed) and event.exit_code == Exit.NOT_UNDERSTOOD


def test_a_model_without_a_reply_is_an_error(tmp_path: Path) -> None:
    flow = Flow(tmp_path, model=Streaming(lambda _context: iter(["half"]))).say()
    assert isinstance(flow.shown[-1], Failed) and "without a reply" in flow.shown[-1].reason


@pytest.mark.parametrize("kind", [Said, Started, Progress, Finished])
def test_ctrl_c_while_anything_is_shown_cancels_and_leaves_no_call_open(tmp_path: Path, kind: type[Event]) -> None:
    def press(event: Event) -> None:
        if isinstance(event, kind):
            flow.on_show = lambda _event: None
            raise KeyboardInterrupt

    flow = Flow(tmp_path, Reply("wait", (call("wait", "mark", times=3), call("look"))), DONE)
    flow.on_show = press
    assert flow.say().shown[-1] == Failed("interrupted", Exit.INTERRUPTED)
    assert pending_calls(flow.conversation.messages) == ()


def test_ctrl_c_in_a_tool_lets_it_clean_up_and_says_so(tmp_path: Path) -> None:
    def press(event: Event) -> None:
        if isinstance(event, Progress):
            raise KeyboardInterrupt

    flow = Flow(tmp_path, Reply(calls=(call("wait", "mark", times=3), call("look"))), DONE)
    flow.on_show = press
    flow.say()
    assert (tmp_path / "mark").read_text() == "cleaned up"
    assert [result.error for result in flow.results] == [
        "interrupted",
        "not run: interrupted",
    ]


def test_ctrl_c_at_the_question_runs_nothing(tmp_path: Path) -> None:
    def press() -> None:
        raise KeyboardInterrupt

    (tmp_path / "keep").touch()
    flow = Flow(tmp_path, Reply(calls=(call("remove", "keep"),)), answer=Answer.YES)
    flow.on_ask = press
    assert flow.say().shown[-1] == Failed("interrupted", Exit.INTERRUPTED)
    assert (tmp_path / "keep").exists() and flow.results[0].refused == "cancelled"


def test_the_conversation_goes_on_after_ctrl_c(tmp_path: Path) -> None:
    def interrupted(context: Context) -> Iterator[str | Reply]:
        if len(context.messages) == 1:
            raise KeyboardInterrupt
        yield DONE

    flow = Flow(tmp_path, model=Streaming(interrupted)).say("first").say("second")
    assert flow.conversation.messages == [UserMessage("first"), UserMessage("second"), AssistantMessage("done")]


def test_closing_a_turn_midway_leaves_no_call_open(tmp_path: Path) -> None:
    flow = Flow(tmp_path, Reply(calls=(call("look"), call("look"))))
    turn = run_turn(UserMessage("x"), flow.conversation, flow.model, flow.dispatcher, Limits())
    next(turn)
    turn.close()
    assert len(flow.results) == 2


def test_a_bug_in_a_model_rises(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        Flow(tmp_path, model=Streaming(lambda _context: iter([str(1 / 0)]))).say()


def test_a_failure_the_model_recovered_from_is_no_failure(tmp_path: Path) -> None:
    flow = Flow(tmp_path, Reply(calls=(call("look", "gone"),)), Reply(calls=(call("look"),)), DONE).say()
    assert exit_code(flow.conversation.messages) == Exit.DONE


def test_a_failure_that_stands_is_one(tmp_path: Path) -> None:
    flow = Flow(tmp_path, Reply(calls=(call("look", "gone"),)), Reply("it is not there")).say()
    assert exit_code(flow.conversation.messages) == Exit.FAILED

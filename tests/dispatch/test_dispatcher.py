"""The dispatcher: what runs, what is asked, what is refused, and what the model is told."""

from __future__ import annotations

from pathlib import Path

from llmos.dispatch.dispatcher import Dispatcher, Record, preview
from llmos.dispatch.policy import Mode
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.events import Answer, Finished, Started
from llmos.values.messages import Reply, ToolCall
from llmos.values.plans import Plan
from tests.small_tools import TOOLS, Flow, call

REMOVE = Reply(calls=(call("remove", "file"),), final=True)


def error_of(folder: Path, made: ToolCall) -> str:
    return Flow(folder, Reply(calls=(made,), final=True)).say().results[0].error


def test_an_unknown_tool_is_told_with_its_neighbours(tmp_path: Path) -> None:
    assert error_of(tmp_path, call("remov")) == "no tool is called 'remov'; near it: remove"


def test_a_missing_argument_is_named(tmp_path: Path) -> None:
    assert error_of(tmp_path, ToolCall("1", "look", {})) == "look: 'path' is missing"


def test_an_unknown_argument_is_named_with_those_there_are(tmp_path: Path) -> None:
    assert error_of(tmp_path, call("look", paht="x")) == "look: there is no argument 'paht'; there are path, times"


def test_a_value_of_the_wrong_type_is_named(tmp_path: Path) -> None:
    assert error_of(tmp_path, call("look", times="many")).startswith("look: 'times': Input should be a valid integer")


def test_a_nul_character_never_reaches_a_tool(tmp_path: Path) -> None:
    assert error_of(tmp_path, call("look", "a\0b")) == "look: an argument holds a NUL character"


def test_a_tool_error_is_a_result(tmp_path: Path) -> None:
    assert error_of(tmp_path, call("look", "gone")) == "cannot look: No such file or directory"


def test_a_read_runs_without_asking(tmp_path: Path) -> None:
    flow = Flow(tmp_path, Reply(calls=(call("look"),), final=True), answer=Answer.NO).say()
    assert flow.asked == [] and [type(event) for event in flow.shown] == [Started, Finished]


def test_a_change_asks_and_runs_on_yes(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    flow = Flow(tmp_path, REMOVE, answer=Answer.YES).say()
    assert flow.asked[0].plan.summary == f"delete {tmp_path / 'file'}"
    assert not (tmp_path / "file").exists()


def test_on_no_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    flow = Flow(tmp_path, REMOVE, answer=Answer.NO).say()
    assert (tmp_path / "file").exists() and flow.results[0].refused == "denied"


def test_with_nobody_to_ask_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    flow = Flow(tmp_path, REMOVE).say()
    assert (tmp_path / "file").exists() and flow.results[0].refused == "no-one-to-ask"


def test_approval_beforehand_runs_what_would_be_asked(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    Flow(tmp_path, REMOVE, approve=True).say()
    assert not (tmp_path / "file").exists()


def test_approval_beforehand_is_no_way_around_a_mode(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    flow = Flow(tmp_path, REMOVE, approve=True, mode=Mode.READ_ONLY).say()
    assert flow.results[0].error == "not allowed (write in read-only mode)"
    assert (tmp_path / "file").exists()


def test_a_dry_run_shows_the_change_and_makes_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    flow = Flow(tmp_path, REMOVE, approve=True, mode=Mode.DRY_RUN).say()
    path = tmp_path / "file"
    assert flow.results[0].ok and flow.results[0].outcome.text == f"would delete {path}"
    assert path.exists()


def test_what_was_decided_is_recorded_before_it_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    seen: list[tuple[Record, bool]] = []
    dispatcher = Dispatcher(TOOLS, Mode.AUTO, record=lambda record: seen.append((record, (tmp_path / "file").exists())))
    for _ in dispatcher.dispatch(call("remove", "file"), Flow(tmp_path).conversation.place):
        pass
    assert [(record.ran, existed) for record, existed in seen] == [(True, True)]


def test_a_tool_shows_progress_and_then_has_its_outcome(tmp_path: Path) -> None:
    flow = Flow(tmp_path, Reply(calls=(call("wait", "mark", times=2),), final=True)).say()
    assert len(flow.shown) == 4 and flow.results[0].outcome.text == "counted to 2"


def test_a_name_cannot_forge_a_line_of_the_preview() -> None:
    changes = (Change(ChangeKind.DELETED, "/tmp/a\n  create /tmp/b\x1b[2K"),)
    assert "\n  create" not in preview(Plan(call("remove"), (), summary="delete 1", changes=ChangeSet(changes)))


def test_a_long_preview_says_how_many_more() -> None:
    changes = tuple(Change(ChangeKind.DELETED, f"/tmp/{i}") for i in range(12))
    assert preview(Plan(call("remove"), (), changes=ChangeSet(changes))).endswith("/tmp/9\n  and 2 more")

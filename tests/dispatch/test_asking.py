"""Answers: a yes is to what was shown, an always is to a scope that was printed, a correction is asked anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from llmos.dispatch.dispatcher import Dispatcher
from llmos.dispatch.policy import Mode
from llmos.dispatch.tiers import Policy
from llmos.tools.registry import Registry
from llmos.values.events import Answer, Ask, Edit, Response
from llmos.values.messages import ToolCall, ToolResult, UserMessage
from llmos.values.place import Place


class Desk:
    """A folder, a dispatcher with real tools, and a user with answers ready."""

    def __init__(self, base: Path) -> None:
        self.home, self.work = base / "home", base / "home" / "work"
        for name in ("Photos", "Music"):
            (self.work / name).mkdir(parents=True)
            for number in range(4):
                (self.work / name / f"{number}.txt").write_text(str(number))
        self.policy_file = base / "config" / "policy.toml"
        self.policy = Policy(str(self.policy_file), str(self.home), str(base / "admin.toml"))
        self.place = Place(str(self.work), str(self.home), interactive=True, state=str(base / "state"))
        self.dispatcher = self.new_dispatcher()
        self.asked: list[Ask] = []

    def new_dispatcher(self) -> Dispatcher:
        return Dispatcher(Registry(), Mode.ASK, rules=self.policy.rules, save=self.policy.save)

    def do(
        self, tool: str, *answers: Response | Callable[[], Response], words: str = "delete it", **arguments: object
    ) -> ToolResult:
        call = ToolCall("1", tool, arguments)  # type: ignore[arg-type]
        turn = self.dispatcher.dispatch(call, self.place, messages=[UserMessage(words)])
        ready, answer = list(answers), None
        try:
            while True:
                event = turn.send(answer)
                answer = None
                if isinstance(event, Ask):
                    self.asked.append(event)
                    given = ready.pop(0)
                    answer = given() if callable(given) and not isinstance(given, Answer) else given
        except StopIteration as end:
            assert isinstance(end.value, ToolResult)
            return end.value

    def delete(self, path: str, *answers: Response | Callable[[], Response]) -> ToolResult:
        return self.do("delete_files", *answers, path=[path])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_yes_is_for_one_call(desk: Desk) -> None:
    desk.delete("Photos/0.txt", Answer.YES)
    assert desk.delete("Photos/0.txt").error and desk.delete("Photos/1.txt", Answer.NO).refused == "denied"
    assert len(desk.asked) == 2


def test_an_always_is_for_the_scope_that_was_printed(desk: Desk) -> None:
    desk.delete("Photos/0.txt", Answer.ALWAYS)
    assert desk.asked[0].scope == f"delete_files inside {desk.work}/Photos"
    assert desk.delete("Photos/1.txt").ok and len(desk.asked) == 1
    desk.delete("Music/1.txt", Answer.NO)
    desk.do("move_files", Answer.NO, path=["Photos/2.txt"], to="Photos/5.txt")
    assert len(desk.asked) == 3


def test_an_always_ends_with_the_session_and_a_save_does_not(desk: Desk) -> None:
    desk.delete("Photos/0.txt", Answer.ALWAYS)
    desk.delete("Music/0.txt", Answer.SAVE)
    desk.dispatcher = desk.new_dispatcher()
    assert desk.delete("Music/1.txt").ok and len(desk.asked) == 2
    desk.delete("Photos/1.txt", Answer.NO)
    assert len(desk.asked) == 3 and oct(desk.policy_file.stat().st_mode & 0o777) == "0o600"


def test_what_cannot_be_saved_holds_for_the_session(desk: Desk) -> None:
    desk.policy_file.parent.write_text("in the way")
    assert desk.delete("Photos/0.txt", Answer.SAVE).ok and desk.delete("Photos/1.txt").ok


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("delete_files", {"path": ["Photos"], "permanently": True}),
        ("write_file", {"path": ["~/.bashrc"], "text": "x"}),
        ("delete_files", {"path": ["~/a.txt"]}),
    ],
)
def test_no_always_is_offered_for_what_lasts_what_is_protected_or_a_whole_home(
    desk: Desk, tool: str, arguments: dict[str, object]
) -> None:
    (desk.home / "a.txt").touch()
    desk.do(tool, Answer.NO, **arguments)
    assert desk.asked[0].scope == ""


def test_what_is_protected_takes_a_typed_yes(desk: Desk) -> None:
    desk.do("write_file", Answer.NO, path=["~/.bashrc"], text="x")
    desk.delete("Photos/0.txt", Answer.NO)
    assert [ask.typed for ask in desk.asked] == [True, False]


def test_a_file_that_changed_while_it_was_asked_is_asked_again(desk: Desk) -> None:
    def change() -> Answer:
        (desk.work / "Photos" / "0.txt").write_text("precious")
        return Answer.YES

    result = desk.delete("Photos/0.txt", change, Answer.NO)
    assert result.refused == "denied" and desk.asked[1].warning == "this changed while you were asked"
    assert (desk.work / "Photos" / "0.txt").read_text() == "precious"


def test_a_file_that_was_exchanged_while_it_was_asked_is_asked_again(desk: Desk) -> None:
    def exchange() -> Answer:
        os.rename(desk.work / "Music" / "0.txt", desk.work / "Photos" / "0.txt")
        return Answer.YES

    assert desk.delete("Photos/0.txt", exchange, Answer.NO).refused == "denied" and len(desk.asked) == 2


def test_what_goes_on_changing_is_given_up(desk: Desk) -> None:
    def change() -> Answer:
        with open(desk.work / "Photos" / "0.txt", "a") as file:
            file.write("more")
        return Answer.YES

    result = desk.delete("Photos/0.txt", *[change] * 5)
    assert result.refused == "denied" and (desk.work / "Photos" / "0.txt").exists()


def test_a_correction_is_planned_and_asked_anew(desk: Desk) -> None:
    better = Edit(ToolCall("1", "delete_files", {"path": ["Music/3.txt"]}))
    result = desk.delete("Photos/0.txt", better, Answer.YES)
    assert result.ok and result.call == better.call and len(desk.asked) == 2
    assert (desk.work / "Photos" / "0.txt").exists() and not (desk.work / "Music" / "3.txt").exists()


def test_a_correction_that_cannot_be_planned_is_a_result(desk: Desk) -> None:
    assert not desk.delete("Photos/0.txt", Edit(ToolCall("1", "delete_files", {"path": ["gone"]}))).ok


def test_a_name_forges_no_line_of_a_question(desk: Desk) -> None:
    (desk.work / "Photos" / "a\nallowed: yes\x1b[2K").mkdir()
    desk.delete("Photos/a\nallowed: yes\x1b[2K", Answer.NO)
    asked = desk.asked[0]
    for text in (asked.scope, asked.warning, asked.decision.rule):
        assert "\n" not in text and "\x1b" not in text


def test_a_rule_that_asks_goes_on_asking(desk: Desk) -> None:
    desk.policy_file.parent.mkdir()
    desk.policy_file.write_text(
        '[[rule]]\ndecide = "ask"\ntool = "delete_files"\n'
        'match = "delete_files write /a"\nnot_match = "copy_files write /a"\n'
    )
    desk.delete("Photos/0.txt", Answer.ALWAYS)
    desk.delete("Photos/1.txt", Answer.NO)
    assert [ask.scope for ask in desk.asked] == ["", ""]

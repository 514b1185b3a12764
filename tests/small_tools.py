"""Four tools and a way to drive a turn, for tests of everything around tools.

The tools of llmos are tested elsewhere.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from llmos.agent.context import Conversation
from llmos.agent.limits import Limits
from llmos.agent.turn import run_turn
from llmos.dispatch.dispatcher import Dispatcher
from llmos.dispatch.policy import Mode
from llmos.errors import ToolError
from llmos.fronts.drive import drive
from llmos.models.base import Context, Model
from llmos.models.scripted import ScriptedModel
from llmos.tools.tool import Arguments, Run, Tool
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.events import Answer, Ask, Event, Progress
from llmos.values.messages import Outcome, Reply, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target


class PathArguments(Arguments):
    path: str
    times: int = 1


class Look(Tool[PathArguments]):
    name = "look"
    description = "Names in a folder."
    arguments = PathArguments

    def plan(self, call: ToolCall, arguments: PathArguments, place: Place) -> Plan:
        path = os.path.realpath(os.path.join(place.cwd, arguments.path))
        return Plan(call, (Target(Effect.READ, path),), path)

    def run(self, plan: Plan, place: Place) -> Outcome:
        try:
            return Outcome(text="\n".join(sorted(os.listdir(str(plan.action)))))
        except OSError as error:
            raise ToolError(f"cannot look: {error.strerror}") from None


class Go(Look):
    name = "go"
    description = "Goes to a folder."

    def run(self, plan: Plan, place: Place) -> Outcome:
        return Outcome(cwd=str(plan.action))


class Remove(Tool[PathArguments]):
    name = "remove"
    description = "Deletes a file."
    arguments = PathArguments

    def plan(self, call: ToolCall, arguments: PathArguments, place: Place) -> Plan:
        path = os.path.realpath(os.path.join(place.cwd, arguments.path))
        change = Change(ChangeKind.DELETED, path)
        return Plan(call, (Target(Effect.WRITE, path),), path, f"delete {path}", ChangeSet((change,)))

    def run(self, plan: Plan, place: Place) -> Outcome:
        Path(str(plan.action)).unlink()
        return Outcome(text="deleted 1 file")


class Wait(Tool[PathArguments]):
    name = "wait"
    description = "Counts slowly."
    arguments = PathArguments

    def plan(self, call: ToolCall, arguments: PathArguments, place: Place) -> Plan:
        return Plan(call, (), (arguments.path, arguments.times))

    def run(self, plan: Plan, place: Place) -> Run:
        path, times = cast(tuple[str, int], plan.action)
        return self._count(plan.call, Path(place.cwd, path), times)

    @staticmethod
    def _count(call: ToolCall, left_behind: Path, times: int) -> Run:
        try:
            for number in range(times):
                yield Progress(call, str(number))
                time.sleep(0.01)
        finally:
            left_behind.write_text("cleaned up")
        return Outcome(text=f"counted to {times}")


TOOLS: dict[str, Tool[PathArguments]] = {tool.name: tool for tool in (Look(), Go(), Remove(), Wait())}


def call(name: str, path: str = ".", **more: object) -> ToolCall:
    return ToolCall("1", name, {"path": path, **more})  # type: ignore[dict-item]


LIMITS = Limits()


class Flow:
    """One conversation with a scripted model; what a turn showed is kept."""

    def __init__(
        self,
        folder: Path,
        *replies: Reply,
        answer: Answer | None = None,
        mode: Mode = Mode.ASK,
        approve: bool = False,
        limits: Limits = LIMITS,
        model: Model | None = None,
    ) -> None:
        place = Place(str(folder), str(folder / "home"), interactive=answer is not None, state=str(folder / "state"))
        self.conversation = Conversation(place)
        self.model = ScriptedModel(replies)
        self._model: Model = model or self.model
        self.dispatcher = Dispatcher(TOOLS, mode, approve=approve)
        self.limits = limits
        self.answer = answer
        self.shown: list[Event] = []
        self.asked: list[Ask] = []
        self.on_show: Callable[[Event], None] = lambda _event: None
        self.on_ask: Callable[[], None] = lambda: None

    def say(self, text: str = "do it") -> Flow:
        turn = run_turn(UserMessage(text), self.conversation, self._model, self.dispatcher, self.limits)
        drive(turn, self._show, self._ask)
        return self

    def _show(self, event: Event) -> None:
        self.shown.append(event)
        self.on_show(event)

    def _ask(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        self.on_ask()
        assert self.answer is not None
        return self.answer

    @property
    def results(self) -> list[ToolResult]:
        return [m.result for m in self.conversation.messages if isinstance(m, ToolMessage)]


class Streaming:
    """A model that is a function, for replies that a list cannot say."""

    name = "streaming"

    def __init__(self, reply: Callable[[Context], Iterator[str | Reply]]) -> None:
        self.reply = reply

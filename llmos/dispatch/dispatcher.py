"""The only way from a tool call to an effect: look up, validate, plan, decide, ask, run, record.

What a tool does and how an ask is shown is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmos.adapters.terminal import clean_name
from llmos.dispatch.policy import Mode, decide
from llmos.errors import ArgumentError, ToolError
from llmos.values.changes import Change, ChangeKind
from llmos.values.events import Answer, Ask, Dispatch, Response, Started
from llmos.values.messages import JSON, Outcome, ToolCall, ToolResult, ToolSchema
from llmos.values.place import Place
from llmos.values.plans import Decision, Plan, Verdict

if TYPE_CHECKING:  # only what does not fit needs pydantic
    from pydantic import ValidationError

    from llmos.tools.tool import Tool

Approval = Generator[Ask, Response | None, ToolResult | None]

PREVIEWED = 10
"""Changes listed one by one in a preview."""

_TO_COME = {
    ChangeKind.CREATED: "create",
    ChangeKind.CHANGED: "change",
    ChangeKind.DELETED: "delete",
    ChangeKind.MOVED: "move",
    ChangeKind.MODE: "mode of",
    ChangeKind.OWNER: "owner of",
}
"""A preview is about what has not happened yet."""


@dataclass(frozen=True)
class Record:
    """What was decided about one plan, and whether it ran."""

    plan: Plan
    decision: Decision
    ran: bool


def _forget(_record: Record) -> None:
    pass


class Dispatcher:
    def __init__(
        self,
        tools: Mapping[str, Tool[Any]],
        mode: Mode = Mode.ASK,
        *,
        approve: bool = False,
        record: Callable[[Record], None] = _forget,
    ) -> None:
        self._tools = tools
        self._record = record
        self._schemas: tuple[ToolSchema, ...] = ()
        self.mode = mode
        self.approve = approve
        """Answer yes to everything the mode would ask."""

        self.running: Plan | None = None
        """What runs now, or was cut off while it ran."""

    def schemas(self) -> tuple[ToolSchema, ...]:
        if not self._schemas:
            self._schemas = tuple(tool.schema() for tool in self._tools.values())
        return self._schemas

    def dispatch(self, call: ToolCall, place: Place, *, after_failure: bool = False) -> Dispatch:
        """Carry out one call; every way out is a result that the model can read."""
        try:
            tool = self._look_up(call.name)
            plan = tool.plan(call, validate(tool, call), place)
        except ToolError as error:
            return ToolResult(call, ok=False, error=str(error))
        if after_failure and not plan.only_reads:
            return ToolResult(
                call,
                ok=False,
                error=f"not run, a call before it failed: {plan.summary or call.name}",
                refused="cancelled",
            )
        if self.mode is Mode.DRY_RUN and not plan.only_reads:
            return ToolResult(call, ok=True, outcome=Outcome(f"would {preview(plan)}"))
        refusal = yield from self._approve(plan, place)
        if refusal is not None:
            return refusal
        yield Started(plan)
        return (yield from self._run(tool, plan, place))

    def _look_up(self, name: str) -> Tool[Any]:
        if name in self._tools:
            return self._tools[name]
        from difflib import get_close_matches  # noqa: PLC0415

        near = get_close_matches(name, list(self._tools), n=3)
        raise ToolError(f"no tool is called {name!r}" + (f"; near it: {', '.join(near)}" if near else ""))

    def _approve(self, plan: Plan, place: Place) -> Approval:
        """None when the plan may run, else the result that says why not."""
        decision = decide(plan, self.mode, place)
        allowed = decision.verdict is Verdict.ALLOW
        nobody = False
        if decision.verdict is Verdict.ASK:
            if self.approve:
                decision, allowed = Decision(Verdict.ALLOW, f"approved beforehand ({decision.rule})"), True
            elif place.interactive:
                allowed = (yield Ask(plan, decision)) is Answer.YES
            else:
                nobody = True
        self._record(Record(plan, decision, allowed))
        if allowed:
            return None
        if nobody:
            error = f"not run, nobody is here to approve it: {plan.summary or plan.call.name} (--yes approves)"
            return ToolResult(plan.call, ok=False, error=error, refused="no-one-to-ask")
        why = "you said no" if decision.verdict is Verdict.ASK else decision.rule
        return ToolResult(plan.call, ok=False, error=f"not allowed ({why})", refused="denied")

    def _run(self, tool: Tool[Any], plan: Plan, place: Place) -> Dispatch:
        self.running = plan
        try:
            outcome = tool.run(plan, place)
            if not isinstance(outcome, Outcome):
                outcome = yield from outcome
            result = ToolResult(plan.call, ok=True, outcome=outcome)
        except ToolError as error:
            result = ToolResult(plan.call, ok=False, error=str(error))
        # Not in a `finally`: after Ctrl-C the turn still has to know which call was cut off.
        self.running = None
        return result


def validate(tool: Tool[Any], call: ToolCall) -> Any:
    """The arguments as the tool's own type. Raises ArgumentError."""
    if any("\0" in text for text in _strings(dict(call.arguments))):
        raise ArgumentError(f"{call.name}: an argument holds a NUL character")
    try:
        return tool.arguments.model_validate(dict(call.arguments))
    except ValueError as bad:
        from pydantic import ValidationError  # noqa: PLC0415  # loaded by now, if it is one

        if not isinstance(bad, ValidationError):
            raise
        raise ArgumentError(f"{call.name}: {_one_line(bad, tool)}") from None


def _strings(value: JSON) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for part in value for text in _strings(part)]
        case dict():
            return [text for part in value.values() for text in _strings(part)]
        case _:
            return []


def _one_line(error: ValidationError, tool: Tool[Any]) -> str:
    return "; ".join(
        _problem(part["type"], ".".join(map(str, part["loc"])), part["msg"], tool) for part in error.errors()
    )


def _problem(kind: str, where: str, message: str, tool: Tool[Any]) -> str:
    if kind == "extra_forbidden":
        return f"there is no argument {where!r}; there are {', '.join(tool.arguments.model_fields)}"
    if kind == "missing":
        return f"{where!r} is missing"
    return f"{where!r}: {message.removeprefix('Value error, ')}"


def preview(plan: Plan) -> str:
    """The plan in words: its summary and the first changes. Names in it can neither hide nor forge a line."""
    changes = plan.changes.changes
    summary = clean_name(plan.summary or plan.call.name)
    if len(changes) == 1 and clean_name(changes[0].path) in summary:
        return summary
    lines = [summary, *(f"  {_in_words(c)}" for c in changes[:PREVIEWED])]
    if len(changes) > PREVIEWED:
        lines.append(f"  and {len(changes) - PREVIEWED} more")
    return "\n".join(lines)


def _in_words(change: Change) -> str:
    return f"{_TO_COME[change.kind]} {clean_name(change.path)}" + (f" → {clean_name(change.to)}" if change.to else "")

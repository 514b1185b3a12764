"""The only way from a tool call to an effect: look up, validate, plan, decide, ask, run, record.

What a tool does and how an ask is shown is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from llmos.adapters.terminal import clean_name
from llmos.dispatch.audit import Record, seal
from llmos.dispatch.policy import Judgement, Mode, judge, looks_elsewhere, stays_in_overlay
from llmos.dispatch.taint import Standing, stand, strings
from llmos.errors import ArgumentError, ToolError
from llmos.translation import N_, both, joined
from llmos.values.changes import Change, ChangeKind
from llmos.values.events import Answer, Ask, Dispatch, Edit, Progress, Response, Started
from llmos.values.messages import Message, Outcome, ToolCall, ToolResult, ToolSchema, UserMessage
from llmos.values.place import Place
from llmos.values.plans import Decision, Plan, Verdict

__all__ = ["Dispatcher", "Record", "preview", "validate"]

if TYPE_CHECKING:  # only what does not fit needs pydantic
    from pydantic import ValidationError

    from llmos.dispatch.rules import Rule
    from llmos.tools.tool import Tool


@dataclass(frozen=True)
class Anew:
    """The call has to be planned and decided again."""

    call: ToolCall
    words: str = ""
    """What the user typed into it."""

    warning: str = ""


@dataclass(frozen=True)
class Bounds:
    """What the calls of a turn may do at most; for an app, whose text the user accepted before."""

    effects: frozenset[str]
    words: str
    """That text: what its calls name are the user's own words."""

    root: str = ""
    """Nothing outside this folder may change, where it is given."""


Approval = Generator[Ask | Progress, Response | None, ToolResult | Anew | None]

ASKED = 5
"""Times the same call is planned anew before we give up on it."""

PREVIEWED = 10
"""Changes listed one by one in a preview."""

_TO_COME = {
    ChangeKind.CREATED: N_("create {path}"),
    ChangeKind.CHANGED: N_("change {path}"),
    ChangeKind.DELETED: N_("delete {path}"),
    ChangeKind.MOVED: N_("move {path}"),
    ChangeKind.MODE: N_("mode of {path}"),
    ChangeKind.OWNER: N_("owner of {path}"),
}
"""A preview is about what has not happened yet."""


@runtime_checkable
class Discardable(Protocol):
    """An action that holds something back until it runs."""

    def discard(self) -> None:
        """Let go of it, whether it was used or not."""


@runtime_checkable
class Unopened(Protocol):
    """Tools some of which are elsewhere until they are asked for."""

    def open(self) -> None: ...


def _forget(_record: Record) -> None:
    pass


def _no_rules(_folder: str) -> Sequence[Rule]:
    return ()


def _save_nothing(_rules: Sequence[Rule]) -> None:
    raise OSError("there is no policy file")


class Dispatcher:
    def __init__(
        self,
        tools: Mapping[str, Tool[Any]],
        mode: Mode = Mode.ASK,
        *,
        approve: bool = False,
        record: Callable[[Record], None] = _forget,
        rules: Callable[[str], Sequence[Rule]] = _no_rules,
        save: Callable[[Sequence[Rule]], None] = _save_nothing,
    ) -> None:
        """`rules` gives those of a folder; `save` adds to the user's own and may raise OSError."""
        self._tools = tools
        self._record = record
        self._rules = rules
        self._save = save
        self._granted: list[Rule] = []
        self._schemas: tuple[ToolSchema, ...] = ()
        self.mode = mode
        self.approve = approve
        """Answer yes to everything the mode would ask."""

        self.running: Plan | None = None
        """What runs now, or was cut off while it ran; its call is the one the model wrote, corrected or not."""

        self.bounds: Bounds | None = None
        self._written: ToolCall | None = None

    def schemas(self) -> tuple[ToolSchema, ...]:
        if not self._schemas:
            if isinstance(self._tools, Unopened):
                self._tools.open()
            self._schemas = tuple(tool.schema() for tool in self._tools.values())
        return self._schemas

    def dispatch(
        self, call: ToolCall, place: Place, *, messages: Sequence[Message] = (), after_failure: bool = False
    ) -> Dispatch:
        """Carry out one call; every way out is a result that the model can read.

        `messages` is the conversation so far: whose words the call rests on, and what has been read.
        """
        heard, warning = list(messages), ""
        heard += [UserMessage(self.bounds.words)] if self.bounds else []
        self._written = call
        for _ in range(ASKED):
            result = yield from self._attempt(call, place, heard, warning, after_failure)
            if isinstance(result, ToolResult):
                return result
            call, warning = result.call, result.warning
            heard += [UserMessage(result.words)] if result.words else []
        return _denied(call, both("what it is about kept changing while you were asked"))

    def _attempt(
        self, call: ToolCall, place: Place, messages: Sequence[Message], warning: str, after_failure: bool
    ) -> Generator[Ask | Progress | Started, Response | None, ToolResult | Anew]:
        try:
            tool = self._look_up(call.name)
            done: ToolResult | Plan = tool.plan(call, validate(tool, call), place)
        except ToolError as problem:
            return ToolResult(call, ok=False, error=str(problem))
        while isinstance(done, Plan):
            plan = done
            try:
                refused = (
                    self._not_now(plan, after_failure)
                    or self._out_of_bounds(plan)
                    or (yield from self._approve(plan, place, messages, warning))
                )
                if refused is not None:
                    return refused
                yield Started(plan)
                done = yield from self._run(tool, plan, place)
            finally:
                if isinstance(plan.action, Discardable):
                    plan.action.discard()
        return done

    def _not_now(self, plan: Plan, after_failure: bool) -> ToolResult | None:
        """Where nothing is to be changed whatever is decided."""
        if plan.only_reads or stays_in_overlay(plan):
            return None
        if after_failure:
            error = both("not run, a call before it failed: {what}").format(what=plan.summary or plan.call.name)
            return ToolResult(plan.call, ok=False, error=error, refused="cancelled")
        if self.mode is Mode.DRY_RUN:
            return ToolResult(
                plan.call,
                ok=True,
                outcome=Outcome(both("would {preview}").format(preview=preview(plan))),
                level=plan.level,
            )
        return None

    def _out_of_bounds(self, plan: Plan) -> ToolResult | None:
        if self.bounds is None:
            return None
        if beyond := {target.effect for target in plan.targets} - self.bounds.effects:
            return _denied(
                plan.call, both("the app does not declare that it can {names}").format(names=", ".join(sorted(beyond)))
            )
        root = self.bounds.root
        changed = [target.what for target in plan.targets if target.effect in ("write", "destroy")] if root else []
        outside = next((path for path in changed if not f"{path}/".startswith(f"{root}/")), "")
        return (
            _denied(plan.call, both("{outside} is not in the copy").format(outside=clean_name(outside)))
            if outside
            else None
        )

    def _look_up(self, name: str) -> Tool[Any]:
        if name in self._tools:
            return self._tools[name]
        from difflib import get_close_matches  # noqa: PLC0415

        near = get_close_matches(name, list(self._tools), n=3)
        raise ToolError(
            both("no tool is called {name!r}").format(name=name)
            + (both("; near it: {names}").format(names=", ".join(near)) if near else "")
        )

    def _approve(self, plan: Plan, place: Place, messages: Sequence[Message], warning: str) -> Approval:
        """None when the plan may run, else the result that says why not, or what to plan anew."""
        standing = stand(plan.call, messages, place, look=looks_elsewhere(plan, place))
        judgement = judge(plan, self.mode, place, standing, (*self._rules(place.cwd), *self._granted))
        decision = Decision(judgement.decision.verdict, clean_name(judgement.decision.rule))
        if decision.verdict is Verdict.ASK and self.approve and not judgement.beyond_yes:
            decision = Decision(Verdict.ALLOW, both("approved beforehand ({rule})").format(rule=decision.rule))
        if decision.verdict is Verdict.ASK and place.interactive:
            return (yield from self._ask(plan, place, replace(judgement, decision=decision), standing, warning))
        self._record(Record(plan, decision, decision.verdict is Verdict.ALLOW, standing.taint))
        if decision.verdict is Verdict.ASK:
            return _nobody_there(plan, judgement)
        return None if decision.verdict is Verdict.ALLOW else _denied(plan.call, decision.rule)

    def _ask(self, plan: Plan, place: Place, judgement: Judgement, standing: Standing, warning: str) -> Approval:
        """What runs is what was shown: where something lies there now that did not then, it is shown again."""
        from llmos.dispatch import grants  # noqa: PLC0415  # for who is asked

        scope = grants.scope(plan, judgement, place)
        shown = seal(plan, place, standing.taint)
        warnings = "; ".join(filter(None, (warning, clean_name(judgement.warning))))
        response = yield Ask(plan, judgement.decision, grants.in_words(scope), judgement.typed, warnings)
        if isinstance(response, Edit):
            return Anew(response.call, words=_typed(plan.call, response.call))
        yes = response in (Answer.YES, Answer.ALWAYS, Answer.SAVE)
        if yes and seal(plan, place, standing.taint) != shown:
            return Anew(plan.call, warning="this changed while you were asked")
        self._record(Record(plan, judgement.decision, yes, standing.taint, str(response or Answer.NO)))
        if response in (Answer.ALWAYS, Answer.SAVE):
            yield from self._grant(plan, scope, save=response is Answer.SAVE)
        return None if yes else _denied(plan.call, both("you said no"))

    def _grant(self, plan: Plan, scope: Sequence[Rule], *, save: bool) -> Generator[Progress, object, None]:
        self._granted += scope
        if not save or not scope:
            return
        try:
            self._save(scope)
        except OSError as error:
            yield Progress(plan.call, f"allowed for this session only: {error.strerror or error}")

    def _run(self, tool: Tool[Any], plan: Plan, place: Place) -> Generator[Progress, object, ToolResult | Plan]:
        self.running = replace(plan, call=self._written or plan.call)
        done: ToolResult | Plan
        try:
            outcome = tool.run(plan, place)
            if not isinstance(outcome, Outcome | Plan):
                outcome = yield from outcome
            if isinstance(outcome, Plan):
                done = outcome
            else:
                done = ToolResult(plan.call, ok=True, outcome=outcome, level=plan.level)
        except ToolError as error:
            done = ToolResult(plan.call, ok=False, error=str(error), level=plan.level)
        # Not in a `finally`: after Ctrl-C the turn still has to know which call was cut off.
        self.running = None
        return done


def _denied(call: ToolCall, why: str) -> ToolResult:
    return ToolResult(call, ok=False, error=both("not allowed ({why})").format(why=why), refused="denied")


def _nobody_there(plan: Plan, judgement: Judgement) -> ToolResult:
    what = clean_name(plan.summary or plan.call.name)
    how = (
        both("--yes does not cover it: {rule}").format(rule=clean_name(judgement.decision.rule))
        if judgement.beyond_yes
        else both("--yes approves")
    )
    error = both("not run, nobody is here to approve it: {what} ({how})").format(what=what, how=how)
    return ToolResult(plan.call, ok=False, error=error, refused="no-one-to-ask")


def _typed(before: ToolCall, after: ToolCall) -> str:
    """What stands in the corrected call and did not before: that much are the user's words."""
    known = set(strings(dict(before.arguments)))
    return "\n".join(text for text in strings(dict(after.arguments)) if text not in known)


def validate(tool: Tool[Any], call: ToolCall) -> Any:
    """The arguments as the tool's own type. Raises ArgumentError."""
    if any("\0" in text for text in strings(dict(call.arguments))):
        raise ArgumentError(both("{name}: an argument holds a NUL character").format(name=call.name))
    try:
        return tool.arguments.model_validate(dict(call.arguments))
    except ValueError as bad:
        from pydantic import ValidationError  # noqa: PLC0415  # loaded by now, if it is one

        if not isinstance(bad, ValidationError):
            raise
        raise ArgumentError(f"{call.name}: {_one_line(bad, tool)}") from None


def _one_line(error: ValidationError, tool: Tool[Any]) -> str:
    return "; ".join(
        _problem(part["type"], ".".join(map(str, part["loc"])), part["msg"], tool) for part in error.errors()
    )


def _problem(kind: str, where: str, message: str, tool: Tool[Any]) -> str:
    if kind == "extra_forbidden":
        return both("there is no argument {where!r}; there are {names}").format(
            where=where, names=", ".join(tool.arguments.model_fields)
        )
    if kind == "missing":
        return both("{where!r} is missing").format(where=where)
    return f"{where!r}: {message.removeprefix('Value error, ')}"


def preview(plan: Plan) -> str:
    """The plan in words: its summary and the first changes. Names in it can neither hide nor forge a line."""
    changes = plan.changes.changes
    summary = clean_name(plan.summary or plan.call.name)
    if len(changes) == 1 and clean_name(changes[0].path) in summary:
        return summary
    lines = [summary, *("  " + _in_words(c) for c in changes[:PREVIEWED])]
    if len(changes) > PREVIEWED:
        lines.append(both("  and {number} more").format(number=len(changes) - PREVIEWED))
    return joined("\n", lines)


def _in_words(change: Change) -> str:
    return both(_TO_COME[change.kind]).format(path=clean_name(change.path)) + (
        f" → {clean_name(change.to)}" if change.to else ""
    )

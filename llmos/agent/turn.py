"""One turn: from what the user said to the last word of the answer, as a stream of events.

Nothing is shown, asked or stored here; the front that drives the turn does that.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Literal

from llmos.agent.context import Conversation, make_context, recent_paths
from llmos.agent.doubt import settle
from llmos.agent.limits import LimitHit, Limits, Meter, TimeUp
from llmos.dispatch.dispatcher import Dispatcher
from llmos.errors import Exit, LlmosError, ModelError
from llmos.models.base import Context, Model
from llmos.translation import both
from llmos.values.events import Event, Failed, Finished, Note, Response, Said, Turn
from llmos.values.messages import AssistantMessage, Message, Reply, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.plans import Plan

Refused = Literal["", "cancelled", "limit"]


class NotUnderstood(LlmosError):
    exit_code = Exit.NOT_UNDERSTOOD


def run_turn(
    request: UserMessage, conversation: Conversation, model: Model, dispatcher: Dispatcher, limits: Limits
) -> Turn:
    """Ask the model, carry out its calls, show it the results, until it has no more calls.

    However the turn ends, also by `close`, every call in the conversation has a result afterwards.
    """
    conversation.messages.append(request)
    try:
        yield from _steps(conversation, model, dispatcher, limits)
    except TimeUp:
        yield from _end(conversation, dispatcher, "stopped: the time is up", Exit.LIMIT, "limit")
    except KeyboardInterrupt:
        yield from _end(conversation, dispatcher, "interrupted", Exit.INTERRUPTED, "cancelled")
    except LimitHit as hit:
        yield from _end(conversation, dispatcher, str(hit), hit.exit_code, "limit")
    except LlmosError as error:
        yield from _end(conversation, dispatcher, str(error), error.exit_code, "cancelled")
    finally:
        _answer_pending(conversation, dispatcher, "the turn ended before it", "cancelled")


def _steps(conversation: Conversation, model: Model, dispatcher: Dispatcher, limits: Limits) -> Turn:
    meter = Meter(limits)
    for _ in range(limits.steps):
        reply = yield from _ask(model, make_context(conversation, dispatcher.schemas), conversation, meter)
        if not reply.calls:
            return
        yield from _carry_out(reply, conversation, dispatcher, meter)
        if reply.final:
            return
    raise LimitHit(both("stopped after {steps} steps").format(steps=limits.steps))


def _ask(
    model: Model, context: Context, conversation: Conversation, meter: Meter
) -> Generator[Event, Response | None, Reply]:
    """One reply of the model; its text is said while it is written."""
    said: list[str] = []
    meter.begin_reply()
    try:
        for piece in model.reply(context):
            if isinstance(piece, Reply):
                meter.end_reply()
                return (yield from _take(piece, conversation, said, meter.limits.sure))
            if isinstance(piece, Note):
                yield piece
                continue
            meter.count_text(piece)
            said.append(piece)
            yield Said(piece)
    except (LlmosError, KeyboardInterrupt):
        if said and not isinstance(conversation.messages[-1], AssistantMessage):
            conversation.messages.append(AssistantMessage("".join(said)))
        raise
    raise ModelError(both("the model {name} ended without a reply").format(name=model.name))


def _take(
    reply: Reply, conversation: Conversation, said: Sequence[str], sure: float
) -> Generator[Event, Response | None, Reply]:
    reply, chosen = yield from settle(reply, sure=sure, interactive=conversation.place.interactive)
    if not reply.text and not reply.calls:
        raise NotUnderstood(both("I did not understand that; say it in other words"))
    conversation.messages.append(AssistantMessage(reply.text, reply.calls, chosen))
    unsaid = "" if said else reply.text
    if unsaid or reply.asks_back:
        yield Said(unsaid, reply.asks_back)
    return reply


def _carry_out(
    reply: Reply, conversation: Conversation, dispatcher: Dispatcher, meter: Meter
) -> Generator[Event, object, None]:
    """Every call in order. After one that failed only reads go on: what follows may build on it."""
    all_well = True
    for call in reply.calls:
        meter.count_call(call)
        place = replace(conversation.place, recent=recent_paths(conversation.messages))
        result = yield from dispatcher.dispatch(call, place, messages=conversation.messages, after_failure=not all_well)
        all_well = all_well and result.ok
        if result.outcome.cwd is not None:
            conversation.place = replace(conversation.place, cwd=result.outcome.cwd)
        conversation.messages.append(ToolMessage(result))
        yield Finished(result, step=not reply.final)


def _end(
    conversation: Conversation, dispatcher: Dispatcher, reason: str, code: int, refused: Refused
) -> Generator[Event, object, None]:
    for result in _answer_pending(conversation, dispatcher, reason, refused):
        yield Finished(result)
    yield Failed(reason, code)


def _answer_pending(
    conversation: Conversation, dispatcher: Dispatcher, reason: str, refused: Refused
) -> list[ToolResult]:
    """Give each call that has no result one, so that the conversation can go on."""
    results = [_unfinished(call, dispatcher.running, reason, refused) for call in pending_calls(conversation.messages)]
    conversation.messages.extend(ToolMessage(result) for result in results)
    return results


def _unfinished(call: ToolCall, running: Plan | None, reason: str, refused: Refused) -> ToolResult:
    """A read that was cut off has done nothing, like a call that never ran."""
    if running is None or call is not running.call:
        return ToolResult(call, ok=False, error=both("not run: {reason}").format(reason=reason), refused=refused)
    if running.only_reads:
        return ToolResult(call, ok=False, error=reason, refused=refused)
    return ToolResult(call, ok=False, error=both("{reason} while it ran; part of it may be done").format(reason=reason))


def pending_calls(messages: Sequence[Message]) -> tuple[ToolCall, ...]:
    """Calls of the last reply that have no result yet. By order, not by id: models repeat ids."""
    answered = 0
    for message in reversed(messages):
        match message:
            case ToolMessage():
                answered += 1
            case AssistantMessage(calls=calls):
                return calls[answered:]
            case UserMessage():
                break
    return ()


def exit_code(messages: Sequence[Message]) -> Exit:
    """What the results of a turn mean for a script. A failure the model recovered from does not count."""
    results = [m.result for m in messages if isinstance(m, ToolMessage)]
    if any(result.refused == "no-one-to-ask" for result in results):
        return Exit.APPROVAL_NEEDED
    if any(result.refused == "denied" for result in results):
        return Exit.DENIED
    return Exit.DONE if all(result.ok for result in _last_results(messages)) else Exit.FAILED


def _last_results(messages: Sequence[Message]) -> list[ToolResult]:
    last: list[ToolResult] = []
    for message in messages:
        match message:
            case AssistantMessage(calls=(_, *_)):
                last = []
            case ToolMessage(result=result):
                last.append(result)
    return last

"""llmos's own tools for other agents, as an MCP server: the same dispatcher, policy, sandbox, journal and log.

What has to be asked is put to the agent's user through MCP elicitation, in both of its forms. The words of an agent
are nobody's request: they ground no argument.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
from asyncio import Lock, get_running_loop
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

import llmos
from llmos.agent.context import recent_paths
from llmos.decoding.schemas import tidy
from llmos.dispatch.dispatcher import preview
from llmos.dispatch.policy import Mode, is_privileged
from llmos.dispatch.taint import DEEDS
from llmos.errors import LlmosError, UsageError
from llmos.session import Session
from llmos.tools.registry import BUILT_IN
from llmos.values.events import Answer, Ask, Dispatch, Event
from llmos.values.messages import AssistantMessage, ToolCall, ToolMessage, ToolResult
from llmos.values.place import Place
from llmos.values.plain import plain_text

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

T = TypeVar("T")

OFFERED = tuple(name for name in BUILT_IN if name != "change_folder")
"""The folder says what may be read unasked, and in auto mode changed: it is the user's to choose, with -C."""

ACTS = frozenset((*DEEDS, "run_command", "start_job", "open_app", "open_file", "open_url"))
"""Tools that do something; all others only look."""

ADDS = frozenset(("create_file", "make_folder", "append_file", "link_file", "copy_files", "archive_files"))
"""Of those the ones that leave what was there as it was."""

SHOWN = 60_000
"""Characters of one result; read_file pages through what is longer."""

OPEN_QUESTIONS = 4
"""Of clients that answer with a second request. The oldest goes when there are more: nobody has to come back."""

PATIENCE = 2.0
"""Seconds; the SDK's client kills a server that takes longer to go."""

WHAT = (
    "Files, processes, jobs and commands of this machine. Changes are shown to the user and can be undone; commands"
    " run in a sandbox. A call that the user's policy denies says so: do not try to get round it, ask the user."
)


@dataclass
class Question:
    """A call that waits for its user."""

    call: ToolCall
    place: Place
    running: Dispatch
    ask: Ask


class Desk:
    """The session, for one caller at a time. Everything here is called in one thread, as SQLite wants it."""

    def __init__(self, open_session: Callable[[], Session]) -> None:
        self._make = open_session

    @cached_property
    def session(self) -> Session:
        return self._make()

    def tools(self) -> list[types.Tool]:
        reads_only = self.session.settings.mode is Mode.READ_ONLY
        return [_described(self.session, name) for name in OFFERED if not (reads_only and name in ACTS)]

    def begin(self, name: str, arguments: Mapping[str, Any], interactive: bool) -> Question | ToolResult:
        conversation = self.session.conversation
        recent = recent_paths(conversation.messages)
        place = replace(conversation.place, now=time.time(), interactive=interactive, recent=recent)
        conversation.place = replace(conversation.place, now=place.now)
        call = ToolCall(secrets.token_hex(4), name, arguments)
        if name not in OFFERED:
            return self._over(ToolResult(call, ok=False, error=f"no tool is called {name!r}"))
        running = self.session.dispatcher.dispatch(call, place, messages=conversation.messages)
        return self._on(call, place, running, None)

    def answer(self, question: Question, answer: Answer) -> Question | ToolResult:
        return self._on(question.call, question.place, question.running, answer)

    def _on(self, call: ToolCall, place: Place, running: Dispatch, answer: Answer | None) -> Question | ToolResult:
        """Until it is over or has to be asked about."""
        try:
            event: Event = running.send(answer)
            while not isinstance(event, Ask):
                event = next(running)
            return Question(call, place, running, event)
        except StopIteration as end:
            result: ToolResult = end.value
            return self._over(result)

    def _over(self, result: ToolResult) -> ToolResult:
        self.session.conversation.messages += [AssistantMessage(calls=(result.call,)), ToolMessage(result)]
        self.session.save()
        return result

    def drop(self, question: Question) -> None:
        """Nobody answered; what it holds back is let go of."""
        question.running.close()

    def close(self) -> None:
        if "session" in self.__dict__:
            self.session.close()


def _described(session: Session, name: str) -> types.Tool:
    schema = session.tools[name].schema()
    hints = types.ToolAnnotations(
        read_only_hint=name not in ACTS,
        destructive_hint=name in ACTS - ADDS,
        open_world_hint=name in ("open_url", "run_command", "start_job"),
    )
    return types.Tool(
        name=name, description=schema.description, input_schema=tidy(schema.parameters), annotations=hints
    )


class Counter:
    """What the SDK calls: hands requests to the desk, one after the other, and questions to the client."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._thread = ThreadPoolExecutor(1)
        self._lock = Lock()
        self._questions: dict[str, Question] = {}

    async def list_tools(self, _context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=await self._at_desk(self._desk.tools))

    async def call_tool(
        self, context: ServerRequestContext[Any, Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        async with self._lock:
            try:
                state = await (self._resumed(params) if params.request_state else self._begun(context, params))
                while isinstance(state, Question):
                    if context.protocol_version in MODERN_PROTOCOL_VERSIONS:
                        return await self._left_open(state)
                    answer = _read(state, await self._elicited(context, state))
                    state = await self._at_desk(partial(self._desk.answer, state, answer))
            except LlmosError as error:
                return _said(str(error), failed=True)
            return _said("\n".join(_lines(state, _can_ask(context))), failed=not state.ok)

    async def _begun(
        self, context: ServerRequestContext[Any, Any], params: types.CallToolRequestParams
    ) -> Question | ToolResult:
        begin = partial(self._desk.begin, params.name, params.arguments or {}, _can_ask(context))
        return await self._at_desk(begin)

    async def _elicited(self, context: ServerRequestContext[Any, Any], question: Question) -> types.ElicitResult:
        """A client that goes away while it is asked has said no."""
        try:
            return await context.session.elicit_form(_message(question), _form(question), context.request_id)
        except BaseException:
            await self._at_desk(partial(self._desk.drop, question))
            raise

    async def _left_open(self, question: Question) -> types.InputRequiredResult:
        """The client answers by calling once more, with the answer."""
        token = secrets.token_urlsafe()
        self._questions[token] = question
        if len(self._questions) > OPEN_QUESTIONS:
            oldest = self._questions.pop(next(iter(self._questions)))
            await self._at_desk(partial(self._desk.drop, oldest))
        params = types.ElicitRequestFormParams(message=_message(question), requested_schema=_form(question))
        request = types.ElicitRequest(method="elicitation/create", params=params)
        return types.InputRequiredResult(input_requests={"approval": request}, request_state=token)

    async def _resumed(self, params: types.CallToolRequestParams) -> Question | ToolResult:
        """An answer counts once, and only for the very call that it was asked about."""
        question = self._questions.pop(params.request_state or "", None)
        call = ToolCall("", params.name, params.arguments or {})
        if question is None:
            return ToolResult(call, ok=False, error="this question is no longer open; make the call again")
        if (question.call.name, dict(question.call.arguments)) != (call.name, dict(call.arguments)):
            await self._at_desk(partial(self._desk.drop, question))
            return ToolResult(call, ok=False, error="the user was asked about another call; make this one anew")
        said = (params.input_responses or {}).get("approval")
        answer = _read(question, said if isinstance(said, types.ElicitResult) else None)
        return await self._at_desk(partial(self._desk.answer, question, answer))

    async def _at_desk(self, do: Callable[[], T]) -> T:
        return await get_running_loop().run_in_executor(self._thread, do)

    def close(self) -> None:
        """What is at work gets a moment to end; an agent that stops us does not wait longer."""
        for question in self._questions.values():
            self._thread.submit(self._desk.drop, question)
        with suppress(TimeoutError, RuntimeError):  # closed already
            self._thread.submit(self._desk.close).result(PATIENCE)
        self._thread.shutdown(wait=False)


# ---- questions


def _can_ask(context: ServerRequestContext[Any, Any]) -> bool:
    """A client that names no kind of question means forms."""
    capabilities = context.session.client_capabilities
    asks = capabilities.elicitation if capabilities else None
    return asks is not None and (asks.form is not None or asks.url is None)


def _message(question: Question) -> str:
    ask = question.ask
    return f"llmos: {preview(ask.plan)}\n(asked because: {ask.warning or ask.decision.rule})"


def _is_typed(question: Question) -> bool:
    return question.ask.typed or is_privileged(question.ask.plan, question.place)


def _form(question: Question) -> dict[str, Any]:
    """What is privileged takes a whole "yes" that was typed."""
    if _is_typed(question):
        field: dict[str, Any] = {"type": "string", "title": "Type yes to let it be done", "maxLength": 10}
    else:
        always = ["always"] if question.ask.scope else []
        field = {"type": "string", "title": "May this be done?", "enum": ["no", "yes", *always]}
        field |= {"description": f"always: {question.ask.scope}, until the agent ends"} if always else {}
    return {"type": "object", "properties": {"answer": field}, "required": ["answer"]}


def _read(question: Question, said: types.ElicitResult | None) -> Answer:
    """No answer is no."""
    if said is None or said.action != "accept":
        return Answer.NO
    word = str((said.content or {}).get("answer", "")).strip().lower()
    if word == "always" and question.ask.scope and not _is_typed(question):
        return Answer.ALWAYS
    return Answer.YES if word == "yes" else Answer.NO


# ---- results


def _said(text: str, *, failed: bool) -> types.CallToolResult:
    """JSON takes no halves of surrogate pairs, which bytes of a name that is not UTF-8 are."""
    valid = text.encode("utf-8", "backslashreplace").decode()
    return types.CallToolResult(content=[types.TextContent(type="text", text=valid)], is_error=failed)


def _lines(result: ToolResult, asked: bool) -> Iterator[str]:
    if not result.ok:
        yield result.error
        if result.refused == "no-one-to-ask" and not asked:
            yield "this client cannot put questions to its user (MCP elicitation), so what has to be asked is denied"
        return
    text = plain_text(result.outcome) or result.outcome.text
    yield text[:SHOWN] or "done"
    if len(text) > SHOWN:
        yield f"({len(text) - SHOWN} more characters)"
    if result.outcome.more:
        yield f"(the whole of it: {result.outcome.more})"


# ---- serving


def serve(open_session: Callable[[], Session], over: Callable[[Server[Any]], None]) -> None:
    """Until the client goes. `over` runs the SDK's server on a transport."""
    counter = Counter(Desk(open_session))
    server: Server[Any] = Server(
        "llmos",
        version=llmos.__version__,
        instructions=WHAT,
        on_list_tools=counter.list_tools,
        on_call_tool=counter.call_tool,
    )
    with _ended_by_signals(counter.close):
        try:
            over(server)
        finally:
            counter.close()


@contextmanager
def _ended_by_signals(close: Callable[[], None]) -> Iterator[None]:
    """At once: the SDK's thread waits on standard input until somebody writes there."""

    def leave(number: int, _frame: object) -> None:
        close()
        os._exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def over_stdio(server: Server[Any]) -> None:
    import anyio  # noqa: PLC0415
    from mcp.server.stdio import stdio_server  # noqa: PLC0415

    async def run() -> None:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(run)


def over_http(port: int, token: str, note: Callable[[str], None]) -> Callable[[Server[Any]], None]:
    """Streamable HTTP on 127.0.0.1 only; whoever else is on this machine does not know the token.

    Port 0 takes any that is free. Raises UsageError.
    """
    import socket  # noqa: PLC0415

    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot serve on port {port}: {reason}; --http 0 takes a free one") from None
    token = token or secrets.token_urlsafe()

    def over(server: Server[Any]) -> None:
        import uvicorn  # noqa: PLC0415

        note(f"serving http://127.0.0.1:{listening.getsockname()[1]}/mcp; every request needs the header")
        note(f"Authorization: Bearer {token}")
        app = _guarded(server.streamable_http_app(host="127.0.0.1"), f"Bearer {token}")
        uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])

    return over


def _guarded(app: Any, wanted: str) -> Any:
    """As an ASGI application that answers 401 to whoever does not know the token."""

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] == "http" and not secrets.compare_digest(given, wanted.encode()):
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"the token is missing or wrong\n"})
            return
        await app(scope, receive, send)

    return guarded

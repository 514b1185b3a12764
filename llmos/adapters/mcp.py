"""MCP servers through the official SDK, as plain functions: start or reach one, list its tools, call one, end it.

What may be called, and what of a server's words anybody gets to see, is not decided here.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO, TypeVar

from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both
from llmos.values.messages import JSON

if TYPE_CHECKING:
    import anyio
    from anyio.from_thread import BlockingPortal
    from mcp import Client
    from mcp_types import CallToolResult, ContentBlock, Tool

T = TypeVar("T")

INSTALL = "MCP servers need the Python package mcp; install it with: pip install 'llmos[mcp]'"
PAGES = 50
"""Of a list of tools: a server that always has one more does not keep anybody waiting for ever."""

ENDED = "it ended"

_SAID = 200
"""Characters of what a server printed that stand in an error."""


@dataclass(frozen=True)
class Server:
    name: str
    command: tuple[str, ...] = ()
    """What starts it, to be talked to over its standard input and output; () where there is a `url`."""

    env: Mapping[str, str] = field(default_factory=dict)
    """Besides HOME, PATH, USER and their like, which every server gets."""

    url: str = ""
    """Of a server that runs already (streamable HTTP)."""

    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 60.0
    """Seconds for a start, and for each call."""


class Offer(NamedTuple):
    """A tool as the server describes it: all of it is foreign text."""

    name: str
    description: str
    schema: Mapping[str, JSON]
    reads: bool
    """It says that it changes nothing."""

    destroys: bool
    """It says that what it does cannot be undone."""

    goes_out: bool
    """It says that it deals with other machines."""


class Said(NamedTuple):
    text: str
    failed: bool


class Connection:
    """One server that runs, until `close`."""

    def __init__(self, server: Server, portal: BlockingPortal, cwd: str, log: Path) -> None:
        """Begins to start it and does not wait. What it prints to its standard error goes to `log`."""
        self._server, self._portal, self._log = server, portal, log
        self._odd: deque[str] = deque(maxlen=1)
        self._ready: Future[tuple[Client, anyio.Event]] = Future()
        self._ended = portal.start_task_soon(self._hold, cwd)

    def offers(self) -> list[Offer]:
        """Raises ToolError."""
        client = self._client()
        with self._explained("did not say which tools it has"):
            return self._wait(partial(_offers, client))

    def call(self, tool: str, arguments: Mapping[str, JSON]) -> Said:
        """Raises ToolError when there is no answer."""
        client = self._client()
        with self._explained(f"gave no answer to {tool}"):
            return _read(self._wait(partial(client.call_tool, tool, dict(arguments), self._server.timeout)))

    def close(self) -> None:
        """Waits until its processes are gone, unless it was still being started: then the portal does."""
        if not self._ready.done() or self._ready.exception():
            self._ended.cancel()
            return
        with suppress(Exception):
            self._portal.call(self._ready.result()[1].set)
            self._ended.result()

    def _client(self) -> Client:
        with self._explained("cannot be used"):
            return self._ready.result(self._server.timeout)[0]

    async def _hold(self, cwd: str) -> None:
        """In one task from start to end, as the SDK wants it."""
        import anyio  # noqa: PLC0415

        stop = anyio.Event()
        try:
            async with self._made(cwd) as client:
                self._ready.set_result((client, stop))
                await stop.wait()
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            raise

    @asynccontextmanager
    async def _made(self, cwd: str) -> AsyncIterator[Client]:
        from mcp import Client, StdioServerParameters, stdio_client  # noqa: PLC0415  # most of a second
        from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415
        from mcp.shared._httpx_utils import create_mcp_http_client  # noqa: PLC0415

        # Half of it, so that one that keeps silent when it is asked for its version can still be greeted the old way.
        made = partial(Client, read_timeout_seconds=self._server.timeout / 2, message_handler=self._listen)
        if self._server.url:
            async with (
                create_mcp_http_client(headers=dict(self._server.headers)) as http,
                made(streamable_http_client(self._server.url, http_client=http)) as client,
            ):
                yield client
            return
        program, *arguments = self._server.command
        if shutil.which(program) is None:
            raise ToolError(
                both("The MCP server {name} cannot be started: there is no program '{program}'.").format(
                    name=self._server.name, program=program
                )
            )
        started = StdioServerParameters(command=program, args=arguments, env=dict(self._server.env), cwd=cwd)
        with _file(self._log) as errors:
            async with made(stdio_client(started, errors)) as client:
                yield client

    async def _listen(self, message: object) -> None:
        if isinstance(message, Exception):
            self._odd.append(str(message))

    def _wait(self, do: Callable[[], Awaitable[T]]) -> T:
        """What takes too long, or is interrupted, is cancelled on the other side too."""
        future = self._portal.start_task_soon(do)
        try:
            return future.result(self._server.timeout + 1)  # the SDK's own clock first: it tells the server
        except BaseException:
            future.cancel()
            raise

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except ToolError:
            raise
        except Exception as error:
            why = _reason(error, self._server)
            line = f"The MCP server {self._server.name} {what}: {why}{self._last_words(why)}"
            raise ToolError(clean_name(" ".join(line.split()))) from None

    def _last_words(self, why: str) -> str:
        """What it printed where only messages belong, else the end of its log."""
        if self._odd:
            return "; on its standard output it printed something that is not MCP"
        if why != ENDED or not self._log.exists():
            return ""
        lines = self._log.read_text("utf-8", "replace").splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"; the last it printed: {last[:_SAID]} (all of it: {self._log})" if last else ""


@contextmanager
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread of its own. Raises ToolError where the SDK is not installed."""
    try:
        import mcp  # noqa: F401, PLC0415
        from anyio.from_thread import start_blocking_portal  # noqa: PLC0415
    except ImportError:
        raise ToolError(INSTALL) from None
    # The SDK logs what it raises as well; what users see is said here.
    logging.getLogger("mcp").addHandler(logging.NullHandler())
    logging.getLogger("mcp").propagate = False
    with start_blocking_portal() as opened:
        yield opened


def _file(path: Path) -> AbstractContextManager[TextIO]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open(path, "w", encoding="utf-8")


def _reason(error: BaseException, server: Server) -> str:
    import httpx2  # noqa: PLC0415
    from pydantic import ValidationError  # noqa: PLC0415

    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    match error:
        case TimeoutError() | httpx2.TimeoutException():
            return f"it took longer than {server.timeout:g} s"
        case httpx2.ConnectError():
            return f"nobody answers at {server.url}"
        case ValidationError():
            return "what it answered does not fit MCP"
        case OSError():
            return error.strerror or str(error)
    text = str(error) or type(error).__name__
    if "timed out" in text:
        return f"it took longer than {server.timeout:g} s"
    return ENDED if "closed" in text.lower() else text[:_SAID]


# ---- what it offers


async def _offers(client: Client) -> list[Offer]:
    found: list[Offer] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [_offer(tool) for tool in page.tools]
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _offer(tool: Tool) -> Offer:
    """A tool that says nothing of itself is held to change things, though not beyond repair."""
    hints = tool.annotations
    reads = bool(hints and hints.read_only_hint)
    destroys = bool(hints and hints.destructive_hint) and not reads
    goes_out = bool(hints and hints.open_world_hint)
    return Offer(tool.name, tool.description or "", tool.input_schema, reads, destroys, goes_out)


# ---- what it says


def _read(result: CallToolResult) -> Said:
    parts = [_text(block) for block in result.content]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False, indent=1)]
    return Said("\n".join(parts), bool(result.is_error))


def _text(block: ContentBlock) -> str:
    """What is no text is named."""
    match block.type:
        case "text":
            return block.text
        case "resource" if (text := getattr(block.resource, "text", None)) is not None:
            return str(text)
        case "resource":
            return f"({block.resource.uri}: {block.resource.mime_type or 'binary'}, not shown)"
        case "resource_link":
            return f"({block.name}: {block.uri})"
    return f"({block.type}: {block.mime_type}, {len(block.data) * 3 // 4} bytes, not shown)"

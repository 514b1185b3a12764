"""A model behind an OpenAI-compatible server, as any other model: a context goes in, text and one reply come out.

HTTP is `server`'s, the two interfaces are `completions`' and `responses`', messages are `chat`'s.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from llmos.decoding import formats
from llmos.decoding.fitting import fitted
from llmos.decoding.formats import HERMES
from llmos.decoding.parse import Deltas, Parsed, parse
from llmos.errors import ModelError
from llmos.models import chat
from llmos.models.base import ANYWHERE, Context, Reach
from llmos.models.openai import completions, keys, responses
from llmos.models.openai.address import address
from llmos.models.openai.draft import Draft
from llmos.models.openai.server import Refused, Server
from llmos.translation import both
from llmos.values.events import Note
from llmos.values.messages import Reply, ToolMessage, ToolSchema

_TOO_LONG = (
    "context length", "context_length", "context window", "maximum context", "too long", "max_model_len", "exceed",
)  # fmt: skip

_FEWEST_CHARACTERS = 9
"""A token stands for more characters than this in no text that is sent: fewer tokens mean that some were not read."""


class OpenAIModel:
    remote = True
    """What is sent leaves this process: secrets are hidden before."""

    def __init__(self, name: str, reach: Reach = ANYWHERE, server: Server | None = None) -> None:
        """Nothing is sent and no key is looked for before the first request. Raises UsageError."""
        self.address = address(name, reach)
        self.name = name
        self._reach = reach
        self._given = server
        self._unknown: set[str] = set()
        """Parts of a request that this server does not know."""

    @cached_property
    def server(self) -> Server:
        return self._given or Server(self.address, lambda: keys.key(self.address, self._reach))

    @property
    def _interface(self) -> ModuleType:
        return responses if self.address.responses else completions

    def reply(self, context: Context) -> Iterator[str | Note | Reply]:
        tools = context.tools()
        answer = yield from self._answer(context, tools)
        try:
            parsed = answer.read(tools)
        except NoAnswer:
            raise
        except ModelError as error:
            if answer.draft.cut:
                raise ModelError(
                    both("the server stopped the model in the middle of a call; ask for less at once")
                ) from None
            yield Note(both("{error}; it is asked once more").format(error=error))
            answer = yield from self._answer(context, tools, str(error))
            parsed = answer.read(tools)
        if piece := answer.deltas.rest(parsed):
            yield piece
        yield from answer.remarks(self.name)
        first = not isinstance(context.messages[-1], ToolMessage)
        asks = first and not parsed.calls and parsed.text.endswith(("?", "？"))
        yield Reply(parsed.text, parsed.calls, asks_back=asks)

    def _answer(self, context: Context, tools: Sequence[ToolSchema], complaint: str = "") -> Coming:
        """As much of the conversation as the server takes."""
        refusal = ModelError(both("{name} takes no request").format(name=self.name))
        for extent in chat.extents(context, described=True):
            try:
                answer = yield from self._sent(context, tools, extent, complaint)
            except Refused as refused:
                if not _is_too_long(refused):
                    raise
                refusal = refused
            else:
                yield from map(Note, chat.left_out(extent))
                return answer
        raise refusal

    def _sent(self, context: Context, tools: Sequence[ToolSchema], extent: chat.Extent, complaint: str) -> Coming:
        """One request; what the server does not know is left out of the next try."""
        while True:
            body = self._body(context, tools, extent, complaint)
            try:
                return (yield from self._streamed(body))
            except Refused as refused:
                if not self._learned(refused, body):
                    raise

    def _streamed(self, body: dict[str, Any]) -> Coming:
        answer = Answer(len(str(body)))
        for event in self.server.ask(self._interface.PATH, body):
            if isinstance(event, Note):
                yield event
                continue
            for piece in self._interface.take(answer.draft, event):
                if shown := answer.deltas.feed(piece):
                    yield shown
        return answer

    def _body(
        self, context: Context, tools: Sequence[ToolSchema], extent: chat.Extent, complaint: str
    ) -> dict[str, Any]:
        parts = chat.conversation(context, HERMES, extent)
        if complaint:
            parts[-1] = {**parts[-1], "content": f"{parts[-1]['content']}\n\n({_WRITE_AGAIN.format(complaint)})"}
        listed = chat.tool_parts(tools, described=extent.described)
        if "tools" in self._unknown:
            parts, listed = chat.untaught(parts, listed, formats.JSON), []
        if context.pictures:
            parts = _with_pictures(parts, context.pictures, self._interface)
        body: dict[str, Any] = self._interface.body(self.address.model, parts, listed, context.answer)
        return {name: value for name, value in body.items() if name not in self._unknown}

    def _learned(self, refused: Refused, body: dict[str, Any]) -> bool:
        """Whether something in the request can be left out, or said in another way."""
        if refused.status not in (400, 404, 405, 415, 422, 501):
            return False
        said = refused.said.lower()
        named = [name for name in (*self._interface.OPTIONAL, "tools") if name in body and name in said]
        if not named and "tool" in said and "tools" in body:
            named = ["tools"]
        self._unknown.update(named[:1])
        return bool(named)


_WRITE_AGAIN = "your last call could not be read: {}; write it again, whole"


class NoAnswer(ModelError):
    """There is neither text nor a call."""


@dataclass
class Answer:
    """A whole answer: what the server sent, read like any text a model wrote."""

    sent: int
    """Characters of the request."""

    draft: Draft = field(default_factory=Draft)
    deltas: Deltas = field(default_factory=lambda: Deltas(formats.JSON))

    def read(self, tools: Sequence[ToolSchema]) -> Parsed:
        """Text and calls, also those that were written into the text. Raises ModelError."""
        parsed = parse(self.draft.text, formats.JSON, {tool.name for tool in tools}, cut=self.draft.cut)
        calls = self.draft.finished() or parsed.calls
        if not calls and not parsed.text:
            self._nothing()
        return replace(parsed, calls=fitted(calls, tools))

    def _nothing(self) -> None:
        if self.draft.refusal:
            raise NoAnswer(f"the model refuses: {' '.join(self.draft.refusal.split())[:300]}")
        if self.draft.finish == "content_filter":
            raise NoAnswer("the server's filter stopped the answer; say it in other words")
        if self.draft.thought:
            raise NoAnswer("the model thought and did not answer; try again, or allow it more tokens")
        raise NoAnswer("the server's answer is empty; try again")

    def remarks(self, name: str) -> Iterator[Note]:
        if self.draft.cut:
            yield Note(both("the server cut the answer at its limit"))
        elif not self.draft.finish:
            yield Note(both("the answer may be cut off: the server did not say that it was over"))
        read = self.draft.usage.get("input", 0)
        if 0 < read < self.sent // _FEWEST_CHARACTERS:
            yield Note(
                both(
                    "the server read only {read} tokens of what was sent, about {number}: give the model "
                    "a longer context (Ollama: OLLAMA_CONTEXT_LENGTH=16384)"
                ).format(read=read, number=self.sent // 4)
            )
        yield Note(f"{name}{self._usage()}", model=name)

    def _usage(self) -> str:
        usage = self.draft.usage
        if not usage.get("input") and not usage.get("output"):
            return ""
        cached = f", {usage['cached']} of them from its cache" if usage.get("cached") else ""
        return f": {usage['input']} tokens read{cached}, {usage['output']} written"


def _with_pictures(parts: list[chat.Part], paths: Sequence[str], interface: ModuleType) -> list[chat.Part]:
    """Beside the words of the request. Raises ModelError when one cannot be read."""
    import base64  # noqa: PLC0415
    from mimetypes import guess_type  # noqa: PLC0415

    at = max(i for i, part in enumerate(parts) if part["role"] == "user")
    content = [interface.words(parts[at]["content"])]
    for path in paths:
        try:
            data = base64.b64encode(Path(path).read_bytes()).decode("ascii")
        except OSError as error:
            raise ModelError(
                both("cannot read {path}: {strerror}").format(path=path, strerror=error.strerror)
            ) from None
        content.append(interface.picture(f"data:{guess_type(path)[0] or 'image/png'};base64,{data}"))
    return [*parts[:at], {**parts[at], "content": content}, *parts[at + 1 :]]


def _is_too_long(refused: Refused) -> bool:
    return refused.status in (400, 413, 422, 500) and any(word in refused.said.lower() for word in _TOO_LONG)


Coming = Generator[str | Note, None, Answer]

"""Any local causal LM with a chat template, from a folder or the Hugging Face hub, held to the grammar of the tools.

The forward pass is `network`'s, messages are `chat`'s, wrappers and grammar are `decoding`'s.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from llmos.decoding.fitting import fitted
from llmos.decoding.formats import Format, format_of
from llmos.decoding.grammar import Constraint, read_tokenizer
from llmos.decoding.parse import Deltas, Parsed, parse
from llmos.decoding.schemas import reply_grammar
from llmos.errors import ModelError
from llmos.models import chat, hub
from llmos.models.base import Context
from llmos.translation import both
from llmos.values.events import Note
from llmos.values.messages import Reply, ToolCall, ToolMessage, ToolSchema

if TYPE_CHECKING:
    from llmos.models.network import Network

MOST_POSITIONS = 32_768
"""A longer prompt costs more memory and time than a shell's conversation is worth."""

CONTEXTS = 8
"""Conversations of others that are kept read while the model is shared."""

_ENDS = ("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<turn|>", "<|end|>", "<|return|>")
"""End a turn in some templates although the model's configuration forgets to say so."""

Choose = Callable[[NDArray[np.float32], NDArray[np.intp]], int]
"""Picks the next token: logits of the whole vocabulary, the ids that are allowed → one of them."""


def greedy(logits: NDArray[np.float32], allowed: NDArray[np.intp]) -> int:
    return int(allowed[np.argmax(logits[allowed])])


@dataclass(frozen=True)
class Loaded:
    tokenizer: Any
    network: Network
    guide: Any
    """The tokenizer as the grammar knows it."""

    form: Format
    taught: bool
    """The chat template tells the model about tools."""

    positions: int
    ends: frozenset[int]
    reads: bool = False
    """It writes calls in a syntax that is not in the table, and its tokenizer brings what reads them."""

    def special(self, text: str) -> int | None:
        """The id of a text that is one token of its own."""
        ids = self.guide.tokenize_str(text, parse_special=True)
        return ids[0] if len(ids) == 1 and self.guide.is_special_token(ids[0]) else None


class LocalModel:
    def __init__(
        self, name: str, *, copied_arguments: bool = False, max_new_tokens: int = 512, choose: Choose = greedy
    ) -> None:
        """Raises ModelError when it is a folder without a model."""
        folder = Path(name)
        if folder.is_dir() and not (folder / "config.json").is_file():
            raise ModelError(both("there is no model in {name}: it has no config.json").format(name=name))
        if not folder.is_dir() and (name.startswith((".", "/", "~")) or name.count("/") > 1):
            raise ModelError(
                both("there is no folder {name}; a model to download is written owner/name").format(name=name)
            )
        self.name = name
        self._notes: list[str] = []
        """What the user may want to know about the reply."""

        self._copied = copied_arguments
        self._most = max_new_tokens
        self._choose = choose
        self._grammars: dict[str, Constraint] = {}
        self._contexts = 0
        self._meanwhile: Callable[[], Callable[[], None] | None] = lambda: None

    def share(self, meanwhile: Callable[[], Callable[[], None] | None]) -> None:
        """Several use it in turn, before it is loaded: what each of them said is kept read.

        `meanwhile` is asked before every step and says what is to be done first; what it raises ends the reply.
        """
        self._contexts = CONTEXTS
        self._meanwhile = meanwhile

    def _let_pass(self) -> None:
        if do := self._meanwhile():
            notes = self._notes
            with self.loaded.network.set_aside():
                do()
            self._notes = notes

    def prepare(self) -> None:
        """Load now what the first reply would load. Raises ModelError."""
        self.loaded  # noqa: B018

    def reply(self, context: Context) -> Iterator[str | Note | Reply]:
        self._notes = []
        tools = context.tools()
        prompt = self._prompt(context, tools)
        constraint = Anything(self.loaded) if self.loaded.reads else self._constraint(context, tools)
        decoding = Decoding(self.loaded, constraint, self._choose, self._most, self._let_pass)
        deltas = Deltas(self.loaded.form)
        for text in decoding.run(prompt):
            if (piece := deltas.feed(text)) and not self.loaded.reads:
                yield piece
        parsed = self._parse(deltas.whole, prompt, tools, cut=decoding.cut)
        if piece := parsed.text if self.loaded.reads else deltas.rest(parsed):
            yield piece
        yield from map(Note, self._notes)
        first = not isinstance(context.messages[-1], ToolMessage)
        asks = first and not parsed.calls and parsed.text.endswith(("?", "？"))
        yield Reply(parsed.text, fitted(parsed.calls, tools), asks_back=asks)

    @cached_property
    def loaded(self) -> Loaded:
        """Takes seconds. Raises ModelError."""
        try:
            folder = _folder(self.name)
            from llmos.models.network import load  # noqa: PLC0415  # imports torch and transformers

            tokenizer, network = load(self.name, folder)
            network.shelf.most = self._contexts
        except ModuleNotFoundError as error:
            raise ModelError(
                both("the model {name} needs {name2}, which is not installed").format(name=self.name, name2=error.name)
            ) from None
        except ModelError:
            raise
        except Exception as error:  # transformers and what lies beneath it raise a dozen unrelated kinds
            raise ModelError(
                both("the model {name} cannot be loaded: {first_line}").format(
                    name=self.name, first_line=_first_line(error)
                )
            ) from None
        return _described(self.name, tokenizer, network)

    def _parse(self, text: str, prompt: list[int], tools: Sequence[ToolSchema], *, cut: bool) -> Parsed:
        if cut:
            self._notes.append(f"the reply was cut after {self._most} tokens")
        if self.loaded.reads:
            return _read_by(self.loaded.tokenizer, text, prompt, chat.tool_parts(tools))
        try:
            return parse(text, self.loaded.form, {tool.name for tool in tools}, cut=cut)
        except ModelError:
            if cut:
                raise ModelError(
                    both("the model was stopped after {most} tokens in the middle of a call").format(most=self._most)
                ) from None
            raise

    def _constraint(self, context: Context, tools: Sequence[ToolSchema]) -> Constraint:
        copied = chat.copyable(context) if self._copied else None
        grammar = reply_grammar(tools, self.loaded.form, self.loaded.special, copied, context.answer)
        if grammar not in self._grammars:  # compiling takes a tenth of a second
            self._grammars = {grammar: Constraint(self.loaded.guide, grammar)}
        return self._grammars[grammar].copy()

    def _prompt(self, context: Context, tools: Sequence[ToolSchema]) -> list[int]:
        """As much of the conversation as there is room for."""
        room = self.loaded.positions - self._most
        described = len(self._render(chat.least(context), tools, described=True)) <= room // 2
        for extent in chat.extents(context, described):
            parts = chat.conversation(context, self.loaded.form, extent)
            ids = self._render(parts, tools, described=extent.described)
            if len(ids) <= room:
                self._notes += chat.left_out(extent)
                return ids
        least = len(self._render(chat.least(context), tools, described=False))
        if least > room:
            raise ModelError(
                both("the tools alone need {least} tokens and {name} has room for {room}; take another").format(
                    least=least, name=self.name, room=room
                )
            )
        raise ModelError(
            both("the request needs {count} tokens and {name} has room for {room}; say it shorter").format(
                count=len(ids), name=self.name, room=room
            )
        )

    def _render(self, parts: list[chat.Part], tools: Sequence[ToolSchema], *, described: bool) -> list[int]:
        listed = chat.tool_parts(tools, described=described)
        if self.loaded.taught:
            import jinja2  # noqa: PLC0415  # comes with transformers

            try:
                return self._tokens(
                    chat.reminded(parts, self.loaded.form) if listed and not self.loaded.reads else parts, listed
                )
            except (jinja2.TemplateError, TypeError):  # it knows no system part, no results, no calls without text
                pass
        return self._tokens(chat.untaught(parts, listed, self.loaded.form), [])

    def _tokens(self, parts: list[chat.Part], tools: list[chat.Part]) -> list[int]:
        tokenizer = self.loaded.tokenizer
        ids: list[int] = tokenizer.apply_chat_template(
            parts,
            tools=tools or None,
            add_generation_prompt=True,
            sanitize_control_tokens=True,
            return_dict=False,
            enable_thinking=False,
        )
        if tokenizer.decode(ids[-8:]).rstrip().endswith("<think>"):  # some templates open it whatever they are told
            ids += tokenizer.encode("\n</think>\n\n", add_special_tokens=False)
        return ids


class Anything:
    """The constraint that there is none: for replies that only the tokenizer of the model can read."""

    def __init__(self, loaded: Loaded) -> None:
        self._all = np.arange(loaded.guide.vocab_size)

    def allowed(self) -> NDArray[np.intp]:
        return self._all

    def forced(self) -> list[int]:
        return []

    def accept(self, ids: Sequence[int]) -> None:
        pass


def _read_by(tokenizer: Any, text: str, prompt: list[int], tools: list[chat.Part]) -> Parsed:
    """As the model's makers say that it is read. Raises ModelError."""
    try:
        message = tokenizer.parse_response(text, prefix=prompt, tools=tools)
        calls = [call["function"] for call in message.get("tool_calls") or ()]
        found = [(str(call["name"]), call.get("arguments") or {}) for call in calls]
    except Exception as error:  # a template of somebody else's, and regular expressions over random text
        raise ModelError(
            both("the model's reply cannot be read: {first_line}").format(first_line=_first_line(error))
        ) from None
    if not all(isinstance(arguments, dict) for _, arguments in found):
        raise ModelError(both("the model's call cannot be read: its arguments are no object"))
    made = (ToolCall(str(number), name, arguments) for number, (name, arguments) in enumerate(found, 1))
    return Parsed(str(message.get("content") or "").strip(), tuple(made), str(message.get("thinking") or ""))


class Decoding:
    """One reply, token by token."""

    def __init__(
        self, loaded: Loaded, constraint: Constraint | Anything, choose: Choose, most: int, between: Callable[[], None]
    ) -> None:
        self._loaded = loaded
        self._constraint = constraint
        self._choose = choose
        self._most = most
        self._between = between
        self.cut = False
        """The limit came before the end."""

    def run(self, prompt: Sequence[int]) -> Iterator[str]:
        """The text as it is written, in whole characters."""
        characters = codecs.getincrementaldecoder("utf-8")("replace")
        for ids in self._steps(prompt):
            if text := characters.decode(self._loaded.guide.decode_bytes(ids)):
                yield text

    def _steps(self, prompt: Sequence[int]) -> Iterator[list[int]]:
        """Each chosen token with those the grammar forces after it: they go through the network together."""
        network = self._loaded.network
        written = 0
        step: list[int] = []
        while written < self._most:
            allowed = self._constraint.allowed()
            if self._over(allowed):
                return
            if step:
                self._between()
            logits = network.go_on(step) if step else network.begin(prompt)
            token = self._choose(logits, allowed[allowed < len(logits)])
            if token in self._loaded.ends:
                return
            self._constraint.accept([token])
            forced = self._constraint.forced()
            if forced:
                self._constraint.accept(forced)
            step = [token, *forced]
            written += len(step)
            yield step
        self.cut = not self._over(self._constraint.allowed())

    def _over(self, allowed: NDArray[np.intp]) -> bool:
        """Nothing but the end can come."""
        return all(int(token) in self._loaded.ends for token in allowed[: len(self._loaded.ends) + 1])


def _folder(name: str) -> Path:
    """Nothing is fetched here: it would take long, and nobody asked for it. Raises ModelError."""
    folder = hub.folder_of(name)
    if folder is None:
        raise ModelError(
            both("the model {name} is not on this machine; `llmos model use {name}` fetches it").format(name=name)
        )
    if not hub.is_whole(folder):
        raise ModelError(
            both("the model {name} is here only in part; `llmos model use {name}` fetches the rest").format(name=name)
        )
    return folder


def _described(name: str, tokenizer: Any, network: Network) -> Loaded:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ModelError(
            both("the model {name} has no tokenizer.json, which the grammar of the tools needs").format(name=name)
        )
    try:
        template = str(tokenizer.get_chat_template(tools=[]))
    except ValueError:
        raise ModelError(
            both("the model {name} has no chat template; take one that was trained to chat").format(name=name)
        ) from None
    ends = _ends(tokenizer, network.model)
    if not ends:
        raise ModelError(both("the model {name} does not say which token ends a reply").format(name=name))
    config = network.model.config.get_text_config()
    form = format_of(template)
    return Loaded(
        tokenizer=tokenizer,
        network=network,
        guide=read_tokenizer(backend.to_str(), ends),
        form=form,
        taught="tools" in template,
        positions=min(getattr(config, "max_position_embeddings", None) or MOST_POSITIONS, MOST_POSITIONS),
        ends=frozenset(ends),
        reads=not form.markers and "tools" in template and getattr(tokenizer, "response_template", None) is not None,
    )


def _ends(tokenizer: Any, model: Any) -> list[int]:
    configured = getattr(model.generation_config, "eos_token_id", None)
    ends = configured if isinstance(configured, list) else [configured]
    known = tokenizer.get_added_vocab()
    found = [*ends, tokenizer.eos_token_id, *(known.get(text) for text in _ENDS)]
    return list(dict.fromkeys(int(token) for token in found if token is not None))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:160] or type(error).__name__

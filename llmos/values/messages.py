"""What passes between the user, the model and the tools: requests, calls, results, replies. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from llmos.values.table import Table

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]


@dataclass(frozen=True)
class ToolCall:
    """A call as the model wrote it; nothing in it is resolved or validated yet."""

    id: str
    name: str
    arguments: Mapping[str, JSON]
    probability: float | None = None
    """Of the whole reply it stands in, as the model wrote it, 0 to 1; None when the model does not say."""

    sources: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict, compare=False)
    """Argument → the parts of the request it was copied from: first character, and the one after the last."""


class ItemKind(StrEnum):
    """What the items of an outcome are, so that "delete them" and "kill the first" can be understood later."""

    PATH = "path"
    PROCESS = "process"
    JOB = "job"
    APP = "app"
    LINE = "line"
    VALUE = "value"


@dataclass(frozen=True)
class Outcome:
    """What a tool has to say after it ran."""

    text: str = ""
    """For people: one line for a change made, the content for something read. Without control sequences."""

    table: Table | None = None
    """Rows, where the answer is a list; a front lays them out for a terminal or a pipe."""

    items: tuple[str, ...] = ()
    """What later requests may point at: absolute paths, pids, job ids, lines; in the order shown."""

    kind: ItemKind = ItemKind.VALUE

    more: str | None = None
    """Where the whole output stands, when `text` holds only a part: a file that read_file can page through."""

    whole: Callable[[], Iterable[str]] | None = field(default=None, compare=False)
    """Then: all of it, piece by piece, for a pipe, which must not lose the rest."""

    cwd: str | None = None
    """The folder the session goes on in, when the call changed it."""


@dataclass(frozen=True)
class ToolResult:
    """What became of one call. Every call gets one, also when it never ran."""

    call: ToolCall
    ok: bool
    outcome: Outcome = Outcome()
    error: str = ""
    """One line for the model and the user when `ok` is false."""

    refused: Literal["", "denied", "no-one-to-ask", "cancelled", "limit"] = ""
    """Why the call did not run, when it did not; "" when it ran, well or badly."""

    level: str = ""
    """How confined a command was: L3 to L0, "" for calls that run no command."""


@dataclass(frozen=True)
class UserMessage:
    text: str
    input: str | None = None
    """A file that holds what was piped in, if anything was."""


@dataclass(frozen=True)
class AssistantMessage:
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    chosen: bool = False
    """The user was asked what was meant, and these calls are the answer."""


@dataclass(frozen=True)
class ToolMessage:
    result: ToolResult


Message = UserMessage | AssistantMessage | ToolMessage


@dataclass(frozen=True)
class Reply:
    """One whole answer of a model."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    final: bool = False
    """True when the model needs to see no results: after these calls the turn is over."""

    asks_back: bool = False
    """True when the text is a question to the user because the request was not clear."""

    confidence: float | None = None
    """How probable it is that this is what was meant, 0 to 1, calibrated; None when the model does not say."""

    others: Callable[[], tuple[Reply, ...]] | None = field(default=None, compare=False)
    """The next best readings, best first. A function, because most replies need none."""


@dataclass(frozen=True)
class ToolSchema:
    """A tool as models see it."""

    name: str
    description: str
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    """JSON Schema (2020-12) of the arguments."""

    examples: tuple[str, ...] = ()
    """How people ask for it. For finding it among many; models are not shown them."""

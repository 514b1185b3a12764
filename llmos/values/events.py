"""What a turn yields to the front that drives it, and what it gets back. Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum

from llmos.values.messages import ToolCall, ToolResult
from llmos.values.plans import Decision, Plan


class Answer(StrEnum):
    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class Said:
    """Text for the user, whole or a piece of it while it is written."""

    text: str
    asks_back: bool = False
    """The text is a question: the request was not clear."""


@dataclass(frozen=True)
class Ask:
    """May this plan run? The only event that gets an answer."""

    plan: Plan
    decision: Decision


@dataclass(frozen=True)
class Started:
    plan: Plan


@dataclass(frozen=True)
class Progress:
    """Something to show while a call runs: a line of followed output, a count."""

    call: ToolCall
    text: str


@dataclass(frozen=True)
class Finished:
    """One call is over; every call ends in exactly one of these."""

    result: ToolResult
    step: bool = False
    """A working step: the model wanted to see this result before it goes on, so it is not yet the answer."""


@dataclass(frozen=True)
class Failed:
    """The turn cannot go on: a limit, a model error, a cancellation."""

    reason: str
    exit_code: int


Event = Said | Ask | Started | Progress | Finished | Failed
Turn = Generator[Event, Answer | None, None]
Dispatch = Generator[Event, Answer | None, ToolResult]

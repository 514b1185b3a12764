"""What a turn yields to the front that drives it, and what it gets back. Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum

from llmos.values.messages import ToolCall, ToolResult
from llmos.values.plans import Decision, Plan


class Answer(StrEnum):
    YES = "yes"
    """This plan, as it was shown."""

    NO = "no"

    ALWAYS = "always"
    """This plan and what else falls into `Ask.scope`, until the session ends."""

    SAVE = "save"
    """As ALWAYS, and for later sessions too: written to the user's policy file."""


@dataclass(frozen=True)
class Edit:
    """Not this but that: the call as the user corrected it. It is planned, decided and, if need be, asked anew."""

    call: ToolCall


@dataclass(frozen=True)
class Pick:
    """Which reading of `Choose` was meant, counted from 0."""

    reading: int


Response = Answer | Edit | Pick


@dataclass(frozen=True)
class Said:
    """Text for the user, whole or a piece of it while it is written."""

    text: str
    asks_back: bool = False
    """The text is a question: the request was not clear."""


@dataclass(frozen=True)
class Ask:
    """May this plan run?"""

    plan: Plan
    decision: Decision
    scope: str = ""
    """What ALWAYS and SAVE would allow: "move_files inside /home/ada/Photos". Without one, neither may be offered."""

    typed: bool = False
    """A yes has to be typed in full, so that a habit does not approve it."""

    warning: str = ""
    """One line to show above the question: why this needs a closer look."""


@dataclass(frozen=True)
class Choose:
    """The model is not sure enough: what was meant? Answered with a `Pick`; anything else means none of these."""

    readings: tuple[tuple[ToolCall, ...], ...]
    """The likeliest first; each is what would be done."""

    confidence: float
    """How probable it is that the first one is right, 0 to 1."""


@dataclass(frozen=True)
class Started:
    plan: Plan


@dataclass(frozen=True)
class Progress:
    """Something to show while a call runs: a line of followed output, a count."""

    call: ToolCall
    text: str


@dataclass(frozen=True)
class Note:
    """Something about the answer that is no part of it: which model gave it, what was left out, what is waited for."""

    text: str
    model: str = ""
    """The model that answered, when that is what is noted."""


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


Event = Said | Ask | Choose | Started | Progress | Note | Finished | Failed
"""`Ask` and `Choose` get an answer."""

Turn = Generator[Event, Response | None, None]
Dispatch = Generator[Event, Response | None, ToolResult]

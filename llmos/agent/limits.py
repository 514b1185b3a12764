"""How much one turn may spend, and the meter that says when it has.

A limit on time spent inside a tool is not here: a copy may take an hour. A front that wants one raises `TimeUp`.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from llmos.errors import Exit, LlmosError
from llmos.translation import both
from llmos.values.messages import ToolCall

BYTES_PER_TOKEN = 4
"""No two models count alike; close enough for a limit that only catches a model that does not stop."""


@dataclass(frozen=True)
class Limits:
    steps: int = 8
    """Replies of the model."""

    tokens: int = 20_000
    """Written by the model, about."""

    seconds: float = 120.0
    """Spent by the model; tools and the user take the time they need."""

    repeats: int = 5
    """The same call with the same arguments so many times ends the turn."""

    sure: float = 0.5
    """How probable it has to be that a request was understood before something is changed; half of it for a look."""


class LimitHit(LlmosError):
    exit_code = Exit.LIMIT


class TimeUp(KeyboardInterrupt):
    """Raised by a front when its own time limit is over; whatever cleans up after Ctrl-C cleans up after this."""


class Meter:
    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._seconds = 0.0
        self._began = 0.0
        self._tokens = 0
        self._calls: Counter[str] = Counter()

    def begin_reply(self) -> None:
        self._began = self._clock()

    def end_reply(self) -> None:
        self._seconds += self._clock() - self._began

    def count_text(self, text: str) -> None:
        """Raises LimitHit."""
        self._tokens += max(1, len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)
        if self._tokens > self.limits.tokens:
            raise LimitHit(both("stopped: the model wrote more than {tokens} tokens").format(tokens=self.limits.tokens))
        if self._seconds + self._clock() - self._began > self.limits.seconds:
            raise LimitHit(both("stopped: the model took more than {seconds:g} s").format(seconds=self.limits.seconds))

    def count_call(self, call: ToolCall) -> None:
        """Raises LimitHit."""
        written = json.dumps([call.name, dict(call.arguments)], sort_keys=True)
        self._calls[written] += 1
        if self._calls[written] >= self.limits.repeats:
            raise LimitHit(
                both("stopped: the model asked for the same {name} {repeats} times").format(
                    name=call.name, repeats=self.limits.repeats
                )
            )

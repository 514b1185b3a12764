"""The turn that was last: what "why", "explain", "in MB" and "the same for …" speak of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from llmos.fronts import last_command
from llmos.values.messages import AssistantMessage, Message, Outcome, ToolCall, ToolMessage, ToolResult
from llmos.values.place import Place


@dataclass(frozen=True)
class Last:
    request: str
    place: Place
    """As it was when the request was made."""

    before: tuple[Message, ...]
    """The conversation up to the request, and the request itself."""

    after: tuple[Message, ...]
    by_user: bool = False
    """The user wrote the call; no model had a part in it."""

    @property
    def calls(self) -> Sequence[ToolCall]:
        return [call for message in self.after if isinstance(message, AssistantMessage) for call in message.calls]

    @property
    def results(self) -> Sequence[ToolResult]:
        return [message.result for message in self.after if isinstance(message, ToolMessage)]

    @property
    def command(self) -> last_command.Last | None:
        """The command line that failed last, with what it printed; None when there was none."""
        result = self.results[-1] if self.results else None
        if result is None or result.ok or result.call.name != "run_command":
            return None
        ended = re.search(r"` (?:ended with exit code|was ended by signal) (\d+):?", result.error)
        if ended is None:
            return None
        status = int(ended[1]) + (128 if "by signal" in ended[0] else 0)
        return last_command.Last(str(result.call.arguments["command"]), status, result.error[ended.end() :])

    @property
    def said(self) -> str:
        return " ".join(message.text for message in self.after if isinstance(message, AssistantMessage)).strip()

    @property
    def outcome(self) -> Outcome | None:
        """What there was to see last."""
        return next((result.outcome for result in reversed(self.results) if result.ok), None)

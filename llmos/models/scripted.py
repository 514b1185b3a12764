"""A model that says what it was told to say: for tests, demonstrations and trying out fronts.

It reads nothing of the context.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from llmos.errors import ModelError
from llmos.models.base import Context
from llmos.translation import both
from llmos.values.messages import Reply, ToolCall


class ScriptedModel:
    """Gives its replies in order; text is written word by word, `delay` seconds before each."""

    name = "scripted"

    def __init__(self, replies: Iterable[Reply], delay: float = 0.0) -> None:
        self._replies = iter(replies)
        self._delay = delay
        self.seen: list[Context] = []
        """What it was shown, for tests."""

    @classmethod
    def from_file(cls, file: str) -> ScriptedModel:
        """A JSON file: a list of replies, or an object with `replies` and `delay`."""
        try:
            value = json.loads(Path(file).read_text("utf-8"))
            script = value if isinstance(value, dict) else {"replies": value}
            replies = [_reply(reply, number) for number, reply in enumerate(script["replies"])]
            return cls(replies, float(script.get("delay", 0.0)))
        except OSError as error:
            raise ModelError(
                both("cannot read the script {file}: {strerror}").format(file=file, strerror=error.strerror)
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                both("the script {file} is not a list of replies: {error}").format(file=file, error=error)
            ) from None

    def reply(self, context: Context) -> Iterator[str | Reply]:
        self.seen.append(context)
        reply = next(self._replies, None)
        if reply is None:
            raise ModelError(both("the script has no more replies"))
        for piece in re.findall(r"\s*\S+\s*", reply.text) if not reply.asks_back else ():
            time.sleep(self._delay)
            yield piece
        time.sleep(self._delay)
        yield reply


def _reply(value: dict[str, Any], number: int) -> Reply:
    calls = (
        ToolCall(f"{number}.{i}", call["name"], call.get("arguments", {}))
        for i, call in enumerate(value.get("calls", []))
    )
    return Reply(value.get("text", ""), tuple(calls), value.get("final", False), value.get("asks_back", False))

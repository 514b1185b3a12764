"""A call in plain words, for people who are asked about it. What it would touch is the plan's to say."""

from __future__ import annotations

from collections.abc import Iterable

from llmos.values.messages import JSON, ToolCall


def in_words(calls: Iterable[ToolCall]) -> str:
    """`find files: path ~/Music, larger than 10 MB, then delete files: path …`"""
    return ", then ".join(_call(call) for call in calls)


def _call(call: ToolCall) -> str:
    given = [_argument(name, value) for name, value in call.arguments.items() if value not in (None, False, [])]
    return call.name.replace("_", " ") + (f": {', '.join(given)}" if given else "")


def _argument(name: str, value: JSON) -> str:
    words = name.replace("_", " ")
    if value is True:
        return words
    return f"{words} {' '.join(map(str, value)) if isinstance(value, list) else value}"

"""A call as one line that can be corrected: `delete_files path=a.txt path='b c.txt' permanently=yes`.

Whether the corrected call makes sense is found out when it is planned.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from llmos.errors import UsageError
from llmos.translation import _
from llmos.values.messages import JSON, ToolCall


def to_line(call: ToolCall) -> str:
    return " ".join([call.name, *(f"{name}={shlex.quote(value)}" for name, value in _pairs(call))])


def _pairs(call: ToolCall) -> Iterator[tuple[str, str]]:
    """Each element of a list on its own; what is not set is left out."""
    for name, value in call.arguments.items():
        for element in value if isinstance(value, list) else [value]:
            if element is not None:
                yield name, _text(element)


def _text(value: JSON) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def from_line(line: str, before: ToolCall) -> ToolCall:
    """Raises UsageError. A name that stands there twice, or was a list before, is a list."""
    try:
        name, *words = shlex.split(line)
    except ValueError as error:
        raise UsageError(_("that is no call: {what}").format(what=error or "it is empty")) from None
    given: dict[str, list[JSON]] = {}
    for word in words:
        argument, equals, value = word.partition("=")
        if not equals:
            raise UsageError(_("{word!r} is no argument; write name=value").format(word=word))
        given.setdefault(argument, []).append(value)
    arguments = {argument: _value(values, before.arguments.get(argument)) for argument, values in given.items()}
    return ToolCall(before.id, name, arguments)


def _value(values: list[JSON], before: JSON) -> JSON:
    """What was not touched keeps its type."""
    if isinstance(before, list):
        return before if [_text(element) for element in before] == values else values
    if len(values) > 1:
        return values
    (value,) = values
    return before if before is not None and _text(before) == value else value

"""Requests that are wholly about the last turn or this shell and need no model: "why?", "in MB please", "exit".

Only whole requests are taken; anything more is for the model. What they do is in `commands`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_POLITE = r"(?:please |now |and |can you |could you |请|那|那就|再)?"
_END = r"(?: please| now| again|一下|吧|呢)?[\s.!?。！？]*"

_IT = r"(?: (?:it|that|this))?"
_COMMANDS: tuple[tuple[str, str], ...] = (
    ("/explain", rf"explain{_IT}|what (?:did you (?:just )?do|was that|happened)"),
    ("/explain", r"解释(?:一下)?|你?(?:刚才|刚刚)?做了什么"),
    ("/why", r"why(?: (?:that|this|so))?|why did you do (?:that|this|it)|为什么(?:这样|呢)?|为何"),
    ("/undo", rf"undo{_IT}|undo the last (?:change|one|step)|take (?:it|that) back"),
    ("/undo", r"撤[销消回](?:上一步|刚才的操作)?"),
    ("/redo", rf"redo{_IT}|重做"),
    ("/quit", r"exit|quit|logout|bye|退出|再见"),
    ("/help", r"help|帮助"),
    ("/cls", r"clear|cls|clear (?:the )?screen|清屏"),
)
_UNIT = r"(?:show (?:it|that|them|this) )?(?:in|as) (bytes?|kb|mb|gb|tb|kilobytes|megabytes|gigabytes|terabytes)"
_UNIT_CHINESE = r"(?:用|以|按|换成|换算成)\s*(bytes?|kb|mb|gb|tb|字节|兆|兆字节)\s*(?:显示|表示|为单位|来显示|单位)*"
_SAME = r"(?:do )?the same (?:thing )?(?:for|in|with|to|on) (.+?)"
_SAME_CHINESE = (
    r"(?:对|在|把)\s*(\S+?)\s*(?:里|中)?也?"
    r"(?:(?:这样|这么|同样|一样)(?:做|来|处理|操作)|(?:做|执行)(?:同样|一样)的(?:操作|处理|事))"
)

UNITS = {
    "byte": 0, "bytes": 0, "字节": 0, "kb": 1, "kilobytes": 1, "mb": 2, "megabytes": 2, "兆": 2, "兆字节": 2,
    "gb": 3, "gigabytes": 3, "tb": 4, "terabytes": 4,
}  # fmt: skip
"""Powers of 1024."""


class InUnit(NamedTuple):
    power: int


class SameFor(NamedTuple):
    what: str


def slash_command(request: str) -> str:
    """The command that says the same, "" when there is none."""
    return next((command for command, words in _COMMANDS if _whole(words, request)), "")


def in_unit(request: str) -> InUnit | None:
    found = _whole(_UNIT, request) or _whole(_UNIT_CHINESE, request)
    return InUnit(UNITS[found[1].lower()]) if found else None


def same_for(request: str) -> SameFor | None:
    """What the last call is to be made for as well."""
    found = _whole(_SAME, request) or _whole(_SAME_CHINESE, request)
    return SameFor(next(part for part in found.groups() if part).strip("\"'“”")) if found else None


def _whole(words: str, request: str) -> re.Match[str] | None:
    return re.fullmatch(f"{_POLITE}(?:{words}){_END}", request.strip(), re.IGNORECASE)

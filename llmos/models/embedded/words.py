"""Cuts a request into the words that the model can point at. Pure; offsets always lead back to the exact text."""

from __future__ import annotations

import re
from typing import NamedTuple

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SEPARATORS = r"\s\u3000-\u303f\uff00-\uff65\"'`“”‘’,;()<>!?{}\[\]|"
_WORD = re.compile(
    rf"\d+(?:,\d{{3}})+(?![\d.])"  # 1,024
    rf"|[{_CJK}]"
    rf"|[^{_SEPARATORS}{_CJK}]+(?:'(?=[A-Za-z0-9])(?!s\b|t\b|re\b|ve\b|ll\b|d\b|m\b)[^{_SEPARATORS}{_CJK}]+)*"
    r"|'(?:s|t|re|ve|ll|d|m)\b"
    r"|\S"
)
_PARTS = re.compile(
    r"(\$)(\w+)|([:#%])(\d+)|([\w.-]+)(:)([\w-]+)|(\d+)(-)(\d+)|(\d+)(/(?:tcp|udp))"
    r"|([-+][A-Za-z]?)(\d+[A-Za-z]*)|(--[\w-]+=)(.+)|(\d+)(st|nd|rd|th|p)"
)
"""Words whose parts people mean on their own: $PATH, :8080, localhost:8080, alice:staff, 41-60, 53/udp, -n5."""

_DOTS = re.compile(r"\.+$|(?:^|/)\.{1,2}$")


class Word(NamedTuple):
    start: int
    end: int


def cut(text: str, limit: int) -> list[Word]:
    """The first `limit` words of `text`; Chinese characters one by one, punctuation at the end of a word on its own."""
    words: list[Word] = []
    for match in _WORD.finditer(text):
        words.extend(_without_tail(text, match.start(), match.end()))
        if len(words) >= limit:
            break
    return words[:limit]


def _without_tail(text: str, start: int, end: int) -> list[Word]:
    """`report.txt.` is a word and a full stop; `..`, `../..` and `*.` stay whole."""
    kept = end
    while kept - 1 > start and text[kept - 1] in ".:":
        kept -= 1
    if kept == end or end - start == 1 or _DOTS.fullmatch(text[start:end]) or text[start:end].endswith("/.."):
        return _parts(text, start, end)
    return [*_parts(text, start, kept), Word(kept, end)]


def _parts(text: str, start: int, end: int) -> list[Word]:
    match = _PARTS.fullmatch(text, start, end)
    if match is None:
        return [Word(start, end)]
    return [Word(*match.span(i)) for i in range(1, len(match.groups()) + 1) if match.group(i) is not None]

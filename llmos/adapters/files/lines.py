"""Sorts lines, finds those that occur once or more, cuts columns out of them. Pure: bytes in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from llmos.values.quantities import parse_number

_NUMBER = re.compile(rb"\s*([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_DELIMITERS = {
    "comma": b",", "tab": b"\t", "\\t": b"\t", "space": b" ", "semicolon": b";", "colon": b":", "pipe": b"|",
    "bar": b"|", "vertical bar": b"|", "slash": b"/", "dash": b"-", "hyphen": b"-", "equals": b"=", "dot": b".",
    "逗号": b",", "制表符": b"\t", "空格": b" ", "分号": b";", "冒号": b":", "竖线": b"|", "，": b",",
}  # fmt: skip
_LIKELY = b"\t,;|:"

SortKey = tuple[float | str | bytes, bytes]

Span = tuple[int, int]
"""First and last column, from 0; negative ones count from the end, as in slices, and both belong to it."""


def delimiter(name: str | None) -> bytes | None:
    """The sign itself, or its name; None stands for runs of white space."""
    if name is None or name.strip().lower() in ("whitespace", "white space", "空白", "spaces"):
        return None
    return _DELIMITERS.get(name.strip().lower()) or _DELIMITERS.get(name) or name.encode("utf-8", "surrogateescape")


def find_delimiter(lines: Sequence[bytes]) -> bytes | None:
    """The sign that parts all of the first lines into equally many columns, more than one; else white space."""
    sample = [line for line in lines[:50] if line.strip()]
    for byte in _LIKELY:
        sign = bytes([byte])
        counts = {len(columns(line, sign)) for line in sample}
        if len(counts) == 1 and counts.pop() > 1:
            return sign
    return None


def columns(line: bytes, sign: bytes | None) -> list[bytes]:
    """The fields of one line; in double quotes a comma parts nothing."""
    if sign is None:
        return line.split()
    if b'"' in line and sign in (b",", b";", b"\t"):
        return _quoted(line, sign)
    return line.split(sign)


def _quoted(line: bytes, sign: bytes) -> list[bytes]:
    import csv  # noqa: PLC0415 - only needed for fields in quotes

    text = line.decode("utf-8", "surrogateescape")
    try:
        row = next(csv.reader([text], delimiter=sign.decode()), [])
    except csv.Error:  # quotes or not, it is no CSV
        return line.split(sign)
    return [field.encode("utf-8", "surrogateescape") for field in row]


def sort_key(numeric: bool, ignore_case: bool, column: int | None, sign: bytes | None) -> Callable[[bytes], SortKey]:
    """What lines are ordered by; lines that are equal in it are ordered by their bytes, as `sort` does."""

    def key(line: bytes) -> SortKey:
        part = line if column is None else _field(line, column, sign)
        value = number(part) if numeric else part.decode("utf-8", "surrogateescape").lower() if ignore_case else part
        return value, line

    return key


def _field(line: bytes, column: int, sign: bytes | None) -> bytes:
    fields = columns(line, sign)
    return fields[column - 1] if 0 < column <= len(fields) else b""


def number(text: bytes) -> float:
    """The number a text begins with; 0 when there is none."""
    match = _NUMBER.match(text)
    return float(match[1].replace(b",", b"")) if match else 0.0


def occurrences(lines: Iterable[bytes], ignore_case: bool) -> dict[bytes, int]:
    """How often each line occurs, in the order of first sight; with `ignore_case` in its first spelling."""
    if not ignore_case:
        counts: dict[bytes, int] = {}
        for line in lines:
            counts[line] = counts.get(line, 0) + 1
        return counts
    spellings: dict[str, list[bytes]] = {}
    for line in lines:
        spellings.setdefault(line.decode("utf-8", "surrogateescape").lower(), []).append(line)
    return {same[0]: len(same) for same in spellings.values()}


def parse_spans(written: str, header: Sequence[str]) -> list[Span]:
    """ "2", "1,3", "2-4", "3-", "last", "last 2", "two last", -1, or names in the first line. Raises ValueError."""
    spans = [_span(part.strip(), header) for part in re.split(r"[,，、;]|\band\b|和", written) if part.strip()]
    if not spans:
        raise ValueError("no column is named")
    return spans


_AT_AN_END = re.compile(
    r"(?:the )?(?:(?P<before>\w+) )?(?P<end>first|last|前|最后|后)(?: ?(?P<after>\w+?))?(?: ?(?:columns?|fields?|列))?"
)


def _span(part: str, header: Sequence[str]) -> Span:
    lower = part.lower().removeprefix("column ").removeprefix("columns ").strip()
    if match := re.fullmatch(r"(\d+)\s*(?:-|–|\.\.|:|to|到|至)\s*(\d*|last|end)", lower):
        end = int(match[2]) - 1 if match[2].isdigit() else -1
        return _counted(match[1]), end
    if lower.isdigit():
        return _counted(lower), _counted(lower)
    if match := re.fullmatch(r"-(\d+)", lower):
        return -int(match[1]), -int(match[1])
    names = [name.strip().lower() for name in header]
    if part.lower() in names:
        place = names.index(part.lower())
        return place, place
    if match := _AT_AN_END.fullmatch(lower):
        count = int(parse_number(match["after"] or match["before"] or "1"))
        return (0, count - 1) if match["end"] in ("first", "前") else (-count, -1)
    raise ValueError(f"there is no column '{part}'")


def _counted(digits: str) -> int:
    if int(digits) < 1:
        raise ValueError("columns are counted from 1")
    return int(digits) - 1


def cut(fields: Sequence[bytes], spans: Sequence[Span]) -> list[bytes]:
    """The fields in these spans, in the order in which they are asked for; those a line does not have are left out."""
    kept: list[bytes] = []
    for first, last in spans:
        begin = first if first >= 0 else max(0, len(fields) + first)
        end = last if last >= 0 else len(fields) + last
        kept += fields[begin : end + 1]
    return kept

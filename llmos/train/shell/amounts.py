"""Where a sentence says numbers, sizes, ages, depths, columns. Raises Unsaid."""

from __future__ import annotations

import re
from collections.abc import Callable

from llmos.models.embedded.codec import Literal, Span
from llmos.train.shell.sentence import Elements, Said, Unsaid, spanned
from llmos.train.shell.wishes import Wish
from llmos.values.quantities import parse_number

_UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|秒|分钟|个?小时|天|日|个?星期|周|个?月|年)"


AGE = re.compile(
    rf"(?i)(?:\b(?:last|past|previous)\s+)?(?:\b(?:\d+|[a-z]+(?:-[a-z]+)?)\s*|[\d一二两三四五六七八九十]+\s*){_UNIT}(?![a-z])|\btoday\b|\byesterday\b|今天|昨天"
)


_COMPARED = re.compile(
    r"(?i)\b(?:more|less|fewer|later|earlier|older|newer|least|most|over|within|since|before|after|last|longer|greater|prior|not) [\w ]*$|以"
)
"""Without one of these, "7 days ago" is that very day."""


SIZE = re.compile(r"(?i)(?:\b\d[\d.,]*|\b(?:a|one|two|five|ten|hundred))\s*(?:[kmgt]i?b?|bytes?|(?:kilo|mega|giga|tera)bytes?|megs?|gigs?|兆|字节)\b")  # fmt: skip


_ONE = r"(?i)\b(?:largest|biggest|smallest|newest|oldest|latest|earliest|first|one|single|a|most recent(?:ly)?|last)\b|第一|最大的|最新的"


_DEPTH_ONE = r"(?i)non?-?recursive|without (?:going|travers|recurs|descend|search)\w*|not (?:delete|remove|list|search|include|change|move) (?:those|files|anything|any)\b.{0,12}\bsub|not recurs|without (?:recurs|descend|sub)|sub-?(?:director|folder)\w* (?:excluded|are not)|(?:max\w*|depth of|search) depth|\b(?:one|1|first|top|single)[- ]?(?:directory )?level|level (?:1|one)\b|only (?:in|the (?:current|top|files))|(?:directory|folder) only|\bdirectly\b|immediate|no sub|no deeper|(?:not|don't|do not|excluding|ignor\w*|exclude) (?:in(?:to)? |its |any |search |the |go |look |descend )*(?:in(?:to)? |the |any )*sub|first[- ]level|不递归|不包括子"


def number(said: Said, wish: Wish) -> Elements:
    for word in said.words:
        text = said.text[word.start : word.end]
        try:
            if parse_number(text) == float(wish.text) and not re.fullmatch(r"(?i)an?|one", text):
                span = Span(word.start, word.end)
                said.use(span, "number")
                return [[span]]
        except ValueError:
            continue
    raise Unsaid(wish.text)


def limit(said: Said, wish: Wish) -> Elements:
    try:
        return number(said, wish)
    except Unsaid:
        if wish.text == "1" and said.explains(_ONE):
            return [[Literal("1")]]
        raise


def depth(said: Said, wish: Wish) -> Elements:
    if wish.text == "1":
        if said.explains(_DEPTH_ONE):
            said.explains(r"\b1\b")
            return [[Literal("1")]]
        raise Unsaid("depth 1")
    if not re.search(r"(?i)level|depth|deep|down", said.text):
        raise Unsaid("depth")
    return number(said, wish)


def levels(said: Said, wish: Wish) -> Elements:
    return depth(said, wish) if wish.text == "1" else number(said, wish)


def column(said: Said, wish: Wish) -> Elements:
    for number, ordinal in enumerate(("first", "second", "third", "fourth", "fifth"), 1):
        if wish.text == str(number) and said.explains(rf"(?i)\b{ordinal}\b"):
            return [[Literal(wish.text)]]
    return spanned(said, wish.text, "kept")


def delimiter(said: Said, wish: Wish) -> Elements:
    names = {",": "comma", ";": "semicolon", ":": "colon", "|": "pipe", " ": "space", "\t": "tab"}
    span = (said.find(wish.text, "kept") if wish.text.strip() else None) or said.find(
        names.get(wish.text, wish.text), "kept"
    )
    if span is None:
        raise Unsaid("delimiter")
    return [[span]]


def measured(pattern: re.Pattern[str], parse: Callable[[str], float], kind: str) -> Callable[[Said, Wish], Elements]:
    def find(said: Said, wish: Wish) -> Elements:
        for match in pattern.finditer(said.text):
            for start in _beginnings(said, match):
                text = said.text[start : match.end()]
                if kind == "age" and re.fullmatch(rf"(?i)(?:the )?{_UNIT}|the .*", text):
                    continue
                try:
                    fits = any(_near(parse(text), float(value)) for value in wish.text.split())
                except ValueError:
                    continue
                compared = (
                    kind != "age"
                    or not re.match(r"\s*(?:ago|back|before)", said.text[match.end() :])
                    or _COMPARED.search(said.text[:start])
                )
                if fits and compared and start in said.starts and match.end() in said.ends:
                    span = _without_last(text, start, match.end())
                    said.use(span, kind)
                    return [[span]]
        raise Unsaid(f"{kind} {wish.text}")

    return find


def _near(said: float, done: float) -> bool:
    """20 MB may be 20 times 1024 or 1000 kilobytes."""
    return abs(said - done) <= 0.05 * done


def _beginnings(said: Said, match: re.Match[str]) -> list[int]:
    """A match may have a word too many in front: "modified day"."""
    return [m.start() + match.start() for m in re.finditer(r"\S+", match.group())]


def _without_last(text: str, start: int, end: int) -> Span:
    """ "last 3 days" is the last «3 days», but «last hour» stays."""
    match = re.match(r"(?i)(?:last|past|previous)\s+(?=\S+\s)", text)
    return Span(start + match.end(), end) if match else Span(start, end)

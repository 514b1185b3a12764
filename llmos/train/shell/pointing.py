"""Where a sentence says a value: the span of a path, glob, number, size, age … or the literal that it is written as.

Which value a command has is decided elsewhere; here only words are found. Raises Unsaid for what the sentence lacks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from llmos.models.embedded.codec import Literal
from llmos.train.shell.amounts import AGE, SIZE, column, delimiter, depth, levels, limit, measured, number
from llmos.train.shell.names import excluded, glob, path
from llmos.train.shell.rights import bit, mode, rights
from llmos.train.shell.sentence import Elements, Said, Unsaid, spanned
from llmos.train.shell.wishes import Meant, Wish
from llmos.values.quantities import parse_duration, parse_size


def pointed(said: Said, meant: Meant) -> dict[str, object]:
    """The arguments with pieces in place of wishes. Raises Unsaid."""
    arguments: dict[str, object] = {}
    for name, wish in meant.wishes.items():
        if isinstance(wish, Wish):
            arguments |= _one(said, name, wish)
        elif isinstance(wish, tuple):
            arguments |= _several(said, name, wish)
        else:
            arguments[name] = wish
    return arguments


def _several(said: Said, name: str, wishes: Sequence[Wish]) -> dict[str, object]:
    together: dict[str, object] = {}
    for wish in wishes:
        for key, value in _one(said, name, wish).items():
            before = together.get(key, [])
            if isinstance(value, list) and isinstance(before, list):
                together[key] = [*before, *(element for element in value if element not in before)]
            else:
                together[key] = value
    if "kind" in together and "extension" in together:
        together = {"extension": [*_literals(together["extension"]), [Literal("txt")]]}
    if name == "name" and len(together) > 1:
        raise Unsaid("names of two sorts")
    return together


def _literals(value: object) -> Elements:
    return value if isinstance(value, list) else []


def _one(said: Said, name: str, wish: Wish) -> dict[str, object]:
    kind = wish.kind.split(" ")[0]
    pieces = path(said, wish, name) if kind == "path" else _FINDERS[kind](said, wish)
    if isinstance(pieces, dict):
        return pieces
    return {name: pieces} if pieces is not None else {}


def _word(said: Said, wish: Wish) -> Elements:
    forms = dict.fromkeys((wish.text, re.sub(r"\\([.\-/ ])", r"\1", wish.text)))
    for form in forms:
        span = said.find(form, "word" if re.fullmatch(r"[\w .-]+", form) else "kept")
        if span is not None:
            return [[span]]
    raise Unsaid(wish.text)


def _flag(said: Said, wish: Wish) -> dict[str, object] | bool | None:
    """Set when the sentence mentions it, left out when not: the command line shows more than was asked for."""
    return True if said.explains(wish.text) else None


def _details(said: Said, _: Wish) -> object:
    asks = r"(?i)\bdetail|\blong (?:list|format)|\bls\b|\b(?:show|display|print|list)\w*\b.{0,30}\bpermissions\b(?! \d)|\binformation\b|\blong-list|\battributes|详细"
    return "details" if said.explains(asks) else None


def _plain(kind: str) -> Callable[[Said, Wish], Elements]:
    return lambda said, wish: spanned(said, wish.text, kind)


_FINDERS: Mapping[str, Callable[[Said, Wish], object]] = {
    "glob": glob, "excluded": excluded, "number": number, "limit": limit, "depth": depth,
    "age": measured(AGE, parse_duration, "age"), "size": measured(SIZE, parse_size, "size"), "word": _word,
    "mode": mode, "bit": bit, "rights": rights, "flag": _flag, "details": _details, "user": _plain("user"), "group": _plain("group"),
    "process": _plain("process"), "port": _plain("port"), "pid": _plain("pid"), "program": _plain("program"),
    "variable": _plain("variable"), "kept": _plain("kept"), "levels": levels, "column": column, "delimiter": delimiter,
}  # fmt: skip

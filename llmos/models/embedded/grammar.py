"""The grammar of the embedded model's replies: calls with known arguments, references to what is there, or words.

Written anew for every request, because how many words can be pointed at depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmos.models.embedded.codec import FREE, Codec, Parameter, Prompt

_QUANTITY = "[0-9A-Za-z +今昨去天日本上个周月年一两三半小时-]"
_DIGITS = f"/{_QUANTITY}{{1,20}}/"
_PATHLIKE = r"/[A-Za-z0-9_.*~\/?\[\]+:=,-]{1,32}/"
_ANYTHING = r"/[^\n]{1,200}/"


def lark(codec: Codec, prompt: Prompt) -> str:
    """The grammar as Lark, tokens by id."""
    return "\n".join(_rules(codec, prompt))


def _rules(codec: Codec, prompt: Prompt) -> Iterator[str]:
    refs = _references(codec, prompt)
    yield "start: talk | call+ more?"
    yield f"more: {_token(codec, '<more>')}"
    yield f"talk: ({_token(codec, '<say>')} | {_token(codec, '<ask>')}) (ANYTHING | {refs or 'ANYTHING'})+"
    yield f"ANYTHING: {_ANYTHING}"
    yield f"PATHLIKE: {_PATHLIKE}"
    yield f"DIGITS: {_DIGITS}"
    whole = " | ".join(_token(codec, t) for t in wholes(prompt))
    yield f"free: (ANYTHING | {refs or 'ANYTHING'}" + (f" | {whole}" if whole else "") + ")+"
    yield f"path: (PATHLIKE | {_words(codec, prompt, prompt.names()) or 'PATHLIKE'})+" + (
        f" | {whole}" if whole else ""
    )
    yield f"number: (DIGITS | {_words(codec, prompt, prompt.quantities()) or 'DIGITS'})+"
    yield f"comma: {_token(codec, '<,>')}"
    for kind in ("free", "path", "number"):
        yield f"{kind}s: {kind} (comma {kind})*"
    yield "call: " + " | ".join(f"t_{tool}" for tool in codec.schema)
    for tool, parameters in codec.schema.items():
        yield f"t_{tool}: {_token(codec, f'<t:{tool}>')} " + " ".join(_argument(codec, p) for p in parameters)


def _argument(codec: Codec, parameter: Parameter) -> str:
    written = _token(codec, f"<a:{parameter.name}>")
    kind = kind_of(parameter)
    if kind == "enum":
        written += " (" + " | ".join(_token(codec, f"<v:{v}>") for v in parameter.values) + ")"
    elif kind != "flag":
        written += f" {kind}{'s' if parameter.many else ''}"
    return f"({written})" if parameter.required else f"({written})?"


def kind_of(parameter: Parameter) -> str:
    """What its value looks like: enum, flag, number, free or path."""
    if parameter.values:
        return "enum"
    if parameter.flag:
        return "flag"
    return "number" if parameter.number else "free" if parameter.name in FREE else "path"


def _token(codec: Codec, name: str) -> str:
    return f"<[{codec.id(name)}]>"


def _references(codec: Codec, prompt: Prompt) -> str:
    ranges = [
        f"{first}-{first + count - 1}"
        for first, count in ((codec.word0, len(prompt.words)), (codec.item0, len(prompt.items)))
        if count
    ]
    return f"<[{','.join(ranges)}]>" if ranges else ""


def _words(codec: Codec, prompt: Prompt, numbers: list[int]) -> str:
    """References to these words and to all items."""
    ids = [str(codec.word0 + i) for i in numbers]
    if prompt.items:
        ids.append(f"{codec.item0}-{codec.item0 + len(prompt.items) - 1}")
    return f"<[{','.join(ids)}]>" if ids else ""


def wholes(prompt: Prompt) -> list[str]:
    """Whole results that can be pointed at."""
    rounds = prompt.view.rounds if prompt.view else ()
    backs = range(1, min(len(rounds), 2) + 1)
    return [f"<all:{b}>" for b in backs if rounds[-b].shown.items] + [
        f"<text:{b}>" for b in backs if rounds[-b].shown.text
    ]

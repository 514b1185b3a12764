"""Where a sentence names files: paths, globs, extensions, what is left out. Raises Unsaid."""

from __future__ import annotations

import re

from llmos.models.embedded.codec import Literal, Piece, Span
from llmos.train.shell.sentence import MARKS, Elements, Said, Unsaid
from llmos.train.shell.wishes import Wish
from llmos.train.slots import LANGUAGES

_PLACES = {
    "~": r"(?i)\b(?:(?:the |your |my )?(?:current )?user(?:'?s)?'? |your |the |my )?home (?:directory|folder|dir)\b|\byour home\b|用户主目录|主目录|家目录",
    "/": r"(?i)\b(?:root (?:directory|folder|partition|file ?system)|(?:entire|whole) (?:file ?system|system|disk|hard drive|machine|server)|file ?system root|root of the (?:file ?)?system|(?:in|on|across) (?:the|your|this|my) (?:file ?)?(?:system|computer|machine|server))\b|\b(?:under|in|from) root\b",
    "..": r"(?i)\bparent (?:directory|folder|dir)\b|父目录|上级目录",
}  # fmt: skip


_NOUN = re.compile(
    r"(?i)files?|folders?|director(?:y|ies)|dirs?|names?|text|target|destination|source|archive|path|a|the|root|home|current"
)


_FILE_NOUNS = {
    "txt": ("kind", "text", r"(?i)\btext files?\b"),
    "h": ("extension", "h", r"(?i)\bheader files?\b"),
    "bak": ("extension", "bak", r"(?i)\bbackup files?\b"),
    "log": ("extension", "log", r"(?i)\blog-?files?\b"),
    "o": ("extension", "o", r"(?i)\bobject files?\b"),
    "class": ("extension", "class", r"(?i)\bclass files?\b"),
    "tmp": ("extension", "tmp", r"(?i)\btemp(?:orary)? files?\b"),
}


_CONTAINS = r"(?i)contain|includ|with|match|having|has |have |like|包含|含有|named|called|name"


_STARTS = r"(?i)start|begin|prefix|开头"


_ENDS = r"(?i)end(?:s|ing|ed)?\b|suffix|结尾"


_NAMED = re.compile(
    r"""(?i)\b(?:named|names?|called|pattern|wildcard|glob)\b(?: (?:is|are|like|matching|matches|that match|of))?\s*['"`]?$"""
)


_BOTH_KINDS = re.compile(
    r"(?i)files?,?(?: ?/ ?| \(?and (?:all )?| or | & )(?:director|folder|dir)|\*['\"]? (?:director|folder)|\.\w+['\"`]? (?:directories|folders)\b"
)


def path(said: Said, wish: Wish, name: str) -> Elements | None:
    text = re.sub(r"^\$\{(\w+)\}", r"$\1", wish.text)
    bare = text.removeprefix("./").rstrip("/") or text
    for form in dict.fromkeys((wish.text, text, bare, bare + "/", "./" + bare, "./" + bare + "/", "/" + bare)):
        if re.fullmatch(r"\.{3,}", form):
            raise Unsaid("something")
        if form in (".", "./", "/") and form != wish.text:
            continue
        span = said.find(form, "path") if form not in (".", "./") else None
        if span is not None and _NOUN.fullmatch(form) and said.text[span.start - 1 : span.start] not in MARKS:
            raise Unsaid("a name that is also a noun")
        if span is not None:
            return [[span]]
    if bare in (".", "./", "*", "./*", "$PWD"):
        return None
    place = {"$HOME": "~", "~/": "~", "/home": "~"}.get(bare, bare)
    if place in _PLACES and said.explains(_PLACES[place]):
        said.ignores(_PLACES[place])
        return [[Literal(place)]]
    if place == "/tmp" and said.explains(r"(?i)\bte?mp (?:directory|folder)\b"):
        return [[Literal("/tmp")]]
    system = re.fullmatch(r"/(etc|var|usr|tmp|bin|opt|boot|dev|lib|proc|srv)", bare)
    if system and (span := said.find(system[1], "kept")):
        return [[Literal("/"), span]]
    if said.found and name == "path" and not _SOMEWHERE.search(said.text):
        return None
    raise Unsaid(wish.text)


_SOMEWHERE = re.compile(
    r"(?i)\b(?:directory\b|folder\b|dir\b|(?:in|under|of|from) (?:\w+ ){0,2}(?:directories|folders|dirs)\b|tree|system|machine|computer|server|disk|drive|home|path|here|hierarch|filesystem|partition|below|under|beneath|repositor|location|project)|[/~]|目录|文件夹"
)
"""Where none of this is said, what a command was run on is no part of the request."""


def glob(said: Said, wish: Wish) -> dict[str, object] | None:
    glob = wish.text
    if glob in ("*", "*.*"):
        return None
    if glob in (".*", ".?*", ".[!.]*", ".[^.]*") and said.explains(r"(?i)\bhidden\b|隐藏"):
        return {"hidden": True}
    extension = re.fullmatch(r"\*\.([\w+-]+(?:\.\w+)?)", glob)
    span = said.find(glob, "extension" if extension else "glob")
    if span is not None:
        named = _BOTH_KINDS.search(said.text) or not extension or _NAMED.search(said.text[: span.start])
        return {"name" if named else "extension": [[span]]}
    if extension:
        return _extension(said, extension[1])
    try:
        return {"name": [_affixed(said, glob)]}
    except Unsaid:
        if bare := re.fullmatch(r"\*([a-z]{2,4})", glob):
            return _extension(said, bare[1])
        raise


def _extension(said: Said, extension: str) -> dict[str, object]:
    for form in ("." + extension, extension):
        span = said.find(form, "extension", fold=True)
        if span is not None and not (len(form) == 1 and form == "a"):
            return {"extension": [[span]]}
    argument, value, pattern = _FILE_NOUNS.get(extension.lower(), ("", "", r"(?!)"))
    if said.explains(pattern):
        return {argument: value if argument == "kind" else [[Literal(value)]]}
    for language, own in LANGUAGES.items():
        if own == extension and said.explains(rf"(?<![\w+]){re.escape(language)}(?![\w+]| script (?:in|to))"):
            return {"extension": [[Literal(own)]]}
    raise Unsaid(extension)


def _affixed(said: Said, glob: str) -> list[Piece]:
    """A glob that the sentence describes: starting with, ending with, containing."""
    core = glob.strip("*")
    if re.search(r"[*?\[\]]", core) or not core:
        raise Unsaid(glob)
    trigger = {(True, True): _CONTAINS, (False, True): _STARTS, (True, False): _ENDS, (False, False): ""}
    asked = trigger[glob.startswith("*"), glob.endswith("*")]
    span = said.find(core, "word") or said.find(core, "word", fold=True)
    elsewhere = asked == _CONTAINS and re.search(r"(?i)\bstart|\bbegin|\bend(?:s|ing)?\b", said.text)
    inside = core == glob and re.search(
        r"(?i)\bin (?:their|the|its|his)(?: \w+)? ?(?:file|dir\w*)?names?\b|contain", said.text
    )
    if span is None or elsewhere or inside or not re.search(asked, said.text):
        raise Unsaid(glob)
    before = [Literal("*")] if glob.startswith("*") else []
    after = [Literal("*")] if glob.endswith("*") else []
    return [*before, span, *after]


def excluded(said: Said, wish: Wish) -> Elements:
    pieces = _left_out(said, wish)
    start = min(piece.start for element in pieces for piece in element if isinstance(piece, Span))
    match = re.search(_EXCEPT, said.text[:start])
    if match is None:
        raise Unsaid(wish.text)
    said.explained.append(match.span())
    return pieces


_EXCEPT = r"(?i)\bnot\b|n't\b|except|exclud|other than|ignor|without|but |non-|omit|skip|除了|排除"


def _left_out(said: Said, wish: Wish) -> Elements:
    extension = re.fullmatch(r"\*\.([\w+-]+)", wish.text)
    for form in (wish.text, *([f".{extension[1]}", extension[1]] if extension else ())):
        span = said.find(form, "glob" if form == wish.text else "extension")
        if span is not None:
            text = said.text[span.start : span.end]
            missing = "" if text.startswith("*") or not extension else "*" if text.startswith(".") else "*."
            return [[Literal(missing), span] if missing else [span]]
    return [_affixed(said, wish.text)]

"""Where a sentence says a value: the span of a path, glob, number, size, age … or the literal that it is written as.

Which value a command has is decided elsewhere; here only words are found. Raises Unsaid for what the sentence lacks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from llmos.models.embedded.codec import WORDS, Literal, Piece, Span
from llmos.models.embedded.words import cut
from llmos.train.shell.wishes import Meant, Wish
from llmos.train.slots import LANGUAGES
from llmos.values.quantities import parse_duration, parse_number, parse_size

Elements = list[list[Piece]]


class Unsaid(Exception):
    """The sentence does not say a value that the call needs."""


_PLACES = {
    "~": r"(?i)\b(?:(?:the |your |my )?(?:current )?user(?:'?s)?'? |your |the |my )?home (?:directory|folder|dir)\b|\byour home\b|用户主目录|主目录|家目录",
    "/": r"(?i)\b(?:root (?:directory|folder|partition|file ?system)|(?:entire|whole) (?:file ?system|system|disk|hard drive|machine|server)|file ?system root|root of the (?:file ?)?system|(?:in|on|across) (?:the|your|this|my) (?:file ?)?(?:system|computer|machine|server))\b|\b(?:under|in|from) root\b",
    "..": r"(?i)\bparent (?:directory|folder|dir)\b|父目录|上级目录",
}  # fmt: skip
_NOUN = re.compile(
    r"(?i)files?|folders?|director(?:y|ies)|dirs?|names?|text|target|destination|source|archive|path|a|the|root|home|current"
)
_MARKS = tuple("'\"`“‘")
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
_BOTH_KINDS = re.compile(r"(?i)files?(?: ?/ ?| and | or )(?:director|folder|dir)")
_UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|秒|分钟|个?小时|天|日|个?星期|周|个?月|年)"
_AGE = re.compile(
    rf"(?i)(?:\b(?:last|past|previous)\s+)?(?:\b(?:\d+|[a-z]+(?:-[a-z]+)?)\s*|[\d一二两三四五六七八九十]+\s*){_UNIT}(?![a-z])|\btoday\b|\byesterday\b|今天|昨天"
)
_COMPARED = re.compile(
    r"(?i)\b(?:more|less|fewer|later|earlier|older|newer|least|most|over|within|since|before|after|last|longer|greater|prior|not) [\w ]*$|以"
)
"""Without one of these, "7 days ago" is that very day."""
_SIZE = re.compile(r"(?i)(?:\b\d[\d.,]*|\b(?:a|one|two|five|ten|hundred))\s*(?:[kmgt]i?b?|bytes?|(?:kilo|mega|giga|tera)bytes?|megs?|gigs?|兆|字节)\b")  # fmt: skip
_ONE = r"(?i)\b(?:largest|biggest|smallest|newest|oldest|latest|earliest|first|one|single|a|most recent(?:ly)?|last)\b|第一|最大的|最新的"
_DEPTH_ONE = r"(?i)non?-?recursive|without (?:going|travers|recurs|descend|search)\w*|not (?:delete|remove|list|search|include|change|move) (?:those|files|anything|any)\b.{0,12}\bsub|not recurs|without (?:recurs|descend|sub)|sub-?(?:director|folder)\w* (?:excluded|are not)|(?:max\w*|depth of|search) depth|\b(?:one|1|first|top|single)[- ]?(?:directory )?level|level (?:1|one)\b|only (?:in|the (?:current|top|files))|(?:directory|folder) only|\bdirectly\b|immediate|no sub|no deeper|(?:not|don't|do not|excluding|ignor\w*|exclude) (?:in(?:to)? |its |any |search |the |go |look |descend )*(?:in(?:to)? |the |any )*sub|first[- ]level|不递归|不包括子"


@dataclass
class Said:
    """A sentence and the words of it that were used."""

    text: str
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    """With what kind of value stands there."""

    found: bool = False
    """Whether the command looks beneath folders: then its own starting place may stay unsaid."""

    ignored: list[tuple[int, int]] = field(default_factory=list)
    """Characters that make no difference."""

    explained: list[tuple[int, int]] = field(default_factory=list)
    """Characters that say something that is in the call without being copied."""

    def __post_init__(self) -> None:
        words = cut(self.text, WORDS)
        self.starts = {word.start for word in words}
        self.ends = {word.end for word in words}
        self.words = words

    def find(self, text: str, kind: str, fold: bool = False) -> Span | None:
        """The first place where exactly these words stand; one not used before, if there is one."""
        places = [*self._places(text, fold)]
        free = [p for p in places if all(p.end <= a or b <= p.start for a, b, _ in self.spans)]
        if not places:
            return None
        quoted = [p for p in free if self.text[p.start - 1 : p.start] in _MARKS]
        chosen = (quoted or free or places)[0]
        self.use(chosen, kind)
        return chosen

    def use(self, span: Span, kind: str) -> None:
        if all((span.start, span.end) != (start, end) for start, end, _ in self.spans):
            self.spans.append((span.start, span.end, kind))

    def _places(self, text: str, fold: bool) -> Iterator[Span]:
        if not text:
            return
        flags = re.IGNORECASE if fold else 0
        for match in re.finditer(re.escape(text), self.text, flags):
            if match.start() in self.starts and match.end() in self.ends:
                yield Span(match.start(), match.end())

    def ignores(self, pattern: str) -> None:
        """What matches need not be in the call."""
        self.ignored += [match.span() for match in re.finditer(pattern, self.text)]

    def explains(self, pattern: str) -> bool:
        match = re.search(pattern, self.text)
        if match is None:
            return False
        self.explained.append(match.span())
        return True


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
    pieces = _path(said, wish, name) if kind == "path" else _FINDERS[kind](said, wish)
    if isinstance(pieces, dict):
        return pieces
    return {name: pieces} if pieces is not None else {}


def _span(said: Said, text: str, kind: str) -> Elements:
    span = said.find(text, kind)
    if span is None:
        raise Unsaid(text)
    return [[span]]


def _path(said: Said, wish: Wish, name: str) -> Elements | None:
    text = re.sub(r"^\$\{(\w+)\}", r"$\1", wish.text)
    bare = text.removeprefix("./").rstrip("/") or text
    for form in dict.fromkeys((wish.text, text, bare, bare + "/", "./" + bare, "./" + bare + "/", "/" + bare)):
        if re.fullmatch(r"\.{3,}", form):
            raise Unsaid("something")
        if form in (".", "./", "/") and form != wish.text:
            continue
        span = said.find(form, "path") if form not in (".", "./") else None
        if span is not None and _NOUN.fullmatch(form) and said.text[span.start - 1 : span.start] not in _MARKS:
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


def _glob(said: Said, wish: Wish) -> dict[str, object] | None:
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


def _excluded(said: Said, wish: Wish) -> Elements:
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


def _number(said: Said, wish: Wish) -> Elements:
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


def _limit(said: Said, wish: Wish) -> Elements:
    try:
        return _number(said, wish)
    except Unsaid:
        if wish.text == "1" and said.explains(_ONE):
            return [[Literal("1")]]
        raise


def _depth(said: Said, wish: Wish) -> Elements:
    if wish.text == "1":
        if said.explains(_DEPTH_ONE):
            said.explains(r"\b1\b")
            return [[Literal("1")]]
        raise Unsaid("depth 1")
    if not re.search(r"(?i)level|depth|deep|down", said.text):
        raise Unsaid("depth")
    return _number(said, wish)


def _levels(said: Said, wish: Wish) -> Elements:
    return _depth(said, wish) if wish.text == "1" else _number(said, wish)


def _column(said: Said, wish: Wish) -> Elements:
    for number, ordinal in enumerate(("first", "second", "third", "fourth", "fifth"), 1):
        if wish.text == str(number) and said.explains(rf"(?i)\b{ordinal}\b"):
            return [[Literal(wish.text)]]
    return _span(said, wish.text, "kept")


def _delimiter(said: Said, wish: Wish) -> Elements:
    names = {",": "comma", ";": "semicolon", ":": "colon", "|": "pipe", " ": "space", "\t": "tab"}
    span = (said.find(wish.text, "kept") if wish.text.strip() else None) or said.find(
        names.get(wish.text, wish.text), "kept"
    )
    if span is None:
        raise Unsaid("delimiter")
    return [[span]]


def _measured(pattern: re.Pattern[str], parse: Callable[[str], float], kind: str) -> Callable[[Said, Wish], Elements]:
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


def _word(said: Said, wish: Wish) -> Elements:
    forms = dict.fromkeys((wish.text, re.sub(r"\\([.\-/ ])", r"\1", wish.text)))
    for form in forms:
        span = said.find(form, "word" if re.fullmatch(r"[\w .-]+", form) else "kept")
        if span is not None:
            return [[span]]
    raise Unsaid(wish.text)


def _mode(said: Said, wish: Wish) -> Elements:
    for form in (wish.text, "0" + wish.text, wish.text.lstrip("0")):
        span = said.find(form, "mode")
        if span is not None:
            return [[span]]
    for mode, pattern in _MODES.items():
        if wish.text in mode.split("|") and said.explains(pattern):
            return [[Literal(wish.text)]]
    return _rights_said(said, wish.text)


_WHO = {
    "u": r"\bowners?\b|\busers?\b(?! \w+ and)|所有者",
    "g": r"\bgroups?\b|用户组",
    "o": r"\bothers?\b|\bworld\b|其他用户",
    "a": r"\ball users\b|\beveryone\b|\beverybody\b|\banyone\b|\bfor all\b|\bto all\b|\bby all\b|所有用户",
}
_RIGHTS = {
    "r": r"\bread|读",
    "w": r"\bwrit|写",
    "x": r"\bexecut|执行",
    "s": r"\bset-?[ug]id|\bs[ug]id|set (?:user|group) id",
    "t": r"\bsticky",
}
_CHANGE = {
    "+": r"\badd|\bgiv|\bgrant|\bset|\ballow|\bmake|\benabl|\bassign|授予|添加",
    "-": r"\bremov|\brevok|\btak(?:e|es|ing)|\bden|\bdisabl|\bstrip|\bclear|\bwithdraw|移除|取消",
}


def _rights_said(said: Said, mode: str) -> Elements:
    """A symbolic mode in words: all that it has, nothing that it has not."""
    match = re.fullmatch(r"([ugoa]*)([+-])([rwxst]+)", mode)
    text = said.text.lower()
    if match is None or not re.search(_CHANGE[match[2]], text):
        raise Unsaid(mode)
    _says_exactly(text, match[1] if match[3] not in ("s", "t") else "", match[3])
    said.ignores(r"(?i)\bpermissions?\b|\bowners?\b|\busers?\b|\bgroups?\b|\bothers?\b|\bexecutable\b")
    return [[Literal(mode)]]


def _says_exactly(text: str, who: str, rights: str) -> None:
    if any(bool(re.search(pattern, text)) != (letter in rights) for letter, pattern in _RIGHTS.items()):
        raise Unsaid(rights)
    if who != "" and any(bool(re.search(pattern, text)) != (letter in who) for letter, pattern in _WHO.items()):
        raise Unsaid(who)


def _rights(said: Said, wish: Wish) -> Elements:
    """A permission to look for, in words."""
    who, _, rights = wish.text.partition("+")
    _says_exactly(said.text.lower(), who, rights)
    if re.search(r"(?i)\bonly\b|\bor\b|\bnot\b|n't\b|\bat least\b.*\bor\b", said.text):
        raise Unsaid("only these")
    said.ignores(r"(?i)\bowners?\b|\busers?\b|\bgroups?\b|\bothers?\b|\breadable\b|\bwritt?e?able\b")
    return [[Literal(wish.text)]]


_MODES = {
    "+x|a+x": r"(?i)\bexecut(?:able|e|ion)\b.{0,40}\b(?:all|every|any|each)|\ball\b.{0,30}execut|(?:make|mark|set)\w*\b.*\bexecutable|execut\w+ permission",
    "u+x": r"(?i)\bexecut\w+\b.{0,30}\b(?:owner|user)|\b(?:owner|user)\b.{0,30}execut",
    "g+w": r"(?i)group[- ]?writ|writ\w+\b.{0,25}\bgroup|group\b.{0,25}\bwrit",
    "o-w": r"(?i)remov\w*\b.*writ\w+\b.*\bother",
}  # fmt: skip


def _bit(said: Said, wish: Wish) -> Elements:
    if not said.explains(wish.text):
        raise Unsaid(wish.kind)
    return [[Literal(wish.kind.split(" ")[1])]]


def _flag(said: Said, wish: Wish) -> dict[str, object] | bool | None:
    """Set when the sentence mentions it, left out when not: the command line shows more than was asked for."""
    return True if said.explains(wish.text) else None


def _details(said: Said, _: Wish) -> object:
    asks = r"(?i)\bdetail|\blong (?:list|format)|\bls\b|\bpermissions?\b|\binformation\b|\blong-list|\battributes|详细"
    return "details" if said.explains(asks) else None


def _plain(kind: str) -> Callable[[Said, Wish], Elements]:
    return lambda said, wish: _span(said, wish.text, kind)


_FINDERS: Mapping[str, Callable[[Said, Wish], object]] = {
    "glob": _glob, "excluded": _excluded, "number": _number, "limit": _limit, "depth": _depth,
    "age": _measured(_AGE, parse_duration, "age"), "size": _measured(_SIZE, parse_size, "size"), "word": _word,
    "mode": _mode, "bit": _bit, "rights": _rights, "flag": _flag, "details": _details, "user": _plain("user"), "group": _plain("group"),
    "process": _plain("process"), "port": _plain("port"), "pid": _plain("pid"), "program": _plain("program"),
    "variable": _plain("variable"), "kept": _plain("kept"), "levels": _levels, "column": _column, "delimiter": _delimiter,
}  # fmt: skip

"""Requests that are said as in an example of a manifest, with other values: which call they are.

Every word but the values has to be the same; nothing is guessed. Whether a model is asked is the agent's business.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from llmos.tools.catalogue import files, name_of
from llmos.tools.said import CJK, Word, words
from llmos.values.messages import JSON, ToolCall
from llmos.values.place import Place
from llmos.values.quantities import parse_number

VERSION = 3
"""Of the cached index."""

_DOTTED = re.compile(r"\w[./:@]\w")


class Slot(NamedTuple):
    """Where an example has a value of its own."""

    argument: str
    kind: str
    """number, path, one of, like (a pattern), dotted, word"""

    of: tuple[str, ...] = ()
    """The values (one of), the endings (path), least and greatest (number), else the pattern, if there is one."""

    many: bool = False


class Template(NamedTuple):
    """An example with its values taken out."""

    tool: str
    parts: tuple[str | Slot, ...]
    """Words as they have to be, and slots."""

    constants: Mapping[str, JSON]
    """Values that the words as a whole mean."""

    @property
    def fixed(self) -> int:
        return sum(isinstance(part, str) for part in self.parts)


def template(tool: str, arguments: Mapping[str, Any], example: Mapping[str, Any]) -> Template | None:
    """From a manifest's tables as TOML has them. None where it is too open: see `_is_sound`."""
    said = words(str(example["phrase"]))
    parts: list[str | Slot] = [word.plain for word in said]
    constants: dict[str, JSON] = {}
    for name, value in example["arguments"].items():
        spots = _spots(said, parts, value)
        if spots is None:
            constants[name] = value
            continue
        for spot, text in zip(spots, _as_list(value), strict=True):
            parts[spot] = _slot(name, arguments[name], str(text))
    made = Template(tool, tuple(parts), constants)
    return made if _is_sound(made, arguments) else None


def _is_sound(made: Template, arguments: Mapping[str, Any]) -> bool:
    """Some word has to be said, and no path goes unsaid: with "song.wav" another, "song.mp3" would be wrong."""
    unsaid = (str(value) for name, value in made.constants.items() if arguments[name]["type"] in ("path", "paths"))
    return made.fixed > 0 and all(path.startswith((".", "/", "~")) for path in unsaid)


def _spots(said: Sequence[Word], parts: Sequence[str | Slot], value: JSON) -> list[int] | None:
    """The word each value stands in; None where one is said in another way, or in several words."""
    spots: list[int] = []
    if isinstance(value, bool):
        return None
    for text in _as_list(value):
        free = (i for i, word in enumerate(said) if i not in spots and isinstance(parts[i], str))
        spot = next((i for i in free if _says(said[i], text)), None)
        if spot is None:
            return None
        spots.append(spot)
    return spots


def _as_list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else [value]


def _says(word: Word, value: JSON) -> bool:
    return _number(word.text) == value if isinstance(value, int) else word.text == value


def _number(text: str) -> float | None:
    with suppress(ValueError):
        return parse_number(text.removesuffix("%"))
    return None


def _slot(name: str, argument: Mapping[str, Any], value: str) -> Slot:
    match argument["type"]:
        case "integer":
            return Slot(name, "number", tuple(str(argument.get(bound, "")) for bound in ("minimum", "maximum")))
        case "path" | "paths" as kind:
            return Slot(name, "path", tuple(argument.get("endings", ())), many=kind == "paths")
        case "enum":
            return Slot(name, "one of", tuple(argument["values"]))
    pattern = argument.get("pattern", "")
    if pattern and not re.fullmatch(pattern, "word"):
        return Slot(name, "like", (pattern,))
    return Slot(name, "dotted" if _DOTTED.search(value) else "word", (pattern,) if pattern else ())


# ---- what a request says


_POINTS = frozenset((
    "i", "you", "he", "she", "it", "we", "they", "this", "that", "these", "those", "here", "there", "them", "us", "him",
    "her", "his", "its", "their", "your", "mine", "all", "both", "each", "every", "everything", "everyone", "everybody",
    "any", "anything", "anyone", "anybody", "some", "something", "someone", "somebody", "none", "nothing", "nobody",
    "no", "one", "other", "others", "another", "same", "first", "last", "next", "new", "old", "and", "or", "not", "to",
    "of", "in", "on", "at", "by", "for", "from", "with", "as", "what", "which", "who", "whom", "whose", "when", "where",
    "why", "how", "is", "are", "was", "were", "be", "do", "does", "did", "have", "has", "had", "now", "today",
    "yesterday", "file", "files", "folder", "folders", "directory", "computer", "machine", "system", "network",
    "internet",
))  # fmt: skip
"""Words that are no name of anything."""


def find(request: str, templates: Iterable[Template], place: Place) -> ToolCall | None:
    """The call of the example that the request says with other values, or None; the one with the fewest slots."""
    said = words(request)
    plain = [word.plain for word in said]
    for one in sorted((t for t in templates if _may_say(plain, t)), key=lambda t: -t.fixed):
        call = _call(said, one, place)
        if call is not None:
            return call
    return None


def _may_say(plain: Sequence[str], one: Template) -> bool:
    return len(plain) == len(one.parts) and all(
        part == word for part, word in zip(one.parts, plain, strict=True) if isinstance(part, str)
    )


def _call(said: Sequence[Word], one: Template, place: Place) -> ToolCall | None:
    arguments = dict(one.constants)
    sources: dict[str, tuple[tuple[int, int], ...]] = {}
    for word, slot in zip(said, one.parts, strict=True):
        if isinstance(slot, str):
            continue
        value = _value(word, slot, place)
        if value is None:
            return None
        arguments[slot.argument] = [*_as_list(arguments.get(slot.argument, [])), value] if slot.many else value
        sources[slot.argument] = (*sources.get(slot.argument, ()), (word.start, word.end))
    return ToolCall("1", one.tool, arguments, sources=sources)


def _value(word: Word, slot: Slot, place: Place) -> JSON:
    """None where the word is no such value."""
    text = word.text
    match slot.kind:
        case "number":
            return _whole(text, *slot.of)
        case "one of":
            return next((value for value in slot.of if value.casefold() == text.casefold()), None)
        case "like":
            fits = True
        case "path":
            fits = _is_path(word, slot.of, place)
        case "dotted":
            fits = _DOTTED.search(text) is not None
        case _:
            fits = word.quoted or (re.fullmatch(r"[\w.@:+/-]+", text) is not None and _is_name(word))
    pattern = slot.of[0] if slot.of and slot.kind != "path" else ""
    return text if fits and not text.startswith("-") and (not pattern or re.fullmatch(pattern, text)) else None


def _whole(text: str, minimum: str, maximum: str) -> int | None:
    number = _number(text)
    if number is None or number != int(number):
        return None
    low = not minimum or number >= int(minimum)
    return int(number) if low and (not maximum or number <= int(maximum)) else None


def _is_name(word: Word) -> bool:
    return word.plain not in _POINTS and not re.match(f"[{CJK}]", word.text)


def _is_path(word: Word, endings: Sequence[str], place: Place) -> bool:
    if endings:
        return word.text.rpartition(".")[2].casefold() in endings and "." in word.text
    looks_like_one = word.quoted or re.search(r"[./~]", word.text) is not None
    return looks_like_one or os.path.lexists(os.path.join(place.cwd, word.text))


# ---- the index: the templates of all manifests, in the state folder until one of them changes


def load(folders: Sequence[Path], state: str) -> list[Template]:
    """Manifests that cannot be read are left out; `llmos tools list` says what is wrong with them."""
    found = list(files(folders))
    stamp = [[str(file), *_changed(file)] for file in found]
    kept = os.path.join(state, "examples.json")
    with suppress(OSError, ValueError, KeyError, TypeError):
        with open(kept, encoding="utf-8") as file:
            raw = json.load(file)
        if raw["version"] == VERSION and raw["stamp"] == stamp:
            return [_read(one) for one in raw["templates"]]
    made = [one for file in found for one in _templates(file)]
    if state:
        _keep(kept, {"version": VERSION, "stamp": stamp, "templates": made})
    return made


def _changed(file: Path) -> tuple[int, int]:
    status = os.stat(file)
    return status.st_mtime_ns, status.st_size


def _templates(file: Path) -> Iterator[Template]:
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, re.error):
        yield from (one for one in of_file(file) if one)


def of_file(file: Path) -> list[Template | None]:
    """Of each example, in order. What is no manifest raises OSError, ValueError, KeyError or TypeError."""
    import tomllib  # noqa: PLC0415  # only where a manifest has changed

    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    return [template(name_of(file), raw.get("arguments", {}), example) for example in raw.get("examples", [])]


def _read(raw: Any) -> Template:
    tool, parts, constants = raw
    return Template(tool, tuple(p if isinstance(p, str) else _read_slot(p) for p in parts), constants)


def _read_slot(raw: Any) -> Slot:
    argument, kind, of, many = raw
    return Slot(argument, kind, tuple(of), many)


def _keep(path: str, index: Mapping[str, object]) -> None:
    """A state folder that cannot be written costs time, no more."""
    with suppress(OSError):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as file:
            json.dump(index, file, ensure_ascii=False)
        os.replace(file.name, path)

"""New names from old ones: replace a part, other extension, capitals, prefix, suffix, numbers. Pure.

Whether a name is free is the business of move.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

_DOUBLE = (".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
_DIGITS = re.compile(r"(\d+)")
_GROUP = re.compile(r"\$(\d|\{\w+\})")


@dataclass(frozen=True)
class Rules:
    """The arguments of rename_files that make a name."""

    old: str | None = None
    new: str = ""
    regex: bool = False
    new_extension: str | None = None
    letter_case: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    number_from: int | None = None

    @property
    def are_empty(self) -> bool:
        return self == Rules(regex=self.regex)


def natural(name: str) -> tuple[tuple[int, str | int], ...]:
    """Sorts img2 before img10."""
    return tuple((0, int(part)) if part.isdecimal() else (1, part.lower()) for part in _DIGITS.split(name) if part)


def namer(rules: Rules) -> Callable[[str, bool, int], str]:
    """A function of old name, whether it is a folder, and its place in the order, counted from 0."""
    replace = _replacing(rules)

    def name(old: str, folder: bool, index: int) -> str:
        whole = replace(old)
        if rules.letter_case:
            whole = _in_case(whole, rules.letter_case, folder)
        stem, extension = split(whole, folder)
        if rules.new and rules.old is None:
            stem, extension = _replaced_whole(rules.new, extension, folder)
        if rules.number_from is not None:
            stem = _numbered(stem, rules.number_from + index, rules)
        stem = f"{rules.prefix or ''}{stem}{rules.suffix or ''}"
        return checked(_with_extension(stem, extension, rules.new_extension), old)

    return name


def split(name: str, folder: bool) -> tuple[str, str]:
    """Name and extension with its dot; folders have none, and neither has .bashrc."""
    if folder:
        return name, ""
    for ending in _DOUBLE:
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)], name[-len(ending) :]
    return os.path.splitext(name)


def checked(name: str, old: str) -> str:
    """Raises ToolError for what no file can be called."""
    if "/" in name or "\0" in name or name in ("", ".", ".."):
        raise ToolError(both("'{old}' cannot be called '{name}'.").format(old=clean_name(old), name=clean_name(name)))
    if len(os.fsencode(name)) > 255:
        raise ToolError(both("'{name}' is too long for a name.").format(name=clean_name(name)))
    return name


def _replacing(rules: Rules) -> Callable[[str], str]:
    old, new = rules.old, rules.new
    if not old:
        return lambda name: name
    if not rules.regex:
        return lambda name: name.replace(old, new)
    template = _GROUP.sub(lambda match: rf"\g<{match[1].strip('{}')}>", new)  # $1 is meant like \1
    try:
        pattern = re.compile(old)
        re.sub(pattern, template, "")
    except (re.error, IndexError) as error:
        raise ToolError(
            both("'{old}' with '{new}' is no regular expression: {error}.").format(
                old=clean_name(old), new=clean_name(new), error=error
            )
        ) from None
    return lambda name: pattern.sub(template, name)


def _in_case(name: str, case: str, folder: bool) -> str:
    if case == "lower":
        return name.lower()
    if case == "upper":
        return name.upper()
    stem, extension = split(name, folder)
    return re.sub(r"[^\W_]+", lambda word: word[0].capitalize(), stem) + extension


def _replaced_whole(new: str, extension: str, folder: bool) -> tuple[str, str]:
    """A new name without an extension keeps the old one."""
    stem, given = split(new, folder)
    return (stem, given) if given else (new, extension)


def _numbered(stem: str, number: int, rules: Rules) -> str:
    """photo1 from new=photo; with only a prefix or suffix the number is the name; else report_1 from report."""
    if rules.new and rules.old is None:
        return f"{stem}{number}"
    if rules.old is None and (rules.prefix or rules.suffix):
        return str(number)
    return f"{stem}_{number}"


def _with_extension(stem: str, extension: str, new: str | None) -> str:
    if new is None:
        return stem + extension
    bare = os.path.splitext(stem + extension)[0] if extension else stem
    new = new.strip().removeprefix("*").removeprefix(".")
    return f"{bare}.{new}" if new else bare

"""Operands of programs as wishes, and what a reading of a program is. Which program takes which is not known here."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from llmos.train.shell.wishes import Beyond, Meant, Wish

Program = Callable[[list[str]], Meant]


def paths(rest: Sequence[str]) -> dict[str, object]:
    """Operands of a program: paths, or one glob, which the shell expands in the current folder."""
    globs = [word for word in rest if re.search(r"[*?\[]", word)]
    if not rest:
        return {}
    if any(re.search(r"[{}]", word) and "$" not in word for word in rest):
        raise Beyond("a placeholder")
    if not globs:
        return {"path": tuple(Wish("path", word) for word in rest)}
    if len(rest) > 1 or "**" in rest[0]:
        raise Beyond("globs and paths")
    folder, _, glob = rest[0].rpartition("/")
    if re.search(r"[*?\[]", folder):
        raise Beyond("globs of folders")
    place = {"path": (Wish("path", folder),)} if folder not in ("", ".") else {}
    return {**place, "name": (Wish("glob", glob),)}


def files(rest: Sequence[str]) -> dict[str, object]:
    """Operands of a program that needs some. Raises Beyond."""
    wishes = paths(rest)
    if not wishes or (set(wishes) == {"name"} and wishes["name"] == (Wish("glob", "*"),)):
        raise Beyond("no operands")
    return wishes


def named(rest: Sequence[str]) -> dict[str, object]:
    """Operands of a tool that takes paths alone. Raises Beyond."""
    if not rest or any(re.search(r"[*?\[{]", word) for word in rest):
        raise Beyond("no plain paths")
    return {"path": tuple(Wish("path", word) for word in rest)}


def two(rest: Sequence[str], first: str, second: str) -> dict[str, object]:
    if len(rest) != 2 or any(re.search(r"[*?\[{]", word) for word in rest):
        raise Beyond("two operands")
    return {first: Wish("path", rest[0]), second: Wish("path", rest[1])}

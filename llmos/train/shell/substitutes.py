"""Another value in place of one that a sentence names: of the same kind and the same look."""

from __future__ import annotations

import random
import re

from llmos.train import slots


def substituted(text: str, kind: str, r: random.Random, language: str) -> str:  # noqa: PLR0911, PLR0912  # one case a kind
    """What may stand in its place; the text itself where nothing surely may."""
    match kind:
        case "path":
            return _path(text, r, 0.6)
        case "beneath":
            return _path(text, r, 1.0)  # nobody changes all of /etc
        case "extension":
            return re.sub(r"[\w+-]+$", lambda _: r.choice(slots.EXTENSIONS[:70]), text)
        case "glob":
            return re.sub(r"[A-Za-z]{3,}(?![\w]*$)|^[A-Za-z]{3,}", lambda _: r.choice(slots.NOUNS), text, count=1)
        case "word":
            return _like(text, slots.pseudo_word(r) if r.random() < 0.3 else r.choice(slots.NOUNS))
        case "number":
            return (
                str(r.choice([2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 50])) if text.isdigit() and text != "1" else text
            )
        case "age" | "size":
            return _quantity(text, r)
        case "mode":
            return r.choice(["755", "644", "600", "700", "777", "664", "750", "640", "444"]) if text.isdigit() else text
        case "user":
            return r.choice(slots.USERS)
        case "group":
            return r.choice(slots.GROUPS)
        case "process":
            return r.choice(slots.PROCESSES)
        case "port" | "pid":
            return str(r.randint(1024, 65000))
        case "program":
            return r.choice(slots.PROGRAMS)
        case _:
            return text


def _quantity(text: str, r: random.Random) -> str:
    """Only the number changes, and one stays one, for the sake of the plural."""
    return re.sub(r"^\d+", lambda m: m.group() if m.group() in ("1", "0") else str(r.choice([2, 3, 5, 6, 7, 10, 12, 14, 15, 20, 24, 30, 45, 48, 60, 90, 100, 120])), text)  # fmt: skip


def _like(text: str, word: str) -> str:
    return word.upper() if text.isupper() and len(text) > 1 else word.capitalize() if text[:1].isupper() else word


def _path(text: str, r: random.Random, deeper: float) -> str:
    if re.fullmatch(r"[/~.$]+|~/?|\$\w+|.*[*?\[{$].*", text):
        return text
    name = text.rstrip("/").rsplit("/", 1)[-1]
    slash = "/" if text.endswith("/") else ""
    dotted = re.fullmatch(r"(.+)\.((?:tar\.)?\w{1,5})", name)
    new = f"{slots.stem(r, 'en')}.{_extension(dotted[2], r)}" if dotted else slots.folder_name(r, "en")
    if "/" not in text.rstrip("/"):
        return new.lstrip("/") + slash
    if text.startswith(("./", "../")):
        return text[: text.index("/") + 1] + new + slash
    if text.startswith("/"):
        root = r.choice([root for root in slots.ROOTS if root.startswith("/")])
        return (f"{root}/{new}" if dotted or r.random() < deeper else root) + slash
    start = "~/" if text.startswith("~/") else slots.folder_name(r, "en") + "/"
    return start + new + slash


def _extension(text: str, r: random.Random) -> str:
    if text in slots.ARCHIVES or text in ("tgz", "bz2"):
        return text
    return r.choice(slots.EXTENSIONS[:60])

"""JSON as models write it: strict where it can be, mended where only one reading is left, refused otherwise.

What the value means is `parse`'s business.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from llmos.errors import ModelError

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|["{}\[\]]', re.DOTALL)
_PYTHON = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[\"'{}\[\]]", re.DOTALL)
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)


def value(text: str, *, cut: bool = False) -> tuple[Any, str]:
    """The value that `text` begins with, and what follows it. `cut`: it was stopped by a limit. Raises ModelError."""
    for read in (_strict, _without_spare_commas, _literal):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    try:
        return json.loads(_closed(text, cut) or "", strict=False), ""
    except (ValueError, RecursionError):
        raise ModelError(f"the model's call cannot be read: {glimpse(text)}") from None


def _strict(text: str) -> tuple[Any, str]:
    found, end = json.JSONDecoder(strict=False).raw_decode(text)
    return found, text[end:]


def _without_spare_commas(text: str) -> tuple[Any, str]:
    return _strict(_COMMA.sub(lambda match: match[1] or "", text))


def _literal(text: str) -> tuple[Any, str]:
    """With the quotes and the True, False, None of Python."""
    end = _balanced(text)
    return ast.literal_eval(text[:end]), text[end:]


def _balanced(text: str) -> int:
    """Where the bracket that `text` begins with is closed. Raises ValueError."""
    depth = 0
    for token in _PYTHON.finditer(text):
        depth += (token[0] in "{[") - (token[0] in "}]")
        if depth == 0:
            return token.end()
    raise ValueError("never closed")


def _closed(text: str, cut: bool) -> str | None:
    """With the brackets that are missing at the end; None where something else may be missing too.

    After a cut that is everywhere but behind the arguments: another argument may have made a call narrower.
    """
    closers = _open_brackets(text)
    if (
        closers is None
        or text.rstrip().endswith(("{", "[", ":", ","))
        or (cut and not (text.rstrip().endswith("}") and closers in ("}", "}]")))
    ):
        return None
    return text.rstrip() + closers


def _open_brackets(text: str) -> str | None:
    """What closes the brackets that are open at the end; None within a string or where they do not match."""
    stack: list[str] = []
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "{" | "[" as opener:
                stack.append("}" if opener == "{" else "]")
            case "}" | "]" as closer:
                if not stack or stack.pop() != closer:
                    return None
            case '"':
                return None
    return "".join(reversed(stack))


def glimpse(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:38]} … {line[-38:]}"

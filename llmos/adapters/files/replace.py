"""Replaces text in the content of one file, in memory; its encoding, line ends and odd bytes stay as they are.

Writing the new content is change.py's business.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from llmos.adapters.files.content import HEAD, encoding_of, is_binary
from llmos.adapters.files.search import compiled_expression, too_slow, worded
from llmos.errors import ToolError
from llmos.translation import both

Replace = Callable[[str], tuple[str, int]]
"""The new text and how many times something was replaced."""


class Replaced(NamedTuple):
    content: bytes
    times: int


def literally(old: str, new: str, ignore_case: bool, whole_word: bool) -> Replace:
    if not ignore_case and not whole_word:
        return lambda text: (text.replace(old, new), text.count(old))
    compiled = re.compile(worded(re.escape(old), whole_word), re.IGNORECASE if ignore_case else 0)
    return lambda text: compiled.subn(lambda match: new, text)


def by_expression(old: str, new: str, ignore_case: bool, whole_word: bool, seconds: float = 20.0) -> Replace:
    r"""In the new text \1 or $1 stands for the first group; each text may take so many seconds."""
    import regex  # noqa: PLC0415 - 15 ms that a literal replacement does without

    compiled = compiled_expression(old, ignore_case, whole_word)
    template = re.sub(r"\$(\d)", r"\\\1", new) if compiled.groups else new

    def replace(text: str) -> tuple[str, int]:
        try:
            return compiled.subn(template, text, timeout=seconds)
        except TimeoutError:
            raise too_slow(old) from None
        except (IndexError, regex.error) as error:
            raise ToolError(
                both("'{new}' does not fit the expression '{old}': {error}.").format(new=new, old=old, error=error)
            ) from None

    return replace


def replaced(content: bytes, replace: Replace) -> Replaced | None:
    """None for what is no text, or not in the encoding its mark says."""
    if is_binary(content[:HEAD]):
        return None
    encoding = encoding_of(content)
    errors = "surrogateescape" if encoding.name == "utf-8" else "strict"
    try:
        text, count = replace(content[len(encoding.mark) :].decode(encoding.name, errors))
        return Replaced(encoding.mark + text.encode(encoding.name, errors), count)
    except UnicodeError:
        return None

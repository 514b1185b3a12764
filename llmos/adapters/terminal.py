"""Makes text from files, names and programs safe to show: control, bidirectional, invisible characters are escaped.

Bytes that are not UTF-8 (surrogate escapes) are shown as `\\xff`. Layout and colour are the fronts' business.
"""

from __future__ import annotations

import re

_JOINER = r"(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])"  # inside emoji, Persian and Indic words it is ordinary
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters
    r"\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, bidirectional
    r"\ud800-\udfff\U000e0000-\U000e007f"  # undecodable bytes, tags
)
_CONTENT = re.compile(f"{_JOINER}|([{_HIDDEN}])")
_NAME = re.compile(f"{_JOINER}|([{_HIDDEN}\\t\\n])")
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r", "\0": r"\0"}


def clean(text: str) -> str:
    """Content of several lines: line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTENT.sub(_escape, text.replace("\r\n", "\n"))


def clean_name(text: str) -> str:
    """A path or another single value: line ends and tabs are escaped too, so that it stays on one line."""
    if text.isprintable():
        return text
    return _NAME.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    number = ord(match[1])
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x100:
        return _SHORT.get(match[1], f"\\x{number:02x}")
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

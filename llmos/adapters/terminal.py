"""Makes text from files, names and programs safe to show: control, bidirectional, invisible characters are escaped.

Bytes that are not UTF-8 (surrogate escapes) are shown as `\\xff`. Layout and colour are the fronts' business.
"""

from __future__ import annotations

import re

from llmos.translation import Both, mapped

_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters
    r"\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d"
    r"\ufeff\uffa0\ufff0-\ufffb"  # invisible, bidirectional
    r"\ud800-\udfff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # undecodable bytes, tags
)
_MORE = r"\ufe0e\ufe0f\U000e0100-\U000e01ef"
_SHAPE = rf"[^\x00-\x7f{_HIDDEN}{_MORE}]"
_ORDINARY = (
    rf"(?:(?<={_SHAPE})|(?<={_SHAPE}[\ufe0e\ufe0f]))[\u200c\u200d](?={_SHAPE})"  # joiners inside words and emoji
    r"|(?<=[^\ufe0e\ufe0f])[\ufe0e\ufe0f]"  # one variant of an emoji
    r"|(?<=[\u3400-\u9fff\uf900-\ufaff])[\U000e0100-\U000e01ef]"  # or of an ideograph
)
_CONTENT = re.compile(f"{_ORDINARY}|([{_HIDDEN}{_MORE}])")
_NAME = re.compile(f"{_ORDINARY}|([{_HIDDEN}{_MORE}\\t\\n])")
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r", "\0": r"\0"}


def clean(text: str) -> str:
    """Content of several lines: line ends and tabs stay."""
    if not isinstance(text, Both) and text.isascii() and text.isprintable():
        return text
    return mapped(lambda one: _CONTENT.sub(_escape, one.replace("\r\n", "\n")), text)


def clean_name(text: str) -> str:
    """A path or another single value: line ends and tabs are escaped too, so that it stays on one line."""
    if not isinstance(text, Both) and text.isascii() and text.isprintable():
        return text
    return mapped(lambda one: _NAME.sub(_escape, one), text)


def _escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    number = ord(match[1])
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x100:
        return _SHORT.get(match[1], f"\\x{number:02x}")
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

"""The text of a document, for the search index: plain text, HTML, docx and odt; PDF where pypdf is installed.

Not scanned pages, not spreadsheets, not mail. What cannot be read has no text.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Callable, Mapping
from html import unescape
from html.parser import HTMLParser
from importlib.util import find_spec
from types import MappingProxyType
from zipfile import BadZipFile, ZipFile

LARGEST_FILE = 20 << 20
"""Bytes; what is larger is found by its name only."""

LARGEST_TEXT = 1 << 20
"""Characters of one file that are indexed; also the most that is unpacked of one, in bytes, times eight."""


def text_of(path: str) -> str:
    """Without following a link; "" for what is no text. Raises OSError."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            return ""
        content = file.read(LARGEST_FILE)
    read = _READERS.get(os.path.splitext(path)[1].lower(), _plain)
    return read(content)[:LARGEST_TEXT]


def _plain(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content[:8192]:
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _of_many_bytes(content)


def _of_many_bytes(content: bytes) -> str:
    """GB18030 takes nearly everything, so it has to look like Chinese."""
    text = content.decode("gb18030", "replace")
    chinese = len(re.findall("[\u4e00-\u9fff]", text))
    return text if "\ufffd" not in text and chinese * 4 > len(content) * 0.5 else content.decode("latin-1")


class _Html(HTMLParser):
    UNSEEN = ("script", "style", "template")

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in self.UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in self.UNSEEN and self._unseen > 0

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def _html(content: bytes) -> str:
    parser = _Html()
    parser.feed(_plain(content))
    return " ".join(parser.parts)


def _zipped(member: str) -> Callable[[bytes], str]:
    """The words of an XML file in an archive. Tags are cut away rather than parsed: no entity is ever expanded."""

    def read(content: bytes) -> str:
        try:
            with ZipFile(io.BytesIO(content)) as archive, archive.open(member) as file:
                xml = file.read(8 * LARGEST_TEXT).decode("utf-8", "replace")
        except (BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError):
            return ""
        paragraphs = re.sub(r"</(?:w|text):(?:p|h|tab)>|<w:(?:tab|br)/>", "\n", xml)
        return unescape(re.sub(r"<[^>]*>", "", paragraphs))

    return read


def _pdf(content: bytes) -> str:
    if not find_spec("pypdf"):
        return ""
    from pypdf import PdfReader  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  # optional

    try:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    except Exception:  # a broken PDF raises nearly anything; it has no text
        return ""


_READERS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        ".html": _html,
        ".htm": _html,
        ".docx": _zipped("word/document.xml"),
        ".odt": _zipped("content.xml"),
        ".pdf": _pdf,
    }
)

"""What the bytes of a file are: text in which encoding, or which binary format. Only a file's head is looked at."""

from __future__ import annotations

import codecs
import os
import stat
from typing import NamedTuple

from llmos.adapters.failures import explained
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

HEAD = 8192


class Encoding(NamedTuple):
    name: str
    mark: bytes
    """The byte order mark the text begins with, if any."""


_UTF8 = Encoding("utf-8", b"")
_MARKED = (
    Encoding("utf-8", codecs.BOM_UTF8),
    Encoding("utf-32-le", codecs.BOM_UTF32_LE),  # before UTF-16, whose mark begins the same
    Encoding("utf-32-be", codecs.BOM_UTF32_BE),
    Encoding("utf-16-le", codecs.BOM_UTF16_LE),
    Encoding("utf-16-be", codecs.BOM_UTF16_BE),
)

_FORMATS = (
    (b"\x7fELF", "ELF program or library"),
    (b"\x89PNG\r\n\x1a\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"BM", "BMP image"),
    (b"II*\0", "TIFF image"),
    (b"MM\0*", "TIFF image"),
    (b"%PDF-", "PDF document"),
    (b"%!PS", "PostScript document"),
    (b"PK\x03\x04", "Zip archive or office document"),
    (b"PK\x05\x06", "Zip archive, empty"),
    (b"\x1f\x8b", "gzip compressed data"),
    (b"BZh", "bzip2 compressed data"),
    (b"\xfd7zXZ\0", "xz compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd compressed data"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"Rar!\x1a\x07", "RAR archive"),
    (b"!<arch>\n", "ar archive"),
    (b"\xd0\xcf\x11\xe0", "old office document"),
    (b"OggS", "Ogg audio or video"),
    (b"fLaC", "FLAC audio"),
    (b"ID3", "MP3 audio"),
    (b"\xff\xfb", "MP3 audio"),
    (b"MThd", "MIDI music"),
    (b"\x1aE\xdf\xa3", "Matroska or WebM video"),
    (b"FLV\x01", "Flash video"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"\xcf\xfa\xed\xfe", "Mach-O program or library"),
    (b"\xca\xfe\xba\xbe", "Java class or universal Mach-O program"),
    (b"\0asm", "WebAssembly module"),
    (b"MZ", "Windows program"),
    (b"wOF2", "WOFF2 font"),
    (b"\0\x01\0\0\0", "TrueType font"),
    (b"OTTO", "OpenType font"),
    (b"\x93NUMPY", "NumPy array"),
)


def is_binary(head: bytes) -> bool:
    """Text never holds a zero byte, unless a mark says that it is UTF-16 or UTF-32."""
    return b"\0" in head and encoding_of(head).name == "utf-8"


def encoding_of(head: bytes) -> Encoding:
    """What the mark at the beginning says; UTF-8 without one."""
    return next((encoding for encoding in _MARKED if head.startswith(encoding.mark)), _UTF8)


def decode(content: bytes, errors: str = "replace") -> str:
    """The text of a whole file without its mark; bytes that do not fit become replacement characters."""
    encoding = encoding_of(content)
    return content[len(encoding.mark) :].decode(encoding.name, errors)


def as_utf8(content: bytes) -> bytes:
    """The same text in UTF-8 and without a mark; what was UTF-8 keeps its odd bytes."""
    encoding = encoding_of(content)
    if encoding.name == "utf-8":
        return content[len(encoding.mark) :]
    return decode(content).encode("utf-8", "replace")


def describe(path: str) -> str:
    """What a file is, in a few words: "folder", "PNG image", "text (UTF-8)"."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return f"link to {clean_name(os.readlink(path))}"
    for test, name in (
        (stat.S_ISDIR, "folder"),
        (stat.S_ISFIFO, "named pipe"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISBLK, "block device"),
        (stat.S_ISCHR, "character device"),
    ):
        if test(mode):
            return name
    try:
        with open(path, "rb") as file:
            return describe_bytes(file.read(HEAD))
    except OSError:
        return "file"  # its content is not ours to read


def describe_bytes(head: bytes) -> str:
    if not head:
        return "empty file"
    if head[:4] == b"RIFF":
        return {b"WAVE": "WAV audio", b"WEBP": "WebP image", b"AVI ": "AVI video"}.get(head[8:12], "RIFF data")
    if head[4:8] == b"ftyp":
        return "HEIF image" if head[8:11] in (b"hei", b"mif", b"avi") else "MP4 or QuickTime video or audio"
    if head[257:262] == b"ustar":
        return "tar archive"
    for magic, name in _FORMATS:
        if head.startswith(magic) and (len(magic) > 2 or is_binary(head)):
            return name
    return "data" if is_binary(head) else _text(head)


def _text(head: bytes) -> str:
    if head.startswith(b"#!"):
        program = head.splitlines()[0][2:].split()
        name = program[-1] if program else b""
        return f"script for {clean_name(os.path.basename(name.decode('utf-8', 'replace')))}" if name else "text"
    encoding = encoding_of(head)
    if encoding.mark:
        return f"text ({encoding.name.upper()} with byte order mark)"
    if head.isascii():
        return "text (ASCII)"
    # the head may end within a character; an incremental decoder does not mind
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "text (not UTF-8)"
    return "text (UTF-8)"


def open_text(path: str) -> int:
    """A descriptor of a file that can be read to its end; folders, pipes and sockets are refused."""
    with explained("read", path):
        # without O_NONBLOCK, opening a named pipe waits for somebody to write to it
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        mode = os.fstat(number).st_mode
        if stat.S_ISREG(mode) or stat.S_ISCHR(mode):
            return number
        os.close(number)
        if stat.S_ISDIR(mode):
            raise ToolError(both("{path} is a folder; list_folder shows what is in it.").format(path=clean_name(path)))
        raise ToolError(
            both("{path} is not a file that can be read: {describe}.").format(
                path=clean_name(path), describe=describe(path)
            )
        )

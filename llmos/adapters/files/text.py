"""Reads parts of files: by lines or bytes, from the head, the tail or the middle; huge files are never read whole.

What was read is given back as it stands; making it safe to show is `adapters.terminal`'s business.
"""

from __future__ import annotations

import io
import os
import stat
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from llmos.adapters.failures import explained
from llmos.adapters.files.content import HEAD, as_utf8, describe_bytes, encoding_of, is_binary, open_text
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

_BLOCK = 1 << 16


@dataclass(frozen=True)
class Part:
    """Which part of a file. Lines count from 1; of several fields that are set, all hold."""

    first: int | None = None
    last: int | None = None
    start: int | None = None
    end: int | None = None
    bytes: bool = False
    """`first` and `last` count bytes."""


@dataclass(frozen=True)
class Piece:
    content: bytes
    line: int = 1
    """The number of its first line."""

    cut: bool = False
    """There is more of what was asked for than the limit allows."""


def open_file(path: str) -> io.BufferedReader:
    return open(open_text(path), "rb")


def read_part(path: str, part: Part, limit: int) -> Piece:
    """At most `limit` bytes of the part; of a tail the end is kept, of everything else the beginning."""
    with open_file(path) as opened, explained("read", path):
        if part.bytes:
            return _bytes(opened, part, limit)
        file: BinaryIO = opened
        if encoding_of(opened.peek(4)[:4]).name != "utf-8":
            file = io.BytesIO(as_utf8(opened.read()))
        if part.last is not None and part.start is None and part.end is None and part.first is None:
            return _last_lines(file, part.last, limit)
        return _lines(file, part, limit)


def _bytes(file: BinaryIO, part: Part, limit: int) -> Piece:
    if part.last is not None:
        size = _size(file)
        if size is None:
            content = file.read()[-part.last :] if part.last else b""
            return Piece(content[-limit:], cut=len(content) > limit)
        file.seek(max(0, size - min(part.last, limit)))
        return Piece(file.read(min(part.last, limit)), cut=min(part.last, size) > limit)
    wanted = limit + 1 if part.first is None else part.first
    content = _read(file, min(wanted, limit + 1))
    return Piece(content[:limit], cut=len(content) > limit)


def _read(file: BinaryIO, count: int) -> bytes:
    """Devices hand out less than was asked for; a file ends with an empty block."""
    blocks = []
    while count > 0 and (block := file.read(count)):
        blocks.append(block)
        count -= len(block)
    return b"".join(blocks)


def _lines(file: BinaryIO, part: Part, limit: int) -> Piece:
    start = max(1, part.start or 1)
    stop = part.end
    if part.first is not None:
        stop = min(stop, start + part.first - 1) if stop is not None else start + part.first - 1
    _skip_lines(file, start - 1)
    lines: Iterator[bytes] = iter(lambda: file.readline(limit + 1), b"")
    if stop is not None:
        lines = islice(lines, max(0, stop - start + 1))
    if part.last is not None:
        kept = deque(enumerate(lines, start), maxlen=part.last)
        content = b"".join(line for _, line in kept)
        return Piece(content[:limit], kept[0][0] if kept else start, len(content) > limit)
    return _until(lines, limit, start)


def _until(lines: Iterator[bytes], limit: int, start: int) -> Piece:
    taken: list[bytes] = []
    size = 0
    for line in lines:
        if size + len(line) > limit:
            taken.append(line[: limit - size] if not taken else b"")
            return Piece(b"".join(taken), start, cut=True)
        taken.append(line)
        size += len(line)
    return Piece(b"".join(taken), start)


def _skip_lines(file: BinaryIO, count: int) -> None:
    while count > 0:
        block = file.read(_BLOCK)
        if not block:
            return
        found = block.count(b"\n")
        if found < count:
            count -= found
            continue
        position = -1
        for _ in range(count):
            position = block.index(b"\n", position + 1)
        file.seek(position + 1 - len(block), os.SEEK_CUR)
        return


def _last_lines(file: BinaryIO, count: int, limit: int) -> Piece:
    """Reads backwards from the end, so that the size of the file does not matter."""
    size = _size(file)
    if size is None:
        file = io.BytesIO(file.read())
        size = len(file.getvalue()) if isinstance(file, io.BytesIO) else 0
    tail = b""
    position = size
    # one line end more than lines wanted: the last line may end in one, and one stands before the first
    while position > 0 and tail.count(b"\n") <= count and len(tail) <= limit:
        step = min(_BLOCK, position)
        position -= step
        file.seek(position)
        tail = file.read(step) + tail
    content = b"".join(_split(tail)[-count:]) if count else b""
    cut = len(content) > limit
    return Piece(content[-limit:], cut=cut)


def _split(text: bytes) -> list[bytes]:
    """Lines with their ends; a lone carriage return ends none."""
    lines = [line + b"\n" for line in text.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _size(file: BinaryIO) -> int | None:
    """None for files that do not know their size, as those in /proc."""
    if isinstance(file, io.BytesIO):
        return len(file.getvalue())
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) and status.st_size else None


def count_lines(path: str) -> int:
    """Lines, the last one also when no line end follows it."""
    lines = 0
    block = last = b""
    with open_file(path) as file, explained("read", path):
        while block := file.read(_BLOCK * 4):
            lines += block.count(b"\n")
            last = block[-1:]
    return lines + (last not in (b"", b"\n"))


def refuse_binary(path: str, hint: str) -> None:
    """Raises ToolError when the file is no text."""
    head = head_of(path)
    if is_binary(head):
        raise ToolError(
            both("{path} is not text but binary: {describe_bytes}. {hint}").format(
                path=clean_name(path), describe_bytes=describe_bytes(head), hint=hint
            )
        )


def head_of(path: str) -> bytes:
    with open_file(path) as file, explained("read", path):
        return file.read(HEAD)


def follow(path: str, seconds: float, position: int | None = None) -> Iterator[bytes]:
    """Whole lines that are added to the file within this time; a file that is replaced or cut is read anew."""
    end = time.monotonic() + seconds
    file = open_file(path)
    try:
        file.seek(0, os.SEEK_END) if position is None else file.seek(position)
        rest = b""
        while True:
            *lines, rest = (rest + file.read()).split(b"\n")
            yield from lines
            if time.monotonic() >= end:
                break
            time.sleep(min(0.1, max(0.0, end - time.monotonic())))
            file = _reopened(path, file)
        if rest:
            yield rest
    finally:
        file.close()


def _reopened(path: str, file: io.BufferedReader) -> io.BufferedReader:
    mine = os.fstat(file.fileno())
    try:
        there = os.stat(path)
    except OSError:
        return file  # between two files; go on with the old one
    if there.st_ino != mine.st_ino:
        file.close()
        return open_file(path)
    if there.st_size < file.tell():
        file.seek(0)
    return file


def hex_rows(content: bytes, offset: int | None = None) -> Iterator[str]:
    """Rows of 16 bytes in hexadecimal; with an offset also where each begins and how it reads."""
    for begin in range(0, len(content), 16):
        row = content[begin : begin + 16]
        digits = row.hex(" ")
        if offset is None:
            yield digits
        else:
            signs = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
            yield f"{offset + begin:08x}  {digits:<47}  |{signs}|"


_C_ESCAPES = {"\a": r"\a", "\b": r"\b", "\t": r"\t", "\n": "\\n\n", "\v": r"\v", "\f": r"\f", "\r": r"\r", "\0": r"\0"}


def with_escapes(content: bytes) -> str:
    """Unprintable characters and bytes that are no text as escapes, line ends too; lines still end where they did."""
    text = content.decode("utf-8", "surrogateescape")
    return "".join(c if c.isprintable() else _C_ESCAPES.get(c) or clean_name(c) for c in text)


def read_lines(path: str) -> list[bytes]:
    """All lines without their ends, as UTF-8 and without a byte order mark."""
    with open_file(path) as file, explained("read", path):
        content = file.read()
    content = as_utf8(content)
    return content.removesuffix(b"\n").split(b"\n") if content else []

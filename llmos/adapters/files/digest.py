"""One number for one file: lines, words, characters, bytes, or its checksum. Files are read in pieces."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Mapping

from llmos.adapters.failures import explained
from llmos.adapters.files.content import encoding_of
from llmos.adapters.files.text import count_lines, open_file

_BLOCK = 1 << 20


def count_words(path: str) -> int:
    """As `wc -w`: what stands between white space."""
    count = 0
    goes_on = False  # the block before ended within a word
    with open_file(path) as file, explained("read", path):
        while block := file.read(_BLOCK):
            count += len(block.split()) - (goes_on and not block[:1].isspace())
            goes_on = not block[-1:].isspace()
    return count


def count_characters(path: str) -> int:
    """As `wc -m`, but a byte order mark is no character, and bytes that fit no character count one each."""
    with open_file(path) as file, explained("read", path):
        encoding = encoding_of(file.peek(4)[:4])
        file.read(len(encoding.mark))
        decoder = codecs.getincrementaldecoder(encoding.name)("surrogateescape" if not encoding.mark else "replace")
        count = 0
        while block := file.read(_BLOCK):
            count += len(decoder.decode(block))
        return count + len(decoder.decode(b"", final=True))


def count_bytes(path: str) -> int:
    """What can be read, where the file system does not know the size beforehand."""
    with open_file(path) as file, explained("read", path):
        size = os.fstat(file.fileno()).st_size
        if size:
            return size
        return sum(len(block) for block in iter(lambda: file.read(_BLOCK), b""))


COUNTS: Mapping[str, Callable[[str], int]] = {
    "lines": count_lines,
    "words": count_words,
    "characters": count_characters,
    "bytes": count_bytes,
}


def digest(path: str, algorithm: str) -> str:
    """In hexadecimal."""
    import hashlib  # noqa: PLC0415 - 3 ms that only checksums need

    with open_file(path) as file, explained("read", path):
        return hashlib.file_digest(file, algorithm).hexdigest()

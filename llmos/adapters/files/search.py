"""Finds text in files line by line: literal or by expression, with a limit on time so that no expression runs for ever.

Which files are searched is the caller's choice; which of them need not even be read, ripgrep may say (`ripgrep.py`).
"""

from __future__ import annotations

import io
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from llmos.adapters.failures import explained
from llmos.adapters.files import ripgrep
from llmos.adapters.files.content import HEAD, as_utf8, encoding_of, is_binary, open_text
from llmos.errors import ToolError
from llmos.translation import both

if TYPE_CHECKING:
    from regex import Pattern

_WHOLE = 1 << 23
"""Files up to this size are read at once, which lets most of them be passed over with one look."""


class Line(NamedTuple):
    number: int
    text: str
    matches: bool
    """False for the lines of the context."""


class Finder(Protocol):
    def __call__(self, line: bytes) -> list[str]:
        """What matches in a line, in order; empty when nothing does."""


class Needle(NamedTuple):
    """What is sought, made ready once for all files."""

    find: Finder
    invert: bool
    literal: bytes = b""
    """Stands in every line that matches; b"" when nothing is known to."""

    folded: bool = False
    """It stands there in small or in capital ASCII letters."""

    def rules_out(self, content: bytes) -> bool:
        """Surely nothing in it matches."""
        return self.literal not in self.fold(content)

    def fold(self, content: bytes) -> bytes:
        return content.lower() if self.folded else content

    @property
    def rough(self) -> str:
        """For ripgrep: files that do not hold it are ruled out; "" when none is."""
        return ripgrep.pattern(self.literal, self.folded) if self.literal else ""


def literal(text: str, ignore_case: bool, whole_word: bool, invert: bool) -> Needle:
    needle = text.encode("utf-8", "surrogateescape")
    if ignore_case or whole_word:
        expression = re.compile(worded(re.escape(text), whole_word), re.IGNORECASE if ignore_case else 0)
        find = _finder(lambda line: [match[0] for match in expression.finditer(line)])
    else:
        find = lambda line: [text] * line.count(needle) if needle else [""]  # noqa: E731
    if invert or (ignore_case and not text.isascii()):  # letters beyond ASCII have capitals that bytes do not know
        return Needle(find, invert)
    return Needle(find, invert, needle.lower() if ignore_case else needle, ignore_case)


def expression(pattern: str, ignore_case: bool, whole_word: bool, invert: bool, seconds: float = 20.0) -> Needle:
    """Raises ToolError for an expression that cannot be read, or, while searching, when it takes too long."""
    compiled = compiled_expression(pattern, ignore_case, whole_word)
    end = time.monotonic() + seconds

    def find(line: str) -> list[str]:
        left = end - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            return [match[0] for match in compiled.finditer(line, timeout=left)]
        except TimeoutError:
            raise too_slow(pattern) from None

    return Needle(_finder(find), invert)


def compiled_expression(pattern: str, ignore_case: bool, whole_word: bool) -> Pattern[str]:
    """With the regex package: its searches can be given a time limit, which those of `re` cannot."""
    import regex  # noqa: PLC0415 - 15 ms that a literal search does without

    try:
        return regex.compile(worded(pattern, whole_word), regex.M | (regex.I if ignore_case else 0))
    except regex.error as error:
        raise ToolError(
            both("'{pattern}' is no regular expression: {error}.").format(pattern=pattern, error=error)
        ) from None


def too_slow(pattern: str) -> ToolError:
    return ToolError(
        both("The expression '{pattern}' takes too long; try a simpler one or fewer files.").format(pattern=pattern)
    )


def worded(pattern: str, whole_word: bool) -> str:
    """The expression for whole words only, where that is wanted."""
    return rf"(?<!\w)(?:{pattern})(?!\w)" if whole_word else pattern


def _finder(find: Callable[[str], list[str]]) -> Finder:
    return lambda line: find(line.decode("utf-8", "surrogateescape"))


def found_in(path: str, needle: Needle, *, context: int = 0, binary: bool = False) -> Iterator[tuple[Line, list[str]]]:
    """Lines that match, with their matches, and those around them. Binary files hold none unless `binary` is set."""
    numbered = _numbered_lines(path, needle, binary, every=context > 0 or not needle.literal)
    before: deque[tuple[int, bytes]] = deque(maxlen=context)
    after = 0
    for number, line in numbered:
        found = needle.find(line)
        if bool(found) != needle.invert:
            yield from ((_line(*earlier, matches=False), []) for earlier in before)
            before.clear()
            yield _line(number, line, matches=True), found
            after = context
        elif after:
            after -= 1
            yield _line(number, line, matches=False), []
        else:
            before.append((number, line))


def _numbered_lines(path: str, needle: Needle, binary: bool, every: bool) -> Iterator[tuple[int, bytes]]:
    """Those that may match, or every one."""
    # unbuffered: most files are read once and passed over, and a buffer would be half of the work
    with open(open_text(path), "rb", buffering=0) as file, explained("read", path):
        head, whole = _begin(file)
        if is_binary(head[:HEAD]) and not binary:
            return
        if encoding_of(head).mark:
            head, whole = as_utf8(head if whole else head + file.readall()), True
        if whole and needle.rules_out(head):
            return
        number, before = 1, b""
        for block in _blocks(file, head, whole):
            number += before.count(b"\n")  # not of the last, which is the only one of most files
            yield from _split(block, number) if every else _likely(block, needle, number)
            before = block


def _blocks(file: io.FileIO, block: bytes, last: bool) -> Iterator[bytes]:
    """What was read and what follows, in whole lines; one that never ends, as where there is no text, in parts."""
    while not last:
        end = block.rfind(b"\n") + 1 or len(block)
        yield block[:end]
        more, last = _begin(file)
        block = block[end:] + more
    yield block


def _split(block: bytes, number: int) -> Iterator[tuple[int, bytes]]:
    lines = block.split(b"\n")
    if not lines[-1]:
        del lines[-1]
    return ((place, line.rstrip(b"\r")) for place, line in enumerate(lines, number))


def _likely(block: bytes, needle: Needle, number: int) -> Iterator[tuple[int, bytes]]:
    """Leaps from one to the next."""
    folded = needle.fold(block)
    begin = end = 0
    while (found := folded.find(needle.literal, end)) >= 0:
        line = block.rfind(b"\n", 0, found) + 1
        number += block.count(b"\n", begin, line)
        begin = line
        end = block.find(b"\n", found) + 1 or len(block)
        yield number, block[line:end].rstrip(b"\r\n")


def _begin(file: io.FileIO) -> tuple[bytes, bool]:
    """The next `_WHOLE` bytes, and whether that is all. One read may give less than there is, as in /proc."""
    left = os.fstat(file.fileno()).st_size - file.tell()
    if 0 < left < _WHOLE:  # room for more than there is takes longer to get than to fill
        head = file.read(left + 1)
        if len(head) == left:
            return head, True
    else:
        head = b""
    while len(head) < _WHOLE:
        more = file.read(_WHOLE - len(head))
        if not more:
            return head, True
        head += more
    return head, False


def _line(number: int, line: bytes, *, matches: bool) -> Line:
    return Line(number, line.decode("utf-8", "surrogateescape"), matches)

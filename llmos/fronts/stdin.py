"""What is piped in: whether there is anything, and all of it in a file. Nothing is decoded except requests.

Which tool reads the file is not known here.
"""

from __future__ import annotations

import os
import select
import stat
import time
from collections.abc import Callable, Iterator
from enum import Enum

from llmos.translation import _

STDIN = 0
NOTE_AFTER = 1.0
GIVE_UP_AFTER = 1.5
"""Many programs start others with a pipe that nobody ever writes to or closes; a person does not wait much longer."""

CHUNK = 1 << 16


class Source(Enum):
    TERMINAL = "terminal"
    DATA = "data"
    NOTHING = "nothing"
    """Closed, or a device such as /dev/null."""


def source() -> Source:
    try:
        mode = os.fstat(STDIN).st_mode
    except OSError:
        return Source.NOTHING
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISREG(mode):
        return Source.DATA
    return Source.TERMINAL if os.isatty(STDIN) else Source.NOTHING


def read_to_file(note: Callable[[str], None], *, wait: bool) -> str | None:
    """The path of a new file with everything that was piped in; None when that is nothing. The caller deletes it.

    Unless `wait`, an input that stays silent is given up.
    """
    first = _first_chunk(note, wait)
    if not first:
        return None
    import tempfile  # noqa: PLC0415  # 10 ms that a request without input need not spend

    with tempfile.NamedTemporaryFile(prefix="llmos-", delete=False) as file:
        try:
            file.write(first)
            while chunk := os.read(STDIN, CHUNK):
                file.write(chunk)
        except BaseException:
            os.unlink(file.name)
            raise
    return file.name


def _first_chunk(note: Callable[[str], None], wait: bool) -> bytes:
    began = time.monotonic()
    if not _ready(NOTE_AFTER):
        note(_("reading what is piped in; --no-stdin to skip"))
        if not wait and not _ready(GIVE_UP_AFTER - (time.monotonic() - began)):
            note(_("nothing comes; going on without it (--stdin waits for it)"))
            return b""
    try:
        return os.read(STDIN, CHUNK)
    except OSError:
        return b""


def _ready(seconds: float) -> bool:
    return bool(select.select([STDIN], [], [], max(seconds, 0.0))[0])


def whole_text() -> str:
    return b"".join(iter(lambda: os.read(STDIN, CHUNK), b"")).decode("utf-8", "replace")


def lines() -> Iterator[str]:
    """One after the other as they arrive, without empty ones."""
    rest = b""
    while chunk := os.read(STDIN, CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from filter(None, (line.decode("utf-8", "replace").strip() for line in whole))
    if last := rest.decode("utf-8", "replace").strip():
        yield last

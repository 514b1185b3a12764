"""Standard output, or a file that is whole or not touched: what `--output` writes to.

What is written is the business of who writes it.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TextIO

from llmos.errors import LlmosError, UsageError

NEW_FILE = 0o666
"""Before the umask, as shells make files."""


@dataclass
class Draft:
    text: TextIO
    keep: bool = True
    """False leaves the file as it was."""


@contextmanager
def written_to(file: str | None) -> Iterator[Draft]:
    """The file appears, or changes, in one step at the end; None and "-" are standard output.

    A link is followed, the mode of a file that is there stays, a device or a pipe is written to as it is. What raises
    leaves everything as it was. Raises UsageError when the folder is missing or cannot be written to.
    """
    if file is None or file == "-":
        yield Draft(sys.stdout)
        return
    if _is_special(os.path.expanduser(file)):
        with _opened(os.path.expanduser(file)) as text:
            yield Draft(text)
        return
    path = os.path.realpath(os.path.expanduser(file))
    name = _beside(path, file)
    try:
        with open(name, "w", encoding="utf-8", errors="surrogateescape") as text:
            draft = Draft(text)
            yield draft
            text.flush()
            os.fsync(text.fileno())
        if draft.keep:
            os.chmod(name, _mode(path))
            os.replace(name, path)
    except OSError as error:
        raise LlmosError(f"cannot write {file}: {error.strerror}") from None
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _is_special(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder; --output takes a file")
    return not stat.S_ISREG(mode)


def _opened(path: str) -> TextIO:
    try:
        return open(path, "w", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _beside(path: str, said: str) -> str:
    """A new empty file in the same folder, which a later `os.replace` can move over the path."""
    import tempfile  # noqa: PLC0415  # 10 ms that an answer to standard output need not spend

    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise UsageError(f"cannot write {said}: it is read-only")
    try:
        number, name = tempfile.mkstemp(prefix=f".{os.path.basename(path)[:40]}.", dir=os.path.dirname(path))
    except OSError as error:
        raise UsageError(f"cannot write {said}: {error.strerror}") from None
    os.close(number)
    return name


def _mode(path: str) -> int:
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return NEW_FILE & ~mask

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

from llmos.errors import LlmosError, ToolError, UsageError
from llmos.translation import _
from llmos.values.place import Place

NEW_FILE = 0o666
"""Before the umask, as shells make files."""


@dataclass
class Draft:
    text: TextIO
    keep: bool = True
    """False leaves the file as it was."""


@contextmanager
def written_to(file: str | None, place: Place) -> Iterator[Draft]:
    """The file appears, or changes, in one step at the end; None and "-" are standard output.

    As in a shell nobody is asked before a file is replaced; `llmos undo` brings the old one back.

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
            if draft.keep:
                _finish(text, path, place)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _finish(text: TextIO, path: str, place: Place) -> None:
    try:
        text.flush()
        os.fsync(text.fileno())
        os.chmod(text.name, _mode(path))
        _put(text.name, path, place)
    except OSError as error:
        raise LlmosError(_("cannot write {path}: {strerror}").format(path=path, strerror=error.strerror)) from None


def _put(new: str, path: str, place: Place) -> None:
    if os.path.exists(path):
        from llmos.journal import journal  # noqa: PLC0415

        try:
            with journal.open_journal(place).begin(f"write the answer to {path}", now=place.now) as entry:
                entry.overwrite(path, new)
            return
        except ToolError:  # no room or no folder for old versions is no reason to lose the answer
            pass
    os.replace(new, path)


def _is_special(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    if stat.S_ISDIR(mode):
        raise UsageError(_("{path} is a folder; --output takes a file").format(path=path))
    return not stat.S_ISREG(mode)


def _opened(path: str) -> TextIO:
    try:
        return open(path, "w", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(_("cannot write {path}: {strerror}").format(path=path, strerror=error.strerror)) from None


def _beside(path: str, said: str) -> str:
    """A new empty file in the same folder, which a later `os.replace` can move over the path."""
    import tempfile  # noqa: PLC0415  # 10 ms that an answer to standard output need not spend

    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise UsageError(_("cannot write {said}: it is read-only").format(said=said))
    try:
        number, name = tempfile.mkstemp(prefix=f".{os.path.basename(path)[:40]}.", dir=os.path.dirname(path))
    except OSError as error:
        raise UsageError(_("cannot write {said}: {strerror}").format(said=said, strerror=error.strerror)) from None
    os.close(number)
    return name


def _mode(path: str) -> int:
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return NEW_FILE & ~mask

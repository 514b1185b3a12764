"""Turns errors of the operating system into one line of plain English, once, at the adapter.

What was tried and what to do instead is the caller's to know; only files and folders are covered.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import N_, both

DOING = (
    N_("read"),
    N_("list"),
    N_("change"),
    N_("delete"),
    N_("move"),
    N_("copy"),
    N_("create"),
    N_("write"),
    N_("open"),
    N_("enter"),
)
"""What is tried most, for the catalogues."""

_SENTENCES = {
    errno.EACCES: N_("You may not {doing} {path} (permission denied)."),
    errno.EPERM: N_("You may not {doing} {path} (the system does not permit it)."),
    errno.EISDIR: N_("{path} is a folder, not a file."),
    errno.ENOTDIR: N_("{path} is not a folder."),
    errno.EEXIST: N_("{path} exists already."),
    errno.ENOTEMPTY: N_("{path} is not empty."),
    errno.ELOOP: N_("{path} is a link that leads round in a circle."),
    errno.ENAMETOOLONG: N_("The name {path} is too long."),
    errno.ENOSPC: N_("Cannot {doing} {path}: the disk is full."),
    errno.EDQUOT: N_("Cannot {doing} {path}: your disk quota is used up."),
    errno.EROFS: N_("Cannot {doing} {path}: its disk is read-only."),
    errno.EBUSY: N_("Cannot {doing} {path}: it is in use."),
    errno.EXDEV: N_("Cannot {doing} {path}: source and destination are on different disks."),
    errno.EMFILE: N_("Cannot {doing} {path}: too many files are open."),
    errno.EIO: N_("Cannot {doing} {path}: the disk reports an error."),
}


def explain(error: OSError, doing: str, path: str) -> ToolError:
    """The error to raise instead; `doing` is a verb: read, list, change, delete, ..."""
    if isinstance(error, FileNotFoundError):
        return missing(path)
    sentence = _SENTENCES.get(error.errno or 0)
    if sentence is None:
        return ToolError(
            both("Cannot {doing} {path}: {what}.").format(
                doing=doing, path=clean_name(path), what=error.strerror or error
            )
        )
    return ToolError(both(sentence).format(doing=both(doing), path=clean_name(path)))


@contextmanager
def explained(doing: str, path: str) -> Iterator[None]:
    """Any OSError inside becomes a ToolError about `path`."""
    try:
        yield
    except OSError as error:
        raise explain(error, doing, path) from error


def missing(path: str) -> ToolError:
    """Says which part of an absolute path does not exist, and what was probably meant."""
    folder, name = os.path.split(path.rstrip("/") or "/")
    while folder not in ("", "/") and not os.path.lexists(folder):
        folder, name = os.path.split(folder)
    if os.path.lexists(folder) and not os.path.isdir(folder):
        return ToolError(both("{folder} is not a folder.").format(folder=clean_name(folder)))
    line = both("There is no '{name}' in {folder}.").format(name=clean_name(name), folder=clean_name(folder))
    meant = _similar(name, folder)
    return ToolError(
        both("{line} Did you mean '{meant}'?").format(line=line, meant=clean_name(meant)) if meant else line
    )


def _similar(name: str, folder: str) -> str | None:
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    for other in names:
        if other.lower() == name.lower():
            return other
    from difflib import get_close_matches  # noqa: PLC0415 - only needed on this rare path

    close = get_close_matches(name, names[:5000], n=1, cutoff=0.7)
    return close[0] if close else None

"""Facts about an entry in words: mode, owner, group, link target. What is in it is content.py's business."""

from __future__ import annotations

import os
import stat
from functools import lru_cache

from llmos.adapters.files.walk import Entry


@lru_cache(maxsize=256)
def user_name(number: int) -> str:
    import pwd  # noqa: PLC0415 - not on every platform

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


@lru_cache(maxsize=256)
def group_name(number: int) -> str:
    import grp  # noqa: PLC0415 - not on every platform

    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def mode_text(entry: Entry) -> str:
    """Like -rw-r--r--."""
    return stat.filemode(entry.stat.st_mode)


def link_target(entry: Entry) -> str:
    """What a link says it points to; "" for everything else."""
    try:
        return os.readlink(entry.path) if entry.is_link else ""
    except OSError:
        return ""

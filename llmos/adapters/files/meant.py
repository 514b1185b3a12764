"""What a path may mean that leads nowhere: the folder we are in, something spoken of just now, other capitals.

Only what exists is found here; whoever acts on it shows the whole path before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from llmos.values.place import Place

_LISTED = 5000
"""Names looked at for other capitals."""


def meant(path: str, place: Place) -> str | None:
    """The absolute path of what is there after all, if anything. A path that begins with ./ is taken exactly."""
    if path.startswith(("./", "../")):
        return None
    if os.path.isabs(path):
        return in_other_capitals(path, "/")
    path = path.rstrip("/")
    readings = (*_named_like_a_folder_above(path, place.cwd), *_recent(path, place))
    return next(filter(os.path.lexists, readings), None) or in_other_capitals(path, place.cwd)


def folder_spoken_of(name: str, place: Place, beside: str) -> str | None:
    """A folder of that name next to things, or else among or next to what was spoken of."""
    return next(filter(os.path.isdir, (os.path.join(beside, name), *_recent(name, place))), None)


def in_other_capitals(path: str, folder: str) -> str | None:
    """Each part of the path that is not there is read as the one name that differs in nothing but capitals."""
    for part in path.strip("/").split("/"):
        alike = [part] if os.path.lexists(os.path.join(folder, part)) else _alike(part, folder)
        if len(alike) != 1:
            return None
        folder = os.path.join(folder, alike[0])
    return folder


def _named_like_a_folder_above(path: str, folder: str) -> Iterator[str]:
    """ "in project" is also said when in the folder project, or beneath it."""
    first, _, rest = path.partition("/")
    while folder != os.path.dirname(folder):
        if os.path.basename(folder) == first:
            yield os.path.join(folder, rest).rstrip("/")
        folder = os.path.dirname(folder)


def _recent(path: str, place: Place) -> Iterator[str]:
    """What was spoken of, then what stands in it or beside it."""
    first, _, rest = path.partition("/")
    for known in place.recent:
        if os.path.basename(known) == first:
            yield os.path.join(known, rest).rstrip("/")
    for known in place.recent:
        yield os.path.join(known if os.path.isdir(known) else os.path.dirname(known), path)


def _alike(name: str, folder: str) -> list[str]:
    try:
        names = os.listdir(folder)[:_LISTED]
    except OSError:
        return []
    return [other for other in names if other.lower() == name.lower()]

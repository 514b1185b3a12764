"""Paths as people write them (~, $VAR, file://, globs, "-") made absolute, and the start of walks found from them.

Which entries beneath a path are meant is `match.py`'s and `walk.py`'s business.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from llmos.adapters.failures import missing
from llmos.adapters.files.meant import folder_spoken_of, in_other_capitals, meant
from llmos.adapters.files.walk import Root, real_path
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both
from llmos.values.place import Place

_VARIABLE = re.compile(r"\$(\w+|\{\w+\})")
_WILD = re.compile(r"[*?\[]|\{[^{}]*,[^{}]*\}")


def resolve(path: str, place: Place) -> str:
    """The absolute path; links in the folders above are resolved (so that no `..` can hide where it leads), the last
    name is not, because deleting or moving a link is about the link itself. It need not exist."""
    if path == "-":
        return _input(place)
    written = os.path.join(place.cwd, expand(path, place))
    if "\0" in written:
        raise ToolError(both("A path cannot contain a NUL character."))
    folder, name = os.path.split(written.rstrip("/"))
    if name in ("", ".", ".."):
        return real_path(written)
    return os.path.join(real_path(folder), name)


def locate(path: str, place: Place) -> str:
    """Like `resolve`, for what should exist already: where nothing is, it is what a person may have meant instead."""
    absolute = resolve(path, place)
    return absolute if os.path.lexists(absolute) else _meant(path, place) or absolute


def destination(path: str, place: Place, beside: str = "") -> str:
    """Like `resolve`, for what is to be created: the folder it names first may be there in other capitals.

    `beside` is the folder of what is to be put there, if it is there already: then that folder may also stand next to
    it, or be one that was spoken of. Nothing else is guessed, for what is to be created may well be new.
    """
    absolute = resolve(path, place)
    folder, _, rest = path.rstrip("/").partition("/")
    if path.startswith(("./", "../", "/", "~", "$", "file:")) or os.path.lexists(os.path.join(place.cwd, folder)):
        return absolute
    known = folder_spoken_of(folder, place, beside) if beside else None
    if not known and rest:
        known = in_other_capitals(folder, place.cwd)
    return resolve(os.path.join(known, rest), place) if known and os.path.isdir(known) else absolute


def _meant(path: str, place: Place) -> str | None:
    found = meant(expand(path, place), place)
    return resolve(found, place) if found else None


def expand(path: str, place: Place) -> str:
    """~, ~user, $VAR and file:// made plain; a path that exists with such a name is left alone."""
    if path.startswith("file://"):
        path = _from_url(path)
    if not path:
        raise ToolError(both("A path is missing."))
    if "$" in path and not os.path.lexists(os.path.join(place.cwd, path)):
        path = _VARIABLE.sub(lambda match: _variable(match[1].strip("{}"), place), path)
    if path.startswith("~") and not os.path.lexists(os.path.join(place.cwd, path)):
        return _home(path, place)
    return path


def find_roots(paths: Iterable[str], place: Place) -> list[Root]:
    """Where to look, each once; globs are expanded. Raises ToolError for what is not there."""
    roots: dict[str, Root] = {}
    for path in paths:
        for root in _roots(path, place):
            roots.setdefault(root.path, root)
    return list(roots.values())


def _roots(path: str, place: Place) -> Iterator[Root]:
    if path == "-":
        yield Root(_input(place), "-")
        return
    absolute = resolve(path, place)
    written = expand(path, place)
    if os.path.lexists(absolute):
        yield Root(absolute, tidy(written))
    elif _WILD.search(path):
        yield from _globbed(written, place)
    elif found := _meant(path, place):
        yield Root(found, _from_here(found, place))
    else:
        raise missing(absolute)


def _from_here(path: str, place: Place) -> str:
    """The path as one would write it in the current folder; "" for that folder."""
    here = real_path(place.cwd)
    return tidy(os.path.relpath(path, here)) if f"{path}/".startswith(f"{here.rstrip('/')}/") else path


def _globbed(pattern: str, place: Place) -> Iterator[Root]:
    from glob import glob  # noqa: PLC0415 - only needed for paths with wildcards

    found = sorted({name for one in braces(pattern) for name in glob(one, root_dir=place.cwd, recursive=True)})
    if not found:
        raise ToolError(
            both("Nothing matches '{pattern}' in {cwd}.").format(pattern=clean_name(pattern), cwd=clean_name(place.cwd))
        )
    for name in found:
        yield Root(resolve(name, place), tidy(name))


def braces(pattern: str) -> list[str]:
    """ "*.{jpg,png}" as "*.jpg" and "*.png"."""
    match = re.search(r"\{([^{}]*,[^{}]*)\}", pattern)
    if match is None:
        return [pattern]
    before, after = pattern[: match.start()], pattern[match.end() :]
    return [whole for part in match[1].split(",") for whole in braces(before + part + after)]


def is_wild(name: str) -> bool:
    """True when the name is a glob."""
    return _WILD.search(name) is not None


def tidy(path: str) -> str:
    """The path as written, without "./" in front and "/" behind; "" for the current folder."""
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    if path in (".", ""):
        return ""
    return path.rstrip("/") or "/"


def _input(place: Place) -> str:
    if place.input is None:
        raise ToolError(both("Nothing was piped in, so there is no input to read."))
    return place.input


def _from_url(url: str) -> str:
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - only needed for URLs

    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise ToolError(both("{url} is on another machine.").format(url=clean_name(url)))
    return unquote(parts.path, errors="surrogateescape")


def _variable(name: str, place: Place) -> str:
    if name == "HOME":
        return place.home
    if name == "PWD":
        return place.cwd
    if name not in place.env:
        raise ToolError(both("The variable ${name} is not set.").format(name=name))
    return place.env[name]


def _home(path: str, place: Place) -> str:
    user, slash, rest = path[1:].partition("/")
    if not user:
        return place.home + slash + rest
    import pwd  # noqa: PLC0415 - only needed for ~user

    try:
        return pwd.getpwnam(user).pw_dir + slash + rest
    except KeyError:
        raise ToolError(both("There is no user '{user}'.").format(user=clean_name(user))) from None

"""Tests that an entry passes or not, one small function for each filter; which are used is the selection's business."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable

from llmos.adapters.files.kinds import is_kind
from llmos.adapters.files.paths import braces, is_wild
from llmos.adapters.files.walk import Entry
from llmos.errors import ToolError
from llmos.translation import both

Test = Callable[[Entry], bool]
_BLOCK = 1 << 20
_BITS = {"r": 4, "w": 2, "x": 1}
_SHIFTS = {"u": 6, "g": 3, "o": 0}


def pattern(globs: Iterable[str], flags: int = 0) -> re.Pattern[str]:
    """One expression for several globs; a name in capitals is not the same as one in small letters."""
    from fnmatch import translate  # noqa: PLC0415 - only needed for globs

    return re.compile("|".join(translate(one) for glob in globs for one in braces(glob)) or r"(?!)", flags)


def closeness(names: Iterable[str]) -> Callable[[str], int | None]:
    """How well a name fits: 0 as written or by a glob, 1 but for capitals, 2 as a part; None not at all."""
    names = list(names)
    globs = pattern(name for name in names if is_wild(name)).match
    exact = {name for name in names if not is_wild(name)}
    lower = {name.lower() for name in exact}

    def fit(name: str) -> int | None:
        if name in exact or globs(name):
            return 0
        small = name.lower()
        if small in lower:
            return 1
        return 2 if any(part in small for part in lower) else None

    return fit


def leaves_out(globs: Iterable[str]) -> Test:
    """True for entries that one of the globs names; a glob with a slash is held against the path as shown."""
    globs = list(globs)
    names = pattern(glob.rstrip("/") for glob in globs if "/" not in glob.rstrip("/")).match
    paths = pattern(f"*{glob.strip('/')}" for glob in globs if "/" in glob.rstrip("/")).match
    return lambda entry: bool(names(entry.name) or paths(entry.path))


def has_extension(extensions: Iterable[str]) -> Test:
    """`a.out` is an extension and a whole name, `draft-*.log` a glob: people and models write them among extensions."""
    extensions = [extension.lower() for extension in extensions]
    endings = tuple(f".{extension}" for extension in extensions if extension)
    whole = {extension for extension in extensions if "." in extension}
    wild = [extension for extension in extensions if is_wild(extension)]
    globs = pattern(wild).match if wild else None
    bare = "" in extensions

    def test(entry: Entry) -> bool:
        name = entry.name.lower()
        if name.endswith(endings) or name in whole:
            return True
        return bool(globs and globs(name)) or (bare and "." not in name)

    return test


def has_kind(kind: str) -> Test:
    return lambda entry: is_kind(entry.name, kind)


def has_type(name: str) -> Test:
    wanted = {"file": stat.S_IFREG, "folder": stat.S_IFDIR, "link": stat.S_IFLNK}[name]
    return lambda entry: entry.format == wanted


def is_hidden(entry: Entry) -> bool:
    return entry.name.startswith(".")


def is_empty(entry: Entry) -> bool:
    """A file without a byte or a folder without an entry."""
    if entry.is_file:
        return entry.stat.st_size == 0
    if not entry.is_folder:
        return False
    try:
        with os.scandir(entry.path) as found:
            return next(found, None) is None
    except OSError:
        return False


def is_owned_by(user: str) -> Test:
    number = _user_number(user)
    return lambda entry: entry.stat.st_uid == number


def has_permission(written: str) -> Test:
    """Octal: exactly; /222: any of; -4000 and u+x: at least; u-x, go-w: without; rw-r--r--: exactly."""
    text = written.strip()
    if re.fullmatch(r"0?o?[0-7]{3,4}", text):
        exact = int(text.removeprefix("0o"), 8)
        return _mode(lambda mode: mode == exact)
    if match := re.fullmatch(r"([-/])([0-7]{1,4})", text):
        bits, every = int(match[2], 8), match[1] == "-"
        return _mode(lambda mode: mode & bits == bits if every else mode & bits != 0)
    if re.fullmatch(r"-?([r-][w-][xsS-]){2}[r-][w-][xtT-]", text):
        return _mode(lambda mode: stat.filemode(mode)[1:] == text[-9:])
    return _all(_clause(part, written) for part in text.split(","))


def contains(text: str) -> Test:
    """The bytes of the text stand somewhere in the file; a file that cannot be read does not contain it."""
    needle = text.encode("utf-8", "surrogateescape")

    def test(entry: Entry) -> bool:
        try:
            return entry.is_file and _has_bytes(entry.path, needle)
        except OSError:
            return False

    return test


def _has_bytes(path: str, needle: bytes) -> bool:
    with open(path, "rb", buffering=0) as file:
        before = b""
        while block := file.read(_BLOCK):
            window = before + block
            if needle in window:
                return True
            before = window[-len(needle) + 1 :] if len(needle) > 1 else b""
    return not needle


def _user_number(user: str) -> int:
    if user.isdigit():
        return int(user)
    import pwd  # noqa: PLC0415 - only needed for this filter

    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise ToolError(both("There is no user '{user}'.").format(user=user)) from None


def _mode(fits: Callable[[int], bool]) -> Test:
    def test(entry: Entry) -> bool:
        # the mode of a link says nothing: it is 777 for all of them
        return entry.format != stat.S_IFLNK and fits(stat.S_IMODE(entry.stat.st_mode))

    return test


def _all(tests: Iterable[Test]) -> Test:
    every = list(tests)
    return lambda entry: all(test(entry) for test in every)


def _clause(part: str, written: str) -> Test:
    match = re.fullmatch(r"([ugoa]*)([-+=])([rwxst]+)", part.strip())
    if match is None:
        raise ToolError(both("'{written}' is no permission: write it like 644 or u+x.").format(written=written))
    who, sign, what = match.groups()
    bits = symbolic_bits(who or "a", what)
    if sign == "-":
        return _mode(lambda mode: mode & bits == 0)
    if sign == "=":
        all_bits = symbolic_bits(who or "a", "rwx")
        return _mode(lambda mode: mode & all_bits == bits & all_bits)
    if not who:  # "+x" without saying for whom: for anybody
        return _mode(lambda mode: mode & bits != 0)
    return _mode(lambda mode: mode & bits == bits)


def symbolic_bits(who: str, what: str) -> int:
    """The mode bits of "go" and "rw"."""
    people = "ugo" if "a" in who else who
    bits = 0
    for letter in what:
        if letter in _BITS:
            bits |= sum(_BITS[letter] << _SHIFTS[person] for person in set(people))
        elif letter == "s":
            bits |= (0o4000 if "u" in people else 0) | (0o2000 if "g" in people else 0)
        else:
            bits |= 0o1000
    return bits

"""Permissions as chmod(1) reads them: 755, u+x, go-w, a=rX, u=g. Pure; the umask plays no part."""

from __future__ import annotations

import re
import stat

from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

_ALL = 0o7777
_WHO = {
    "u": stat.S_ISUID | stat.S_IRWXU,
    "g": stat.S_ISGID | stat.S_IRWXG,
    "o": stat.S_ISVTX | stat.S_IRWXO,
    "a": _ALL,
}
_WHAT = {"r": 0o444, "w": 0o222, "x": 0o111, "X": 0, "s": stat.S_ISUID | stat.S_ISGID, "t": stat.S_ISVTX}
_FROM = {"u": stat.S_IRWXU, "g": stat.S_IRWXG, "o": stat.S_IRWXO}
_CLAUSE = re.compile(r"([ugoa]*)(?=[-+=])((?:[-+=](?:[ugo]|[rwxXst]*))*(?:[-+=][0-7]+)?)")
_ACTION = re.compile(r"([-+=])([0-7]+|[ugo]|[rwxXst]*)")
_LISTED = re.compile(r"[-dl]?((?:[r-][w-][xsS-]){2}[r-][w-][xtT-])")


def new_mode(text: str, mode: int, folder: bool) -> int:
    """What `text` makes of the permission bits `mode` of a file or folder. Raises ToolError for what is no mode."""
    text = text.strip()
    listed = _LISTED.fullmatch(text)
    if listed:
        return _octal(f"{_from_listing(listed[1]):o}", mode & _ALL, folder)
    if re.fullmatch(r"[0-7]+", text):
        return _octal(text, mode & _ALL, folder)
    mode &= _ALL
    for part in text.split(","):
        clause = _CLAUSE.fullmatch(part.strip())
        if not clause:
            raise _no_mode(text)
        for sign, what in _ACTION.findall(clause[2]):
            mode = _apply(sign, clause[1], what, mode, folder)
    return mode


def _no_mode(text: str) -> ToolError:
    return ToolError(both("'{text}' is no mode: write it like 644, u+x or go-w.").format(text=clean_name(text)))


def _octal(digits: str, mode: int, folder: bool) -> int:
    value = int(digits, 8)
    if value > _ALL:
        raise _no_mode(digits)
    spared = _spared(folder, _ALL if len(digits) > 4 else value | 0o777)
    return value & ~spared | mode & spared


def _spared(folder: bool, mentioned: int) -> int:
    """Folders keep set-user-id and set-group-id unless the mode names these bits."""
    return (stat.S_ISUID | stat.S_ISGID) & ~mentioned if folder else 0


def _apply(sign: str, who: str, what: str, mode: int, folder: bool) -> int:
    if what.isdigit():
        if who:
            raise _no_mode(who + sign + what)
        value = int(what, 8)
        affected = mentioned = _ALL
    else:
        affected = 0
        for letter in who:
            affected |= _WHO[letter]
        value = _bits(what, mode, folder)
        named = _FROM[what] if what in _FROM else _named(what)
        mentioned = affected & named if affected else named
    spared = _spared(folder, mentioned)
    value &= (affected or _ALL) & ~spared
    if sign == "+":
        return mode | value
    if sign == "-":
        return mode & ~value
    return mode & (~(affected or _ALL) | spared) | value


def _named(what: str) -> int:
    bits = 0
    for letter in what:
        bits |= _WHAT[letter]
    return bits


def _bits(what: str, mode: int, folder: bool) -> int:
    if what in _FROM:
        return _copied(what, mode)
    bits = _named(what)
    if "X" in what and (folder or mode & 0o111):
        bits |= 0o111
    return bits


def _copied(who: str, mode: int) -> int:
    """u=g and the like: the same rights for everybody who is named."""
    bits = 0
    for one in (0o444, 0o222, 0o111):
        if mode & _FROM[who] & one:
            bits |= one
    return bits


def _from_listing(text: str) -> int:
    """rwxr-xr-x as `ls -l` shows it."""
    mode = 0
    for place, letter in enumerate(text):
        if letter in "rwxst":
            mode |= 0o400 >> place
        if letter in "sStT":
            mode |= 0o4000 >> (place // 3)
    return mode

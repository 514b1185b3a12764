"""One rule of a policy and what it covers. Pure.

Which rules there are is read in `tiers`; what they come to together is `policy`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from llmos.values.plans import Effect, Target, Verdict

SHALLOW = ("list_folder", "file_info", "change_folder", "who_uses", "make_folder", "create_file")
"""Tools that touch a folder and nothing in it. What any other is given a folder for may be about all that is in it."""

_PATHS = (Effect.READ, Effect.WRITE, Effect.DESTROY)
_OPERATORS = re.compile(r"[;&|<>`$(){}\n\\*?\[~#!]")
_PARTS = re.compile(r"[;&|\n()`{}]+|\$\(")
_BEFORE = ("sudo", "doas", "env", "nohup", "nice", "time", "xargs", "command", "exec", "builtin", "then", "do", "else")


@dataclass(frozen=True)
class Rule:
    """Everything that is given has to hold. Every target of a call has to be allowed by some rule."""

    decide: Verdict
    tool: tuple[str, ...] = ()
    """Globs on names of tools."""

    effect: tuple[Effect, ...] = ()
    path: tuple[str, ...] = ()
    """Absolute globs: * stays in a folder, ** does not; "/x/**" is /x itself as well."""

    command: tuple[str, ...] = ()
    """The words a command begins with, each a glob: "git status", "apt *"."""

    host: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    """How confined a command has to be, at the least one of these."""

    source: str = ""
    """Where it stands, for people: "/etc/llmos/policy.toml, rule 2"."""

    reason: str = ""


def covers(rule: Rule, tool: str, target: Target, level: str = "") -> bool:
    if rule.tool and not any(fnmatchcase(tool, glob) for glob in rule.tool):
        return False
    if rule.effect and target.effect not in rule.effect:
        return False
    if rule.level and level not in rule.level:
        return False
    return _covers_what(rule, tool, target)


def _covers_what(rule: Rule, tool: str, target: Target) -> bool:
    strict = rule.decide is not Verdict.ALLOW
    if rule.path and not (
        target.effect in _PATHS and _covers_path(rule.path, target.what, strict and tool not in SHALLOW)
    ):
        return False
    if rule.command and not (target.effect is Effect.RUN and _covers_command(rule.command, target.what, strict)):
        return False
    return not rule.host or (
        target.effect is Effect.NETWORK and any(fnmatchcase(host_of(target.what), glob) for glob in rule.host)
    )


def _covers_path(globs: Iterable[str], path: str, above: bool) -> bool:
    """With `above` also a folder that holds what a glob is about."""
    return any(
        pattern(glob).fullmatch(path) or (above and f"{fixed(glob)}/".startswith(f"{path.rstrip('/')}/"))
        for glob in globs
    )


def fixed(glob: str) -> str:
    """The path in front of the first wildcard."""
    return re.split(r"/[^/]*[*?\[]", glob, maxsplit=1)[0]


@lru_cache(maxsize=256)
def pattern(glob: str) -> re.Pattern[str]:
    whole = glob.removesuffix("/**")
    parts = re.split(r"(\*\*/?|\*|\?)", whole)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    made = "".join(known.get(part) or re.escape(part) for part in parts)
    return re.compile(made + ("(?:/.*)?" if glob.endswith("/**") else ""), re.DOTALL)


def command_line(argv: str) -> str:
    """What a shell is to run, or the argument list itself."""
    try:
        words = shlex.split(argv)
    except ValueError:
        return argv
    is_shell = (
        len(words) == 3 and words[1] == "-c" and words[0].rpartition("/")[2] in ("sh", "bash", "dash", "zsh", "ksh")
    )
    return words[2] if is_shell else argv


def simple_words(line: str) -> list[str] | None:
    """The words of a command in which the shell has nothing to do; None for any other."""
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    return None if not words or "=" in words[0] or _OPERATORS.search(line) else words


def _covers_command(patterns: Iterable[str], argv: str, strict: bool) -> bool:
    """To allow, the whole line has to be one plain command. To be strict, any part of the line will do: best effort."""
    line = command_line(argv)
    if not strict:
        words = simple_words(line)
        return words is not None and any(_begins(words, one) for one in patterns)
    return any(_begins(_bare(part), one) for part in _PARTS.split(line) for one in patterns)


def _begins(words: list[str], pattern: str) -> bool:
    wanted = pattern.split()
    return len(words) >= len(wanted) > 0 and all(map(fnmatchcase, words, wanted))


def _bare(part: str) -> list[str]:
    words = part.replace('"', " ").replace("'", " ").replace("\\", "").split()
    while words and (words[0] in _BEFORE or "=" in words[0] or words[0].startswith("-")):
        words.pop(0)
    return [words[0].rpartition("/")[2], *words[1:]] if words else []


def host_of(what: str) -> str:
    """The host of an address; an address without one is its own name."""
    from urllib.parse import urlsplit  # noqa: PLC0415  # few calls go anywhere

    try:
        return urlsplit(what if "//" in what else f"//{what}").hostname or what
    except ValueError:
        return what


def expanded(path: str, home: str) -> str:
    return home + path[1:] if path == "~" or path.startswith("~/") else path

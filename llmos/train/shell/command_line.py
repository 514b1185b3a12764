"""Cuts a command line into a pipeline of argument lists. Lists of commands, loops and substitutions are beyond it."""

from __future__ import annotations

import re

from llmos.train.shell.wishes import Beyond

_TOKEN = re.compile(
    r"""\s+|(?P<quiet>\d?>\s*/dev/null|2>&1)|(?P<operator>\|\||&&|\|&?|;|&|[()<>]|`)"""
    r"""|(?P<word>(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s|&;<>()'"\\`])+)|(?P<bad>.)""",
    re.DOTALL,
)
_PIECE = re.compile(r"""\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"|([^'"\\]+)""", re.DOTALL)
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
_BEFORE = {"sudo", "time", "command", "nice", "\\find"}


_INSERTED = re.compile(
    r"((?:sudo )?(?:rm|cp|mv|wc|grep|chmod|chown|chgrp|ls|tar|cat|gzip|md5sum)\b[^`$|;&]*?)\s*(?:`|\"?\$\()\s*(find [^`;&]*?)\s*(?:`|\)\"?)\s*([^|`$;&()]*)"
)
_REDIRECTED = re.compile(r"((?:wc|sort|head|tail|grep|uniq|cut)\b[^|<>]*?)\s*<\s*([^\s|<>()&;]+)\s*(\|.*)?")


def plainer(command: str) -> str:
    """`rm $(find …)` as `find … | xargs rm`, `wc -l < file` as `wc -l file`."""
    if inserted := _INSERTED.fullmatch(command.strip()):
        return f"{inserted[2]} | xargs -I{{}} {inserted[1]} {{}} {inserted[3]}"
    if redirected := _REDIRECTED.fullmatch(command.strip()):
        return f"{redirected[1]} {redirected[2]} {redirected[3] or ''}"
    return command


def pipeline(command: str) -> list[list[str]]:
    """The commands between the bars, their words without quotes. Raises Beyond."""
    stages: list[list[str]] = [[]]
    for match in _TOKEN.finditer(
        re.sub(r"(?<!\\);\s*$", "", re.sub(r"`;`?", r"\;", plainer(command).strip().translate(_STRAIGHT))).removeprefix(
            "$ "
        )
    ):
        if match["operator"] == "|":
            stages.append([])
        elif match["word"]:
            stages[-1].append(_unquoted(match["word"]))
        elif match["operator"] or match["bad"]:
            raise Beyond("no plain pipeline")
    stages = [stage[1:] if stage and stage[0] in _BEFORE else stage for stage in stages]
    if not all(stages):
        raise Beyond("an empty command")
    return stages


def _unquoted(word: str) -> str:
    if re.search(r"\$\(|`", word) or re.search(r"(?<!\$)\{[^}]*,", word):
        raise Beyond("a substitution")
    return "".join(_piece(match) for match in _PIECE.finditer(word))


def _piece(match: re.Match[str]) -> str:
    escaped, single, double, plain = match.groups()
    if double is not None:
        return re.sub(r'\\(["$`\\])', r"\1", double)
    return next(part for part in (escaped, single, plain) if part is not None)


def saved(command: str) -> tuple[str, str, str]:
    """The command without `> file` at its end, the file and the tool that writes it; empty where nothing is saved."""
    match = re.search(r"(?<![0-9<>&])(>>?)\s*(?!/dev/|&)([\w./~$-]+|'[^']+'|\"[^\"]+\")\s*$", command)
    if match is None:
        return command, "", ""
    return command[: match.start()], match[2].strip("'\""), "append_file" if match[1] == ">>" else "write_file"


def options(arguments: list[str], flags: str, valued: str = "") -> tuple[dict[str, str], list[str]]:
    """Short options (`flags` without, `valued` with a value) and what is left. Raises Beyond on any other."""
    found: dict[str, str] = {}
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            return found, rest + waiting
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        if word.startswith("--"):
            raise Beyond(word)
        _cluster(word[1:], flags, valued, found, waiting)
    return found, rest


def _cluster(letters: str, flags: str, valued: str, found: dict[str, str], waiting: list[str]) -> None:
    for position, letter in enumerate(letters):
        if letter in valued and letter in found:
            raise Beyond(f"-{letter} twice")
        if letter in valued:
            value = letters[position + 1 :] or (waiting.pop(0) if waiting else "")
            found[letter] = value
            return
        if letter not in flags:
            raise Beyond(f"-{letter}")
        found[letter] = ""

"""What rm, mkdir, cp, mv, ln, chmod … mean."""

from __future__ import annotations

import re

from llmos.train.shell.acting import owners
from llmos.train.shell.command_line import options
from llmos.train.shell.operands import Program, files, named, two
from llmos.train.shell.wishes import Beyond, Meant, Wish


def _rm(arguments: list[str]) -> Meant:
    _, rest = options(arguments, "rRfvid")
    return Meant("delete_files", files(rest))


def _rmdir(arguments: list[str]) -> Meant:
    return Meant("delete_files", named(options(arguments, "v")[1]), (), (r"(?i)\bempty\b",))


def _make(tool: str, flags: str) -> Program:
    return lambda arguments: Meant(tool, named(options(arguments, flags)[1]))


def _transfer(tool: str, flags: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        given, rest = options(arguments, flags, "t")
        to = given.get("t") or (rest.pop() if rest else "")
        if not to or re.search(r"[*?\[{]", to):
            raise Beyond(tool)
        return Meant(tool, {**files(rest), "to": Wish("path", to)})

    return read


def _ln(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "sfvn")
    hard = {} if "s" in given else {"hard": True}
    needs = (r"(?i)\bhard\b|硬",) if hard else (r"(?i)\bsym|\bsoft|符号|软",)
    return Meant("link_file", {**two(rest, "target", "link"), **hard}, needs)


def _chmod(arguments: list[str]) -> Meant:
    words = [a for a in arguments if a not in ("-v", "-c", "-f")]
    recursive = {"recursive": True} if {"-R", "--recursive"} & set(words) else {}
    rest = [a for a in words if a not in ("-R", "--recursive")]
    if len(rest) < 2:
        raise Beyond("chmod")
    return Meant(
        "change_mode", {"mode": Wish("mode", rest[0]), **files(rest[1:]), **recursive}, _RECURSIVE if recursive else ()
    )


_RECURSIVE = (r"(?i)recursiv|sub|\ball\b|everything|entire|递归",)


def _chown(arguments: list[str]) -> Meant:
    given, rest = options([{"--recursive": "-R"}.get(a, a) for a in arguments], "Rvcf")
    if len(rest) < 2:
        raise Beyond("chown")
    recursive = {"recursive": True} if "R" in given else {}
    return Meant("change_owner", {**owners(rest[0]), **files(rest[1:]), **recursive}, _RECURSIVE if recursive else ())


def _chgrp(arguments: list[str]) -> Meant:
    words = list(arguments)
    plain = [i for i, word in enumerate(words) if not word.startswith("-")]
    if not plain:
        raise Beyond("chgrp")
    words[plain[0]] = ":" + words[plain[0]]
    return _chown(words)


PROGRAMS: dict[str, Program] = {
    "rm": _rm,
    "rmdir": _rmdir,
    "mkdir": _make("make_folder", "pv"),
    "touch": _make("create_file", ""),
    "cp": _transfer("copy_files", "rRapvfiu"),
    "mv": _transfer("move_files", "fvin"),
    "ln": _ln,
    "chmod": _chmod,
    "chown": _chown,
    "chgrp": _chgrp,
}  # fmt: skip

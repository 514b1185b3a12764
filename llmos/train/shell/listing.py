"""What ls, tree, du, stat, cd … mean: looking at folders and going about."""

from __future__ import annotations

import re

from llmos.train.shell.command_line import options
from llmos.train.shell.operands import Program, named, paths
from llmos.train.shell.system import nothing
from llmos.train.shell.wishes import Beyond, Meant, Wish


def _ls(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "laAhF1CtSrGXdpnogR")
    if "R" in given or "d" in given or ("r" in given and not {"t", "S"} & set(given)):
        raise Beyond("ls")
    wishes = paths(rest)
    if "name" in wishes:
        raise Beyond("ls of a glob")
    if "l" in given or "n" in given:
        wishes["details"] = True
    if {"a", "A"} & set(given):
        wishes["hidden"] = True
    back = "r" in given
    orders = {"t": ("newest", "oldest"), "S": ("largest", "smallest"), "X": ("extension", "extension")}
    wishes |= dict([("sort", pair[back]) for letter, pair in orders.items() if letter in given][:1])
    needs = (
        [r"(?i)\bdetail|\blong\b|permission|information|\bsizes?\b|owner|详细|所有文件信息"]
        if "details" in wishes
        else []
    )
    needs += [r"(?i)\bhidden\b|\bdot|隐藏"] if "hidden" in wishes else []
    return Meant("list_folder", wishes, (*needs, r"(?i)\blist|\bshow|\bdisplay|\bprint|\bcontents?|列出|显示"))


def _tree(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "adfCihsDpN", "L")
    if {"f", "i", "s", "D", "p"} & set(given):
        raise Beyond("tree")
    wishes = paths(rest)
    wishes |= ({"hidden": True} if "a" in given else {}) | ({"type": "folder"} if "d" in given else {})
    wishes |= {"depth": Wish("levels", given["L"])} if "L" in given else {}
    return Meant("show_tree", wishes, (r"(?i)\btree|树|级",))


def _du(arguments: list[str]) -> Meant:
    words = [
        {"--human-readable": "-h", "--summarize": "-s"}.get(a, re.sub(r"^--max-depth=", "-d", a)) for a in arguments
    ]
    given, rest = options(words, "shkmbcax", "d")
    if {"c", "a", "x", "b"} & set(given) or any("*" in word and word != "*" for word in rest):
        raise Beyond("du")
    if rest == ["*"]:
        return Meant("disk_usage", {"each": True})
    wishes = paths(rest)
    if "s" in given or given.get("d") == "0":
        return Meant("disk_usage", wishes, (r"(?i)\bsize|\busage|\bspace|大小|占用",))
    deep = {"depth": Wish("levels", given["d"])} if "d" in given else {}
    return Meant(
        "disk_usage",
        {**wishes, "each": True, **deep},
        (r"(?i)\bsub|\beach\b|\ball\b|director(?:ies|y and)|\bfolders\b|每|子目录",),
    )


def _cd(arguments: list[str]) -> Meant:
    words = arguments or ["~"]
    if len(words) != 1 or words[0].startswith("-"):
        raise Beyond("cd")
    return Meant(
        "change_folder",
        {"path": Wish("path", words[0])},
        (r"(?i)\bchang|\bgo\b|\bcd\b|\bmov|\bswitch|\bnavigat|转到|进入|切换",),
    )


def _stat(arguments: list[str]) -> Meant:
    return Meant(
        "file_info",
        named(options(arguments, "")[1]),
        (r"(?i)\binformation|\bdetail|\bstat|\bpropert|\btype|信息|属性|类型",),
    )


PROGRAMS: dict[str, Program] = {
    "ls": _ls,
    "tree": _tree,
    "du": _du,
    "exa": _ls,
    "eza": _ls,
    "cd": _cd,
    "stat": _stat,
    "file": _stat,
    "pwd": nothing("current_folder", r"(?i)current|present|working|当前"),
}  # fmt: skip

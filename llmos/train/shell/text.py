"""What cat, head, grep, wc, sort, diff, sed … mean: reading and comparing files, and replacing in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from llmos.train.shell.acting import grepped, sed_replacement
from llmos.train.shell.command_line import options
from llmos.train.shell.operands import Program, files, named, paths, two
from llmos.train.shell.wishes import Beyond, Meant, Wish


def _cat(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "n")
    numbers = {"line_numbers": True} if "n" in given else {}
    return Meant(
        "read_file",
        {**named(rest), **numbers},
        (r"(?i)\bprint|\bdisplay|\bshow|\bcontents?|\bview|\boutput|\bread|打印|显示|查看",),
    )


def _part(name: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        words = [re.sub(r"^-(\d+)$", r"-n\1", a) for a in arguments]
        given, rest = options(words, "fFq", "nc")
        if {"n", "c"} <= set(given) or ("f" in given and ("c" in given or name == "first")):
            raise Beyond(name)
        wishes = named(rest)
        if {"f", "F"} & set(given):
            raise Beyond("follow without an end")
        count = given.get("n", given.get("c", "10"))
        if name == "last" and count.startswith("+") and "n" in given:
            return Meant("read_file", {**wishes, "start": Wish("number", count[1:])}, (r"(?i)\bline|行",))
        if not re.fullmatch(r"-?\d+" if name == "last" else r"\d+", count):
            raise Beyond(name)
        unit = {"unit": "bytes"} if "c" in given else {}
        asked = (
            r"(?i)\bfirst|\btop|\bbegin|前|开头" if name == "first" else r"(?i)\blast|\bend\b|\btail|\bfinal|最后|末尾"
        )
        return Meant("read_file", {**wishes, name: Wish("limit", count.lstrip("-")), **unit}, (asked,))

    return read


def _grep(arguments: list[str]) -> Meant:
    wishes, rest, given = grepped(arguments)
    if not {"r", "R"} & set(given):
        named(rest) if not any(re.search(r"[*?]", w) for w in rest) else None
        if not rest:
            raise Beyond("grep of its input")
    if rest == ["*"]:
        rest = []
    return Meant("search_text", {**paths(rest), **wishes})


def _wc(arguments: list[str]) -> Meant:
    given, rest = options([{"--lines": "-l"}.get(a, a) for a in arguments], "lwcm")
    whats = {"l": "lines", "w": "words", "c": "bytes", "m": "characters"}
    if len(given) != 1:
        raise Beyond("wc")
    each = Wish("flag", r"(?i)\beach\b|\bevery\b|每")
    return Meant("count", {"what": whats[next(iter(given))], **files(rest), "each": each})


def _compare(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "ruqsN")
    show = {"show": "same"} if "q" in given and "r" not in given else {}
    return Meant("compare_files", {**two(rest, "first", "second"), **show}, (r"(?i)compar|differ|比较|差异|不同",))


def _checksum(algorithm: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        return Meant("checksum", {"algorithm": algorithm, **files(options(arguments, "b")[1])}, (rf"(?i){algorithm}",))

    return read


def _sort(arguments: list[str]) -> Meant:
    given, rest = options([{"--unique": "-u", "--reverse": "-r"}.get(a, a) for a in arguments], "rnufg", "kt")
    flags = {"r": "reverse", "n": "numeric", "g": "numeric", "u": "unique", "f": "ignore_case"}
    wishes: dict[str, object] = named(rest)
    for letter, name in flags.items():
        if letter in given:
            wishes[name] = True
    key = re.fullmatch(r"(\d+)(?:,\1)?(n?)(r?)", given.get("k", "0"))
    if key is None or (given.get("t", ",") not in ",;:|"):
        raise Beyond("sort")
    wishes |= {"column": Wish("column", key[1])} if "k" in given else {}
    wishes |= ({"numeric": True} if key[2] else {}) | ({"reverse": True} if key[3] else {})
    wishes |= {"delimiter": Wish("delimiter", given["t"])} if "t" in given else {}
    return Meant("sort_lines", wishes, _sort_needs(wishes))


def _sort_needs(wishes: Mapping[str, object]) -> tuple[str, ...]:
    said = {
        "reverse": r"(?i)revers|descend|backward|largest|high|倒|逆|降序", "numeric": r"(?i)numer|number|value|数字|数值",
        "unique": r"(?i)uniq|duplicat|distinct|once|repeat|唯一|重复", "ignore_case": r"(?i)\bcase|大小写",
    }  # fmt: skip
    return (r"(?i)\bsort|\border|排序", *(pattern for name, pattern in said.items() if name in wishes))


def _cut(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "", "fd")
    if not re.fullmatch(r"\d+(?:[,-]\d+)*", given.get("f", "")):
        raise Beyond("cut")
    delimiter = {"delimiter": Wish("delimiter", given["d"])} if "d" in given else {}
    return Meant("cut_columns", {**named(rest), "columns": Wish("column", given["f"]), **delimiter})


def _sed(arguments: list[str]) -> Meant:
    words = [a for a in arguments if a != "-e"]
    if len(words) == 3 and words[0] == "-n" and (match := re.fullmatch(r"(\d+)(?:,(\d+))?p", words[1])):
        start, end = match[1], match[2] or match[1]
        return Meant(
            "read_file",
            {**named(words[2:]), "start": Wish("number", start), "end": Wish("number", end)},
            (r"(?i)\bline|行",),
        )
    if len(words) < 3 or words[0] not in ("-i", "--in-place"):
        raise Beyond("sed")
    return Meant("replace_text", {**files(words[2:]), **sed_replacement(words[1])})


PROGRAMS: dict[str, Program] = {
    "cat": _cat,
    "less": _cat,
    "head": _part("first"),
    "tail": _part("last"),
    "grep": _grep,
    "egrep": lambda a: _grep(["-E", *a]),
    "fgrep": lambda a: _grep(["-F", *a]),
    "wc": _wc,
    "diff": _compare,
    "md5sum": _checksum("md5"),
    "sha1sum": _checksum("sha1"),
    "sha256sum": _checksum("sha256"),
    "sha512sum": _checksum("sha512"),
    "sort": _sort,
    "cut": _cut,
    "sed": _sed,
    "rg": lambda a: _grep(["-r", *a]),
    "ag": lambda a: _grep(["-r", *a]),
    "ack": lambda a: _grep(["-r", *a]),
    "nl": lambda a: _cat(["-n", *a]),
}  # fmt: skip

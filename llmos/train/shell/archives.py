"""What tar, zip, gzip … mean."""

from __future__ import annotations

import re

from llmos.train.shell.command_line import options
from llmos.train.shell.operands import Program, files, named
from llmos.train.shell.wishes import Beyond, Meant, Wish


def _tar(arguments: list[str]) -> Meant:
    if (
        not arguments
        or not re.fullmatch(r"-?[cxtvzjJapf]+", arguments[0])
        or not arguments[0].endswith("f")
        or len(arguments) < 2
    ):
        raise Beyond("tar")
    letters, archive, rest = arguments[0], arguments[1], arguments[2:]
    path = {"path": (Wish("path", archive),)}
    if "t" in letters and not rest:
        return Meant("list_archive", path, (r"(?i)\blist|\bcontents?|列出|内容",))
    if "x" in letters and (not rest or (len(rest) == 2 and rest[0] in ("-C", "--directory"))):
        return Meant("extract_archive", {**path, **({"to": Wish("path", rest[1])} if rest else {})}, _UNPACKED)
    if "c" in letters and not any(word.startswith("-") for word in rest):
        return Meant("archive_files", {**files(rest), "to": Wish("path", archive)})
    raise Beyond("tar")


_UNPACKED = (r"(?i)extract|unpack|unzip|decompress|uncompress|untar|解压|提取",)


def _unzip(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "loq", "d")
    if "l" in given:
        return Meant("list_archive", named(rest), (r"(?i)\blist|\bcontents?|列出|内容",))
    to = {"to": Wish("path", given["d"])} if "d" in given else {}
    return Meant("extract_archive", {**named(rest), **to}, _UNPACKED)


def _zip(arguments: list[str]) -> Meant:
    _, rest = options(arguments, "rqv9")
    if len(rest) < 2:
        raise Beyond("zip")
    return Meant("archive_files", {**files(rest[1:]), "to": Wish("path", rest[0])})


def _packed(form: str, said: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        given, rest = options(arguments, "d9vf1k")
        if "d" in given:
            return Meant("extract_archive", named(rest), _UNPACKED)
        return Meant("archive_files", {**files(rest), "format": form}, (said,))

    return read


PROGRAMS: dict[str, Program] = {
    "tar": _tar,
    "unzip": _unzip,
    "zip": _zip,
    "gzip": _packed("gz", r"(?i)gzip|\bgz|compress|压缩"),
    "bzip2": _packed("bz2", r"(?i)bzip2|\bbz2"),
    "xz": _packed("xz", r"(?i)\bxz"),
    "zstd": _packed("zst", r"(?i)\bzst"),
    "gunzip": lambda a: _packed("gz", "")(["-d", *a]),
    "bunzip2": lambda a: _packed("gz", "")(["-d", *a]),
}  # fmt: skip

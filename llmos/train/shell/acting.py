"""What a command run on every file that was found means: rm, chmod, grep, cp … with the selection as its operand."""

from __future__ import annotations

import re
from collections.abc import Callable

from llmos.train.shell.command_line import options
from llmos.train.shell.wishes import Beyond, Meant, Wish

Acting = Callable[[Meant, list[str]], Meant]


def acted(meant: Meant, command: list[str]) -> Meant:
    """Raises Beyond."""
    words = command[1:] if command[:1] == ["sudo"] else command
    program = words[0].rsplit("/", 1)[-1] if words else ""
    if meant.tool != "find_files" or program not in _ACTING:
        if program in ("echo", "printf") and words[1:] in ([], ["{}"]) and meant.tool == "find_files":
            return meant
        if program == "measured":
            return meant.adding({"measured": words[1]})
        raise Beyond(program)
    return _ACTING[program](meant, words[1:])


def acted_on_matches(meant: Meant, command: list[str]) -> Meant:
    """`grep -l … | xargs …`: what contains something is acted on. Raises Beyond."""
    wishes = {name: wish for name, wish in meant.wishes.items() if name not in ("pattern", "show")}
    pattern = meant.wishes["pattern"]
    if {"regex", "ignore_case", "whole_word", "invert"} & set(wishes):
        raise Beyond("files that contain something in a way")
    done = acted(Meant("find_files", wishes, meant.needs, meant.ignored, meant.found), command)
    if done.tool in ("find_files", "search_text"):
        raise Beyond("a second search")
    return done if done.wishes.get("old") == pattern else done.adding({"contains": pattern})


def _operands(rest: list[str]) -> list[str]:
    return [word for word in rest if word != "{}"]


def _none_left(rest: list[str]) -> None:
    if _operands(rest):
        raise Beyond("more operands")


def _rm(meant: Meant, arguments: list[str]) -> Meant:
    given, rest = options(arguments, "rRfvi")
    _none_left(rest)
    if meant.wishes.get("type") == "folder" and not (
        {"r", "R"} & set(given) or "empty" in meant.wishes or not arguments
    ):
        raise Beyond("rm without -r on folders")
    return meant.to("delete_files", {})


def _rmdir(meant: Meant, arguments: list[str]) -> Meant:
    _none_left(arguments)
    if "empty" not in meant.wishes:
        raise Beyond("rmdir")
    return meant.to("delete_files", {"type": "folder"})


def _ls(meant: Meant, arguments: list[str]) -> Meant:
    given, rest = options(arguments, "laAdhsF1GtnSri")
    _none_left(rest)
    if set("tSri") & set(given):
        raise Beyond("ls -t of what was found")
    return meant.adding({"show": Wish("details", "")}) if "l" in given else meant


def _chmod(meant: Meant, arguments: list[str]) -> Meant:
    recursive = "-R" in arguments
    rest = _operands([a for a in arguments if a not in ("-R", "-v", "-c", "-f")])
    if len(rest) != 1 or "u=" in rest[0]:
        raise Beyond("chmod")
    return meant.to("change_mode", {"mode": Wish("mode", rest[0]), **({"recursive": True} if recursive else {})})


def owners(owner: str) -> dict[str, object]:
    """user:group as chown takes it. Raises Beyond."""
    user, separator, group = owner.partition(":")
    if not separator and re.fullmatch(r"[a-z][\w-]*\.[a-z][\w-]*", owner):
        user, group = owner.split(".")
    if separator and not group:
        raise Beyond("the login group")
    wishes: dict[str, object] = {}
    if user:
        wishes["user"] = Wish("user", user)
    if group:
        wishes["group"] = Wish("group", group)
    return wishes


def _chown(meant: Meant, arguments: list[str]) -> Meant:
    given, rest = options(arguments, "Rvcfh")
    left = _operands(rest)
    if len(left) != 1 or "h" in given:
        raise Beyond("chown")
    return meant.to("change_owner", {**owners(left[0]), **({"recursive": True} if "R" in given else {})})


def _chgrp(meant: Meant, arguments: list[str]) -> Meant:
    given, rest = options(arguments, "Rvcf")
    left = _operands(rest)
    if len(left) != 1:
        raise Beyond("chgrp")
    return meant.to("change_owner", {"group": Wish("group", left[0]), **({"recursive": True} if "R" in given else {})})


_META = r"^\^|\$$|[\\\[*+?|]"
_CASE = r"(?i)\bcase|capital|upper|大小写"


def grepped(arguments: list[str], program: str = "grep") -> tuple[dict[str, object], list[str], dict[str, str]]:
    """The wishes of a grep, its operands, its options. Raises Beyond."""
    words = [{"--color": "-s", "--color=auto": "-s", "--color=always": "-s", "--recursive": "-r", "--ignore-case": "-i",
              "--with-filename": "-H", "--files-with-matches": "-l", "--line-number": "-n", "--null": "-s"}.get(a, a) for a in arguments]  # fmt: skip
    given, rest = options(words, "inlLHhrRwcsvoEFqPIZ", "e")
    if "q" in given:
        given["l"] = ""
    pattern = given.get("e") or (rest.pop(0) if rest else "")
    if not pattern or "P" in given:
        raise Beyond("grep")
    if pattern.startswith("\\b"):
        raise Beyond("grep")
    plain = re.sub(r"\\([.\-/_ ])", r"\1", pattern)
    pattern = pattern if re.search(_META, plain) else plain
    wishes: dict[str, object] = {"pattern": Wish("word", pattern)}
    if "F" not in given and program != "fgrep" and re.search(_META, pattern):
        extended = "E" in given or program == "egrep"
        if not extended and re.search(r"\\[|(){}+?<>]|[+?|(){}]", pattern):
            raise Beyond("a basic regular expression that reads otherwise when extended")
        wishes["regex"] = True
    flags = {"i": ("ignore_case", _CASE), "w": ("whole_word", r"(?i)\bwhole|\bexact|\bentire word|as a word")}
    wishes |= {name: Wish("flag", said) for letter, (name, said) in flags.items() if letter in given}
    wishes |= {"invert": True} if "v" in given else {}
    shows = {"o": "matches", "l": "files", "L": "files_without", "c": "count"}
    wishes |= dict([("show", value) for letter, value in shows.items() if letter in given][:1])
    if "n" in given and not {"l", "L", "c"} & set(given):
        wishes["line_numbers"] = Wish(
            "flag", r"(?i)line number|numbers? of (?:the |each )?(?:match\w+ )?lines?\b|numbered"
        )
    return wishes, rest, given


def _grep(meant: Meant, arguments: list[str]) -> Meant:
    wishes, rest, _ = grepped([a for a in arguments if a not in ("{}", "/dev/null")])
    _none_left(rest)
    if meant.wishes.get("type") in ("folder", "link"):
        raise Beyond("grep in folders")
    return meant.to("search_text", wishes)


def _to(tool: str, flags: str) -> Acting:
    def act(meant: Meant, arguments: list[str]) -> Meant:
        given, rest = options(arguments, flags, "t")
        left = _operands(rest)
        targets = [given["t"]] if "t" in given else left
        if len(targets) != 1 or (left and "t" in given) or (left and rest != ["{}", left[0]]):
            raise Beyond(tool)
        return meant.to(tool, {"to": Wish("path", targets[0])})

    return act


def _wc(meant: Meant, arguments: list[str]) -> Meant:
    whats = {"-l": "lines", "-w": "words", "-c": "bytes", "-m": "characters"}
    left = _operands(arguments)
    if len(left) != 1 or left[0] not in whats:
        raise Beyond("wc")
    return meant.to("count", {"what": whats[left[0]], "each": Wish("flag", r"(?i)\beach\b|\bevery\b|\bper file")})


def _checksum(algorithm: str) -> Acting:
    def act(meant: Meant, arguments: list[str]) -> Meant:
        _none_left(arguments)
        return meant.to("checksum", {"algorithm": algorithm}, rf"(?i){algorithm}|checksum|hash")

    return act


def _tar(meant: Meant, arguments: list[str]) -> Meant:
    if not arguments or not re.fullmatch(r"-?[cvrzjJ]+f", arguments[0]) or "c" not in arguments[0]:
        raise Beyond("tar")
    left = _operands(arguments[1:])
    if len(left) != 1:
        raise Beyond("tar")
    return meant.to("archive_files", {"to": Wish("path", left[0])})


def _each_packed(format: str) -> Acting:
    def act(meant: Meant, arguments: list[str]) -> Meant:
        left = [a for a in _operands(arguments) if not re.fullmatch(r"-[9vf]+", a)]
        _none_left(left)
        return meant.to("archive_files", {"format": format}, rf"(?i){format}")

    return act


def _cat(meant: Meant, arguments: list[str]) -> Meant:
    _none_left(arguments)
    return meant.to("read_file", {}, r"(?i)\bcontents?\b|\bcat\b|\bread\b")


def _basename(meant: Meant, arguments: list[str]) -> Meant:
    _none_left(arguments)
    return meant.adding(
        {"show": "names"},
        r"(?i)base ?name|file ?names? only|only (?:the )?(?:file ?)?names|without (?:the(?:ir)? )?(?:full |leading )?(?:path|director)",
    )


def sed_replacement(script: str) -> dict[str, object]:
    """s/old/new/g as wishes. Raises Beyond."""
    match = re.fullmatch(r"s(.)((?:(?!\1)[^\\]|\\.)+)\1((?:(?!\1)[^\\]|\\.)*)\1(g?|gi|ig|gI|Ig)", script)
    if match is None:
        raise Beyond("sed")
    separator, old, new, flags = match.groups()
    if re.search(r"\\[1-9nUL(]|&", new):
        raise Beyond("sed")
    plain_old = re.sub(r"\\([./\-])", r"\1", old)
    plain_new = new.replace("\\" + separator, separator).replace("\\.", ".")
    if re.search(r"[\\^$\[*]", plain_old):
        raise Beyond("sed")
    wishes: dict[str, object] = {"old": Wish("word", plain_old)}
    if plain_new:
        wishes["new"] = Wish("word", plain_new)
    return wishes | ({"ignore_case": True} if "i" in flags.lower() else {})


def _sed(meant: Meant, arguments: list[str]) -> Meant:
    left = [a for a in _operands(arguments) if a not in ("-e", "")]
    if len(left) != 2 or not re.fullmatch(r"-i(?:\.\w+|e)?|--in-place(?:=\.\w+)?", left[0]):
        raise Beyond("sed")
    return meant.to("replace_text", sed_replacement(left[1]))


_ACTING: dict[str, Acting] = {
    "rm": _rm, "rmdir": _rmdir, "ls": _ls, "chmod": _chmod, "chown": _chown, "chgrp": _chgrp, "grep": _grep,
    "fgrep": _grep, "cp": _to("copy_files", "rpafvRiu"), "mv": _to("move_files", "fvi"), "wc": _wc, "tar": _tar,
    "md5sum": _checksum("md5"), "sha1sum": _checksum("sha1"), "sha256sum": _checksum("sha256"), "gzip": _each_packed("gz"),
    "bzip2": _each_packed("bz2"), "cat": _cat, "basename": _basename, "sed": _sed,
}  # fmt: skip

"""What a pipeline means as one typed call; `find` and each other program has its reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from llmos.train.shell import find
from llmos.train.shell.acting import grepped, owners, sed_replacement
from llmos.train.shell.command_line import options
from llmos.train.shell.find import first_lines
from llmos.train.shell.wishes import Beyond, Meant, Wish

Program = Callable[[list[str]], Meant]


def meant_by(stages: list[list[str]]) -> Meant:
    """Raises Beyond."""
    program = stages[0][0].rsplit("/", 1)[-1]
    if program == "find":
        return find.through(find.found(stages[0][1:]), stages[1:])
    if program == "cat" and len(stages) == 2 and len(stages[0]) == 2:
        stages = [[*stages[1], stages[0][1]]]  # cat file | wc -l
    if program not in _PROGRAMS:
        raise Beyond(program)
    meant = _PROGRAMS[program](stages[0][1:])
    for stage in stages[1:]:
        meant = _then(meant, stage[0], stage[1:])
    return meant


def _then(meant: Meant, program: str, arguments: list[str]) -> Meant:  # noqa: PLR0911, PLR0912  # one case a program
    """What the next program of a pipeline adds. Raises Beyond."""
    match meant.tool, program:
        case (_, "less" | "more" | "cat"):
            return meant
        case ("list_folder" | "find_files" | "list_processes" | "disk_usage", "head"):
            return meant.adding({"limit": Wish("limit", first_lines(arguments))})
        case ("list_folder", "wc") if arguments == ["-l"]:
            return Meant("count", {**meant.wishes, "what": "entries", "depth": Wish("depth", "1")}, meant.needs)
        case ("list_processes", "wc") if arguments == ["-l"]:
            return meant.adding({"show": "count"})
        case ("list_processes", "grep") if "name" not in meant.wishes:
            given, rest = options(arguments, "iFEv")
            if len(rest) == 1 and "v" not in given:
                return meant.adding({"name": Wish("process", re.sub(r"^\[(\w)\]", r"\1", rest[0]))})
        case ("list_processes", "grep") if arguments == ["-v", "grep"]:
            return meant
        case ("list_processes", "awk" | "cut" | "tr") if "name" in meant.wishes:
            return meant.adding({"show": "pids"})
        case ("list_processes", "xargs") if meant.wishes.get("show") == "pids" and arguments:
            return _killing(meant, [a for a in arguments if not re.fullmatch(r"-[rtIn1]+|\{\}|sudo", a)])
        case ("sort_lines", "uniq"):
            return _uniq_after_sort(meant, arguments)
        case ("unique_lines", "sort") if set("".join(arguments)) <= set("-nr") and "count" in meant.wishes:
            return meant
        case ("search_text", "wc") if arguments == ["-l"] and "show" not in meant.wishes:
            return meant.adding({"show": "count"})
        case ("disk_usage", "sort") if "r" in "".join(arguments):
            return meant.adding({"sort": "largest"})
        case ("show_environment" | "system_info", "sort"):
            return meant
    raise Beyond(program)


def _killing(meant: Meant, command: list[str]) -> Meant:
    """`ps | grep name | awk … | xargs kill`."""
    if command[:1] != ["kill"]:
        raise Beyond("xargs")
    target = meant.wishes["name"]
    assert isinstance(target, Wish)
    return _kill("process")([*command[1:], target.text])


def _uniq_after_sort(meant: Meant, arguments: list[str]) -> Meant:
    if set(meant.wishes) - {"path"}:
        raise Beyond("sort options before uniq")
    given, rest = options(arguments, "cdui")
    if rest:
        raise Beyond("uniq")
    wishes: dict[str, object] = {"path": meant.wishes["path"]}
    wishes |= {"count": True} if "c" in given else {}
    wishes |= {"show": "repeated"} if "d" in given else {"show": "single"} if "u" in given else {}
    if not given:
        return meant.adding({"unique": True})
    return Meant("unique_lines", wishes | ({"ignore_case": True} if "i" in given else {}))


# ---- operands


def _paths(rest: Sequence[str]) -> dict[str, object]:
    """Operands of a program: paths, or one glob, which the shell expands in the current folder."""
    globs = [word for word in rest if re.search(r"[*?\[]", word)]
    if not rest:
        return {}
    if any(re.search(r"[{}]", word) and "$" not in word for word in rest):
        raise Beyond("a placeholder")
    if not globs:
        return {"path": tuple(Wish("path", word) for word in rest)}
    if len(rest) > 1 or "**" in rest[0]:
        raise Beyond("globs and paths")
    folder, _, glob = rest[0].rpartition("/")
    if re.search(r"[*?\[]", folder):
        raise Beyond("globs of folders")
    place = {"path": (Wish("path", folder),)} if folder not in ("", ".") else {}
    return {**place, "name": (Wish("glob", glob),)}


def _files(rest: Sequence[str]) -> dict[str, object]:
    """Operands of a program that needs some. Raises Beyond."""
    wishes = _paths(rest)
    if not wishes or (set(wishes) == {"name"} and wishes["name"] == (Wish("glob", "*"),)):
        raise Beyond("no operands")
    return wishes


def _named(rest: Sequence[str]) -> dict[str, object]:
    """Operands of a tool that takes paths alone. Raises Beyond."""
    if not rest or any(re.search(r"[*?\[{]", word) for word in rest):
        raise Beyond("no plain paths")
    return {"path": tuple(Wish("path", word) for word in rest)}


def _two(rest: Sequence[str], first: str, second: str) -> dict[str, object]:
    if len(rest) != 2 or any(re.search(r"[*?\[{]", word) for word in rest):
        raise Beyond("two operands")
    return {first: Wish("path", rest[0]), second: Wish("path", rest[1])}


# ---- looking


def _ls(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "laAhF1CtSrGXdpnogR")
    if "R" in given or "d" in given or ("r" in given and not {"t", "S"} & set(given)):
        raise Beyond("ls")
    wishes = _paths(rest)
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
    wishes = _paths(rest)
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
    wishes = _paths(rest)
    if "s" in given or given.get("d") == "0":
        return Meant("disk_usage", wishes, (r"(?i)\bsize|\busage|\bspace|大小|占用",))
    deep = {"depth": Wish("levels", given["d"])} if "d" in given else {}
    return Meant(
        "disk_usage",
        {**wishes, "each": True, **deep},
        (r"(?i)\bsub|\beach\b|\ball\b|director(?:ies|y and)|\bfolders\b|每|子目录",),
    )


def _cat(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "n")
    numbers = {"line_numbers": True} if "n" in given else {}
    return Meant(
        "read_file",
        {**_named(rest), **numbers},
        (r"(?i)\bprint|\bdisplay|\bshow|\bcontents?|\bview|\boutput|\bread|打印|显示|查看",),
    )


def _part(name: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        words = [re.sub(r"^-(\d+)$", r"-n\1", a) for a in arguments]
        given, rest = options(words, "fFq", "nc")
        if {"n", "c"} <= set(given) or ("f" in given and ("c" in given or name == "first")):
            raise Beyond(name)
        wishes = _named(rest)
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
        _named(rest) if not any(re.search(r"[*?]", w) for w in rest) else None
        if not rest:
            raise Beyond("grep of its input")
    if rest == ["*"]:
        rest = []
    return Meant("search_text", {**_paths(rest), **wishes})


def _wc(arguments: list[str]) -> Meant:
    given, rest = options([{"--lines": "-l"}.get(a, a) for a in arguments], "lwcm")
    whats = {"l": "lines", "w": "words", "c": "bytes", "m": "characters"}
    if len(given) != 1:
        raise Beyond("wc")
    each = Wish("flag", r"(?i)\beach\b|\bevery\b|每")
    return Meant("count", {"what": whats[next(iter(given))], **_files(rest), "each": each})


def _compare(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "ruqsN")
    show = {"show": "same"} if "q" in given and "r" not in given else {}
    return Meant("compare_files", {**_two(rest, "first", "second"), **show}, (r"(?i)compar|differ|比较|差异|不同",))


def _checksum(algorithm: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        return Meant("checksum", {"algorithm": algorithm, **_files(options(arguments, "b")[1])}, (rf"(?i){algorithm}",))

    return read


def _sort(arguments: list[str]) -> Meant:
    given, rest = options([{"--unique": "-u", "--reverse": "-r"}.get(a, a) for a in arguments], "rnufg", "kt")
    flags = {"r": "reverse", "n": "numeric", "g": "numeric", "u": "unique", "f": "ignore_case"}
    wishes: dict[str, object] = _named(rest)
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
    return Meant("cut_columns", {**_named(rest), "columns": Wish("column", given["f"]), **delimiter})


# ---- changing


def _rm(arguments: list[str]) -> Meant:
    _, rest = options(arguments, "rRfvid")
    return Meant("delete_files", _files(rest))


def _rmdir(arguments: list[str]) -> Meant:
    return Meant("delete_files", _named(options(arguments, "v")[1]), (), (r"(?i)\bempty\b",))


def _make(tool: str, flags: str) -> Program:
    return lambda arguments: Meant(tool, _named(options(arguments, flags)[1]))


def _transfer(tool: str, flags: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        given, rest = options(arguments, flags, "t")
        to = given.get("t") or (rest.pop() if rest else "")
        if not to or re.search(r"[*?\[{]", to):
            raise Beyond(tool)
        return Meant(tool, {**_files(rest), "to": Wish("path", to)})

    return read


def _ln(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "sfvn")
    hard = {} if "s" in given else {"hard": True}
    needs = (r"(?i)\bhard\b|硬",) if hard else (r"(?i)\bsym|\bsoft|符号|软",)
    return Meant("link_file", {**_two(rest, "target", "link"), **hard}, needs)


def _chmod(arguments: list[str]) -> Meant:
    words = [a for a in arguments if a not in ("-v", "-c", "-f")]
    recursive = {"recursive": True} if {"-R", "--recursive"} & set(words) else {}
    rest = [a for a in words if a not in ("-R", "--recursive")]
    if len(rest) < 2:
        raise Beyond("chmod")
    return Meant(
        "change_mode", {"mode": Wish("mode", rest[0]), **_files(rest[1:]), **recursive}, _RECURSIVE if recursive else ()
    )


_RECURSIVE = (r"(?i)recursiv|sub|\ball\b|everything|entire|递归",)


def _chown(arguments: list[str]) -> Meant:
    given, rest = options([{"--recursive": "-R"}.get(a, a) for a in arguments], "Rvcf")
    if len(rest) < 2:
        raise Beyond("chown")
    recursive = {"recursive": True} if "R" in given else {}
    return Meant("change_owner", {**owners(rest[0]), **_files(rest[1:]), **recursive}, _RECURSIVE if recursive else ())


def _chgrp(arguments: list[str]) -> Meant:
    words = list(arguments)
    plain = [i for i, word in enumerate(words) if not word.startswith("-")]
    if not plain:
        raise Beyond("chgrp")
    words[plain[0]] = ":" + words[plain[0]]
    return _chown(words)


def _sed(arguments: list[str]) -> Meant:
    words = [a for a in arguments if a != "-e"]
    if len(words) == 3 and words[0] == "-n" and (match := re.fullmatch(r"(\d+)(?:,(\d+))?p", words[1])):
        start, end = match[1], match[2] or match[1]
        return Meant(
            "read_file",
            {**_named(words[2:]), "start": Wish("number", start), "end": Wish("number", end)},
            (r"(?i)\bline|行",),
        )
    if len(words) < 3 or words[0] not in ("-i", "--in-place"):
        raise Beyond("sed")
    return Meant("replace_text", {**_files(words[2:]), **sed_replacement(words[1])})


# ---- archives


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
        return Meant("archive_files", {**_files(rest), "to": Wish("path", archive)})
    raise Beyond("tar")


_UNPACKED = (r"(?i)extract|unpack|unzip|decompress|uncompress|untar|解压|提取",)


def _unzip(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "loq", "d")
    if "l" in given:
        return Meant("list_archive", _named(rest), (r"(?i)\blist|\bcontents?|列出|内容",))
    to = {"to": Wish("path", given["d"])} if "d" in given else {}
    return Meant("extract_archive", {**_named(rest), **to}, _UNPACKED)


def _zip(arguments: list[str]) -> Meant:
    _, rest = options(arguments, "rqv9")
    if len(rest) < 2:
        raise Beyond("zip")
    return Meant("archive_files", {**_files(rest[1:]), "to": Wish("path", rest[0])})


def _packed(form: str, said: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        given, rest = options(arguments, "d9vf1k")
        if "d" in given:
            return Meant("extract_archive", _named(rest), _UNPACKED)
        return Meant("archive_files", {**_files(rest), "format": form}, (said,))

    return read


# ---- processes and the system


def _ps(arguments: list[str]) -> Meant:
    line = " ".join(arguments)
    wishes: dict[str, object] = {}
    if match := re.search(r"\s*-[uU] ?(\w+)$", line):
        line, wishes = line[: match.start()], {"user": Wish("user", match[1])}
    orders = {
        "--sort=-%mem": "memory",
        "--sort=-%cpu": "cpu",
        "--sort -%mem": "memory",
        "--sort size": "memory",
        "--sort=-pmem": "memory",
    }
    for option, order in orders.items():
        if line.endswith(option):
            line, wishes = line[: -len(option)].strip(), {**wishes, "sort": order}
    if line.strip() not in (
        "",
        "aux",
        "-ef",
        "-e",
        "-A",
        "ax",
        "-aux",
        "auxww",
        "axu",
        "-eF",
        "-ely",
        "auxw",
        "-f",
    ) or (line in ("", "-f") and not wishes):
        raise Beyond("ps")
    return Meant("list_processes", wishes, (r"(?i)process|进程",))


def _pgrep(arguments: list[str]) -> Meant:
    given, rest = options(arguments, "fla", "u")
    if len(rest) > 1 or (not rest and "u" not in given):
        raise Beyond("pgrep")
    user = {"user": Wish("user", given["u"])} if "u" in given else {}
    name = {"name": Wish("process", rest[0])} if rest else {}
    asks = {"show": "pids"} if not {"l", "a"} & set(given) else {}
    return Meant("list_processes", {**name, **user, **asks}, (r"(?i)\bpids?\b|process ids?",) if asks else ())


_SIGNALS = {"9": "kill", "KILL": "kill", "SIGKILL": "kill", "15": "terminate", "TERM": "terminate", "SIGTERM": "terminate",
            "STOP": "stop", "SIGSTOP": "stop", "19": "stop", "CONT": "continue", "SIGCONT": "continue", "18": "continue",
            "HUP": "hangup", "SIGHUP": "hangup", "1": "hangup", "INT": "interrupt", "SIGINT": "interrupt", "2": "interrupt"}  # fmt: skip
_SIGNAL_SAID = {"kill": r"(?i)\bforc|SIGKILL|\bkill|-9|强制", "stop": r"(?i)SIGSTOP|\bstop|\bpaus|\bsuspend|暂停", "continue": r"(?i)SIGCONT|\bcontinu|\bresum|继续|恢复",
                "hangup": r"(?i)SIGHUP|hang|hup|重新加载", "interrupt": r"(?i)SIGINT|interrupt|中断", "terminate": r"(?i)SIGTERM|terminat|kill|终止|stop"}  # fmt: skip


def _kill(kind: str) -> Program:
    def read(arguments: list[str]) -> Meant:
        words = list(arguments)
        signal = "terminate"
        if words and re.fullmatch(r"-(?:s|[A-Z]+|\d+)", words[0]):
            name = words.pop(0)[1:]
            name = words.pop(0) if name == "s" and words else name
            if name not in _SIGNALS:
                raise Beyond("another signal")
            signal = _SIGNALS[name]
        words = [w for w in words if w != "-f"]
        if not words or any(word.startswith(("-", "%")) for word in words):
            raise Beyond("kill")
        target = tuple(Wish("pid" if w.isdigit() else kind, w) for w in words)
        shown = {"signal": signal} if arguments[0].startswith("-") and arguments[0] != "-f" else {}
        return Meant("signal_process", {"target": target, **shown}, (_SIGNAL_SAID[signal],))

    return read


def _lsof(arguments: list[str]) -> Meant:
    line = " ".join(arguments)
    if match := re.fullmatch(r"-i ?:(\w+)|-i ?tcp:(\d+)(?: -sTCP:LISTEN)?|-t? ?-i ?:(\d+)", line):
        return Meant("find_port", {"port": Wish("port", next(g for g in match.groups() if g))})
    if match := re.fullmatch(r"-p (\d+)", line):
        return Meant("process_info", {"target": (Wish("pid", match[1]),), "about": "files"})
    if match := re.fullmatch(r"-c (\S+)", line):
        return Meant("process_info", {"target": (Wish("process", match[1]),), "about": "files"})
    if len(arguments) == 1 and not line.startswith("-"):
        return Meant("who_uses", {"path": Wish("path", line)})
    raise Beyond("lsof")


def _about(table: Mapping[str, tuple[str, str]]) -> Program:
    """Programs that show one part of the system: command line → (about, what the sentence has to mention)."""

    def read(arguments: list[str]) -> Meant:
        about, said = table.get(" ".join(arguments), ("", ""))
        if not about:
            raise Beyond("other options")
        return Meant("system_info", {"about": about}, (said,))

    return read


def _date(arguments: list[str]) -> Meant:
    if arguments:
        raise Beyond("a format of its own")
    return Meant("show_date", {}, (r"(?i)\bdate\b|日期",))


def _cal(arguments: list[str]) -> Meant:
    if arguments:
        raise Beyond("cal")
    return Meant("show_date", {"show": "calendar"}, (r"(?i)calendar|日历",))


def _which(arguments: list[str]) -> Meant:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise Beyond("which")
    return Meant("which_program", {"name": Wish("program", arguments[0])})


def _environment(arguments: list[str]) -> Meant:
    if len(arguments) == 1 and re.fullmatch(r"\w+", arguments[0]):
        return Meant("show_environment", {"name": Wish("variable", arguments[0])})
    if arguments:
        raise Beyond("env")
    return Meant("show_environment", {}, (r"(?i)environment|环境变量",))


def _echo(arguments: list[str]) -> Meant:
    if len(arguments) != 1 or not (match := re.fullmatch(r"\$\{?([A-Z_]+)\}?", arguments[0])):
        raise Beyond("echo")
    return Meant("show_environment", {"name": Wish("variable", match[1])}, (r"(?i)variable|变量|value|\$",))


def _cd(arguments: list[str]) -> Meant:
    words = arguments or ["~"]
    if len(words) != 1 or words[0].startswith("-"):
        raise Beyond("cd")
    return Meant(
        "change_folder",
        {"path": Wish("path", words[0])},
        (r"(?i)\bchang|\bgo\b|\bcd\b|\bmov|\bswitch|\bnavigat|转到|进入|切换",),
    )


def _nothing(tool: str, said: str, **arguments: str) -> Program:
    def read(words: list[str]) -> Meant:
        if words:
            raise Beyond(tool)
        return Meant(tool, dict(arguments), (said,))

    return read


def _stat(arguments: list[str]) -> Meant:
    return Meant(
        "file_info",
        _named(options(arguments, "")[1]),
        (r"(?i)\binformation|\bdetail|\bstat|\bpropert|\btype|信息|属性|类型",),
    )


def _renice(arguments: list[str]) -> Meant:
    given, rest = options([re.sub(r"^\+", "", a) for a in arguments], "", "np")
    if "n" not in given or not (rest or "p" in given):
        raise Beyond("renice")
    pids = rest or [given["p"]]
    return Meant(
        "set_priority", {"target": tuple(Wish("pid", p) for p in pids), "priority": Wish("number", given["n"])}
    )


def _systemctl(arguments: list[str]) -> Meant:
    states = {"status": ("running", r"(?i)running|正在运行"), "--failed": ("failed", r"(?i)failed|失败")}
    if len(arguments) != 1 or arguments[0] not in states:
        raise Beyond("systemctl")
    state, said = states[arguments[0]]
    return Meant("show_services", {"state": state}, (said, r"(?i)services?|units?|服务|单元"))


_SIZE_SAID = r"(?i)disk|file ?system|space|磁盘|文件系统"
_PROGRAMS: dict[str, Program] = {
    "ls": _ls, "tree": _tree, "du": _du, "cat": _cat, "less": _cat, "head": _part("first"), "tail": _part("last"),
    "grep": _grep, "egrep": lambda a: _grep(["-E", *a]), "fgrep": lambda a: _grep(["-F", *a]), "wc": _wc,
    "diff": _compare, "md5sum": _checksum("md5"), "sha1sum": _checksum("sha1"), "sha256sum": _checksum("sha256"),
    "sha512sum": _checksum("sha512"), "sort": _sort, "cut": _cut, "rm": _rm, "rmdir": _rmdir,
    "mkdir": _make("make_folder", "pv"), "touch": _make("create_file", ""), "cp": _transfer("copy_files", "rRapvfiu"),
    "mv": _transfer("move_files", "fvin"), "ln": _ln, "chmod": _chmod, "chown": _chown, "chgrp": _chgrp, "sed": _sed,
    "tar": _tar, "unzip": _unzip, "zip": _zip, "gzip": _packed("gz", r"(?i)gzip|\bgz|compress|压缩"),
    "bzip2": _packed("bz2", r"(?i)bzip2|\bbz2"), "xz": _packed("xz", r"(?i)\bxz"), "zstd": _packed("zst", r"(?i)\bzst"),
    "gunzip": lambda a: _packed("gz", "")(["-d", *a]), "bunzip2": lambda a: _packed("gz", "")(["-d", *a]),
    "exa": _ls, "eza": _ls, "jobs": _nothing("list_jobs", r"(?i)\bjobs?\b|作业"), "duf": _nothing("system_info", _SIZE_SAID, about="disks"),
    "rg": lambda a: _grep(["-r", *a]), "ag": lambda a: _grep(["-r", *a]), "ack": lambda a: _grep(["-r", *a]),
    "users": _nothing("system_info", r"(?i)logged|已登录", about="users"), "systemctl": _systemctl, "nl": lambda a: _cat(["-n", *a]), "ps": _ps, "pgrep": _pgrep, "pidof": _pgrep, "kill": _kill("pid"), "pkill": _kill("process"),
    "killall": _kill("process"), "lsof": _lsof, "date": _date, "cal": _cal, "which": _which, "printenv": _environment,
    "env": _environment, "echo": _echo, "cd": _cd, "stat": _stat, "file": _stat, "renice": _renice,
    "pwd": _nothing("current_folder", r"(?i)current|present|working|当前"), "pstree": _nothing("process_tree", r"(?i)tree|树"),
    "whoami": _nothing("system_info", r"(?i)\buser|用户", about="user"), "hostname": _nothing("system_info", r"(?i)\bhost|\bname|主机名", about="host"),
    "uptime": _about({"": ("uptime", r"(?i)uptime|how long|running|up\b|运行"), "-p": ("uptime", r"(?i)up\b|启动的时间长度"), "-s": ("boot_time", r"(?i)booted|启动")}),
    "who": _nothing("system_info", r"(?i)logged|用户", about="users"), "w": _nothing("system_info", r"(?i)logged|用户", about="users"),
    "lscpu": _nothing("system_info", r"(?i)cpu", about="cpu"), "lsblk": _nothing("system_info", r"(?i)device|设备", about="devices"),
    "groups": _nothing("system_info", r"(?i)groups?", about="groups"), "mount": _nothing("system_info", r"(?i)mount|挂载", about="mounts"),
    "df": _about({"": ("disks", _SIZE_SAID), "-h": ("disks", _SIZE_SAID), "-k": ("disks", _SIZE_SAID), "-H": ("disks", _SIZE_SAID)}),
    "free": _about(dict.fromkeys(("", "-h", "-m", "-g", "-k"), ("memory", r"(?i)memory|内存"))),
    "uname": _about({"-r": ("kernel", "(?i)kernel|内核"), "": ("kernel", "(?i)kernel|内核"), "-n": ("host", "(?i)host|node ?name|主机名"), "-o": ("os", "(?i)operating|操作系统")}),
    "ip": _about({"a": ("network", r"(?i)interface|接口"), "addr": ("address", "(?i)address"), "address": ("address", "(?i)address"), "r": ("routes", r"(?i)rout|路由"), "route": ("routes", r"(?i)rout|路由")}),
    "ifconfig": _about({"": ("network", r"(?i)interface|network"), "-a": ("network", r"(?i)interface|network")}),
    "route": _about({"-n": ("routes", "(?i)rout"), "": ("routes", "(?i)rout")}),
    "ulimit": _about({"-a": ("limits", "(?i)limit")}),
    "ss": _about(dict.fromkeys(("-l", "-lt", "-tl", "-tlnp", "-tuln"), ("ports", "(?i)listen"))),
    "netstat": _about({**dict.fromkeys(("-l", "-lt", "-tulpn", "-tulpne"), ("ports", "(?i)listen|监听")), "-rn": ("routes", "(?i)rout|路由"), "-nr": ("routes", "(?i)rout|路由"), "-r": ("routes", "(?i)rout|路由")}),
}  # fmt: skip

"""What a pipeline means as one typed call; `find` and each family of programs has its own reading."""

from __future__ import annotations

import re

from llmos.train.shell import archives, changing, find, listing, processes, system, text
from llmos.train.shell.command_line import options
from llmos.train.shell.piped import first_lines, through
from llmos.train.shell.processes import killing
from llmos.train.shell.wishes import Beyond, Meant, Wish

_PROGRAMS = {
    **listing.PROGRAMS, **text.PROGRAMS, **changing.PROGRAMS, **archives.PROGRAMS, **processes.PROGRAMS, **system.PROGRAMS,
}  # fmt: skip


def meant_by(stages: list[list[str]]) -> Meant:
    """Raises Beyond."""
    program = stages[0][0].rsplit("/", 1)[-1]
    if program == "find":
        return through(find.found(stages[0][1:]), stages[1:])
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
            return killing(meant, [a for a in arguments if not re.fullmatch(r"-[rtIn1]+|\{\}|sudo", a)])
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

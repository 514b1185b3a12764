"""What comes after find in a pipeline: xargs, sort, head, wc … (xargs(1), head(1))."""

from __future__ import annotations

import re

from llmos.train.shell.acting import acted, acted_on_matches
from llmos.train.shell.command_line import options
from llmos.train.shell.wishes import Beyond, Meant, Wish

_NEWEST = r"(?i)\b(?:latest|newest|most recent|last (?:\w+ )?(?:modified|changed|updated|created)|recently|recent)"


_ORDERS = {
    ("time", True): ("newest", _NEWEST), ("time", False): ("oldest", r"(?i)\bold|\bearliest|\bascending"),
    ("size", True): ("largest", r"(?i)\blarg|\bbig|\bhuge|\bdescending"), ("size", False): ("smallest", r"(?i)\bsmall"),
}  # fmt: skip


def through(meant: Meant, stages: list[list[str]]) -> Meant:
    """What the rest of a pipeline makes of the names that find wrote. Raises Beyond."""
    if "measured" in meant.wishes:
        return _ordered(meant, stages)
    for position, stage in enumerate(stages):
        if stage[0] == "xargs" and (by := _ls_order(stage[1:])):
            return _ordered(meant.adding({"measured": by}), [["sort", "-nr"], *stages[position + 1 :]])
        meant = _through(meant, stage[0], stage[1:])
    return meant


def _ls_order(arguments: list[str]) -> str:
    """What `xargs ls -t` or `ls -S` sorts by, newest or largest first; empty for anything else."""
    match = re.fullmatch(r".*\bls -[l1dhaF]*([tS])[l1dhaF]*", " ".join(arguments))
    return {"t": "time", "S": "size"}[match[1]] if match else ""


def _ordered(meant: Meant, stages: list[list[str]]) -> Meant:
    """Names with their times or sizes, sorted, the first or last few of them, the measure cut off again."""
    measure = str(meant.wishes["measured"])
    plain = Meant(
        meant.tool, {k: v for k, v in meant.wishes.items() if k != "measured"}, meant.needs, meant.ignored, meant.found
    )
    if not stages or stages[0][0] != "sort" or not set("".join(stages[0][1:])) <= set("-nrgzk1,"):
        raise Beyond("unsorted")
    downwards = "r" in "".join(stages[0][1:])
    limit: dict[str, object] = {}
    for stage in stages[1:]:
        if stage[0] in ("head", "tail") and not limit:
            limit = {"limit": Wish("limit", first_lines(stage[1:]))}
            downwards ^= stage[0] == "tail"
        elif stage[0] not in ("cut", "awk", "sed", "less", "more"):
            raise Beyond(stage[0])
    order, said = _ORDERS[measure, downwards]
    return plain.adding({"sort": order, **limit}, said)


def _through(meant: Meant, program: str, arguments: list[str]) -> Meant:  # noqa: PLR0911  # one case a program
    match program:
        case "xargs" if meant.tool == "search_text" and meant.wishes.get("show") == "files":
            return acted_on_matches(meant, _xargs(arguments))
        case "xargs":
            return acted(meant, _xargs(arguments))
        case "wc" if arguments == ["-l"] and meant.tool == "search_text" and "show" not in meant.wishes:
            return meant.adding({"show": "count"}, r"(?i)\bmatch\w* lines|\blines?\b.{0,24}\b(?:match|contain|with)")
        case "wc" if arguments == ["-l"] and meant.tool == "find_files":
            return meant.to("count", {"what": "counted"})
        case "sort" if arguments in ([], ["-u"], ["-f"]) and meant.tool == "find_files":
            return meant.adding({"sort": "name"}, r"(?i)\bsort|order|alphabet")
        case "head" if meant.tool == "find_files":
            return meant.adding({"limit": Wish("limit", first_lines(arguments))})
        case "less" | "more" | "cat":
            return meant
        case _:
            raise Beyond(program)


def first_lines(arguments: list[str]) -> str:
    """How many lines `head` or `tail` shows. Raises Beyond."""
    if len(arguments) == 1 and re.fullmatch(r"-\d+", arguments[0]):
        return arguments[0][1:]
    found, rest = options(arguments, "", "n")
    if rest or not re.fullmatch(r"-?\d+", found.get("n", "10")):
        raise Beyond("head")
    return found.get("n", "10").lstrip("-")


def _xargs(arguments: list[str]) -> list[str]:
    """The command that xargs runs, with {} where the names go."""
    words = list(arguments)
    holder = ""
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if re.fullmatch(r"-[nPLd]", option) and words:
            words.pop(0)
        elif option == "-I" and words:
            holder = words.pop(0)
        elif option == "-i" or option.startswith("-I"):
            holder = option[2:] or "{}"
        elif option == "-J" and words:
            holder = words.pop(0)
        elif option.startswith("--replace="):
            holder = option[10:]
        elif not re.fullmatch(r"-[0rtpnPLxe]+\d*|-d.*|--null|--no-run-if-empty|--max-\w+=\d+|--verbose", option):
            raise Beyond("xargs")
    if not words:
        return ["echo"]
    return ["{}" if word == holder else word for word in words] if holder else words

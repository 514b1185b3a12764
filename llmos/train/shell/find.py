"""What `find` expressions mean as a selection (find(1)), and what is done with what they find.

Tests that a selection does not have (-newer, -regex, -path, -links …) are beyond it.
"""

from __future__ import annotations

import re

from llmos.train.shell.acting import acted
from llmos.train.shell.command_line import options
from llmos.train.shell.wishes import Beyond, Meant, Wish

_UNITS = {"c": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30, "": 512, "b": 512}
_TYPES = {"f": "file", "d": "folder", "l": "link"}
_TIMES = {
    "m": ("newer_than", "older_than"),
    "c": ("newer_than", "older_than"),
    "a": ("accessed_within", "accessed_before"),
}
_BITS = {
    "u+s": r"(?i)\bset-?uid|\bsuid|set user id", "g+s": r"(?i)\bset-?gid|\bsgid|set group id", "+t": r"(?i)\bsticky",
    "o+w": r"(?i)world[- ]?writ|writ\w* (?:by|for|to) (?:others|everyone|everybody|anyone|all|the world)|others? can write",
    "u+x": r"(?i)execut\w+ (?:by|for) (?:the |their |its )?(?:owner|user)|owner.{0,12}execut",
    "u+w": r"(?i)writ\w+ (?:by|for) (?:the |their |its )?(?:owner|user)",
    "g+w": r"(?i)group[- ]?writ|writ\w+ (?:by|for) (?:the |their |its )?group",
    "o+r": r"(?i)world[- ]?read|read\w+ (?:by|for) (?:others|everyone|everybody|anyone)",
}  # fmt: skip
_NUMERIC_BITS = {
    "4000": "u+s",
    "2000": "g+s",
    "1000": "+t",
    "2": "o+w",
    "100": "u+x",
    "200": "u+w",
    "20": "g+w",
    "4": "o+r",
}


def found(arguments: list[str]) -> Meant:
    """Raises Beyond."""
    words = list(arguments)
    while words and words[0] in ("-H", "-P", "-L", "-O3"):
        words.pop(0)
    paths: list[str] = []
    while words and not re.match(r"[-(!]", words[0]):
        paths.append(words.pop(0))
    expression = _Expression(words)
    expression.read()
    places = tuple(Wish("path", p) for p in paths)
    selection = {"path": places, **expression.wishes} if places else expression.wishes
    if any(re.search(r"[\[{]", path) and "$" not in path for path in paths):
        raise Beyond("a placeholder")
    meant = Meant("find_files", selection, tuple(expression.needs), found=True)
    for action in expression.actions:
        meant = acted(meant, action)
    return meant


class _Expression:
    """One reading of the tests and actions, from left to right."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.wishes: dict[str, object] = {}
        self.needs: list[str] = []
        self.actions: list[list[str]] = []
        self.either: list[Wish] = []

    def read(self) -> None:
        while self.words:
            self._one(self.words.pop(0))
        if self.either:
            self._put("name", tuple(self.either))

    def _next(self) -> str:
        if not self.words:
            raise Beyond("an option without its value")
        return self.words.pop(0)

    def _put(self, name: str, value: object) -> None:
        if self.wishes.get(name, value) != value:
            raise Beyond(f"{name} twice")
        self.wishes[name] = value

    def _one(self, word: str) -> None:  # noqa: PLR0912  # one case a test
        match word:
            case "(":
                self._group()
            case "!" | "-not":
                self._negated()
            case "-o" | "-or":
                self._or()
            case "-a" | "-and" | "-print" | "-print0" | "-depth" | "-d" | "-noleaf" | "-follow" | "-true":
                pass
            case "-name" | "-iname":
                self.either.append(Wish("glob", self._next()))
                if len(self.either) > 1 or "name" in self.wishes:
                    raise Beyond("two names that both have to match")
            case "-delete":
                self.actions.append(["rm"])
            case "-ls":
                self.actions.append(["ls", "-l"])
            case "-exec" | "-execdir" | "-ok" | "-okdir":
                self.actions.append(self._command())
            case "-empty":
                self._put("empty", True)
            case "-type" | "-xtype" if self.words and self.words[0] in _TYPES:
                self._put("type", _TYPES[self._next()])
            case "-user" | "-uid":
                self._put("owner", Wish("user", self._next()))
            case "-size":
                self._size(self._next())
            case "-perm":
                self._permission(self._next())
            case "-executable":
                self._put("permission", Wish("bit u+x", r"(?i)executable"))
            case "-maxdepth":
                self._put("depth", Wish("depth", self._next()))
            case "-mindepth":
                self._mindepth(self._next())
            case "-daystart":
                self.needs.append(r"(?i)\btoday\b")
            case _ if re.fullmatch(r"-[mca](?:time|min)", word):
                self._time(word[1], word[2:], self._next())
            case _:
                raise Beyond(word)

    def _mindepth(self, value: str) -> None:
        if value not in ("0", "1"):
            raise Beyond("-mindepth")

    def _group(self) -> None:
        inner: list[str] = []
        while (word := self._next()) != ")":
            inner.append(word)
        self.either += _names(inner)

    def _or(self) -> None:
        """`-name a -o -name b`: whatever stands around them binds tighter, so nothing else may."""
        if self.actions or set(self.wishes) - {"depth"} or not self.either:
            raise Beyond("-o")
        self.either += _names(self.words)
        self.words = []

    def _negated(self) -> None:
        match self._next():
            case "-name" | "-iname":
                self.wishes["exclude"] = (*self.wishes.get("exclude", ()), Wish("excluded", self._next()))  # type: ignore[misc]
            case "-empty":
                raise Beyond("not empty")
            case other:
                raise Beyond(f"not {other}")

    def _command(self) -> list[str]:
        command: list[str] = []
        while self.words:
            word = self.words.pop(0)
            if word == ";" or (word == "+" and command[-1:] == ["{}"]):
                return command
            command.append(word)
        raise Beyond("-exec without an end")

    def _size(self, value: str) -> None:
        match = re.fullmatch(r"([+-]?)(\d+)([ckMGb]?)", value)
        if match is None:
            raise Beyond("-size")
        sign, number, unit = match.groups()
        if int(number) == 0:
            if sign == "":
                self._put("empty", True)
                return
            raise Beyond("-size")
        if sign == "":
            raise Beyond("an exact size")
        size = Wish("size", str(int(number) * _UNITS[unit]))
        self._put("larger_than" if sign == "+" else "smaller_than", size)

    def _time(self, letter: str, unit: str, value: str) -> None:
        match = re.fullmatch(r"([+-]?)(\d+)", value)
        if match is None or (match[1] == "" and value != "0"):
            raise Beyond("an exact time")
        if letter == "c":
            self.needs.append(r"(?i)\b(?:creat|chang|modif|updat|new|old|writ|edit|ago\b)")
            self.needs.append(r"(?i)\A(?!.*\b(?:status|inode|metadata|permission))")
        number = int(match[2]) or 1
        seconds = number * (86400 if unit == "time" else 60)
        newer, older = _TIMES[letter]
        self._put(older if match[1] == "+" else newer, Wish("age", str(seconds)))

    def _permission(self, value: str) -> None:
        digits = re.fullmatch(r"([-/+]?)0*([0-7]{1,4})", value)
        if digits and digits[1] and digits[2] in _NUMERIC_BITS:
            bit = _NUMERIC_BITS[digits[2]]
        elif digits and (digits[1] == "" or (digits[1] == "-" and digits[2] == "777")):
            self._put("permission", Wish("mode", digits[2]))
            return
        elif re.fullmatch(r"[-/][ugo][+=][rwxs]", value):
            bit = f"{value[1]}+{value[3]}"
        else:
            raise Beyond("-perm")
        if bit not in _BITS:
            raise Beyond("-perm")
        self._put("permission", Wish(f"bit {bit}", _BITS[bit]))


def _names(words: list[str]) -> list[Wish]:
    """What `-name a -o -iname b …` lists. Raises Beyond for any other test."""
    wishes: list[Wish] = []
    while words:
        if words[0] not in ("-name", "-iname") or len(words) < 2:
            raise Beyond("a group")
        wishes.append(Wish("glob", words[1]))
        words = words[2:]
        if words and words.pop(0) not in ("-o", "-or"):
            raise Beyond("a group")
    return wishes


def through(meant: Meant, stages: list[list[str]]) -> Meant:
    """What the rest of a pipeline makes of the names that find wrote. Raises Beyond."""
    for stage in stages:
        meant = _through(meant, stage[0], stage[1:])
    return meant


def _through(meant: Meant, program: str, arguments: list[str]) -> Meant:
    match program:
        case "xargs":
            return acted(meant, _xargs(arguments))
        case "wc" if arguments == ["-l"] and meant.tool == "find_files":
            kinds = {"file": "files", "folder": "folders"}
            what = kinds.get(str(meant.wishes.get("type", "")), "counted")
            rest = {k: v for k, v in meant.wishes.items() if k != "type" or what == "counted"}
            return Meant("count", {**rest, "what": what}, meant.needs, found=True)
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
        elif not re.fullmatch(r"-[0rtpnPLx]+\d*|-d.*|--null|--no-run-if-empty", option):
            raise Beyond("xargs")
    if not words:
        raise Beyond("xargs")
    return ["{}" if word == holder else word for word in words] if holder else words

"""What `find` expressions mean as a selection (find(1)), and what is done with what they find.

Tests that a selection does not have (-newer, -regex, -path, -links …) are beyond it.
"""

from __future__ import annotations

import re

from llmos.train.shell.acting import acted
from llmos.train.shell.wishes import Beyond, Meant, Wish

_UNITS = {"c": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30, "": 512, "b": 512}
_TYPES = {"f": "file", "d": "folder", "l": "link"}
_TIMES = {
    "m": ("newer_than", "older_than"),
    "c": ("newer_than", "older_than"),
    "a": ("accessed_within", "accessed_before"),
}
_BITS = {
    "u+s": r"(?i)\bset[- ]?uid|\bsuid|set user id", "g+s": r"(?i)\bset[- ]?gid|\bsgid|set group id", "+t": r"(?i)\bsticky",
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
    if any(re.search(r"[\[{*]", path) and "$" not in path for path in paths):
        raise Beyond("a placeholder")
    meant = Meant("find_files", selection, tuple(expression.needs), tuple(expression.ignored), found=True)
    for action in expression.actions:
        meant = acted(meant, action)
    return meant


CASE = r"(?i)[(,]?\s*\b(?:and |in a |with |the )?case[- ]?ins?en?s\w*(?: (?:search|find|manner|way|match\w*))?\s*\)?|,? ?\(?ignor\w+ (?:the )?(?:letter )?case(?: distinct\w*| sensitivity| differences)?\)?|regardless of case|not case sensitive"


class _Expression:
    """One reading of the tests and actions, from left to right."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.wishes: dict[str, object] = {}
        self.needs: list[str] = []
        self.ignored: list[str] = []
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
            case "-xdev" | "-mount":
                self.needs.append(r"(?i)\A(?!.*(?:mount|file ?system|device))")
            case "-path" | "-wholename" if self.words[1:2] == ["-prune"]:
                self._pruned(self._next())
            case "-printf":
                self._printed(self._next())
            case "-a" | "-and" | "-print" | "-print0" | "-depth" | "-d" | "-noleaf" | "-follow" | "-true":
                pass
            case "-name" | "-iname":
                self._named(word, self._next())
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
                self._put("owner", Wish("user", {"0": "root"}.get(user := self._next(), user)))
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
                pass
            case _ if re.fullmatch(r"-[mca](?:time|min)", word):
                self._time(word[1], word[2:], self._next())
            case _:
                raise Beyond(word)

    def _mindepth(self, value: str) -> None:
        self.ignored.append(
            r"(?i)(?:,? (?:and|in|that are|which are))? ?(?:at least|at minimum|minimum) (?:1|one) levels? (?:deep|down)"
        )
        if value not in ("0", "1"):
            raise Beyond("-mindepth")

    def _named(self, word: str, glob: str) -> None:
        if self.words[:1] == ["-prune"]:
            self._pruned(glob)
            return
        if word == "-iname":
            self.ignored.append(CASE)
        if letters := re.fullmatch(r"\*\.\[([a-z]{2,3})\]", glob):
            self.either += [Wish("glob", f"*.{letter}") for letter in letters[1]]
            return
        self.either.append(Wish("glob", glob))
        if len(self.either) > 1 or "name" in self.wishes:
            raise Beyond("two names that both have to match")

    def _pruned(self, pattern: str) -> None:
        """`-path ./build -prune -o …`: not what is in build."""
        name = re.sub(r"^(?:\./|\*/)|/?\*?$", "", pattern) if "/" in pattern else pattern
        if self.words[:2] not in (["-prune", "-o"], ["-prune", "-or"]) or "/" in name.rstrip("/") or not name:
            raise Beyond("-prune")
        self.words = self.words[2:]
        self._leave_out(name)

    def _leave_out(self, name: str) -> None:
        if name == ".":
            return
        before = self.wishes.get("exclude", ())
        assert isinstance(before, tuple)
        self.wishes["exclude"] = (*before, Wish("excluded", name))

    def _printed(self, form: str) -> None:
        form = re.sub(r"(?:\\n|\\0|\n)$", "", form).strip()
        if form in ("%p", "%P"):
            return
        if form == "%f":
            self.actions.append(["basename"])
        elif re.fullmatch(r"%(?:T@|T\+|s|k|TY.*)[ :\t]?(?:\\t)?(?:%T\S*)?[ :\\t]*%[pPf]", form):
            self.actions.append(["measured", "size" if form[1] in "sk" else "time"])
        else:
            raise Beyond("-printf")

    def _group(self) -> None:
        inner: list[str] = []
        depth = 1
        while depth:
            inner.append(word := self._next())
            depth += {"(": 1, ")": -1}.get(word, 0)
        inner.pop()
        if inner[:1] == ["-type"] and len(inner) == 2:
            self.words = inner + self.words
            return
        if self.either:
            raise Beyond("two names that both have to match")
        if inner[:2] == ["-type", "f"]:
            self._put("type", "file")
            inner = [w for i, w in enumerate(inner[2:]) if w != "-a"]
        self.either += _names([w for w in inner if w not in ("(", ")")])

    def _or(self) -> None:
        """`-name a -o -name b`: whatever stands around them binds tighter, so nothing else may."""
        if self.actions or set(self.wishes) - {"depth"} or not self.either:
            raise Beyond("-o")
        self.either += _names(self.words)
        self.words = []

    def _negated(self) -> None:
        match self._next():
            case "-name" | "-iname":
                self._leave_out(self._next())
            case "-path" | "-wholename":
                pattern = self._next()
                match = re.fullmatch(r"(?:\./|\*/|\*)([\w.-]+)(?:/\*|\*)", pattern)
                if match is None:
                    raise Beyond("not -path")
                self._leave_out(match[1])
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
        return command

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
        size = Wish("size", str(int(number) * _UNITS[unit]) + (f" {number}" if unit in ("", "b") else ""))
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
        if digits and (digits[1] == "" or (digits[1] == "-" and digits[2] == "777")):
            self._put("permission", Wish("mode", digits[2]))
            return
        bits = _symbolic(digits[2]) if digits else _one_who(value)
        if bits == "a+x":
            self._put(
                "permission",
                Wish(
                    "bit u+x",
                    r"(?i)\A(?!.*(?:all users|all the users|everyone|everybody|all executable bits)).*executable",
                ),
            )
            return
        kind = "bit" if bits in _BITS else "rights"
        self._put("permission", Wish(f"{kind} {bits}", _BITS.get(bits, bits)))


def _symbolic(digits: str) -> str:
    """-0100 as u+x; only bits of one class or special ones. Raises Beyond."""
    if digits in _NUMERIC_BITS:
        return _NUMERIC_BITS[digits]
    places = [(who, int(digit)) for who, digit in zip("ugo", digits.zfill(3), strict=False) if digit != "0"]
    if digits == "111":
        return "a+x"
    if len(digits) > 3 or len(places) != 1:
        raise Beyond("-perm")
    who, digit = places[0]
    return f"{who}+" + "".join(letter for letter, bit in zip("rwx", (4, 2, 1), strict=True) if digit & bit)


def _one_who(value: str) -> str:
    match = re.fullmatch(r"[-/]([ugoa])[+=]([rwxst]{1,3})", value)
    if match is None or (value[0] == "/" and (len(match[2]) > 1 or match[1] == "a") and value != "/a=x"):
        raise Beyond("-perm")
    return "a+x" if value == "/a=x" else f"{match[1]}+{match[2]}"


def _names(words: list[str]) -> list[Wish]:
    """What `-name a -o -iname b …` lists. Raises Beyond for any other test."""
    wishes: list[Wish] = []
    while words:
        if words[0] not in ("-name", "-iname") or len(words) < 2:
            raise Beyond("a group")
        wishes.append(Wish("glob", words[1].removeprefix("**")))
        words = words[2:]
        if words and words.pop(0) not in ("-o", "-or"):
            raise Beyond("a group")
    return wishes

"""The text of a script: its lines become steps, and every mistake in it is found before anything runs.

Running the steps is `script`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from llmos.errors import UsageError

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_ASSIGNED = re.compile(rf"({NAME})\s*=\s*(.*)", re.DOTALL)
_VARIABLE = re.compile(rf"\$(\$|@|\d+|{NAME}|\{{(\d+|{NAME})\}})?")
_VALUE = re.compile(r"""("(?:[^"]*)"|'[^']*')|[\d~/.$]\S*""")
"""Quoted, or one word that begins as numbers, paths and variables do."""

_COMPARED = re.compile(r"(<=|>=|!=|<|>|=)?\s*(-?\d+(?:\.\d+)?)(\s+lines?)?")
_ON_ERROR = re.compile(r"on error\s*:(.*)", re.DOTALL)


@dataclass(frozen=True)
class Expect:
    """What the answer of a request has to be."""

    line: int
    kind: str
    """text, regex, number, lines, nothing or exit."""

    value: str
    compare: str = "="
    negated: bool = False


@dataclass(frozen=True)
class Ask:
    """A request; its answer goes into a variable where it has a name."""

    line: int
    text: str
    name: str = ""
    expects: tuple[Expect, ...] = ()

    @property
    def may_fail(self) -> bool:
        """What it has to end with is said, so that no other code is a failure by itself."""
        return any(expect.kind == "exit" for expect in self.expects)


@dataclass(frozen=True)
class Put:
    """A value for a variable."""

    line: int
    name: str
    text: str


@dataclass(frozen=True)
class Say:
    line: int
    text: str


@dataclass(frozen=True)
class OnError:
    """From here on: stop, continue, or a request that is made before stopping."""

    line: int
    action: str


Step = Ask | Put | Say | OnError


@dataclass
class Reading:
    """The steps so far, and what is wrong."""

    file: str
    steps: list[Step] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)

    def wrong(self, line: int, what: str) -> None:
        self.errors.append((line, f"{self.file}:{line}: {what}"))


def read(text: str, file: str, arguments: Sequence[str]) -> list[Step]:
    """The steps of a script. Raises UsageError with every mistake in it, one a line."""
    reading = Reading(file)
    for line, words in _paragraphs(text, reading):
        _read_step(line, words, reading)
    _check_variables(reading, arguments)
    if not reading.steps and not reading.errors:
        reading.wrong(1, "there is no request in it")
    if reading.errors:
        raise UsageError("\n".join(what for _, what in sorted(reading.errors)))
    return reading.steps


def _paragraphs(text: str, reading: Reading) -> Iterator[tuple[int, str]]:
    """Each line with the indented ones beneath it; comments and empty lines are none."""
    begun: tuple[int, list[str]] | None = None
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            if begun:
                yield begun[0], "\n".join(begun[1])
            begun = (number, [line.strip()])
        elif begun:
            begun[1].append(line.strip())
        else:
            reading.wrong(number, "an indented line belongs to the request above it, and there is none")
    if begun:
        yield begun[0], "\n".join(begun[1])


def _read_step(line: int, words: str, reading: Reading) -> None:
    first, _, rest = words.partition(" ")
    if match := _ON_ERROR.fullmatch(words):
        _read_on_error(line, match[1].strip(), reading)
    elif first == "expect":
        _read_expect(line, rest.strip(), reading)
    elif first == "echo":
        reading.steps.append(Say(line, rest.strip()))
    elif match := _ASSIGNED.fullmatch(words):
        _read_assignment(line, match[1], match[2].strip(), reading)
    else:
        reading.steps.append(Ask(line, words))


def _read_on_error(line: int, action: str, reading: Reading) -> None:
    if not action:
        reading.wrong(line, "on error: continue, stop, or a request that is made before stopping")
    else:
        reading.steps.append(OnError(line, action))


def _read_assignment(line: int, name: str, right: str, reading: Reading) -> None:
    if not right:
        reading.wrong(line, f'{name} = "a value" or {name} = a request')
    elif match := _VALUE.fullmatch(right):
        reading.steps.append(Put(line, name, right[1:-1] if match[1] else right))
    elif right[0] in "\"'":
        reading.wrong(line, f"the quotation mark {right[0]} is not closed, or something stands behind it")
    else:
        reading.steps.append(Ask(line, right, name))


def _read_expect(line: int, what: str, reading: Reading) -> None:
    before = reading.steps[-1] if reading.steps else None
    if not isinstance(before, Ask):
        return reading.wrong(line, "expect stands right after a request")
    try:
        expect = _expect(line, what)
    except ValueError as error:
        return reading.wrong(line, str(error))
    reading.steps[-1] = replace(before, expects=(*before.expects, expect))
    return None


def _expect(line: int, what: str) -> Expect:
    """Raises ValueError."""
    negated = what.startswith("not ")
    what = what.removeprefix("not ").strip()
    if not what:
        raise ValueError('expect "text", /regex/, 3, > 3, 3 lines, nothing or exit 1; not before any of them')
    if what == "nothing":
        return Expect(line, "nothing", "", negated=negated)
    if match := re.fullmatch(r"exit\s+(\d+)", what):
        return Expect(line, "exit", match[1], negated=negated)
    if match := _COMPARED.fullmatch(what):
        return Expect(line, "lines" if match[3] else "number", match[2], match[1] or "=", negated)
    if len(what) > 1 and what[0] == what[-1] == "/":
        return Expect(line, "regex", _compiled(what[1:-1]), negated=negated)
    return Expect(line, "text", what[1:-1] if re.fullmatch(r"\"[^\"]*\"|'[^']*'", what) else what, negated=negated)


def _compiled(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: /{pattern}/: {error}") from None
    return pattern


def _check_variables(reading: Reading, arguments: Sequence[str]) -> None:
    """A name is known from the line on that gives it a value."""
    known: set[str] = set()
    for step in reading.steps:
        for line, text in _texts(step):
            for name in names_in(text):
                _check_variable(line, name, known, arguments, reading)
        if isinstance(step, Put | Ask) and step.name:
            known.add(step.name)


def _check_variable(line: int, name: str, known: set[str], arguments: Sequence[str], reading: Reading) -> None:
    if name == "":
        reading.wrong(line, "a $ without a name; write $$ for the sign itself")
    elif name.isdigit() and not 1 <= int(name) <= len(arguments):
        reading.wrong(line, f"${name}: the script was given {len(arguments)} argument{'s' * (len(arguments) != 1)}")
    elif not name.isdigit() and name not in ("$", "@") and name not in known:
        reading.wrong(line, f"${name} has no value here; write $$ for the sign itself")


def _texts(step: Step) -> list[tuple[int, str]]:
    match step:
        case Ask(line, text, _, expects):
            return [(line, text), *((e.line, e.value) for e in expects if e.kind == "text")]
        case Put(line, _, text) | Say(line, text):
            return [(line, text)]
        case OnError(line, action):
            return [(line, action)]


def names_in(text: str) -> list[str]:
    return [match[2] or match[1] or "" for match in _VARIABLE.finditer(text)]


def filled(text: str, values: Mapping[str, str], arguments: Sequence[str]) -> str:
    """With every variable's value in its place. Values are taken as they are: a $ in one means nothing."""

    def value(match: re.Match[str]) -> str:
        name = match[2] or match[1]
        if name == "$":
            return "$"
        if name == "@":
            return " ".join(arguments)
        return arguments[int(name) - 1] if name.isdigit() else values[name]

    return _VARIABLE.sub(value, text)


def unmet(expect: Expect, answer: str, code: int, fill: Callable[[str], str]) -> str:
    """Why an answer is not what was expected; "" when it is."""
    wanted = fill(expect.value) if expect.kind == "text" else expect.value
    found, met = _met(expect, wanted, answer.strip(), code)
    if met is not expect.negated:
        return ""
    sign = "" if expect.compare == "=" else f"{expect.compare} "
    return f"expected {'not ' * expect.negated}{_described(expect.kind, sign + wanted)}, got {found}"


def _met(expect: Expect, wanted: str, answer: str, code: int) -> tuple[str, bool]:
    """What there was, in words, and whether it fits."""
    match expect.kind:
        case "exit":
            return f"exit {code}", code == int(wanted)
        case "nothing":
            return _short(answer), not answer
        case "regex":
            return _short(answer), re.search(wanted, answer, re.MULTILINE) is not None
        case "lines":
            count = len(answer.splitlines())
            return f"{count}", _compared(count, expect.compare, float(wanted))
        case "number":
            found = re.search(r"-?\d+(?:\.\d+)?", answer.replace(",", "")) if answer.count("\n") == 0 else None
            return _short(answer), found is not None and _compared(float(found[0]), expect.compare, float(wanted))
        case _:
            return _short(answer), wanted in answer


def _compared(number: float, sign: str, wanted: float) -> bool:
    return {
        "=": number == wanted,
        "!=": number != wanted,
        "<": number < wanted,
        ">": number > wanted,
        "<=": number <= wanted,
        ">=": number >= wanted,
    }[sign]


def _described(kind: str, wanted: str) -> str:
    return {"regex": f"/{wanted}/", "lines": f"{wanted} lines", "nothing": "nothing", "exit": f"exit {wanted}"}.get(
        kind, wanted if kind == "number" else repr(wanted)
    )


def _short(answer: str) -> str:
    line = " ".join(answer.split())
    return repr(line if len(line) <= 60 else f"{line[:57]}...") if line else "nothing"

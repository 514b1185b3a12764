"""A command line explained without a model: each program by the manifests and its own --help, each option by what that
says. The program is run, confined, for its --help alone; what is not found is said to be unknown.
"""

from __future__ import annotations

import itertools
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from llmos.adapters.terminal import clean
from llmos.errors import LlmosError, UsageError
from llmos.sandbox.programs import Use, uses
from llmos.tools import catalogue
from llmos.tools.manifest import Manifest, load_manifests
from llmos.translation import _
from llmos.values.messages import Outcome, ToolCall
from llmos.values.place import Place

UNKNOWN = "not in its help"


@dataclass(frozen=True)
class Option:
    word: str
    """As it stands in the line, or one letter of it: -x of -xzf."""

    meaning: str


@dataclass(frozen=True)
class Program:
    name: str
    what: str
    """In a sentence, "" where nothing is known of it."""

    options: tuple[Option, ...]
    given: tuple[str, ...]
    """Names, patterns and whatever else is no option."""

    like: str = ""
    """A tool that does the same, with what it is asked with."""


def explained(line: str, place: Place) -> tuple[Program, ...]:
    """Raises UsageError for a line in which no program stands."""
    found = uses(line)
    if not found:
        raise UsageError(_("that is no command line"))
    manifests = tuple(m for folder in catalogue.folders(place.env) for m in load_manifests(folder).values())
    programs = tuple(_program(use, manifests, place) for use in found)
    if not any(program.what for program in programs):
        raise UsageError(
            _("nothing is known of {name}: it is not installed, and no manifest describes it").format(
                name=programs[0].name
            )
        )
    return programs


def _program(use: Use, manifests: Sequence[Manifest], place: Place) -> Program:
    help_ = _help(use.program, place)
    like = _likest(use, manifests)
    described = _first_sentence(help_)
    options = tuple(Option(word, meaning) for word, meaning in _options(use.words, help_))
    given = tuple(word for word in use.words if not word.startswith("-"))
    what = like.description if like else described
    asked = f"{like.name}: “{like.examples[0].phrase}”" if like and like.examples else ""
    return Program(use.program, what or described, options, given, asked)


def _likest(use: Use, manifests: Sequence[Manifest]) -> Manifest | None:
    """Of those for this program, the one that most of the line's options and words stand in; none where none does."""
    fitting = [m for m in manifests if m.program == use.program]
    shared = {m.name: len(set(m.argv) & set(use.words)) for m in fitting}
    best = max(fitting, key=lambda m: shared[m.name], default=None)
    return best if best and (shared[best.name] or not use.words) else None


# ---- what a program says of itself


def _help(program: str, place: Place) -> str:
    """What `PROGRAM --help` prints, in the sandbox; "" where it is not there or nothing confines it."""
    if not shutil.which(program, path=place.env.get("PATH")):
        return ""
    from llmos.tools.shell import RunCommand, RunCommandArguments  # noqa: PLC0415

    tool = RunCommand()
    given = RunCommandArguments(command=f"{shlex.quote(program)} --help 2>&1 || true", timeout=5.0)
    try:
        done = tool.run(tool.plan(ToolCall("1", "run_command", {}), given, replace(place, input=None)), place)
    except LlmosError:
        return ""
    if not isinstance(done, Outcome):
        done.action.discard()  # type: ignore[attr-defined]  # it wrote something, which nobody asked for
        return ""
    return clean(done.text)


_OPTION = re.compile(r"^\s{1,10}(-[^\s,=\[]+(?:[ =]\S+)?(?:,\s+-[^\s,]+(?:[ =]\S+)?)*)(?:\s{2,}|\t|\s+:\s|$)(.*)$")


def _options(words: Sequence[str], help_: str) -> Iterator[tuple[str, str]]:
    known = _known(help_)
    for word in words:
        name = word.partition("=")[0]
        if not name.startswith("-") or name in ("-", "--"):
            continue
        if name in known or name.startswith("--") or len(name) == 2:  # a dash and one letter
            yield word, known.get(name, UNKNOWN)
        else:
            yield from ((f"-{letter}", known.get(f"-{letter}", UNKNOWN)) for letter in name[1:] if letter.isalpha())


def _known(help_: str) -> Mapping[str, str]:
    """Option → its meaning; a meaning may begin on the line after the option."""
    known: dict[str, str] = {}
    lines = help_.splitlines()
    for i, line in enumerate(lines):
        match = _OPTION.match(line)
        if match is None:
            continue
        meaning = [match[2].strip()]
        for more in lines[i + 1 :]:
            if not re.match(r"\s{12,}\S", more) or _OPTION.match(more):
                break
            meaning.append(more.strip())
        for name in re.findall(r"(?<!\S)-{1,2}[^\s,=\[]+", match[1]):
            known.setdefault(name, " ".join(part for part in meaning if part))
    return known


_NO_SENTENCE = re.compile(r"(?i)usage:|or:|-|try |copyright|\S+ (?:version )?\d|\[")


def _first_sentence(help_: str) -> str:
    """The first paragraph that is neither usage nor an option, up to its full stop."""
    lines = [line.strip() for line in help_.splitlines()]
    begins = (i for i, line in enumerate(lines) if len(line) > 15 and not _NO_SENTENCE.match(line))
    begin = next(begins, None)
    if begin is None:
        return ""
    paragraph = itertools.takewhile(bool, lines[begin:])
    return re.split(r"[.:](?:\s|$)", " ".join(paragraph))[0].strip() + "."


# ---- as text and as JSON


def as_text(programs: Sequence[Program]) -> str:
    return "\n".join(line for program in programs for line in _lines(program))


def _lines(program: Program) -> Iterator[str]:
    yield f"{program.name}: {program.what or 'nothing is known of it'}"
    width = max((len(option.word) for option in program.options), default=0)
    for option in program.options:
        yield f"  {option.word:{width}}  {option.meaning}"
    if program.given:
        yield f"  with {', '.join(program.given)}"
    if program.like:
        yield f"  in words: {program.like}"


def as_json(programs: Sequence[Program]) -> list[dict[str, Any]]:
    return [asdict(program) for program in programs]

"""Turns people's descriptions of command lines into training examples: what a command means, and where it is said.

    python -m llmos.train.shell_lines FOLDER [--count 40] [--tool find_files]

FOLDER holds nl2bash.jsonl, tldr.en.jsonl and tldr.zh.jsonl (fields description and command); it stays outside. What is
not covered exactly by a typed call, or not said by the sentence, gives no label.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from llmos.models.embedded.codec import Call, Literal, Piece, Ref, Round, Shown, Span, View
from llmos.models.embedded.view import RESULT_OF
from llmos.train import slots
from llmos.train.bank import Label, LabelCall, Phrase
from llmos.train.generate import Example, Filled, Target, describe
from llmos.train.shell.command_line import pipeline, saved
from llmos.train.shell.leftovers import complete, says_regex, says_which_files, wants_files
from llmos.train.shell.placeholders import concrete
from llmos.train.shell.pointing import pointed
from llmos.train.shell.programs import meant_by
from llmos.train.shell.sentence import Said, Unsaid
from llmos.train.shell.substitutes import substituted
from llmos.train.shell.types import says_only_files, typed
from llmos.train.shell.wishes import Beyond, Meant, Wish
from llmos.train.slots import Fill
from llmos.train.surface import Backstories, noisy, wrap

SOURCES = (("nl2bash.jsonl", "en"), ("tldr.en.jsonl", "en"), ("tldr.zh.jsonl", "zh"))


@dataclass(frozen=True)
class Line:
    """A sentence and its calls; spans point into the sentence."""

    text: str
    language: str
    calls: tuple[Call, ...]
    spans: tuple[tuple[int, int, str], ...]
    """Start, end and kind of what may be replaced by something else of its kind."""

    then: Call | None = None
    """What is done with the result of the calls, once it was seen: it is saved."""

    @property
    def phrase(self) -> Phrase:
        return Phrase((self.text,), Label(tuple(LabelCall(call.tool) for call in self.calls)), self.language, self.text)


def label(description: str, command: str) -> tuple[Call, ...] | None:
    """The calls with pieces for values, as `Target.calls` has them; None where there is no exact and complete label.

    A result that is saved has its second call here too.
    """
    line = labelled(description, command, "en")
    return (*line.calls, *([line.then] if line.then else [])) if line else None


def labelled(description: str, command: str, language: str) -> Line | None:
    said = Said(description)
    command, file, writing = saved(command)
    try:
        meant = meant_by(pipeline(command))
        said.found = meant.found
        then = _saving(said, file, writing) if file else None
        arguments = _arguments(said, meant)
    except (Beyond, Unsaid):
        return None
    if meant.tool == "search_text" and "show" not in arguments and wants_files(description):
        arguments["show"] = "files"
    if arguments.get("show") == "files" and not says_which_files(description):
        del arguments["show"]
    if meant.tool == "search_text" and says_regex(description):
        arguments["regex"] = True
    said.spans += said.echoes()
    whole = complete(said, meant.tool, arguments, ("to",) if then else ())
    if not whole or (then and meant.tool in CHANGING):
        return None
    spans = tuple(sorted(set(said.spans)))
    return Line(description, language, (Call(meant.tool, arguments),), spans, then)


def _saving(said: Said, file: str, writing: str) -> Call:
    """The second call, which writes what the first one found. Raises Unsaid."""
    wishes = {"path": (Wish("path", file),)}
    arguments = pointed(said, Meant(writing, wishes, (SAVED[writing],)))
    if not said.explains(SAVED[writing]) or "path" not in arguments:
        raise Unsaid("that it is saved")
    said.ignores(SAVED[writing])
    return Call(writing, {**arguments, "text": [[Ref(1, "text")]]})


SAVED = {
    "write_file": r"(?i)\b(?:sav|writ|redirect|stor|output|put|print|log)\w*\b(?! file)(?=.* (?:to|in|into|as)\b)|保存",
    "append_file": r"(?i)\bappend\w*\b|\badd\w*\b|追加",
}


def _arguments(said: Said, meant: Meant) -> dict[str, object]:
    for pattern in meant.ignored:
        said.ignores(pattern)
    if not all(said.explains(need) for need in meant.needs):
        raise Unsaid("what the command does")
    arguments = pointed(said, meant)
    if meant.selects:
        arguments = typed(said, meant.tool, arguments)
    if arguments.get("what") == "counted":
        kind = str(arguments.pop("type", ""))
        arguments["what"] = _counted(said, kind)
    if arguments.get("what") == "entries" and not {"entries", "name", "extension"} & set(arguments):
        raise Unsaid("what is counted")
    return arguments


def _counted(said: Said, kind: str) -> str:
    if kind in ("file", "folder"):
        return kind + "s"
    return "files" if says_only_files(said.text) else "entries"


CHANGING = {"delete_files", "copy_files", "move_files", "change_mode", "change_owner", "archive_files", "replace_text"}


def read_lines(folder: Path) -> list[Line]:
    """All labelled lines; in about 3 s."""
    return [line for file, language in SOURCES for line in _read(folder / file, language)]


def _read(file: Path, language: str) -> Iterator[Line]:
    seen: set[str] = set()
    for row in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        entry = json.loads(row)
        for description, command in concrete(entry["description"].strip(), entry["command"]):
            line = labelled(description, command, language)
            if line is not None and line.text not in seen:
                seen.add(line.text)
                yield line


# ---- examples


def examples(folder: Path, seed: int = 0, variants: int = 5) -> Iterator[Example]:
    """Every labelled line `variants` times, names and numbers replaced in most of them; in random order."""
    r = random.Random(seed)
    lines = read_lines(folder) * variants
    r.shuffle(lines)
    for line in lines:
        yield example(line, r)


def example(line: Line, r: random.Random) -> Example:
    """One variant: other names, other capitals, sometimes politeness or background around it.

    Of a line whose result is saved, either the first reply or the one that follows.
    """
    filled = varied(line, r)
    filled = noisy(r, filled, line.language)
    filled = wrap(r, filled, line.language, _BACKSTORIES)
    calls = tuple((call.tool, _placed(call, filled)) for call in line.calls)
    if line.then is None:
        return Example(View(filled.text), Target(calls), line.phrase)
    if r.random() < 0.5:
        return Example(View(filled.text), Target(calls, more=True), line.phrase)
    plain = tuple((tool, {name: plainly(value, filled.text) for name, value in a.items()}) for tool, a in calls)
    seen = Round(filled.text, plain, _result(line.calls[0], r))
    target = Target(((line.then.tool, _placed(line.then, filled)),))
    return Example(View(filled.text, (seen,), again=True), target, line.phrase)


_BACKSTORIES = Backstories()


def plainly(value: object, request: str) -> object:
    """Pieces as the text they stand for."""
    if not isinstance(value, list):
        return value
    return ["".join(p.text if isinstance(p, Literal) else request[p.start : p.end] for p in e) for e in value]


def _result(call: Call, r: random.Random) -> Shown:
    kind = RESULT_OF.get(call.tool, "text")
    if kind == "number":
        return Shown(kind, (), str(r.randint(0, 900)))
    if kind != "paths":
        return Shown(kind, (), r.choice(slots.TEXTS))
    items = tuple(slots.file_name(r, "en") for _ in range(r.randint(1, 12)))
    return Shown(kind, items, "\n".join(items))


class ShellLines:
    """An endless supply of examples; no tool drowns the others."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self.by_tool: dict[str, list[Line]] = {}
        for line in read_lines(folder):
            self.by_tool.setdefault(line.calls[0].tool, []).append(line)
        self._weights = [len(lines) ** 0.6 for lines in self.by_tool.values()]

    def example(self) -> Example:
        (lines,) = self.random.choices(list(self.by_tool.values()), self._weights)
        return example(self.random.choice(lines), self.random)


def varied(line: Line, r: random.Random) -> Filled:
    """The sentence with its values replaced, each by another of its kind; what stands twice is replaced twice."""
    keep = r.random() < 0.2
    others: dict[str, str] = {}
    filled = Filled()
    position = 0
    for start, end, kind_ in line.spans:
        kind = "beneath" if kind_ == "path" and line.calls[0].tool in CHANGING else kind_
        original = line.text[start:end]
        bare = original.lstrip("*.") if kind == "extension" else original
        if bare not in others:
            others[bare] = bare if keep else _another(bare, kind, r, line.language, others.values())
        other = original[: len(original) - len(bare)] + others[bare]
        filled.text += line.text[position:start]
        key = f"{start}:{end}"
        filled.spans[key] = (len(filled.text), len(filled.text) + len(other))
        filled.fills[key] = Fill(other)
        filled.text += other
        position = end
    filled.text += line.text[position:]
    return filled


def _another(text: str, kind: str, r: random.Random, language: str, taken: Collection[str]) -> str:
    """A substitute that stands for nothing else in the sentence."""
    tries = (substituted(text, kind, r, language) for _ in range(6))
    return next((other for other in tries if other not in taken), text)


def _placed(call: Call, filled: Filled) -> dict[str, object]:
    return {name: _moved(value, filled) if isinstance(value, list) else value for name, value in call.arguments.items()}


def _moved(value: list[list[Piece]], filled: Filled) -> list[list[Piece]]:
    return [[_piece(piece, filled) for piece in element] for element in value]


def _piece(piece: Piece, filled: Filled) -> Piece:
    return Span(*filled.spans[f"{piece.start}:{piece.end}"]) if isinstance(piece, Span) else piece


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--count", type=int, default=40)
    options.add_argument("--tool")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    lines = [line for line in read_lines(given.folder) if given.tool in (None, line.calls[0].tool)]
    r = random.Random(given.seed)
    for line in r.sample(lines, min(given.count, len(lines))):
        print(describe(Example(View(line.text), Target(tuple((c.tool, c.arguments) for c in line.calls)), line.phrase)))
    print(len(lines), Counter(f"{line.language} {line.calls[0].tool}" for line in lines).most_common())


if __name__ == "__main__":
    main()


__all__ = ["Example", "Line", "Literal", "ShellLines", "example", "examples", "label", "read_lines"]

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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmos.models.embedded.codec import Call, Literal, Piece, Span, View
from llmos.train.bank import Label, LabelCall, Phrase
from llmos.train.generate import Example, Filled, Target, describe
from llmos.train.shell.command_line import pipeline
from llmos.train.shell.leftovers import complete, wants_files
from llmos.train.shell.pointing import Said, Unsaid, pointed
from llmos.train.shell.programs import meant_by
from llmos.train.shell.substitutes import substituted
from llmos.train.shell.types import says_files, typed
from llmos.train.shell.wishes import Beyond, Meant
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

    @property
    def phrase(self) -> Phrase:
        return Phrase((self.text,), Label(tuple(LabelCall(call.tool) for call in self.calls)), self.language, self.text)


def label(description: str, command: str) -> tuple[Call, ...] | None:
    """The calls with pieces for values, as `Target.calls` has them; None where there is no exact and complete label."""
    line = labelled(description, command, "en")
    return line.calls if line else None


def labelled(description: str, command: str, language: str) -> Line | None:
    said = Said(description)
    try:
        meant = meant_by(pipeline(command))
        said.found = meant.found
        arguments = _arguments(said, meant)
    except (Beyond, Unsaid):
        return None
    if meant.tool == "search_text" and "show" not in arguments and wants_files(description):
        arguments["show"] = "files"
    if not complete(said, meant.tool, arguments):
        return None
    return Line(description, language, (Call(meant.tool, arguments),), tuple(sorted(set(said.spans))))


def _arguments(said: Said, meant: Meant) -> dict[str, object]:
    for pattern in meant.ignored:
        said.ignores(pattern)
    if not all(said.explains(need) for need in meant.needs):
        raise Unsaid("what the command does")
    arguments = pointed(said, meant)
    if meant.selects:
        arguments = typed(said, meant.tool, arguments)
    if arguments.get("what") == "counted":
        kinds = {"file": "files", "folder": "folders"}
        arguments["what"] = kinds.get(str(arguments.pop("type", "")), "entries")
        if arguments["what"] == "entries" and says_files(description := said.text) and "director" not in description:
            arguments["what"] = "files"
        if arguments["what"] == "entries" and not {"entries", "name", "extension"} & set(arguments):
            raise Unsaid("what is counted")
    return arguments


def read_lines(folder: Path) -> list[Line]:
    """All labelled lines; in about 3 s."""
    return [line for file, language in SOURCES for line in _read(folder / file, language)]


def _read(file: Path, language: str) -> Iterator[Line]:
    seen: set[str] = set()
    for row in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        entry = json.loads(row)
        line = labelled(entry["description"].strip(), entry["command"], language)
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
    """One variant: other names, other capitals, sometimes politeness or background around it."""
    filled = varied(line, r)
    filled = noisy(r, filled, line.language)
    filled = wrap(r, filled, line.language, _BACKSTORIES)
    target = Target(tuple((call.tool, _placed(call, filled)) for call in line.calls))
    return Example(View(filled.text), target, line.phrase)


_BACKSTORIES = Backstories()


def varied(line: Line, r: random.Random) -> Filled:
    """The sentence with its values replaced, each by another of its kind; what stands twice is replaced twice."""
    keep = r.random() < 0.2
    others: dict[str, str] = {}
    filled = Filled()
    position = 0
    for start, end, kind in line.spans:
        original = line.text[start:end]
        if original not in others:
            others[original] = original if keep else substituted(original, kind, r, line.language)
        filled.text += line.text[position:start]
        key = f"{start}:{end}"
        filled.spans[key] = (len(filled.text), len(filled.text) + len(others[original]))
        filled.fills[key] = Fill(others[original])
        filled.text += others[original]
        position = end
    filled.text += line.text[position:]
    return filled


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


__all__ = ["Example", "Line", "Literal", "example", "examples", "label", "read_lines"]

"""Prompts for a batch: plain lines, or one JSON object a line. Every mistake is found before anything runs.

Where a prompt works is `work`'s business.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from llmos.errors import UsageError
from llmos.translation import _

FIELDS = ("id", "prompt", "folder", "files", "input")


@dataclass(frozen=True)
class Prompt:
    id: str
    text: str
    folder: str = ""
    """Where it works; "" is the folder of the batch, or one of its own."""

    files: tuple[str, ...] = ()
    """Copied into its own folder before it begins."""

    input: str | None = None
    """As if piped in."""

    def as_value(self) -> dict[str, Any]:
        return asdict(self)


def read(file: str) -> list[Prompt]:
    """Raises UsageError with every mistake, one a line."""
    found: list[Prompt] = []
    mistakes: list[str] = []
    for number, line in _lines(file):
        try:
            found.append(_prompt(line, number))
        except ValueError as error:
            mistakes.append(f"{file}:{number}: {error}")
    mistakes += [f"{file}: two prompts have the id {id!r}" for id in _twice(found)]
    if not found and not mistakes:
        mistakes.append(f"there is no prompt in {file}")
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return found


def _lines(file: str) -> Iterator[tuple[int, str]]:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            _("cannot read the prompts {file}: {strerror}").format(file=file, strerror=error.strerror)
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            _("{file} is not UTF-8 text: {reason} at byte {start}").format(
                file=file, reason=error.reason, start=error.start
            )
        ) from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.strip()


def _prompt(line: str, number: int) -> Prompt:
    """Raises ValueError."""
    if not line.startswith("{"):
        return Prompt(str(number), line)
    value = json.loads(line)
    unknown = [name for name in value if name not in FIELDS]
    if unknown:
        raise ValueError(f"there is no field {unknown[0]!r}; there are {', '.join(FIELDS)}")
    files = value.get("files", [])
    if not isinstance(files, list) or not all(isinstance(each, str) for each in files):
        raise ValueError("files is a list of names")
    return Prompt(
        _text(value, "id", str(number)),
        _text(value, "prompt", ""),
        _text(value, "folder", "-").removeprefix("-"),
        tuple(files),
        value["input"] if isinstance(value.get("input"), str) else None,
    )


def _text(value: dict[str, Any], name: str, default: str) -> str:
    found = value.get(name, default)
    if isinstance(found, int) and not isinstance(found, bool) and name == "id":
        found = str(found)
    if not isinstance(found, str) or not found.strip():
        raise ValueError(f"{name} is missing" if name not in value else f"{name} is no text, or empty")
    return found


def _twice(prompts: list[Prompt]) -> list[str]:
    seen: set[str] = set()
    return sorted({p.id for p in prompts if p.id in seen or seen.add(p.id)})  # type: ignore[func-returns-value]

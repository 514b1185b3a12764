"""Whatever is shown, a terminal does nothing but print it: a terminal emulator is the judge."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from typing import cast

import pyte
import pytest

from llmos.adapters.terminal import clean, clean_name
from llmos.dispatch.dispatcher import preview
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.messages import ToolCall
from llmos.values.plans import Plan

PIECES = (
    *"\x1b\x9b\x9d\x90\x98\x9e\x9f\x9c[]P^_X\\();?0123456789mhlHJKABCDf \x07\b\x7f\x05\x0e\x0f\x0b\x0c\r\n\tabcxyz~",
    *"\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e",
    *"\U000e0041\U000e007f\u2028\u2029\x85\xa0\udc9b\udcff\ud83dé报告👨\u0301\u3164\uffa0\u115f\u034f\ufe0f",
    "\x1b[2J", "\x1b[1;1H", "\x1b]52;c;cm0gLXJmIH4=\x07", "\x1b]0;title\x07", "\x1b[?1049h", "\x1bP$qm\x1b\\", "\x1bc",
    "\x1b[8m", "\x1b[1A", "\x1b[2K", "\r\n", "\x1b]8;;http://x\x1b\\",
)  # fmt: skip
COUNT = 5_000
MANY = 200_000


class Judge:
    """What pyte's parser would tell its screen: everything besides drawing text, ending lines and tabs is noted."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def __getattr__(self, event: str) -> Callable[..., None]:
        return lambda *_values, **_more: None if event in ("draw", "linefeed", "tab") else self.noted.append(event)


def strings(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices(PIECES, k=chance.randrange(1, 24))) for _ in range(count)]


def judged(texts: list[str]) -> list[str]:
    """Those that made the terminal do something else than print them where the cursor was."""
    wrong, judge = [], Judge()
    stream = pyte.Stream(cast(pyte.Screen, judge))
    for text in texts:
        stream.feed(text + "\n")
        wrong += [text] if judge.noted else []
        judge.noted.clear()
    return wrong


def hidden(text: str) -> bool:
    """Control, format and other characters without a shape, which joiners inside words are not."""
    shapeless = "\u3164\uffa0\u115f\u034f"
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return any(c in shapeless or (unicodedata.category(c) in kinds and c not in "\n\t\u200c\u200d") for c in text)


def survivors(texts: list[str]) -> list[str]:
    content, names = [clean(text) for text in texts], [clean_name(text) for text in texts]
    shapeless = [text for text in (*content, *names) if hidden(text)]
    lines = [name for name in names if "\n" in name or "\t" in name]
    changed = [text for text in content if clean(text) != text] + [name for name in names if clean_name(name) != name]
    return [*judged(content), *judged(names), *shapeless, *lines, *changed]


def test_the_judge_notices_what_was_not_cleaned() -> None:
    assert judged(["\x1b[2J", "a\x08b", "\x1b[31mred"]) == ["\x1b[2J", "a\x08b", "\x1b[31mred"]


def test_nothing_survives_cleaning() -> None:
    assert survivors(strings(COUNT, 1)) == []


@pytest.mark.slow
def test_nothing_survives_cleaning_in_a_long_run() -> None:
    assert survivors(strings(MANY, 2)) == []


def test_names_forge_no_line_of_a_preview() -> None:
    for name in strings(1_000, 3):
        changes = ChangeSet(
            (Change(ChangeKind.DELETED, f"/tmp/{name}"), Change(ChangeKind.MOVED, "/tmp/a", f"/tmp/{name}"))
        )
        shown = preview(Plan(ToolCall("1", "x", {}), (), summary=f"delete {name}", changes=changes))
        assert len(shown.splitlines()) == 3 and not judged([shown])

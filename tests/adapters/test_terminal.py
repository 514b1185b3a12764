"""Text that tries to deceive the terminal is shown for what it is."""

from __future__ import annotations

import os

import pytest

from llmos.adapters.terminal import clean, clean_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\u202egpj.exe", r"a\u202egpj.exe"),
        ("in\u200bvisible", r"in\u200bvisible"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("over\rwritten", r"over\rwritten"),
        ("\x9b31m", r"\x9b31m"),
    ],
)
def test_what_deceives_is_escaped(text: str, shown: str) -> None:
    assert clean(text) == clean_name(text) == shown


def test_content_keeps_its_lines_and_tabs_but_a_name_stays_on_one() -> None:
    assert clean("a\tb\r\nc\n") == "a\tb\nc\n"
    assert clean_name("a\tb\nc") == r"a\tb\nc"


def test_ordinary_text_of_any_language_is_left_alone() -> None:
    for text in ("报告.txt", "naïve", "family 👨‍👩‍👧", "می‌خواهم", "हिन्दी", "❤️‍🔥 1️⃣", "葛\U000e0100"):
        assert clean(text) == clean_name(text) == text


def test_bytes_that_are_no_utf8_are_shown_as_bytes() -> None:
    assert clean_name(os.fsdecode(b"caf\xe9.txt")) == r"caf\xe9.txt"


def test_what_is_ordinary_once_carries_no_message_when_repeated() -> None:
    for text in ("😀\ufe0f\ufe0e\ufe0f", "é\u200d\u200c\u200dé", "a\U000e0141", "é\u200d\u202e"):
        assert len(clean(text)) > 8 and clean(clean(text)) == clean(text)

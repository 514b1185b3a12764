"""Numbers, sizes and lengths of time as people write them."""

from __future__ import annotations

import pytest

from llmos.values.quantities import in_quantity, parse_duration, parse_number, parse_size


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,024", 1024), ("2.5", 2.5), ("-20", -20), ("twenty-five", 25), ("a hundred", 100), ("third", 3),
        ("21st", 21), ("三十", 30), ("两百五十", 250), ("第二", 2),
    ],
)  # fmt: skip
def test_a_number_in_digits_or_words(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "apple", "second hand", "10 MB"])
def test_what_is_no_number_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_number(text)


def test_a_size_counts_in_powers_of_1024() -> None:
    assert parse_size("10 MB") == 10 * 1024**2


def test_no_size_is_endless() -> None:
    with pytest.raises(ValueError, match="not a size"):
        parse_size(float("inf"))


def test_a_second_alone_is_a_length_of_time() -> None:
    assert parse_duration("a second") == 1


@pytest.mark.parametrize("word", ["12th", "ten", "MB", "weeks", "third", "三"])
def test_words_of_quantities_are_known(word: str) -> None:
    assert in_quantity(word)

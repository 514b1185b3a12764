"""Columns as people name them."""

from __future__ import annotations

import pytest

from llmos.adapters.files.lines import columns, cut, delimiter, find_delimiter, number, parse_spans


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2", "b"), ("1,3", "ac"), ("2-4", "bcd"), ("3-", "cde"), ("last", "e"), ("last 2", "de"), ("-2", "d"),
        ("first 2", "ab"), ("1 and 5", "ae"), ("3,1", "ca"), ("4-9", "de"), ("9", ""), ("2到3", "bc"), ("size", "b"),
        ("3 last", "cde"), ("the last two columns", "de"), ("前两列", "ab"), ("最后3列", "cde"), ("Last name", "d"),
    ],
)  # fmt: skip
def test_columns_can_be_named_in_many_ways(written: str, kept: str) -> None:
    spans = parse_spans(written, ["name", "Size", "x", "Last name", "z"])
    assert b"".join(cut([b"a", b"b", b"c", b"d", b"e"], spans)).decode() == kept


@pytest.mark.parametrize("written", ["", "0", "nothing", "0-3"])
def test_columns_that_are_none_are_refused(written: str) -> None:
    with pytest.raises(ValueError):
        parse_spans(written, ["name"])


@pytest.mark.parametrize(
    ("lines", "sign"),
    [
        ([b"a,b", b"c,d"], b","),
        ([b"a:b:c", b"d:e:f"], b":"),
        ([b"a b", b"c d, e"], None),
        ([b"a\tb,c"], b"\t"),
        ([], None),
    ],
)
def test_the_delimiter_is_found_where_all_lines_agree(lines: list[bytes], sign: bytes | None) -> None:
    assert find_delimiter(lines) == sign


def test_delimiters_have_names() -> None:
    assert [delimiter(name) for name in ("comma", "Tab", "::", None, "分号")] == [b",", b"\t", b"::", None, b";"]


def test_a_comma_in_quotes_parts_nothing() -> None:
    assert columns(b'1,"Doe, Jane",x', b",") == [b"1", b"Doe, Jane", b"x"]


def test_numbers_are_what_a_text_begins_with() -> None:
    assert [number(text) for text in (b"12 apples", b" -3.5", b"1,024", b"apples", b"")] == [12, -3.5, 1024, 0, 0]

"""Differences between lists of lines: enough to make one from the other, and no more than needed."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as some

from llmos.adapters.files.compare import Hunk, hunks, normal

Lines = some.lists(some.sampled_from([b"a", b"b", b"c", b"d"]), max_size=12)


def _applied(a: Sequence[bytes], b: Sequence[bytes], found: Sequence[Hunk]) -> list[bytes]:
    out: list[bytes] = []
    position = 0
    for a1, a2, b1, b2 in found:
        out += a[position:a1]
        out += b[b1:b2]
        position = a2
    return out + list(a[position:])


def _longest_common(a: Sequence[bytes], b: Sequence[bytes]) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        before = row[:]
        for j, y in enumerate(b):
            row[j + 1] = before[j] + 1 if x == y else max(before[j + 1], row[j])
    return row[-1]


@given(Lines, Lines)
def test_the_differences_lead_from_one_to_the_other(a: list[bytes], b: list[bytes]) -> None:
    assert _applied(a, b, hunks(a, b)) == b


@given(Lines, Lines)
def test_no_more_lines_differ_than_must(a: list[bytes], b: list[bytes]) -> None:
    differing = sum(h.a2 - h.a1 + h.b2 - h.b1 for h in hunks(a, b))
    assert differing == len(a) + len(b) - 2 * _longest_common(a, b)


def test_files_with_nothing_in_common_are_still_compared_soon() -> None:
    a, b = [b"a%d" % i for i in range(5000)], [b"b%d" % i for i in range(5000)]
    assert _applied(a, b, hunks(a, b)) == b


def test_the_form_is_that_of_diff() -> None:
    a, b = [b"1", b"2", b"3", b"4"], [b"0", b"1", b"two", b"3"]
    shown = b"\n".join(normal(a, b, hunks(a, b))).decode()
    assert shown == "0a1\n> 0\n2c3\n< 2\n---\n> two\n4d4\n< 4"

"""How outcomes read on a terminal and in a pipe."""

from __future__ import annotations

import pytest

from llmos.fronts.layout import columns_of, cut, flowing, for_terminal, height_of, in_lines, remark
from llmos.values.messages import Outcome
from llmos.values.plain import plain_text
from llmos.values.table import Cell, Column, Table, Unit

FILES = Table(
    (Column("name"), Column("size", Unit.BYTES), Column("changed", Unit.TIME)),
    (("a.txt", 1536, 0.0), ("日本", None, 0.0)),
)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def one(*cells: Cell) -> Outcome:
    return Outcome(table=Table((Column("name"),), tuple((cell,) for cell in cells)))


def test_a_terminal_gets_aligned_columns_in_human_units() -> None:
    assert for_terminal(Outcome(table=FILES), 80).splitlines() == [
        "name     size  changed",
        "a.txt  1.5 KB  1970-01-01 00:00",
        "日本        -  1970-01-01 00:00",
    ]


def test_a_pipe_gets_exact_values_between_tabs() -> None:
    assert plain_text(Outcome(table=FILES)) == "a.txt\t1536\t1970-01-01T00:00:00+0000\n日本\t\t1970-01-01T00:00:00+0000"


def test_a_table_may_say_how_it_reads_in_a_pipe() -> None:
    table = Table((Column("n"), Column("line")), ((3, "x"),), plain=lambda row: f"{row[0]}:{row[1]}")
    assert plain_text(Outcome(table=table)) == "3:x"


def test_one_column_is_one_value_a_line_everywhere() -> None:
    assert plain_text(one("a", "b")) == for_terminal(one("a", "b"), 80) == "a\nb"


def test_a_name_keeps_its_bytes_in_a_pipe_and_is_harmless_on_a_terminal() -> None:
    assert plain_text(one("a\x1b[2Kb")) == "a\x1b[2Kb"
    assert for_terminal(one("a\x1b[2Kb\nc"), 80) == r"a\x1b[2Kb\nc"


def test_wide_cells_are_folded_to_the_terminal() -> None:
    table = Table((Column("name"), Column("n")), (("x" * 50, 1), ("中" * 20, 2)))
    lines = for_terminal(Outcome(table=table), 30).splitlines()
    assert len(lines) == 1 + 2 + 2 and all(columns_of(line) <= 30 for line in lines)


def test_a_text_stands_above_its_table_and_beside_a_pipe() -> None:
    outcome = Outcome("2 files", FILES)
    assert for_terminal(outcome, 80).startswith("2 files\nname")
    assert "2 files" not in plain_text(outcome) and remark(outcome) == "2 files"


def test_nothing_found_is_nothing_in_a_pipe() -> None:
    assert plain_text(one()) == "" and remark(one()) == "nothing found"


def test_what_is_too_wide_even_then_stands_one_below_the_other() -> None:
    table = Table((Column("time", Unit.TIME), Column("name")), ((0.0, "one"), (0.0, "two")))
    assert for_terminal(Outcome(table=table), 21).splitlines() == [
        "time  1970-01-01 00:00",
        "name  one",
        "",
        "time  1970-01-01 00:00",
        "name  two",
    ]


def test_an_emoji_of_several_characters_is_not_cut() -> None:
    table = Table((Column("name"), Column("n")), (("👩‍💻" * 20, 1),))
    cells = [line[:12] for line in for_terminal(Outcome(table=table), 20).splitlines()[1:]]
    assert all(cell.strip().startswith("👩‍💻") for cell in cells)


def test_a_line_that_is_cut_says_so() -> None:
    assert cut("copy 中文 files", 9) == "copy 中…" and cut("short", 9) == "short"


def test_parts_stand_beside_each_other_while_they_fit() -> None:
    assert in_lines(["y yes", "n no", "d details"], 12) == ["y yes  n no", "d details"]


def test_colours_take_no_room() -> None:
    assert height_of("\x1b[1m" + "x" * 10 + "\x1b[0m\n中中中", 5) == 2 + 2


def test_prose_is_broken_between_words_also_while_it_is_written() -> None:
    first, column = flowing("one two three", 0, 10)
    second, end = flowing(" four", column, 10)
    assert first + second == "one two\nthree four" and end == 10
    assert flowing("x" * 40 + " 你好\nnew", 0, 50) == ("x" * 40 + " 你好\nnew", 3)

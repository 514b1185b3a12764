"""What the interactive shell makes of words: calls to correct, mentions, requests about the last turn, units."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmos.agent.mentions import begun_mention, without_marks
from llmos.errors import UsageError
from llmos.fronts.repl.about import all_commands
from llmos.fronts.repl.call_line import from_line, to_line
from llmos.fronts.repl.commands import COMMANDS
from llmos.fronts.repl.follow import in_unit, same_for, slash_command
from llmos.fronts.repl.home import at_most
from llmos.fronts.repl.units import in_unit as shown_in
from llmos.fronts.repl.units import with_target
from llmos.values.messages import Outcome, ToolCall
from llmos.values.table import Column, Table, Unit

CALL = ToolCall("1", "delete_files", {"path": ["a", "b c"], "permanently": True, "depth": 2, "name": None})


def test_a_call_reads_as_a_line() -> None:
    assert to_line(CALL) == "delete_files path=a path='b c' permanently=yes depth=2"


def test_a_line_that_was_not_touched_is_the_same_call() -> None:
    made = from_line(to_line(CALL), CALL)
    assert dict(made.arguments) == {"path": ["a", "b c"], "permanently": True, "depth": 2}


def test_what_was_changed_is_changed() -> None:
    made = from_line("delete_files path=other depth='10 levels' new=x", CALL)
    assert dict(made.arguments) == {"path": ["other"], "depth": "10 levels", "new": "x"}


@pytest.mark.parametrize("line", ["", "delete_files path", "delete_files 'path=a"])
def test_what_is_no_call_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        from_line(line, CALL)


def test_a_mention_becomes_the_path_it_names(tmp_path: Path) -> None:
    for name in ("a.txt", "b c", "报告.txt"):
        (tmp_path / name).touch()
    request = 'compare @a.txt with @"b c", 把@报告.txt 给 ada@a.txt and @nobody'
    assert without_marks(request, str(tmp_path), "/") == 'compare a.txt with "b c", 把报告.txt 给 ada@a.txt and @nobody'


def test_a_mention_is_seen_while_it_is_typed() -> None:
    assert begun_mention("open @no") == "@no" and begun_mention("ada@no") == "" and begun_mention("@a b") == ""


@pytest.mark.parametrize(
    ("request_", "command"),
    [
        ("explain", "/explain"),
        ("what did you just do?", "/explain"),
        ("Why?", "/why"),
        ("why did you do that?", "/why"),
        ("please undo that", "/undo"),
        ("撤销", "/undo"),
        ("请解释一下", "/explain"),
        ("exit", "/quit"),
        ("帮助", "/help"),
        ("clear", "/cls"),
        ("undo the rename of a.txt", ""),
        ("clear the cache folder", ""),
        ("quit firefox", ""),
        ("explain what a.py does", ""),
        ("why is the disk full?", ""),
    ],
)
def test_only_a_whole_request_is_about_the_last_turn(request_: str, command: str) -> None:
    assert slash_command(request_) == command


@pytest.mark.parametrize(
    ("request_", "power"), [("in MB please", 2), ("show it in bytes", 0), ("用GB显示", 3), ("find it in gb", None)]
)
def test_a_unit_alone_is_about_the_last_answer(request_: str, power: int | None) -> None:
    found = in_unit(request_)
    assert (found and found.power) == power


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        ("now the same for ~/Music", "~/Music"),
        ("对 docs 也这样做", "docs"),
        ("对 docs 做同样的操作", "docs"),
        ("the same as before", None),
    ],
)
def test_the_same_for_something_else(request_: str, what: str | None) -> None:
    found = same_for(request_)
    assert (found and found.what) == what


def test_what_a_call_is_about_can_be_put_in_its_place() -> None:
    call = ToolCall("1", "list_folder", {"sort": "largest"})
    assert with_target(call, "~/Music").arguments == {"sort": "largest", "path": ["~/Music"]}
    assert with_target(ToolCall("1", "find_port", {"port": 80}), "443").arguments == {"port": "443"}


def test_sizes_in_a_table_are_exact_in_another_unit_and_in_a_text_as_they_stand() -> None:
    table = Table((Column("name"), Column("size", Unit.BYTES)), (("a", 1536), ("b", None)))
    shown = shown_in(Outcome("3.0 MB in all", table), 1)
    assert shown.text == "3072.0 KB in all" and shown.table
    assert shown.table.columns[1].name == "size (KB)" and shown.table.rows == (("a", 1.5), ("b", None))


def test_of_a_long_folder_the_end_is_shown() -> None:
    assert at_most("~/a/b", 10) == "~/a/b"
    assert at_most("/home/ada/projects/llmos", 18) == "…/projects/llmos"
    assert at_most("/a-very-long-name-indeed", 5) == "…/a-very-long-name-indeed"


def test_help_fits_an_ordinary_screen() -> None:
    assert max(map(len, all_commands(COMMANDS).splitlines())) <= 80

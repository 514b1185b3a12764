"""Which of the user's earlier requests is the likeliest next one."""

from __future__ import annotations

from pathlib import Path

from llmos.memory.log import Entry, Log
from llmos.memory.suggest import Past, Use, read

DAY = 86400.0
NOW = 1000 * DAY


def past(*uses: tuple[str, float, str, str]) -> Past:
    """Of requests with how many days ago, where and after what they were said."""
    made = Past()
    for request, days, cwd, after in uses:
        made.add(request, Use(NOW - days * DAY, cwd, after))
    return made


def test_what_is_said_often_comes_first() -> None:
    made = past(("list a", 1, "/x", ""), ("list b", 1, "/x", ""), ("list b", 2, "/x", ""))
    assert made.best("li", "/x", "", NOW) == "list b"


def test_what_was_said_lately_counts_more_than_what_was_said_long_ago() -> None:
    made = past(("list old", 90, "/x", ""), ("list old", 91, "/x", ""), ("list new", 1, "/x", ""))
    assert made.best("li", "/x", "", NOW) == "list new"


def test_the_folder_counts() -> None:
    made = past(("list a", 1, "/x", ""), ("list b", 1, "/y", ""), ("list b", 2, "/y", ""))
    assert made.best("li", "/x", "", NOW) == "list a" and made.best("li", "/y", "", NOW) == "list b"


def test_what_usually_comes_next_counts() -> None:
    made = past(("list a", 1, "/x", "cd sub"), ("list b", 1, "/x", ""), ("list b", 2, "/x", ""))
    assert made.best("li", "/x", "cd sub", NOW) == "list a"


def test_an_empty_line_gets_only_what_usually_comes_next() -> None:
    made = past(("test", 1, "/x", "build"), ("test", 2, "/x", "build"), ("list", 3, "/x", "build"))
    assert made.next("build") == "test" and made.next("test") == "" and made.next("") == ""


def test_what_is_typed_in_full_needs_no_suggestion() -> None:
    assert past(("list", 1, "/x", "")).best("list", "/x", "", NOW) == ""


def test_the_log_tells_where_and_after_what_a_request_was_made(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.sqlite")
    said = [Entry(1.0, "/x/sub", '{"user": "go to sub"}'), Entry(2.0, "/x/sub", '{"user": "列出"}')]
    log.add("s", said, ())
    log.close()
    assert read(tmp_path / "log.sqlite").uses["列出"] == [Use(2.0, "/x/sub", "go to sub")]


def test_without_a_log_there_are_no_suggestions(tmp_path: Path) -> None:
    assert read(tmp_path / "none.sqlite").best("a", "/", "", NOW) == ""

"""What stands in the user's own words, what was listed, and what only looks so."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from llmos.dispatch.taint import Heard, Taint, asked_for, hear, stand, taint_of, unfounded
from llmos.tools.registry import BUILT_IN
from llmos.values.messages import JSON, ItemKind, Message, Outcome, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place

PLACE = Place("/home/ada/work", "/home/ada")


def doubtful(request: str, **arguments: JSON) -> str:
    return unfounded(ToolCall("1", "x", arguments), Heard((request,)), PLACE)


@pytest.mark.parametrize(
    ("request_", "arguments"),
    [
        ("delete the log files", {"name": ["*.log"]}),
        ("delete notes.txt please", {"path": ["notes.txt"]}),
        ("delete 'my old notes.txt'", {"path": ["my old notes.txt"]}),
        ("empty my downloads", {"path": ["~/Downloads"], "name": ["*"], "older_than": "1 week"}),
        ("delete everything here", {"path": ["."], "name": ["*"]}),
        ("move a.txt and b.txt to docs/old", {"path": ["a.txt", "b.txt"], "to": "docs/old"}),
        ("move it up one folder", {"to": ".."}),
        ("rename a.txt to b.txt", {"path": ["a.txt"], "to": "b.txt"}),
        ("copy it to my home folder", {"to": "~"}),
        ("删除所有日志", {"name": ["*"]}),
        ("把 报告.txt 移到文档文件夹", {"path": ["报告.txt"], "to": "~/Documents"}),
        ("make run.sh executable", {"path": ["run.sh"]}),
        ("write a poem into poem.txt", {"path": ["poem.txt"], "text": "Roses are red"}),
        ("delete the pictures and libraries", {"path": ["picture", "library"]}),
    ],
)
def test_what_the_user_said_is_founded(request_: str, arguments: dict[str, JSON]) -> None:
    assert doubtful(request_, **arguments) == ""


@pytest.mark.parametrize(
    ("request_", "arguments", "value"),
    [
        ("what is in notes.txt?", {"path": ["docs"]}, "docs"),
        ("summarise notes.txt", {"name": ["*"]}, "*"),
        ("show a.txt", {"path": ["a.txt", "/etc/passwd"]}, "/etc/passwd"),
        ("tidy my homework", {"path": ["~"]}, "~"),
        ("show /home/ada/x/y", {"path": ["~"]}, "~"),
        ("back up the docs", {"to": "/mnt/docs"}, "/mnt/docs"),
        ("delete report", {"path": ["reporting/secret"]}, "reporting/secret"),
        ("run the tests", {"command": "rm -rf tests"}, "rm -rf tests"),
        ("open example.com", {"url": "https://example.com/?q=secret"}, "https://example.com/?q=secret"),
        ("make run.sh executable", {"path": ["run.sh"], "mode": "777"}, "777"),
    ],
)
def test_what_the_user_did_not_say_is_named(request_: str, arguments: dict[str, JSON], value: str) -> None:
    assert doubtful(request_, **arguments) == value


def test_data_has_to_be_the_users_where_the_place_was_only_listed() -> None:
    heard = Heard(("tidy up",), frozenset({"/home/ada/work/run.sh"}))
    arguments: dict[str, JSON] = {"path": ["run.sh"], "text": "evil"}
    assert unfounded(ToolCall("1", "write_file", arguments), heard, PLACE) == "evil"


@pytest.mark.parametrize(
    ("tool", "request_", "asked"),
    [
        ("delete_files", "get rid of the logs", True),
        ("delete_files", "deleting these would be nice", True),
        ("delete_files", "把日志删掉", True),
        ("delete_files", "what is in notes.txt?", False),
        ("signal_process", "结束 firefox", True),
        ("signal_process", "list the processes", False),
        ("read_file", "hello", True),
    ],
)
def test_deeds_are_asked_for_in_words(tool: str, request_: str, asked: bool) -> None:
    assert asked_for(tool, Heard((request_,))) is asked


def result(tool: str, *items: str, kind: ItemKind = ItemKind.PATH, refused: bool = False) -> ToolMessage:
    call = ToolCall("1", tool, {})
    return ToolMessage(
        ToolResult(call, not refused, Outcome(items=items, kind=kind), refused="denied" if refused else "")
    )


@pytest.mark.parametrize(
    ("messages", "taint"),
    [
        ([UserMessage("x")], Taint.WORDS),
        ([UserMessage("x"), result("list_folder")], Taint.NAMES),
        ([result("read_file"), UserMessage("x"), result("list_folder")], Taint.CONTENT),
        ([result("read_file", refused=True)], Taint.WORDS),
        ([result("a_tool_of_a_server")], Taint.CONTENT),
    ],
)
def test_the_most_foreign_thing_counts(messages: list[Message], taint: Taint) -> None:
    assert hear(messages).taint is taint


@pytest.mark.parametrize(
    "tool", ["read_file", "search_text", "run_command", "read_job", "list_archive", "show_environment"]
)
def test_what_shows_content_is_content(tool: str) -> None:
    assert tool in BUILT_IN and taint_of(result(tool).result) is Taint.CONTENT


def test_members_of_an_archive_are_not_listed() -> None:
    messages = [
        result("list_archive", "evil"),
        result("search_text", "/a"),
        result("read_file", "/b", kind=ItemKind.LINE),
    ]
    assert hear(messages).listed == {"/a"}


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ("look in Music", "Music"),
        ("my music", "Music"),
        ("听听音乐文件夹", "Music"),
        ("everything in ~", ""),
        ("show ~/Music/a", "Music/a"),
    ],
)
def test_places_are_named_in_many_ways(tmp_path: Path, request_: str, name: str) -> None:
    (tmp_path / "Music").mkdir()
    (tmp_path / "Music" / "a").touch()
    place = Place(str(tmp_path / "work"), str(tmp_path))
    assert str(tmp_path / name) in stand(ToolCall("1", "x", {}), [UserMessage(request_)], place).named


def test_thousands_of_values_take_no_time() -> None:
    items = tuple(f"/srv/{number}.txt" for number in range(5_000))
    call = ToolCall("1", "delete_files", {"path": list(items)})
    began = time.process_time()
    stand(call, [UserMessage("find them"), result("find_files", *items), UserMessage("delete them")], PLACE)
    stand(call, [UserMessage("srv txt " + " ".join(map(str, range(5_000))))], PLACE)
    assert time.process_time() - began < 1

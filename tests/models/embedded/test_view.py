import pytest

from llmos.models.base import Context
from llmos.models.embedded.view import related, view
from llmos.values.messages import AssistantMessage, ItemKind, Outcome, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place
from llmos.values.table import Column, Table

PLACE = Place("/home/ada", "/home/ada")
FIND = ToolCall("1", "find_files", {"extension": ["log"], "hidden": False})


def seen(*messages, hints=()):
    return view(Context(tuple(messages), PLACE, hints=hints))


def after(call, outcome=None, error=""):
    result = ToolResult(call, not error, outcome or Outcome(), error)
    return seen(UserMessage("first"), AssistantMessage("", (call,)), ToolMessage(result), UserMessage("then")).rounds[0]


def paths(*names):
    return Outcome(table=Table((Column("path"),), tuple((n,) for n in names)), items=names, kind=ItemKind.PATH)


def test_a_list_of_paths_keeps_its_items():
    assert after(FIND, paths("/a.log", "/b.log")).shown.items == ("/a.log", "/b.log")


def test_arguments_that_say_nothing_are_left_out():
    assert after(FIND, paths("/a.log")).calls == (("find_files", {"extension": ["log"]}),)


@pytest.mark.parametrize(
    ("call", "outcome", "kind"),
    [
        (FIND, paths(), "nothing"),
        (ToolCall("1", "count", {}), Outcome("42"), "number"),
        (ToolCall("1", "delete_files", {}), Outcome("Deleted a file.", kind=ItemKind.PATH), "done"),
        (ToolCall("1", "read_file", {}), Outcome("hello", items=("/a",), kind=ItemKind.PATH), "text"),
    ],
)
def test_what_kind_of_result_it_was(call, outcome, kind):
    assert after(call, outcome).shown.kind == kind


def test_an_error_is_seen_as_one():
    assert after(FIND, error="There is no 'x' here.").shown.kind == "error"


def test_a_part_of_a_long_text_is_no_text_to_write_elsewhere():
    assert after(ToolCall("1", "read_file", {}), Outcome("begin…", more="/big")).shown.text == ""


def test_an_answer_to_a_question_becomes_one_request_with_it():
    made = seen(UserMessage("copy a.txt"), AssistantMessage("Where to?"), UserMessage("docs"))
    assert (made.request, made.rounds) == ("copy a.txt … docs", ())


def test_after_a_first_step_the_request_is_looked_at_again():
    made = seen(
        UserMessage("newest log"), AssistantMessage("", (FIND,)), ToolMessage(ToolResult(FIND, True, paths("/a")))
    )
    assert made.again and made.rounds[0].shown.items == ("/a",)


def test_only_names_that_share_a_word_with_the_request_are_shown():
    names = ("budget_2024.xlsx", "notes.txt", "年终总结.docx")
    assert list(related(names, "open the budget")) == ["budget_2024.xlsx"]
    assert list(related(names, "打开总结")) == ["年终总结.docx"]


def test_old_rounds_give_way_to_a_long_request(codec):
    long = "the quick brown fox jumps over " * 40
    messages = []
    for _ in range(3):
        many = paths(*(f"/some/long/folder/name{i}/file{i}.log" for i in range(50)))
        messages += [UserMessage("x"), AssistantMessage("", (FIND,)), ToolMessage(ToolResult(FIND, True, many))]
    assert len(codec.prompt(seen(*messages, UserMessage(long))).ids) <= 1800

import pytest

from llmos.decoding.grammar import Constraint
from llmos.models.base import Context
from llmos.models.embedded.codec import View
from llmos.models.embedded.grammar import lark
from llmos.tools.registry import Registry
from llmos.values.messages import (
    AssistantMessage,
    ItemKind,
    Outcome,
    Reply,
    ToolCall,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from llmos.values.place import Place
from llmos.values.table import Column, Table

PLACE = Place("/home/ada", "/home/ada")


def reply(model, *messages):
    (answer,) = [r for r in model.reply(Context(tuple(messages), PLACE)) if isinstance(r, Reply)]
    return answer


def first_call(model, text):
    return reply(model, UserMessage(text)).calls[0]


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("what are the five largest files here?", "find_files"),
        ("list the files in this folder", "list_folder"),
        ("delete notes.txt", "delete_files"),
        ("how much memory is free?", "system_info"),
        ("kill process 4711", "signal_process"),
        ("把 a.txt 复制到 backup", "copy_files"),
        ("现在几点了", "show_date"),
        ("查看内存使用情况", "system_info"),
    ],
)
def test_everyday_requests_call_the_right_tool(model, text, tool):
    assert first_call(model, text).name == tool


def test_a_request_about_what_was_piped_in_reads_that(model):
    answer = reply(model, UserMessage("how many lines mention error?", input="/tmp/input"))
    assert answer.calls[0].arguments["path"] == ["-"]


def test_them_means_what_was_found(model):
    found = ("/home/ada/a.log", "/home/ada/b.log")
    call = ToolCall("1", "find_files", {"extension": ["log"]})
    table = Table((Column("path"),), tuple((p,) for p in found))
    result = ToolResult(call, True, Outcome(table=table, items=found, kind=ItemKind.PATH))
    answer = reply(
        model,
        UserMessage("find all log files"),
        AssistantMessage("", (call,)),
        ToolMessage(result),
        UserMessage("delete them"),
    )
    assert answer.calls[0].arguments["path"] == list(found)


def test_the_grammar_refuses_an_argument_the_tool_does_not_have(model):
    prompt = model.codec.prompt(View("what time is it"))
    constraint = Constraint(model._grammar_tokens, lark(model.codec, prompt))
    constraint.accept([model.codec.id("<t:show_date>")])
    assert model.codec.id("<a:pattern>") not in constraint.allowed()


def test_the_grammar_offers_only_words_that_are_there(model):
    prompt = model.codec.prompt(View("delete a.txt"))
    constraint = Constraint(model._grammar_tokens, lark(model.codec, prompt))
    constraint.accept([model.codec.id("<t:delete_files>"), model.codec.id("<a:path>")])
    allowed = set(constraint.allowed())
    assert model.codec.word0 + 1 in allowed and model.codec.word0 + 2 not in allowed


def test_the_weights_know_exactly_the_tools_that_there_are(model):
    registry = Registry()
    assert set(model.codec.schema) == set(registry)
    for name, parameters in model.codec.schema.items():
        assert {p.name for p in parameters} == set(registry[name].arguments.model_fields)


def test_every_reply_says_how_sure_it_was(model):
    assert 0 < first_call(model, "list files").probability <= 1


def test_the_source_of_an_argument_is_where_it_stands_in_the_request(model):
    text = "delete notes.txt"
    assert [text[start:end] for start, end in first_call(model, text).sources["path"]] == ["notes.txt"]


def test_sources_are_counted_in_the_answer_to_a_question_too(model):
    asked = (UserMessage("delete the file"), AssistantMessage("Which file?"), UserMessage("notes.txt"))
    (call,) = reply(model, *asked).calls
    assert [asked[2].text[start:end] for start, end in call.sources["path"]] == ["notes.txt"]


def test_the_other_readings_differ_from_the_first(model):
    first = reply(model, UserMessage("find old logs in Downloads"))
    readings = [reading.calls for reading in (first, *first.others())]
    assert len(readings) > 1 and all(a != b for i, a in enumerate(readings) for b in readings[:i])

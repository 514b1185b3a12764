"""What a model is shown: the system part, requests with their place, calls paired with results, results cut to size."""

from __future__ import annotations

from dataclasses import replace

from llmos.decoding.formats import HERMES, LLAMA3_JSON
from llmos.decoding.formats import JSON as BARE
from llmos.models.base import Context
from llmos.models.chat import Extent, conversation, copyable, cut, extents, shown, system, tool_parts, untaught
from llmos.models.data import as_data
from llmos.tools.registry import Registry
from llmos.values.messages import AssistantMessage, Outcome, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place
from llmos.values.table import Column, Table, Unit

PLACE = Place("/home/me/work", "/home/me", now=1.7e9)
LOOK = ToolCall("1", "look", {"path": "a"})
LOOK_TOO = ToolCall("1", "look", {"path": "b"})
REGISTRY = Registry()


def result(call=LOOK, **outcome):
    return ToolResult(call, ok=True, outcome=Outcome(**outcome))


def context(*messages, **more):
    return Context(messages, PLACE, **more)


TALK = (
    UserMessage("look twice"),
    AssistantMessage("", (LOOK, LOOK_TOO)),
    ToolMessage(result(text="first")),
    ToolMessage(result(LOOK_TOO, text="second")),
    UserMessage("and now?"),
)


def test_the_system_part_says_where_and_when():
    text = system(PLACE)
    assert "/home/me" in text and "2023" in text and "{" not in text


def test_the_system_part_stays_the_same_when_the_folder_changes():
    assert system(replace(PLACE, cwd="/elsewhere")) == system(PLACE)


def test_the_folder_and_its_names_stand_with_the_current_request_only():
    parts = conversation(context(*TALK, hints=("a.txt",)), HERMES)
    assert parts[1]["content"] == "look twice"
    assert "/home/me/work" in parts[-1]["content"] and "a.txt" in parts[-1]["content"]


def test_results_are_paired_with_their_calls_although_models_repeat_ids():
    parts = conversation(context(*TALK), HERMES)
    ids = [call["id"] for call in parts[2]["tool_calls"]]
    assert len(set(ids)) == 2 and all(len(id) == 9 for id in ids)
    assert [(part["tool_call_id"], part["content"]) for part in parts[3:5]] == list(
        zip(ids, (as_data("first"), as_data("second")), strict=True)
    )


def test_where_a_reply_holds_one_call_several_are_told_one_by_one():
    roles = [part["role"] for part in conversation(context(*TALK), LLAMA3_JSON)]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "tool", "assistant", "user"]


def test_requests_and_replies_come_in_turn_although_some_were_interrupted():
    parts = conversation(context(UserMessage("a"), *TALK), HERMES)
    turns = [part["role"] for part in parts if part["role"] != "tool" and "tool_calls" not in part]
    assert turns == ["system", "user", "assistant", "user", "assistant", "user"]


def test_piped_in_text_is_pointed_at():
    there = Context((UserMessage("count"),), replace(PLACE, input="/tmp/x"))
    assert '"-"' in conversation(there, HERMES)[-1]["content"]


def test_names_that_are_not_utf8_or_hold_line_ends_do_no_harm():
    parts = conversation(context(UserMessage("x\udcff"), hints=("a\nb", "caf\udce9")), HERMES)
    assert "\\udcff" in parts[-1]["content"] and "a\\nb, caf\\udce9" in parts[-1]["content"]


def test_rows_are_exact_and_under_the_names_of_their_columns():
    columns = (Column("size", Unit.BYTES), Column("path"), Column("hidden"))
    table = Table(columns, ((1536, "a\tb", True), (None, "c", False)))
    assert (
        shown(result(text="2 files", table=table)) == "2 files\nsize (bytes)\tpath\thidden\n1536\ta\\tb\tyes\n\tc\tno"
    )


def test_nothing_found_and_nothing_to_say_are_words():
    assert shown(result(table=Table((Column("a"),), ()))) == "nothing found"
    assert shown(result()) == "done"


def test_failures_and_refusals_are_told_apart():
    failed = ToolResult(LOOK, ok=False, error="no such file")
    assert shown(failed) == "failed: no such file"
    assert shown(replace(failed, error="you said no", refused="denied")) == "not run: you said no"


def test_a_long_result_keeps_both_ends_and_says_where_the_whole_is():
    text = "\n".join(f"line {i}" for i in range(1000))
    short = cut(text, 300, "/state/output/7")
    assert short.startswith("line 0\n") and short.endswith("\nline 999")
    assert "lines are left out here; the whole is in /state/output/7" in short and len(short) < 450


def test_what_is_left_out_is_counted_right():
    text = "\n".join(str(i) for i in range(100, 200))
    lines = cut(text, 100, None).splitlines()
    left_out = next(int(line[1:].split()[0]) for line in lines if line.startswith("["))
    assert left_out + len(lines) - 1 == 100


def test_one_endless_line_is_cut_too():
    assert "characters are left out" in cut("x" * 10_000, 300, None)


def test_less_and_less_is_kept_but_always_the_last_request():
    steps = list(extents(context(*TALK), described=True))
    assert steps[0] == Extent() and steps[1].dropped == 1 and not steps[-1].described
    assert "and now?" in conversation(context(*TALK), HERMES, steps[-1])[-1]["content"]


def test_tools_are_described_once_and_briefly():
    tools = [REGISTRY[name].schema() for name in ("find_files", "count")]
    find, count = (part["function"]["parameters"]["properties"] for part in tool_parts(tools))
    assert "description" in find["owner"] and "description" not in count["owner"]
    assert "description" in count["what"] and "title" not in str(find["owner"])


def test_a_template_without_tools_gets_requests_and_replies_in_turn():
    tools = tool_parts([REGISTRY["list_folder"].schema()])
    parts = untaught(conversation(context(*TALK), BARE), tools, BARE)
    assert [part["role"] for part in parts] == ["user", "assistant"] * 3 + ["user"]
    assert '{"name": "look", "arguments": {"path": "a"}}' in parts[1]["content"]
    assert '"name": "list_folder"' in parts[0]["content"] and "first" in parts[2]["content"]


def test_arguments_may_be_copied_from_requests_results_earlier_calls_and_names_here():
    found = copyable(context(*TALK[:2], ToolMessage(result(items=("/x/y",))), UserMessage("my file"), hints=("n.md",)))
    assert {"my file", "/x/y", "a", "b", "n.md", "."} <= set(found)

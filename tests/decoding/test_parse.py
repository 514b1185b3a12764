"""Replies as models write them: pieces that can be shown, calls in and without their wrapper, broken ones."""

from __future__ import annotations

import json

import pytest

from llmos.decoding.formats import HERMES, LLAMA3_JSON, MISTRAL, format_of
from llmos.decoding.formats import JSON as BARE
from llmos.decoding.parse import Deltas, parse
from llmos.errors import ModelError

TOOLS = {"look", "remove"}
LOOK = '{"name": "look", "arguments": {"path": "a"}}'


def read(text, form=HERMES, cut=False):
    parsed = parse(text, form, TOOLS, cut=cut)
    return parsed.text, [(call.name, dict(call.arguments)) for call in parsed.calls]


def test_text_and_several_calls():
    text = f"Let me see.\n<tool_call>\n{LOOK}\n</tool_call>\n<tool_call>\n{LOOK}\n</tool_call>"
    assert read(text) == ("Let me see.", [("look", {"path": "a"})] * 2)


def test_a_closing_tag_inside_an_argument_ends_nothing():
    arguments = {"path": "</tool_call> <tool_call>"}
    call = json.dumps({"name": "look", "arguments": arguments})
    assert read(f"<tool_call>\n{call}\n</tool_call>")[1] == [("look", arguments)]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (HERMES, LOOK),
        (HERMES, f"```json\n{LOOK}\n```"),
        (HERMES, f"[{LOOK}]"),
        (HERMES, '{"function": {"name": "look", "arguments": "{\\"path\\": \\"a\\"}"}, "type": "function"}'),
        (LLAMA3_JSON, '{"name": "look", "parameters": {"path": "a"}}'),
        (MISTRAL, f"[TOOL_CALLS][{LOOK}]"),
        (BARE, f"\n{LOOK}\n"),
    ],
)
def test_calls_are_recognised_however_they_are_wrapped(form, text):
    assert read(text, form) == ("", [("look", {"path": "a"})])


@pytest.mark.parametrize(
    "text",
    [
        f"I could write {LOOK} here.",
        f"{LOOK} is a call.",
        '{"colour": "red"}',
        "[1, 2",
        '{"name": "Jo"}',
        "```\nls\n```",
    ],
)
def test_json_that_is_no_call_of_a_known_tool_stays_text(text):
    assert read(text) == (text, [])


@pytest.mark.parametrize("missing", [1, 2])
def test_missing_brackets_at_the_end_are_put_there(missing):
    assert read(f"<tool_call>\n{LOOK[:-missing]}")[1] == [("look", {"path": "a"})]


@pytest.mark.parametrize("cut_by", [4, 8, 20])
def test_a_call_that_breaks_off_in_a_string_is_an_error(cut_by):
    with pytest.raises(ModelError, match="cannot be read"):
        read(f"<tool_call>\n{LOOK[:-cut_by]}")


def test_a_call_that_was_cut_off_may_lack_an_argument_and_is_not_completed():
    with pytest.raises(ModelError):
        read('<tool_call>\n{"name": "remove", "arguments": {"path": "a"', cut=True)
    assert read('<tool_call>\n{"name": "remove", "arguments": {"path": "a"}', cut=True)[1]


def test_an_error_is_one_short_line():
    with pytest.raises(ModelError) as caught:
        read("<tool_call>\n" + '{"name": "look",\n' * 300)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 150


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"name":' * 50_000])
def test_json_nested_without_end_is_an_error(deep):
    with pytest.raises(ModelError):
        read("<tool_call>" + deep)


def streamed(text, form=HERMES):
    deltas = Deltas(form)
    pieces = [deltas.feed(character) for character in text]
    return "".join(pieces), "".join(pieces) + deltas.rest(parse(deltas.whole, form, TOOLS))


def test_text_is_shown_while_it_is_written_and_a_call_never_is():
    assert streamed(f" I look. \n<tool_call>\n{LOOK}\n</tool_call>") == ("I look.", "I look.")


def test_half_a_tag_is_held_back_until_it_is_none():
    assert streamed("a < b and <tool", HERMES) == ("a < b and", "a < b and <tool")


def test_what_may_be_a_bare_call_is_held_back_until_it_is_whole():
    assert streamed(LOOK) == ("", "")
    assert streamed('{"colour": "red"}') == ("", '{"colour": "red"}')


@pytest.mark.parametrize(
    ("template", "form"),
    [
        ("... <tool_call>\n{...}\n</tool_call>", HERMES),
        ("[AVAILABLE_TOOLS] [TOOL_CALLS]", MISTRAL),
        ('{"name": function name, "parameters": dictionary of argument name and its value}', LLAMA3_JSON),
        ("{{ message.content }}", BARE),
    ],
)
def test_the_wrapper_is_found_in_the_chat_template(template, form):
    assert format_of(template) is form

"""The grammar of replies: what fits a tool's schema may be written, nothing else, in every wrapper."""

from __future__ import annotations

import json
from functools import cache

import pytest

from llmos.decoding.formats import FORMATS, HERMES
from llmos.decoding.grammar import Constraint, read_tokenizer
from llmos.decoding.schemas import candidates, reply_grammar, tidy, writable
from llmos.tools.registry import Registry
from llmos.values.quantities import parse_duration, parse_size
from tests.models.tiny import tokenizer

NAMES = ("find_files", "list_folder", "set_priority", "current_folder", "signal_process", "wait_process")
TOOLS = tuple(Registry()[name].schema() for name in NAMES)


@cache
def guide(wrapper=True):
    trained = tokenizer(wrapper=wrapper)
    return read_tokenizer(trained.to_str(), [trained.token_to_id("<|im_end|>")])


@cache
def start(form=HERMES, copied=None, wrapper=True):
    def special(text):
        ids = guide(wrapper).tokenize_str(text, parse_special=True)
        return ids[0] if len(ids) == 1 else None

    return Constraint(guide(wrapper), reply_grammar(TOOLS, form, special, copied))


def fits(text, form=HERMES, copied=None, wrapper=True):
    """The whole of it may be written, and the reply may end there."""
    return may_be_written(text, start(form, copied, wrapper).copy(), wrapper)


def may_be_written(text, constraint, wrapper=True):
    for token in guide(wrapper).tokenize_str(text, parse_special=True):
        if token not in constraint.allowed():
            return False
        constraint.accept([token])
    return constraint.may_end


def written(name, arguments, form=HERMES):
    return form.written(name, json.loads(arguments))


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("wrapper", [True, False])
def test_text_or_a_call_may_be_written_in_every_wrapper(form, wrapper):
    assert fits(form.before_text + "你好, all is < well", form, wrapper=wrapper)
    assert fits(written("list_folder", '{"path": ["a b"], "sort": "newest"}', form), form, wrapper=wrapper)
    assert not fits("", form, wrapper=wrapper)


@pytest.mark.parametrize("wrapper", [True, False])
def test_text_may_stand_before_calls_and_several_calls_after_each_other(wrapper):
    call = written("current_folder", "{}")
    assert fits(f"First this.\n{call}\n{call}", wrapper=wrapper)
    assert not fits(f"{call} and so on", wrapper=wrapper)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("list_folder", '{"sort": "by_magic"}'),
        ("list_folder", '{"path": "a"}'),
        ("list_folder", '{"colour": "red"}'),
        ("list_folder", '{"limit": -1}'),
        ("list_folder", '{"hidden": "yes"}'),
        ("set_priority", '{"target": ["1"], "priority": 20}'),
        ("set_priority", '{"target": ["1"]}'),
        ("format_disk", "{}"),
        ("current_folder", '{"a": 1}'),
    ],
)
def test_what_does_not_fit_the_schema_cannot_be_written(name, arguments):
    assert not fits(written(name, arguments))


@pytest.mark.parametrize("size", ['"10 MB"', '"1.5GB"', '"500 bytes"', "10485760", '"10485760"'])
def test_sizes_may_be_written_with_a_unit(size):
    assert fits(written("find_files", f'{{"larger_than": {size}}}'))
    assert parse_size(size.strip('"')) >= 500


@pytest.mark.parametrize("duration", ['"3 days"', '"1 hour"', "86400", '"2 months"'])
def test_durations_may_be_written_with_a_unit(duration):
    assert fits(written("find_files", f'{{"newer_than": {duration}}}'))
    assert parse_duration(duration.strip('"')) >= 3600


def test_copied_arguments_are_held_to_what_there_is():
    copied = tuple(candidates(["delete the old notes.txt, please"], ["/x/y z"]))
    assert fits(written("find_files", '{"path": ["notes.txt", "/x/y z"]}'), copied=copied)
    assert not fits(written("find_files", '{"path": ["/etc"]}'), copied=copied)
    assert fits(written("find_files", '{"kind": "image"}'), copied=copied)


def test_candidates_are_runs_of_words_without_the_punctuation_around_them():
    found = candidates(["open 'my file.txt', now"], ["/a b"])
    assert {"open", "my file.txt", "file.txt", "now", "/a b"} <= set(found)


def test_a_candidate_that_is_not_utf8_is_left_out():
    assert candidates([], ["a", "caf\udce9"]) == ["a"]


def test_a_tidy_schema_says_the_same_in_fewer_words():
    limit = {"anyOf": [{"ge": 0, "type": "integer"}, {"type": "null"}], "default": None, "title": "Limit"}
    assert tidy({"properties": {"title": limit}}) == {"properties": {"title": {"minimum": 0, "type": "integer"}}}


def test_schemas_of_others_with_keywords_the_grammar_does_not_know_are_accepted():
    schema = writable({"type": "object", "properties": {"a": {"type": "string", "format": "x-odd", "example": 1}}})
    assert schema["properties"] == {"a": {"type": "string"}} and schema["additionalProperties"] is False


def test_a_pattern_that_looks_around_is_left_to_the_validation():
    assert writable({"type": "string", "pattern": "^(?!-).*"}) == {"type": "string"}


ANSWER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_with_a_schema_for_the_answer_text_is_json_that_fits_it(form):
    def special(text):
        ids = guide(True).tokenize_str(text, parse_special=True)
        return ids[0] if len(ids) == 1 else None

    constraint = Constraint(guide(True), reply_grammar(TOOLS, form, special, answer=ANSWER))
    call = written("current_folder", "{}", form)
    right, wrong = ('{"n": 3}',), ("three", '{"n": "3"}', "{}")
    assert may_be_written(call, constraint.copy()) and not may_be_written("hm " + call, constraint.copy())
    assert all(may_be_written(f"{form.before_text}\n{text}", constraint.copy()) for text in right)
    assert not any(may_be_written(f"{form.before_text}\n{text}", constraint.copy()) for text in wrong)

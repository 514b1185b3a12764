"""Every family of models against every way its calls come: parsed, repaired or refused, and text stays text."""

from __future__ import annotations

import pytest

from llmos.decoding.fitting import fitted
from llmos.decoding.formats import FORMATS, JSON, Format
from llmos.decoding.parse import Deltas, parse
from llmos.errors import ModelError
from llmos.tools.registry import Registry
from tests.contracts.recorded import FAMILIES, FIND, READ, TEXTS

REGISTRY = Registry()
SCHEMAS = tuple(REGISTRY[name].schema() for name in ("read_file", "find_files"))
NAMES = {schema.name for schema in SCHEMAS}
FORMS = {form.name: form for form in FORMATS}


def each(kind: str) -> list:
    cases = ((name, text) for name, family in FAMILIES.items() for text in getattr(family, kind))
    return [pytest.param(name, text, id=f"{name}-{i}") for i, (name, text) in enumerate(cases)]


def calls(text: str, form: Format) -> list:
    found = fitted(parse(text, form, NAMES).calls, SCHEMAS)
    for call in found:
        REGISTRY[call.name].arguments.model_validate(dict(call.arguments))
    return [(call.name, dict(call.arguments)) for call in found]


def meant(text: str) -> list:
    return [READ, FIND] if "find_files" in text else [READ]


@pytest.mark.parametrize("told", ["its own wrapper", "none"])
@pytest.mark.parametrize(("family", "text"), [*each("parsed"), *each("repaired")])
def test_a_call_is_understood_whether_or_not_the_family_is_known(family, text, told):
    form = FORMS.get(family, JSON) if told == "its own wrapper" else JSON
    assert calls(text, form) == meant(text)


@pytest.mark.parametrize(("family", "text"), each("refused"))
def test_half_a_call_is_refused_and_never_carried_out(family, text):
    with pytest.raises(ModelError) as caught:
        calls(text, FORMS.get(family, JSON))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("family", "text"), [*each("parsed"), *each("repaired")])
def test_nothing_of_a_call_or_a_thought_is_shown(family, text):
    deltas = Deltas(FORMS.get(family, JSON))
    shown = "".join(deltas.feed(character) for character in text)
    shown += deltas.rest(parse(text, FORMS.get(family, JSON), NAMES))
    assert shown in ("", "I will read it.", 'read_file(path=["notes.txt"])'[: len(shown)])


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_only_speaks_of_calls_stays_text(text):
    parsed = parse(text, JSON, NAMES)
    assert (parsed.text, parsed.calls) == (text, ())


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_what_is_written_is_read_again(form):
    arguments = {"path": ["a b.txt", "<x>", "naïve 文件"], "first": 3}
    written = form.written("read_file", arguments)
    assert [(c.name, dict(c.arguments)) for c in fitted(parse(written, form, NAMES).calls, SCHEMAS)] == [
        ("read_file", arguments)
    ]


@pytest.mark.parametrize("form", [form for form in FORMATS if form.several], ids=lambda form: form.name)
def test_several_calls_that_are_written_are_read_again(form):
    written = (form.between or "").join(form.written("read_file", {"path": [name]}) for name in "ab")
    assert [dict(c.arguments) for c in fitted(parse(written, form, NAMES).calls, SCHEMAS)] == [
        {"path": ["a"]},
        {"path": ["b"]},
    ]

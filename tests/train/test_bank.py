import dataclasses
from collections import defaultdict

import pytest

from llmos.train.bank import Slot, parse_label, parse_template, read_bank, slots_of, tool_schema


@pytest.fixture(scope="module")
def schema():
    return tool_schema()


@pytest.fixture(scope="module")
def bank(schema):
    return read_bank(schema)


def test_every_line_of_the_bank_can_be_read(bank):
    assert bank.errors == []


def normal(phrase):
    """A label without the order of its arguments and without those whose slots this phrasing leaves out."""
    said = slots_of(phrase.template)
    calls = tuple(
        (c.tool, c.files, frozenset(a for a in c.arguments if needs(a[1]) <= said)) for c in phrase.label.calls
    )
    return dataclasses.replace(phrase.label, calls=calls)


def needs(value):
    return (
        {piece.name for element in value for piece in element if isinstance(piece, Slot)}
        if value is not True
        else set()
    )


def test_no_phrasing_stands_under_two_labels(bank):
    labels = defaultdict(set)
    for phrase in bank.phrases:
        labels[phrase.text, phrase.input].add(normal(phrase))
    assert [text for (text, _), found in labels.items() if len(found) > 1] == []


def test_the_bank_is_large_enough_to_generalise_from(bank):
    assert len({p.text for p in bank.phrases}) > 6000


def test_every_tool_is_asked_for_in_both_languages(bank, schema):
    asked = {(c.tool, p.language) for p in bank.phrases for c in p.label.calls}
    assert [t for t in schema for lang in ("en", "zh") if (t, lang) not in asked] == []


def test_templates_nest():
    assert slots_of(parse_template("a[ b (c {n}|{file})] {folder}")) == {"n", "file", "folder"}


def test_a_label_with_an_unknown_argument_is_refused(schema):
    with pytest.raises(ValueError, match="no argument 'colour'"):
        parse_label("find_files colour=red", schema)


def test_what_is_held_back_is_never_trained_on(bank, schema):
    from llmos.train.generate import Generator

    generator = Generator(bank, schema, seed=3)
    assert not any(generator.example().phrase.held_back for _ in range(500))

import copy
import random

import pytest

from llmos.models.embedded.codec import Round, Shown, View
from llmos.models.embedded.structure import Structure

FOUND = Round("find logs", (("find_files", {"extension": ["log"]}),), Shown("paths", ("/tmp/a.log", "/tmp/b.log")))
READ = Round("show a", (("read_file", {"path": ["a"]}),), Shown("text", (), "some text"))
VIEWS = [
    View("list files"),
    View("把 report.txt 移到 ~/文档", hints=("report.txt",)),
    View("delete them", (READ, FOUND)),
    View("write that to b.txt", (FOUND, READ), again=True),
]


def walk(model, view, seed):
    """States that a random reply goes through, with all ids that the grammar allows there."""
    choose = random.Random(seed)
    prompt = model.codec.prompt(view)
    structure, constraint = Structure(model.codec, prompt), model.constraint(prompt)
    last = {model.codec.end, model.codec.id("<more>")}
    for _ in range(30):
        allowed = set(constraint.allowed().tolist())
        yield structure, allowed
        known = sorted(accepted(structure, allowed - last))
        marked = [i for i in known if model.codec.name(i)]
        token = choose.choice(choose.choice([marked or known, known]))
        structure.accept(token)
        constraint.accept([token])


def accepted(structure, ids):
    return {i for i in ids if copy.copy(structure).accept(i)}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("seed", range(8))
def test_tokens_with_a_meaning_are_accepted_exactly_where_the_grammar_allows_them(model, view, seed):
    marked = {i for i in range(6144) if model.codec.name(i)}
    for structure, allowed in walk(model, view, seed):
        assert accepted(structure, marked) == allowed & marked


@pytest.mark.parametrize("view", VIEWS)
def test_text_is_accepted_only_where_the_grammar_allows_it(model, view):
    sample = random.Random(1).sample(range(6144), 400)
    for seed in range(8):
        for structure, allowed in walk(model, view, seed):
            assert accepted(structure, sample) <= allowed


def test_a_reply_may_begin_with_exactly_what_the_grammar_allows(model):
    prompt = model.codec.prompt(VIEWS[2])
    assert set(Structure(model.codec, prompt).starts()) == set(model.constraint(prompt).allowed().tolist())


def test_what_the_structure_does_not_know_is_left_to_the_grammar(model):
    prompt = model.codec.prompt(View("删除"))
    structure = Structure(model.codec, prompt)
    structure.accept(model.codec.id("<say>"))
    part_of_a_character = model.codec.literal("龘")[0]
    assert not structure.accept(part_of_a_character)

"""`llmos explain`: the last request, an earlier one, the one behind a change, a command line."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from tests.flows.conftest import Llmos
from tests.sandbox.running import needs_overlay


@pytest.fixture
def asked(llmos: Llmos) -> Llmos:
    (llmos.folder / "notes.txt").write_text("one\n")
    llmos.run("--yes", "--session", "s", "delete notes.txt")
    return llmos


def test_the_probability_is_the_product_of_the_steps(asked: Llmos) -> None:
    said = json.loads(asked.run("explain", "--json").stdout)
    product = 1.0
    for part in said["parts"]:
        for step in part["steps"]:
            product *= step["probability"]
    assert said["probability"] == pytest.approx(product)


def test_attention_and_leaving_out_both_find_the_word(asked: Llmos) -> None:
    said = json.loads(asked.run("explain", "--json").stdout)
    part = next(part for part in said["parts"] if part["argument"] == "path")
    word = said["words"].index("notes.txt")
    assert part["attention"].index(max(part["attention"])) == part["fall"].index(max(part["fall"])) == word


def test_the_rule_and_the_way_back_are_named(asked: Llmos) -> None:
    said = asked.run("explain").stdout
    assert "approved beforehand" in said and "llmos undo c1 takes it back" in said


def test_a_change_leads_to_its_request(asked: Llmos) -> None:
    asked.run("--session", "s", "list the files")
    assert asked.run("explain", "c1").stdout.startswith("“delete notes.txt”")
    assert asked.run("explain", "2").stdout.startswith("“delete notes.txt”")


def test_the_picture_has_a_column_for_each_word(asked: Llmos) -> None:
    file = asked.base / "heat.svg"
    asked.run("explain", "--svg", str(file))
    texts = [element.text for element in ElementTree.parse(file).iter() if element.tag.endswith("}text")]
    assert texts[:2] == ["delete", "notes.txt"]


@needs_overlay
def test_a_command_line_is_explained_word_by_word(llmos: Llmos) -> None:
    said = llmos.run("explain", "grep -rn TODO . | wc -l").stdout
    assert "print line number" in said and "wc:" in said and "with TODO, ." in said


def test_a_program_nobody_knows_is_one_line(llmos: Llmos) -> None:
    done = llmos.run("explain", "frobnicate -x")
    assert done.returncode == 2 and "nothing is known of frobnicate" in done.stderr


def test_before_anything_was_asked_there_is_nothing_to_explain(llmos: Llmos) -> None:
    assert "nothing was asked yet" in llmos.run("explain").stderr

"""Which of many tools a model is shown."""

from __future__ import annotations

import pytest

from llmos.bench.retrieval import measure
from llmos.tools.retrieval import relevant
from llmos.values.messages import ToolSchema

TOOLS = (
    ToolSchema("set_volume", "Set how loud the sound is.", {}, ("把音量调到 40%",)),
    ToolSchema("merge_pdfs", "Put PDFs together in one.", {"properties": {"output": {"description": "the new file"}}}),
    ToolSchema("ping_host", "Test whether a host answers.", {}, ("can I reach example.org?",)),
    ToolSchema("show_log", "Show what happened."),
)


@pytest.mark.parametrize(
    ("request_", "tool"),
    [
        ("merge these pdfs", "merge_pdfs"),
        ("is my server reachable? can I reach it?", "ping_host"),
        ("音量调大", "set_volume"),
        ("sounds are too loud", "set_volume"),
    ],
)
def test_the_tool_that_shares_words_is_found(request_: str, tool: str) -> None:
    assert [found.name for found in relevant(TOOLS, request_, 1)] == [tool]


def test_few_tools_are_all_shown() -> None:
    assert relevant(TOOLS, "anything", 4) == TOOLS


def test_they_stay_in_order() -> None:
    found = relevant(TOOLS, "show the host and the sound", 3)
    assert [tool.name for tool in found] == ["set_volume", "ping_host", "show_log"]


@pytest.mark.parametrize("request_", ["", "?!", "please the"])
def test_a_request_without_words_gets_the_first(request_: str) -> None:
    assert relevant(TOOLS, request_, 2) == TOOLS[:2]


@pytest.mark.parametrize("request_", ['" OR *', "name:x AND (", "NEAR(a b)", "'; DROP TABLE tools"])
def test_nothing_in_a_request_is_a_query(request_: str) -> None:
    assert len(relevant(TOOLS, request_, 2)) <= 2


@pytest.mark.slow
def test_the_right_one_of_200_tools_is_among_fifteen() -> None:
    both = next(row for row in measure().rows if row.name == "both")
    assert both.values["@15"] > 97

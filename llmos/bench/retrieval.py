"""How often the right tool is among those that a model is shown: the examples of manifests, each held back once.

Which tools a request is then given to is the model's business, and not measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from llmos import paths
from llmos.bench.report import Report, Row
from llmos.tools.registry import Registry
from llmos.tools.retrieval import ranked
from llmos.values.messages import ToolSchema

TOOLS = 200
SHOWN = (1, 3, 5, 10, 15, 20)


def measure(rounds: int = 1) -> Report:
    """Nothing in it is chance, so one round is as good as many."""
    tools = padded([tool.schema() for tool in Registry(manifests=[paths.share("tools")]).values()], TOOLS)
    places = list(_places(tools))
    rows = [
        _row("English", [place for phrase, place in places if not _is_chinese(phrase)]),
        _row("Chinese", [place for phrase, place in places if _is_chinese(phrase)]),
        _row("both", [place for _, place in places]),
    ]
    return Report(f"Recall of a held-back example's tool among {len(tools)} tools, %", rows)


def padded(tools: Sequence[ToolSchema], count: int) -> list[ToolSchema]:
    """With made-up tools, each of whose words are those of two real ones."""
    made = [
        ToolSchema(f"{one.name}_{other.name}", f"{other.description} {one.description}")
        for one, other in zip(tools, reversed(tools), strict=True)
    ]
    return [*tools, *made[: max(0, count - len(tools))]]


def _places(tools: Sequence[ToolSchema]) -> Iterator[tuple[str, int]]:
    """Each example, and at which place its tool is found without it."""
    for i, tool in enumerate(tools):
        for phrase in tool.examples:
            held = list(tools)
            held[i] = replace(tool, examples=tuple(other for other in tool.examples if other != phrase))
            found = ranked(held, phrase, max(SHOWN))
            yield phrase, found.index(i) if i in found else len(tools)


def _row(name: str, places: Sequence[int]) -> Row:
    shares = {f"@{k}": 100 * sum(place < k for place in places) / len(places) for k in SHOWN}
    return Row(name, {"examples": len(places), **shares})


def _is_chinese(text: str) -> bool:
    return re.search("[\u4e00-\u9fff]", text) is not None

"""Finds, among more tools than a model can be shown, those that a request may be for.

Requests that need no model are found in `examples`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from llmos.tools.said import CJK, SAYS_NOTHING
from llmos.values.messages import ToolSchema


def relevant(tools: Sequence[ToolSchema], request: str, k: int) -> tuple[ToolSchema, ...]:
    """The `k` that share most with the request, in the order they had; fewer where fewer share anything.

    A request without words for it is about none in particular: then the first `k`.
    """
    if len(tools) <= k or not set(_terms(request)):
        return tuple(tools[:k])
    best = frozenset(ranked(tools, request, k))
    return tuple(tool for i, tool in enumerate(tools) if i in best)


def ranked(tools: Sequence[ToolSchema], request: str, k: int) -> list[int]:
    """By name, description, arguments and examples (BM25), the best first; indices."""
    import sqlite3  # noqa: PLC0415  # 10 ms, for models that take longer

    index = sqlite3.connect(":memory:")
    columns = "name, description, arguments, examples"
    index.execute(f"CREATE VIRTUAL TABLE tools USING fts5({columns}, tokenize='porter unicode61')")
    index.executemany(f"INSERT INTO tools(rowid, {columns}) VALUES (?, ?, ?, ?, ?)", _rows(tools))
    # Examples are what people say; a description says it in the words of a manual.
    query = " OR ".join(f'"{term}"' for term in sorted(set(_terms(request))))
    found = index.execute(
        "SELECT rowid FROM tools WHERE tools MATCH ? ORDER BY bm25(tools, 2.0, 1.0, 0.5, 2.0) LIMIT ?", (query, k)
    )
    best = [int(row[0]) for row in found]
    index.close()
    return best


def _rows(tools: Sequence[ToolSchema]) -> Iterator[tuple[int, str, str, str, str]]:
    for i, tool in enumerate(tools):
        texts = (tool.name.replace("_", " "), tool.description, _about_arguments(tool), "\n".join(tool.examples))
        name, description, arguments, examples = (" ".join(_terms(text)) for text in texts)
        yield i, name, description, arguments, examples


def _about_arguments(tool: ToolSchema) -> str:
    properties = tool.parameters.get("properties")
    if not isinstance(properties, Mapping):
        return ""
    described = (one.get("description") for one in properties.values() if isinstance(one, Mapping))
    return "\n".join([*properties, *map(str, filter(None, described))])


def _terms(text: str) -> Iterator[str]:
    """Words; of Chinese, which is written without spaces, every character and every two together."""
    for run in re.findall(rf"[{CJK}]+|[^\W_{CJK}]+", text.casefold()):
        if re.match(f"[{CJK}]", run):
            yield from run
            yield from (run[i : i + 2] for i in range(len(run) - 1))
        elif run not in SAYS_NOTHING:
            yield run

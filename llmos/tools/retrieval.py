"""Finds, among more tools than a model can be shown, those that a request may be for.

Requests that need no model are found in `examples`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from llmos.tools.said import CJK, SAYS_NOTHING
from llmos.values.messages import ToolSchema


def relevant(tools: Sequence[ToolSchema], request: str, k: int) -> tuple[ToolSchema, ...]:
    """The `k` that share most with the request in name, description and examples (BM25), in the order they had.

    What has nothing in common with it does not count; where that leaves room, the room stays empty.
    """
    wanted = sorted(set(_terms(request)))
    if len(tools) <= k or not wanted:
        return tuple(tools[:k])
    best = _search(tools, " OR ".join(f'"{term}"' for term in wanted), k)
    return tuple(tool for i, tool in enumerate(tools) if i in best)


def _search(tools: Sequence[ToolSchema], query: str, k: int) -> frozenset[int]:
    import sqlite3  # noqa: PLC0415  # 10 ms, for models that take longer

    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE tools USING fts5(name, description, examples, tokenize='porter unicode61')")
    index.executemany("INSERT INTO tools(rowid, name, description, examples) VALUES (?, ?, ?, ?)", _rows(tools))
    # Examples are what people say; a description says it in the words of a manual.
    found = index.execute(
        "SELECT rowid FROM tools WHERE tools MATCH ? ORDER BY bm25(tools, 2.0, 1.0, 2.0) LIMIT ?", (query, k)
    )
    best = frozenset(int(row[0]) for row in found)
    index.close()
    return best


def _rows(tools: Sequence[ToolSchema]) -> Iterator[tuple[int, str, str, str]]:
    for i, tool in enumerate(tools):
        texts = (tool.name.replace("_", " "), tool.description, "\n".join(tool.examples))
        name, description, examples = (" ".join(_terms(text)) for text in texts)
        yield i, name, description, examples


def _terms(text: str) -> Iterator[str]:
    """Words; of Chinese, which is written without spaces, every character and every two together."""
    for run in re.findall(rf"[{CJK}]+|[^\W_{CJK}]+", text.casefold()):
        if re.match(f"[{CJK}]", run):
            yield from run
            yield from (run[i : i + 2] for i in range(len(run) - 1))
        elif run not in SAYS_NOTHING:
            yield run

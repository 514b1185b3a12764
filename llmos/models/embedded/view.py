"""What the embedded model sees of a conversation: messages become rounds, results become a few items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from llmos.models.base import Context
from llmos.models.embedded.codec import ROUNDS, WORDS, Round, Shown, View, after_asking
from llmos.models.embedded.words import cut
from llmos.values.messages import (
    AssistantMessage,
    ItemKind,
    Message,
    ToolCall,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from llmos.values.plain import plain_text

HINTS = 8
RESULT_OF: Mapping[str, str] = {
    "find_files": "paths", "list_folder": "paths", "disk_usage": "paths", "checksum": "paths",
    "find_duplicates": "paths",
    "search_text": "lines", "sort_lines": "lines", "unique_lines": "lines", "cut_columns": "lines",
    "list_processes": "processes", "find_port": "processes", "who_uses": "processes",
    "list_jobs": "jobs", "list_apps": "apps", "count": "number",
    "read_file": "text", "file_info": "text", "show_tree": "text", "compare_files": "text", "list_archive": "text",
    "current_folder": "text", "process_tree": "text", "process_info": "text", "read_job": "text", "system_info": "text",
    "show_date": "text", "show_environment": "text", "which_program": "text", "show_services": "text",
    "run_command": "text", "show_history": "text",
}  # fmt: skip
"""What a tool's result is usually like; tools that change something are "done". Training uses the same table."""

_LISTS = {"paths", "lines", "processes", "jobs", "apps"}


def view(context: Context) -> View:
    exchanges = list(_exchanges(context.messages))
    request, replies = exchanges[-1]
    rounds = [_round(asked, answers) for asked, answers in exchanges[-ROUNDS - 1 : -1]]
    again = bool(replies)
    if again:
        rounds.append(_round(request, replies))
    text = request.text
    if rounds and not again and rounds[-1].shown.kind == "asked":
        text = after_asking(rounds.pop().request, text)
    return View(
        request=text,
        rounds=tuple(rounds[-ROUNDS:]),
        hints=tuple(related(context.hints, text))[:HINTS],
        known=tuple(known(context.known, text)),
        input=request.input is not None,
        again=again,
    )


def _exchanges(messages: Sequence[Message]) -> Iterable[tuple[UserMessage, list[Message]]]:
    """Each request with all that followed it."""
    current: tuple[UserMessage, list[Message]] | None = None
    for message in messages:
        if isinstance(message, UserMessage):
            if current:
                yield current
            current = (message, [])
        elif current:
            current[1].append(message)
    if current:
        yield current


def _round(request: UserMessage, replies: Sequence[Message]) -> Round:
    calls: list[tuple[str, Mapping[str, object]]] = []
    shown = Shown("done")
    for message in replies:
        match message:
            case AssistantMessage(text, made):
                calls += [(call.name, _free(call)) for call in made]
                if text and not made:
                    shown = Shown("asked" if text.rstrip().endswith(("?", "？")) else "said", (), text)
            case ToolMessage(result):
                shown = _shown(result)
            case _:
                pass
    return Round(request.text, tuple(calls), shown)


def _free(call: ToolCall) -> dict[str, object]:
    return {name: value for name, value in call.arguments.items() if value not in (None, False, [])}


def _shown(result: ToolResult) -> Shown:
    outcome = result.outcome
    if not result.ok:
        return Shown("error", (), result.error)
    if outcome.table is not None and not outcome.table.rows:
        return Shown("nothing")
    kind = RESULT_OF.get(result.call.name, "done")
    text = "" if outcome.more else plain_text(outcome)  # a part of it is no text that could be written to a file
    if kind != "done" and re.fullmatch(r"\s*[\d.,]+\s*", outcome.text):
        return Shown("number", (), outcome.text.strip())
    if kind in _LISTS and outcome.table is None:
        kind = "text"
    if kind == "lines" and outcome.kind is ItemKind.PATH:
        kind = "paths"
    return Shown(kind, outcome.items if kind in _LISTS or kind == "done" else (), text)


def known(names: Iterable[tuple[str, str]], request: str) -> Iterable[tuple[int, str]]:
    """Where names of things that exist stand in the request; inside a word or a longer name they are none."""
    words = cut(request, WORDS)
    starts, ends = {word.start for word in words}, {word.end for word in words}
    taken = 0
    found = (
        (match.start(), -match.end(), kind)
        for name, kind in names
        for match in re.finditer(re.escape(name), request)
        if match.start() in starts and match.end() in ends
    )
    for start, end, kind in sorted(found):
        if start >= taken:
            taken = -end
            yield start, kind


def related(names: Iterable[str], request: str) -> Iterable[str]:
    """Names that share a word with the request, or two Chinese characters."""
    asked = set(_words(request))
    return (name for name in names if asked & set(_words(name)))


def _words(text: str) -> Iterable[str]:
    for word in re.findall(r"[a-z]{3,}|\d{2,}|[\u4e00-\u9fff]+", text.lower()):
        if word.isascii():
            yield word.removesuffix("s")
        else:
            yield from (word[i : i + 2] for i in range(len(word) - 1))

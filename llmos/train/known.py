"""Which names in an example's request exist, drawn as it would be on a machine: what is read is mostly there, what is
made is mostly not, and now and then an ordinary word is the name of something.

The model learns from it what the names mean that `agent.context` finds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from llmos.models.embedded.codec import WORDS, Span, View
from llmos.models.embedded.view import known
from llmos.models.embedded.words import cut
from llmos.train.generate import Example

NOTHING_KNOWN = 0.35
"""The part of the examples in which nothing that is named exists here: it lies elsewhere, or the folder is empty."""

BY_CHANCE = 0.1
"""The part in which a word that means nothing of the kind is the name of something."""

_FOLDERS = {"list_folder", "change_folder", "show_tree", "make_folder", "find_files", "find_duplicates"}
_PATH = 0.85
_NAME = 0.2
"""How often a name that is looked for, or singled out, is here."""

_CHANCES = {
    ("create_file", "path"): 0.1, ("make_folder", "path"): 0.03, ("write_file", "path"): 0.2,
    ("append_file", "path"): 0.8, ("compare_files", "first"): 0.9, ("compare_files", "second"): 0.9,
    ("link_file", "target"): 0.85, ("link_file", "link"): 0.05, ("copy_files", "to"): 0.5, ("move_files", "to"): 0.5,
    ("archive_files", "to"): 0.1, ("extract_archive", "to"): 0.5,
}  # fmt: skip


def with_known(example: Example, r: random.Random) -> Example:
    view = example.view
    found = dict(known(((name, _by_name(name, r)) for name in view.hints), view.request))
    if view.hints or r.random() >= NOTHING_KNOWN:
        for start, kind in _named(example, r):
            found.setdefault(start, kind)
    if r.random() < BY_CHANCE:
        found |= _by_chance(view, set(found), r)
    return replace(example, view=replace(view, known=tuple(sorted(found.items()))))


def _named(example: Example, r: random.Random) -> Iterator[tuple[int, str]]:
    for tool, arguments in example.target.calls:
        for argument, value in arguments.items():
            if isinstance(value, list):
                for element in value:
                    yield from _of_element(tool, argument, element, example.view.request, r)


def _chance(tool: str, argument: str) -> float:
    """How often what this argument names is there."""
    if argument == "name":
        return _NAME if tool.endswith("_files") else 0.0
    return _CHANCES.get((tool, argument), _PATH if argument == "path" else 0.0)


def _of_element(
    tool: str, argument: str, element: list[object], request: str, r: random.Random
) -> Iterator[tuple[int, str]]:
    """The first name of a path is there; what comes after it lies inside and is seldom here as well."""
    chance = _chance(tool, argument)
    if not chance:
        return
    spans = [piece for piece in element if isinstance(piece, Span)]
    for number, span in enumerate(spans):
        name = request[span.start : span.end]
        last = number == len(spans) - 1
        if not re.search(r"\w", name) or any(c in name for c in "*?[$"):
            return
        likely = (chance if last else 0.85) if not number else 0.06
        if argument == "to" and last and "." in name[1:]:
            likely = 0.05
        if r.random() < likely:
            yield span.start, "folder" if not last or (tool in _FOLDERS and argument == "path") else _by_name(name, r)


def _by_name(name: str, r: random.Random) -> str:
    if re.search(r"\w\.\w{1,5}$|^\.\w+|^[A-Z]\w*file$|^[A-Z]{4,}$", name):
        return "file" if r.random() < 0.98 else "folder"
    return "folder" if r.random() < 0.85 else "file"


def _by_chance(view: View, taken: set[int], r: random.Random) -> dict[int, str]:
    words = [w for w in cut(view.request, WORDS) if view.request[w.start : w.end].isalpha() and w.end - w.start > 1]
    free = [w.start for w in words if w.start not in taken]
    return {r.choice(free): r.choice(["folder", "folder", "file"])} if free else {}

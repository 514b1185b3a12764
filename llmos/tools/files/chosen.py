"""What a tool that changes things acts on: the selection without what must not be touched. Changes nothing.

Which entries a selection matches is decided in selection.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from llmos.adapters.files.change import Measure, measure
from llmos.adapters.files.trash import home_trash
from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.tools.arguments import Selection
from llmos.tools.files.selection import Entry, locate, select
from llmos.tools.files.wording import described, listed, things
from llmos.translation import both
from llmos.values.place import Place

_ALSO_FOLDERS = (
    {"name"},
    {"name", "depth"},
    {"name", "hidden"},
    {"name", "depth", "hidden"},
    {"empty"},
    {"empty", "depth"},
)
"""With these filters folders are meant too: "delete everything here" is the name "*"."""


class Chosen(NamedTuple):
    entries: list[Entry]
    files: int
    folders: int

    def __str__(self) -> str:
        return things(self.files, self.folders)


def choose(selection: Selection, place: Place, doing: str) -> Chosen:
    """The entries, each once. Raises ToolError when there are none.

    Filters mean files and links, unless folders are asked for or nothing but names is. Inside the trash and the kept
    old versions only what is named itself is found.
    """
    entries = list({entry.path: entry for entry in select(selection, place)}.values())
    if selection.has_filter:
        hidden = _stores(selection, place)
        entries = [e for e in entries if _is_meant(e, selection) and not is_beneath(e.path, hidden)]
    if not entries:
        where = listed([locate(path, place) for path in selection.path])
        raise ToolError(
            both("Nothing to {doing}: there are no {described} in {where}.").format(
                doing=doing, described=described(selection), where=where
            )
        )
    folders = sum(entry.is_folder for entry in entries)
    return Chosen(entries, len(entries) - folders, folders)


def _is_meant(entry: Entry, selection: Selection) -> bool:
    return not entry.is_folder or selection.type == "folder" or filters(selection) in _ALSO_FOLDERS


def filters(selection: Selection) -> set[str]:
    """The names of the filters that are set."""
    names = Selection.model_fields.keys() - {"path"}
    return {name for name in names if getattr(selection, name) not in (None, [], False)}


def _stores(selection: Selection, place: Place) -> set[str]:
    """The trash and llmos's own folder, but for those that a named path is in."""
    stores = {os.path.realpath(path) for path in (home_trash(place.home, place.env), place.state) if path}
    starts = [locate(path, place) for path in selection.path]
    return {store for store in stores if not any(is_beneath(start, {store}) for start in starts)}


def is_beneath(path: str, folders: set[str]) -> bool:
    """True when the path is one of the folders or in one of them."""
    if len(folders) <= 4:
        return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)
    while True:
        if path in folders:
            return True
        above = os.path.dirname(path)
        if above == path:
            return False
        path = above


def outermost(chosen: Chosen) -> Chosen:
    """Without what stands in a chosen folder: that goes with the folder."""
    folders = {entry.path for entry in chosen.entries if entry.is_folder}
    if not folders or len(chosen.entries) == 1:
        return chosen
    entries = [entry for entry in chosen.entries if not is_beneath(os.path.dirname(entry.path), folders)]
    count = sum(entry.is_folder for entry in entries)
    return Chosen(entries, len(entries) - count, count)


def refuse_own_ground(paths: Iterable[str], place: Place, doing: str) -> None:
    """Neither the home folder, nor the folder we are in, nor a folder above them may go away."""
    grounds = [os.path.realpath(place.cwd), os.path.realpath(place.home)]
    for path in paths:
        for ground in grounds:
            if is_beneath(ground, {path}):
                what = "is" if ground == path else "holds"
                whose = "the folder you are in" if ground == grounds[0] else "your home folder"
                hint = (
                    both(" To {doing} what is in it, say so: everything in it.").format(doing=doing)
                    if ground == path
                    else ""
                )
                raise ToolError(
                    both("Will not {doing} {path}: it {what} {whose}.{hint}").format(
                        doing=doing, path=clean_name(path), what=what, whose=whose, hint=hint
                    )
                )


def measured(entries: Sequence[Entry]) -> list[Measure]:
    """One for each entry; the files in folders are counted too, up to a limit for all together."""
    return [measure(e.path) if e.is_folder else Measure(files=1, size=e.stat.st_size) for e in entries]


def total(measures: Iterable[Measure]) -> Measure:
    files = folders = count = 0
    whole = True
    for one in measures:
        files, folders, count = files + one.files, folders + one.folders, count + one.size
        whole = whole and one.whole
    return Measure(files, folders, count, whole)


def missing_folders(folder: str) -> list[str]:
    """Those of the folder and the ones above it that do not exist, topmost first. Raises ToolError for a file there."""
    missing: list[str] = []
    while not os.path.isdir(folder):
        if os.path.lexists(folder):
            raise ToolError(both("{folder} is not a folder.").format(folder=clean_name(folder)))
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    return missing

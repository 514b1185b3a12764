"""Which entries a `Selection` means: paths made absolute, filters made tests, the walk beneath.

What is done with them is each tool's business.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from llmos.adapters.files import match
from llmos.adapters.files.paths import destination, find_roots, locate, resolve
from llmos.adapters.files.sieve import sieve
from llmos.adapters.files.walk import Entry, Root, Unread, still_there, walk
from llmos.tools.arguments import Selection
from llmos.values.place import Place

__all__ = ["Entry", "Root", "Unread", "beneath", "destination", "find_roots", "locate", "resolve", "select"]


def select(selection: Selection, place: Place) -> list[Entry]:
    """What a tool that acts on things acts on: the paths themselves, or with a filter what matches beneath them.

    A name without wildcards means that name (with other capitals if there is none); unlike `beneath`, parts of names
    are not tried, so that "delete a" cannot take everything with an "a" in it.
    """
    roots = find_roots(selection.path, place)
    if selection.has_filter:
        entries = list(beneath(selection, roots, place, Unread(), parts=False))
    else:
        entries = [Entry(root.path, root.shown or root.path) for root in roots]
    return list(still_there(entries))


def beneath(
    selection: Selection,
    roots: Sequence[Root],
    place: Place,
    unread: Unread,
    *,
    parts: bool = True,
    only_files: bool = False,
) -> Iterator[Entry]:
    """Entries beneath the roots that pass every filter, lazily and in path order; a root that is a file may pass too.

    A name without wildcards is taken exactly; when nothing has it, with other capitals; when nothing has that and
    `parts` is set, as a part of names.
    """
    passes = _filters(selection, place, only_files)
    if not selection.name:
        everything = _everything(selection, roots, unread)
        yield from (entry for entry in everything if _passes(entry, passes)) if passes else everything
        return
    fit = match.closeness(selection.name)
    limit = 2 if parts else 1
    loose: list[list[Entry]] = [[], []]
    found = False
    for entry in _everything(selection, roots, unread):
        close = fit(entry.name) if entry.shown != "-" else 0
        if close is None or close > limit or (close and found) or not _passes(entry, passes):
            continue
        if close:
            loose[close - 1].append(entry)
        else:
            found = True
            yield entry
    if not found:
        yield from loose[0] or loose[1]


def _everything(selection: Selection, roots: Sequence[Root], unread: Unread) -> Iterator[Entry]:
    excluded = match.leaves_out(selection.exclude) if selection.exclude else None
    held = sieve(selection.name, selection.extension)
    for root in roots:
        start = Entry(root.path, root.shown or root.path)
        if not _is_folder(start):
            yield start
            continue
        enter = (lambda entry: not excluded(entry)) if excluded else None
        yield from walk(root, unread, selection.depth, enter, sieve=held)


def _filters(selection: Selection, place: Place, only_files: bool) -> list[match.Test]:
    """Cheap tests first: by name, then by stat, then by content."""
    tests: list[match.Test] = []
    if selection.hidden:
        tests.append(match.is_hidden)
    if selection.extension:
        tests.append(match.has_extension(selection.extension))
    if selection.kind:
        tests.append(match.has_kind(selection.kind))
    if selection.exclude:
        excluded = match.leaves_out(selection.exclude)
        tests.append(lambda entry: not excluded(entry))
    if selection.type:
        tests.append(match.has_type(selection.type))
    elif only_files or _means_files(selection):
        tests.append(_is_file)
    elif selection.extension:
        tests.append(lambda entry: not entry.is_folder)
    return tests + _stat_filters(selection, place)


def _is_file(entry: Entry) -> bool:
    """A link that was named itself stands for the file it leads to; links that are come across do not."""
    return entry.is_file or (entry.depth == 0 and entry.is_link and os.path.isfile(entry.path))


def _means_files(selection: Selection) -> bool:
    sizes = (selection.larger_than, selection.smaller_than)
    return selection.kind is not None or selection.contains is not None or any(size is not None for size in sizes)


def _stat_filters(selection: Selection, place: Place) -> list[match.Test]:
    tests: list[match.Test] = []
    now = place.now
    if (larger := selection.larger_than) is not None:
        tests.append(lambda entry: entry.stat.st_size > larger)
    if (smaller := selection.smaller_than) is not None:
        tests.append(lambda entry: entry.stat.st_size < smaller)
    if (newer := selection.newer_than) is not None:
        tests.append(lambda entry: now - entry.stat.st_mtime < newer)
    if (older := selection.older_than) is not None:
        tests.append(lambda entry: now - entry.stat.st_mtime > older)
    if (within := selection.accessed_within) is not None:
        tests.append(lambda entry: now - entry.stat.st_atime < within)
    if (before := selection.accessed_before) is not None:
        tests.append(lambda entry: now - entry.stat.st_atime > before)
    if selection.owner is not None:
        tests.append(match.is_owned_by(selection.owner))
    if selection.permission is not None:
        tests.append(match.has_permission(selection.permission))
    if selection.empty:
        tests.append(match.is_empty)
    if selection.contains is not None:
        tests.append(match.contains(selection.contains))
    return tests


def _passes(entry: Entry, tests: list[match.Test]) -> bool:
    if entry.shown == "-":
        return True
    try:
        for test in tests:  # a million times: `all` would take longer than most tests
            if not test(entry):
                return False
    except OSError:
        return False  # vanished while we walked
    return True


def _is_folder(start: Entry) -> bool:
    return os.path.isdir(start.path)

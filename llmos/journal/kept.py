"""How much the kept old versions may take, and which go first when they take more. The trash is not counted."""

from __future__ import annotations

import os
from contextlib import suppress

from llmos.adapters.files.change import free_space, measure
from llmos.errors import ToolError
from llmos.journal.store import Store

MOST = 5 << 30
"""Bytes."""

ENTRIES = 5_000
"""Remembered at most; a tenth of them goes at once, so that it need not be done every time."""

SHARE = 10
"""... or one part in so many of what is free on the disk, whichever is less."""


def quota(folder: str, wanted: int | None = None) -> int:
    """Bytes that may be kept in all."""
    most = MOST if wanted is None else wanted
    try:
        return min(most, free_space(folder) // SHARE)
    except ToolError:
        return most


def evict(store: Store, wanted: int | None, newest: int) -> None:
    """The oldest versions go until the quota holds; those of the entry `newest` stay whatever they take."""
    if not os.path.isdir(store.kept_folder(newest)):
        return
    folders = sorted(name for name in os.listdir(store.kept) if name.isdigit())
    sizes = {name: measure(os.path.join(store.kept, name)).size for name in folders}
    allowed = quota(store.kept, wanted)
    for name in folders:
        if sum(sizes.values()) <= allowed or int(name) == newest:
            return
        _remove(os.path.join(store.kept, name))
        del sizes[name]


def forget(store: Store) -> None:
    """The oldest entries, when there are more than anybody looks back to, with what was kept for them."""
    numbers = store.numbers()
    if len(numbers) <= ENTRIES:
        return
    for number in numbers[: len(numbers) - ENTRIES + ENTRIES // 10]:
        _remove(store.kept_folder(number))
        with suppress(OSError):
            os.unlink(store.finished(number))


def _remove(folder: str) -> None:
    import shutil  # noqa: PLC0415 - slow to import, not always needed

    with suppress(OSError):
        shutil.rmtree(folder)

"""After a crash: every operation that was cut off is found on one side of its commit and cleared up on that side.

May itself be cut off and repeated at any point. Entries that another process works on are left alone.
"""

from __future__ import annotations

import os
from contextlib import suppress

from llmos.adapters.files.anchored import Ground
from llmos.errors import ToolError
from llmos.journal.operations import Operation, of_record
from llmos.journal.store import EntryFile, Line, Store, Written


def recover(store: Store) -> int:
    """How many entries were cut off. Raises OSError only where the journal itself cannot be read."""
    count = 0
    for file, written in store.abandoned():
        count += 1
        if written is None or not written.records:
            file.discard()
        else:
            _recover(store, file, written)
    return count


def _recover(store: Store, file: EntryFile, written: Written) -> None:
    """The latest operation first: those before it may have been about the same files."""
    target: str | None = None
    folder = store.kept_folder(written.header.number)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with Ground() as ground:
            settled = [_settled(of_record(written.records[number]), number, ground) for number in written.in_doubt]
        file.add(line for lines in reversed(settled) for line in lines)
        target = store.finished(written.header.number)
    except (OSError, ToolError, KeyError, TypeError):
        pass  # tried again next time
    with suppress(OSError):
        os.rmdir(folder)  # nothing was kept
    with suppress(OSError):
        file.close(target)


def _settled(one: Operation, number: int, ground: Ground) -> list[Line]:
    if not one.is_done(ground):
        one.revoke(ground)
        return [{"failed": number}]
    one.tidy(ground)
    ground.leave()
    return [{"n": number, **one.record()}, {"done": number}]

"""The six things a journal entry is made of, each with its one moment before which nothing and after which all is done.

    Put         something prepared gets a name, free until then or a file's whose old version is kept
    Take        something leaves its name for the trash or the kept versions
    Move        something gets another name
    Splice      a file is changed in place from some byte on, because it has several names or is being followed
    Attributes  mode, owner, times
    Purge       something is deleted for good

An operation is written to the journal (`intend`), makes what it needs (`prepare`), is done (`commit`, one rename),
and clears up (`tidy`). After a failure or a crash `is_done` tells by inode on which side of the commit it stopped, and
`revoke` clears up on the other side. When and what is written to the journal is the entry's business.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from llmos.adapters.files.anchored import Mark
from llmos.journal.in_place import Attributes, Splice
from llmos.journal.names import Move, Purge, Put, Take
from llmos.journal.operation import Operation

__all__ = ["Attributes", "Move", "Operation", "Purge", "Put", "Splice", "Take", "of_record"]

KINDS: dict[str, type[Operation]] = {cls.kind: cls for cls in (Put, Take, Move, Splice, Attributes, Purge)}


def of_record(record: dict[str, Any]) -> Operation:
    """Raises KeyError and TypeError for what is none."""
    values = dict(record)
    cls = KINDS[values.pop("op")]
    for name in ("new", "old", "mark", "after"):
        if name in values:
            values[name] = Mark(*values[name])
    known = {one.name for one in fields(cls)}
    return cls(**{name: value for name, value in values.items() if name in known})

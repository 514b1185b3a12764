"""Where a request was made: folder, environment, terminal and clock, as values.

Only fronts make one from the real world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    cwd: str
    """Absolute; relative arguments are resolved against it."""

    home: str
    env: Mapping[str, str] = field(default_factory=dict)
    interactive: bool = False
    """True when there is a terminal to ask on."""

    now: float = 0.0
    """Seconds since 1970-01-01 00:00 UTC when the request was made."""

    input: str | None = None
    """A file that holds what was piped in; the path "-" in an argument means it."""

    state: str = ""
    """llmos's own folder for this user: kept versions, jobs, stored output."""

    keep: int | None = None
    """Bytes of old versions that may be kept for undo; None for the usual."""

    recent: tuple[str, ...] = ()
    """Absolute paths that the last answers were about, latest first: a name that is not here may mean one of them."""

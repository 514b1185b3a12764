"""The line in which requests wait for the model: those of somebody who sits and waits come before all others.

What a request is answered with is in `server.py`.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any


@dataclass
class Job:
    """One request on its way; the thread of its connection hears from the model's thread through `lines`."""

    request: Mapping[str, Any]
    lines: SimpleQueue[Mapping[str, Any]] = field(default_factory=SimpleQueue)
    unwanted: bool = False
    """Whoever asked is gone."""

    @property
    def urgent(self) -> bool:
        return bool(self.request.get("interactive"))


class Line:
    """Any thread adds to it; the model's thread takes from it."""

    def __init__(self) -> None:
        self._waiting: list[tuple[bool, int, Job]] = []
        self._came = 0
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, job: Job) -> None:
        with self._changed:
            self._came += 1
            heapq.heappush(self._waiting, (not job.urgent, self._came, job))
            self._changed.notify()

    def take(self, seconds: float) -> Job | None:
        """The next one; None when none comes for so long, or none is waiting and the line is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, seconds)
            return heapq.heappop(self._waiting)[2] if self._waiting else None

    def close(self) -> None:
        """Nobody is waited for any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def take_urgent(self) -> Job | None:
        """The next one, if somebody sits and waits for it."""
        with self._changed:
            return heapq.heappop(self._waiting)[2] if self._waiting and self._waiting[0][2].urgent else None

"""A sign that something goes on, with what it is and for how long. It comes after half a second, not before.

The cursor stays visible: input methods put their window beside it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from itertools import cycle
from types import TracebackType
from typing import TextIO

from llmos.fronts.layout import cut, width_of

AFTER = 0.5
EVERY = 0.1
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ERASE = "\r\x1b[K"
BAR = 20
_COUNTED = re.compile(r"([\d,]+) of ([\d,]+)")


class Spinner:
    """While it is entered, one line on `err` that says what is going on."""

    def __init__(self, err: TextIO, may_draw: Callable[[], bool]) -> None:
        self._err = err
        self._may_draw = may_draw
        """False while the line is somebody else's, or the terminal can do nothing."""

        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._label, self._began, self._done = "", 0.0, ""

    def begin(self, label: str) -> None:
        """Something new goes on; the clock starts again."""
        self._label, self._began, self._done = label, time.monotonic(), ""

    def progress(self, text: str) -> bool:
        """Whether "12 of 400" is what the text says; it is drawn then."""
        counted = _COUNTED.fullmatch(text)
        if counted:
            done, total = (int(number.replace(",", "")) for number in counted.groups())
            filled = round(BAR * done / max(total, 1))
            self._done = f" {'█' * filled}{'░' * (BAR - filled)} {text}"
        return counted is not None

    def __enter__(self) -> None:
        if self._may_draw():
            self._stop.clear()
            self._thread = threading.Thread(target=self._spin, daemon=True)
            self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _spin(self) -> None:
        if self._stop.wait(max(0.0, AFTER - (time.monotonic() - self._began))):
            return
        for frame in cycle(FRAMES):
            self._draw(f"{frame} {self._label}", f"{self._done} {time.monotonic() - self._began:.0f} s")
            if self._stop.wait(EVERY):
                break
        self._err.write(ERASE)
        self._err.flush()

    def _draw(self, text: str, end: str) -> None:
        self._err.write(ERASE + cut(text, max(10, width_of(self._err) - len(end) - 1)) + end)
        self._err.flush()

"""The record of a batch: one line for each prompt that is through, and which of the others have begun to change things.

Several processes write at once, and any of them may be killed at any point: a line is there whole or not at all, and
it is on the disk before anything goes on.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llmos.errors import UsageError
from llmos.fronts.batch.prompts import Prompt

Result = Mapping[str, Any]

DONE, UNKNOWN = "done", "unknown"


class Results:
    """`FILE` with the results, and `FILE.begun` beside it until all are there."""

    def __init__(self, file: Path) -> None:
        """Raises UsageError when the file cannot be written."""
        self.file = file
        self._begun = file.with_name(file.name + ".begun")
        try:
            self._lines = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            self._marks = os.open(self._begun, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as error:
            raise UsageError(f"cannot write {file}: {error.strerror}") from None

    def take(self, wait: Callable[[], None]) -> None:
        """Alone at first, then together with one's own workers; `wait` is called when somebody else is at work."""
        try:
            fcntl.flock(self._marks, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(self._marks, fcntl.LOCK_EX)
        _drop_half_line(self._lines)
        _drop_half_line(self._marks)
        self.join()

    def join(self) -> None:
        """As long as this process lives nobody else takes the file."""
        fcntl.flock(self._marks, fcntl.LOCK_SH)

    def begin(self, id: str) -> None:
        """Before the first change: from now on it is not known whether it is done, unless there is a result."""
        _append(self._marks, {"begun": id}, lock=self._lines)

    def finish(self, result: Result) -> None:
        _append(self._lines, result, lock=self._lines)

    def all(self) -> dict[str, Result]:
        """What is through, by id."""
        return {str(value["id"]): value for value in _values(self.file) if "id" in value}

    def begun(self) -> set[str]:
        """What has begun to change things, also what is through."""
        return {str(value["begun"]) for value in _values(self._begun) if "begun" in value}

    def forget(self, ids: set[str]) -> None:
        """Those are to be done again."""
        kept = [value for id, value in self.all().items() if id not in ids]
        marks = [{"begun": id} for id in sorted(self.begun() - ids)]
        for number, values in ((self._lines, kept), (self._marks, marks)):
            os.ftruncate(number, 0)
            _write(number, values)

    def check(self, prompts: Iterable[Prompt]) -> None:
        """Raises UsageError when the results are those of other prompts."""
        there = self.all()
        for prompt in prompts:
            known = there.get(prompt.id)
            if known is not None and known.get("prompt") != prompt.text:
                raise UsageError(f"{self.file} has results of other prompts (id {prompt.id}); choose another file")

    def close(self, *, complete: bool) -> None:
        if complete:
            self._begun.unlink(missing_ok=True)
        os.close(self._lines)
        os.close(self._marks)


def unknown(prompt: Prompt, why: str) -> Result:
    """For a prompt that was cut off after it had begun to change things."""
    error = f"{why} while this ran; part of it may be done; it is not repeated unless --retry says so"
    return {"id": prompt.id, "prompt": prompt.text, "status": UNKNOWN, "exit_code": 1, "answer": "", "errors": [error]}


def _append(number: int, value: Mapping[str, Any], lock: int) -> None:
    with _locked(lock):
        _drop_half_line(number)
        _write(number, [value])


def _write(number: int, values: Iterable[Mapping[str, Any]]) -> None:
    data = "".join(json.dumps(value) + "\n" for value in values).encode()
    while data:
        data = data[os.write(number, data) :]
    os.fsync(number)


@contextmanager
def _locked(number: int) -> Iterator[None]:
    fcntl.flock(number, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(number, fcntl.LOCK_UN)


def _drop_half_line(number: int) -> None:
    """What a process had written when it was killed."""
    end = os.fstat(number).st_size
    if end and os.pread(number, 1, end - 1) != b"\n":
        start = max(0, end - (1 << 22))
        os.ftruncate(number, start + os.pread(number, end - start, start).rfind(b"\n") + 1)


def _values(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text("utf-8").split("\n"):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value

"""Worker processes for a batch: hands out prompts, and finds out what became of one whose process was killed.

A worker that is killed is replaced; one whose parent is killed finishes its prompt, records it and ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

from llmos.errors import Exit
from llmos.fronts.batch.prompts import Prompt
from llmos.fronts.batch.results import Result, Results, unknown

if TYPE_CHECKING:
    from llmos.fronts.batch.work import Job

TRIES = 2
"""A prompt whose worker died before it changed anything is tried so often."""

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
ONE_THREAD = "OPENBLAS_NUM_THREADS"
"""The embedded model's matrices are small: on a busy machine two threads made it ten times slower (measured)."""


@dataclass
class Member:
    process: BaseProcess
    line: Connection
    prompt: Prompt | None = None


class Crew:
    def __init__(self, job: Job, results: Results, jobs: int) -> None:
        self._job = job
        self._results = results
        self._jobs = jobs
        self._members: list[Member] = []
        self._tries: dict[str, int] = {}
        self._stopping = False

    def work(self, prompts: Sequence[Prompt], done: Callable[[Result], None]) -> bool:
        """Until all are through; False when it was stopped before."""
        waiting = deque(prompts)
        try:
            for _ in range(min(self._jobs, len(prompts))):
                self._members.append(self._hire())
            while waiting or self._busy():
                try:
                    self._go_on(waiting, done)
                except KeyboardInterrupt:
                    self._stop(waiting)
            return not self._stopping
        finally:
            self._dismiss()

    def _busy(self) -> list[Member]:
        return [member for member in self._members if member.prompt]

    def _go_on(self, waiting: deque[Prompt], done: Callable[[Result], None]) -> None:
        for member in self._members:
            if member.prompt is None and waiting:
                member.prompt = waiting.popleft()
                member.line.send(member.prompt)
        by_line = {member.line: member for member in self._busy()}
        for line in wait(list(by_line), timeout=1.0):
            assert isinstance(line, Connection)
            self._hear(by_line[line], waiting, done)

    def _hear(self, member: Member, waiting: deque[Prompt], done: Callable[[Result], None]) -> None:
        prompt = member.prompt
        assert prompt is not None
        try:
            result: Result | None = member.line.recv()
            member.prompt = None
        except (EOFError, OSError):
            result = self._after_death(prompt, member, waiting)
        if result is not None:
            done(result)

    def _after_death(self, prompt: Prompt, member: Member, waiting: deque[Prompt]) -> Result | None:
        """Replaces the worker. None when the prompt is tried again."""
        member.process.join()
        why = f"its process ended ({_in_words(member.process.exitcode)})"
        self._members.remove(member)
        if not self._stopping:
            self._members.append(self._hire())
        if recorded := self._results.all().get(prompt.id):
            return recorded
        if prompt.id in self._results.begun():
            return self._record(unknown(prompt, why))
        self._tries[prompt.id] = self._tries.get(prompt.id, 0) + 1
        if self._stopping:
            return None
        if self._tries[prompt.id] < TRIES:
            waiting.appendleft(prompt)
            return None
        return self._record({**unknown(prompt, why), "status": "failed", "errors": [f"{why}, {TRIES} times"]})

    def _record(self, result: Result) -> Result:
        self._results.finish(result)
        return result

    def _stop(self, waiting: deque[Prompt]) -> None:
        """At first what runs may finish; asked again, it is cut off."""
        waiting.clear()
        if self._stopping:
            for member in self._busy():
                member.process.terminate()
        self._stopping = True

    def _hire(self) -> Member:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self._job, self._results.file), daemon=False)
        with _few_threads(self._jobs):
            process.start()
        theirs.close()
        return Member(process, ours)

    def _dismiss(self) -> None:
        """They end when nobody is on the line any more."""
        for member in self._members:
            member.line.close()
        for member in self._members:
            member.process.join()


class _few_threads:
    """What is started meanwhile shares the processors with its like, instead of each taking all of them."""

    def __init__(self, jobs: int) -> None:
        count = str(max(1, (os.cpu_count() or 1) // jobs))
        wanted = {**dict.fromkeys(THREADS, count), ONE_THREAD: "1"}
        self._new = {name: value for name, value in wanted.items() if name not in os.environ}

    def __enter__(self) -> None:
        os.environ.update(self._new)

    def __exit__(self, *_error: object) -> None:
        for name in self._new:
            os.environ.pop(name, None)


def serve(line: Connection, job: Job, file: Path) -> None:
    """The life of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    from llmos.fronts.batch.work import Worker  # noqa: PLC0415  # not where only the parent needs this module

    results = Results(file)
    results.join()
    worker = Worker(job)
    try:
        while True:
            prompt: Prompt = line.recv()
            result = worker.do(prompt, lambda id=prompt.id: results.begin(id))  # type: ignore[misc]
            if result["exit_code"] != Exit.INTERRUPTED or prompt.id in results.begun():
                results.finish(result)
            line.send(result)
    except (EOFError, OSError, KeyboardInterrupt):
        return


def _in_words(exit_code: int | None) -> str:
    return f"signal {-exit_code}" if exit_code is not None and exit_code < 0 else f"exit code {exit_code}"

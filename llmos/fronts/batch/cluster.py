"""The same work on a Ray cluster: every prompt a task, one actor beside the user keeps the record.

Needs `pip install llmos[ray]` here, and llmos on every machine of the cluster. Folders are those of the machines.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmos.errors import LlmosError
from llmos.fronts.batch.crew import ONE_THREAD, THREADS, TRIES
from llmos.fronts.batch.prompts import Prompt
from llmos.fronts.batch.results import Result, Results, unknown
from llmos.translation import _

if TYPE_CHECKING:
    from llmos.fronts.batch.work import Job, Worker

_WORKERS: dict[Job, Worker] = {}
"""In each process of the cluster, so that the model is loaded once."""


class Recorder:
    """The actor: on the machine of the user, where the results file is."""

    def __init__(self, file: str) -> None:
        self._results = Results(Path(file))
        self._results.join()

    def begin(self, id: str) -> None:
        self._results.begin(id)

    def finish(self, result: Result) -> None:
        self._results.finish(result)


def do(job: Job, prompt: Prompt, recorder: Any) -> Result:
    """The task."""
    import ray  # noqa: PLC0415

    from llmos.fronts.batch.work import Worker  # noqa: PLC0415

    if job not in _WORKERS:
        _WORKERS[job] = Worker(job)
    result = _WORKERS[job].do(prompt, lambda: ray.get(recorder.begin.remote(prompt.id)))
    ray.get(recorder.finish.remote(result))
    return result


class Cluster:
    def __init__(self, job: Job, results: Results, jobs: int, address: str | None) -> None:
        """Starts a cluster on this machine unless there is an address. Raises LlmosError."""
        try:
            import ray  # noqa: PLC0415
        except ModuleNotFoundError:
            hint = "pip install 'llmos[ray]', or --engine processes"
            raise LlmosError(_("the engine ray is not installed: {hint}").format(hint=hint)) from None
        self._ray = ray
        self._job = job
        self._results = results
        self._jobs = jobs
        self._tries: dict[str, int] = {}
        self._start(address)

    def _start(self, address: str | None) -> None:
        ray = self._ray
        env = {**dict.fromkeys((*THREADS, ONE_THREAD), "1"), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        size: dict[str, Any] = {} if address else {"num_cpus": self._jobs, "include_dashboard": False}
        try:
            ray.init(address=address, log_to_driver=False, logging_level="error", runtime_env={"env_vars": env}, **size)
        except Exception as error:  # its kinds depend on what of the cluster is missing
            raise LlmosError(_("no Ray cluster: {names}").format(names=" ".join(str(error).split())[:200])) from None
        here = f"node:{ray.util.get_node_ip_address()}"
        recorder = ray.remote(num_cpus=0, resources={here: 0.001})(Recorder)
        self._recorder = recorder.remote(str(self._results.file.absolute()))
        self._task = ray.remote(max_retries=0)(do)

    def work(self, prompts: Sequence[Prompt], done: Callable[[Result], None]) -> bool:
        """Until all are through; False when it was stopped before."""
        running = {self._send(prompt): prompt for prompt in prompts}
        try:
            while running:
                ready, _ = self._ray.wait(list(running), num_returns=1)
                prompt = running.pop(ready[0])
                result = self._received(ready[0], prompt)
                if result is None:
                    running[self._send(prompt)] = prompt
                else:
                    done(result)
            return True
        except KeyboardInterrupt:
            return False
        finally:
            self._ray.shutdown()

    def _send(self, prompt: Prompt) -> Any:
        return self._task.remote(self._job, prompt, self._recorder)

    def _received(self, reference: Any, prompt: Prompt) -> Result | None:
        """None when the prompt is to be sent again."""
        try:
            result: Result = self._ray.get(reference)
            return result
        except self._ray.exceptions.RayError as error:
            why = f"its worker was lost ({type(error).__name__})"
        if recorded := self._results.all().get(prompt.id):
            return recorded
        self._tries[prompt.id] = self._tries.get(prompt.id, 0) + 1
        if prompt.id in self._results.begun():
            return self._record(unknown(prompt, why))
        if self._tries[prompt.id] < TRIES:
            return None
        return self._record({**unknown(prompt, why), "status": "failed", "errors": [f"{why}, {TRIES} times"]})

    def _record(self, result: Result) -> Result:
        self._results.finish(result)
        return result

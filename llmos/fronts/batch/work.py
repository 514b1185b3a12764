"""One prompt of a batch, from its folder to its result. The same in a process of one's own and on a cluster.

Who hands out prompts, and what becomes of one whose worker is killed, is not known here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llmos import config, paths
from llmos.errors import Exit, LlmosError
from llmos.fronts.batch.prompts import Prompt
from llmos.fronts.batch.results import DONE, Result
from llmos.fronts.bugs import one_line
from llmos.fronts.drive import drive
from llmos.fronts.heard import Heard
from llmos.fronts.here import here
from llmos.fronts.once import code_of, deadline
from llmos.fronts.wire import call_value, change_value
from llmos.models import names
from llmos.models.base import Model, Reach
from llmos.session import Choices, Session
from llmos.tools import catalogue
from llmos.tools.registry import Registry
from llmos.translation import _
from llmos.values.events import Answer, Event, Started

STATUS: Mapping[int, str] = {
    Exit.DONE: DONE,
    Exit.DENIED: "denied",
    Exit.APPROVAL_NEEDED: "approval-needed",
    Exit.NO_SANDBOX: "no-sandbox",
    Exit.LIMIT: "limit",
    Exit.NOT_UNDERSTOOD: "not-understood",
    Exit.INTERRUPTED: "interrupted",
}


@dataclass(frozen=True)
class Job:
    """What all prompts of a batch have in common."""

    folder: str
    """Absolute; prompts work here, and theirs are relative to it."""

    own_folders: str = ""
    """Absolute; then each prompt works in a folder of its own in this one."""

    model: str | None = None
    mode: str | None = None
    approve: bool = False
    timeout: float | None = None
    """Seconds for one prompt."""


class Worker:
    """The model and the tools are loaded once."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._tools = Registry(manifests=catalogue.folders(os.environ))
        self._models: dict[str, Model] = {}

    def do(self, prompt: Prompt, begin: Callable[[], None]) -> Result:
        """`begin` is called before the first change. Whatever goes wrong is in the result."""
        began, clock = time.time(), time.monotonic()
        try:
            told = self._do(prompt, begin)
        except LlmosError as error:
            told = _failure(str(error), error.exit_code)
        except Exception as bug:
            told = _failure(one_line(bug, {}), Exit.FAILED)
        told["status"] = STATUS.get(told["exit_code"], "failed")
        seconds = round(time.monotonic() - clock, 3)
        return {"id": prompt.id, "prompt": prompt.text, **told, "began": began, "seconds": seconds}

    def _do(self, prompt: Prompt, begin: Callable[[], None]) -> dict[str, Any]:
        with _input_of(prompt) as input, self._session(prompt) as session:
            heard = Heard(_calling(begin))
            with _deadline(self._job.timeout):
                turn = session.turn(prompt.text, now=time.time(), input=input)
                ending = drive(turn, heard.show, lambda _ask: Answer.NO)
            session.save()
            folder = session.conversation.place.cwd
            return {**_told(heard), "exit_code": int(code_of(ending, session)), "folder": folder}

    @contextmanager
    def _session(self, prompt: Prompt) -> Iterator[Session]:
        place = replace(here(os.environ, self._folder(prompt)), interactive=False)
        flags = {"model": self._job.model, "mode": self._job.mode}
        settings = config.load(os.environ, paths.config_file(os.environ), place.cwd, place.home, flags)
        reach = Reach(settings.base_url, settings.api_key_command, place.env)
        model = self._models.get(settings.model) or names.load(settings.model, place.state, reach)
        if not settings.model.startswith("scripted:"):  # which says something else each time
            self._models[settings.model] = model
        session = Session(settings, place, Choices(approve=self._job.approve), model=model, tools=self._tools)
        try:
            yield session
        finally:
            session.close()

    def _folder(self, prompt: Prompt) -> str:
        folder = os.path.join(self._job.folder, os.path.expanduser(prompt.folder))
        if not self._job.own_folders or prompt.folder:
            if prompt.files:
                raise LlmosError(_("files are copied into folders of their own: give --folders DIR, and no folder"))
            return folder
        own = os.path.join(self._job.own_folders, _as_name(prompt.id))
        os.makedirs(own, exist_ok=True)
        for file in prompt.files:
            _copy(os.path.join(self._job.folder, file), own)
        return own


def _calling(begin: Callable[[], None]) -> Callable[[Event], None]:
    def show(event: Event) -> None:
        if isinstance(event, Started) and not event.plan.only_reads:
            begin()

    return show


def _told(heard: Heard) -> dict[str, Any]:
    changes = [change_value(change) for plan in heard.started for change in plan.changes.changes]
    calls = [{**call_value(r.call), "ok": r.ok, "error": r.error, "level": r.level} for r in heard.results]
    return {"answer": heard.told.text, "errors": heard.errors, "calls": calls, "changes": changes}


def _failure(error: str, code: int) -> dict[str, Any]:
    return {"answer": "", "errors": [error], "calls": [], "changes": [], "exit_code": int(code)}


def _deadline(seconds: float | None) -> AbstractContextManager[object]:
    """Signals reach the first thread only; a cluster may run a prompt in another one."""
    return deadline(seconds) if threading.current_thread() is threading.main_thread() else nullcontext()


@contextmanager
def _input_of(prompt: Prompt) -> Iterator[str | None]:
    if prompt.input is None:
        yield None
        return
    with tempfile.NamedTemporaryFile("w", prefix="llmos-", encoding="utf-8") as file:
        file.write(prompt.input)
        file.flush()
        yield file.name


def _as_name(id: str) -> str:
    """An id as the name of a folder: nothing in it leads anywhere else, and no two ids share one."""
    if id.replace("-", "").replace("_", "").replace(".", "").isalnum() and not id.startswith(".") and len(id) <= 100:
        return id
    return f"_{id.encode().hex()[:200]}"


def _copy(source: str, folder: str) -> None:
    target = Path(folder) / os.path.basename(source.rstrip("/"))
    try:
        if os.path.isdir(source):
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    except OSError as error:
        raise LlmosError(_("cannot copy {source}: {strerror}").format(source=source, strerror=error.strerror)) from None

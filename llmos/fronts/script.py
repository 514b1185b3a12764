"""A script of requests: its steps run one after the other in one session, until one fails.

How a script is written is `script_text`'s business.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic

from llmos.agent.limits import LimitHit, TimeUp
from llmos.errors import Exit
from llmos.fronts.drive import drive
from llmos.fronts.heard import Heard
from llmos.fronts.here import local_time
from llmos.fronts.once import Lines, Manner, View, code_of, deadline, view_of
from llmos.fronts.script_text import Ask, OnError, Put, Say, Step, filled, unmet
from llmos.session import Session
from llmos.translation import _
from llmos.values.events import Event, Finished, Said

STOP, CONTINUE = "stop", "continue"


def run_script(session: Session, steps: Sequence[Step], file: str, arguments: Sequence[str], manner: Manner) -> int:
    """The exit code of the first request that failed."""
    view = view_of(session, manner, sys.stdout)
    return _run(Runner(session, view, file, arguments), session, steps, manner.timeout)


def check_script(session: Session, steps: Sequence[Step], file: str, arguments: Sequence[str], manner: Manner) -> int:
    """What each request would do, in a session that changes nothing."""
    view = view_of(session, manner, sys.stdout)
    return _run(Checker(session, view, file, arguments), session, steps, manner.timeout)


def _run(runner: Runner, session: Session, steps: Sequence[Step], timeout: float | None) -> int:
    try:
        with deadline(timeout) as until:
            return runner.run(steps, until)
    except TimeUp:
        raise LimitHit(_("stopped: the time is up")) from None
    finally:
        session.save()


class Runner:
    def __init__(self, session: Session, view: View, file: str, arguments: Sequence[str]) -> None:
        self._session = session
        self._view = view
        self._file = file
        self._arguments = arguments
        self._values: dict[str, str] = {}
        self._on_error = STOP
        self._code = 0

    def run(self, steps: Sequence[Step], until: float) -> int:
        """`until` on the monotonic clock nothing is begun any more."""
        for step in steps:
            code = self._step(step)
            self._code = self._code or code
            if code == Exit.INTERRUPTED or monotonic() >= until:
                return code
            if code and self._on_error != CONTINUE:
                self._before_stopping()
                return code
        return self._code

    def _step(self, step: Step) -> int:
        match step:
            case Put(_, name, text):
                self._values[name] = self._fill(text)
            case Say(_, text):
                self._view.show(Said(self._fill(text) + "\n"))
                self._view.end()
            case OnError(_, action):
                self._on_error = action
            case Ask():
                return self._ask(step)
        return 0

    def _ask(self, step: Ask) -> int:
        heard, code = self._turn(self._fill(step.text), silent=bool(step.name))
        answer = heard.told.text
        if step.name:
            self._values[step.name] = answer
        if code and not step.may_fail:
            return self._failed(step.line, heard.errors or [f"ended with exit code {code}"], code)
        reasons = [(e.line, unmet(e, answer, code, self._fill)) for e in step.expects]
        for line, reason in reasons:
            if reason:
                return self._failed(line, [reason], Exit.FAILED)
        return 0

    def _turn(self, request: str, *, silent: bool = False) -> tuple[Heard, int]:
        """Silent: what goes into a variable is not shown."""
        heard = Heard(self._show_all_but_answers if silent else self._view.show)
        try:
            ending = drive(self._session.turn(request, now=local_time()), heard.show, self._view.ask)
        finally:
            self._view.end()
            self._session.save()
        return heard, code_of(ending, self._session)

    def _show_all_but_answers(self, event: Event) -> None:
        if isinstance(self._view, Lines) or not isinstance(event, Said | Finished):
            self._view.show(event)

    def _before_stopping(self) -> None:
        """What a script does about its own failure; that it failed stays its result."""
        action, self._on_error = self._on_error, STOP
        if action != STOP:
            heard, code = self._turn(self._fill(action))
            if code:
                self._complain("", heard.errors)

    def _failed(self, line: int, reasons: Sequence[str], code: int) -> int:
        self._complain(f":{line}", reasons)
        return code

    def _complain(self, where: str, reasons: Sequence[str]) -> None:
        for reason in reasons:
            print(
                _("llmos: {file}{where}: {reason}").format(file=self._file, where=where, reason=reason),
                file=sys.stderr,
                flush=True,
            )

    def _fill(self, text: str) -> str:
        return filled(text, self._values, self._arguments)


class Checker(Runner):
    """Says what each request would do. After a change that was not made, what fails may yet work."""

    _changed_by = 0
    """The first line that would change something."""

    def _step(self, step: Step) -> int:
        if isinstance(step, OnError):
            return self._plan(Ask(step.line, step.action)) if step.action not in (STOP, CONTINUE) else 0
        return self._plan(step) if isinstance(step, Ask) else super()._step(step) if isinstance(step, Put) else 0

    def _plan(self, step: Ask) -> int:
        heard = Heard(lambda _event: None)
        request = self._fill(step.text)
        with suppress(KeyError):
            ending = drive(self._session.turn(request, now=local_time()), heard.show, self._view.ask)
        self._session.save()
        code = code_of(ending, self._session)
        if step.name:
            self._values[step.name] = heard.told.text
        if code and self._changed_by:
            self._tell(step, f"not known before line {self._changed_by} has run ({'; '.join(heard.errors)})")
            return 0
        if code:
            return self._failed(step.line, heard.errors, code)
        self._tell(step, self._in_words(heard, step))
        return 0

    def _in_words(self, heard: Heard, step: Ask) -> str:
        planned = [r for r in heard.results if r.outcome.text.startswith("would ")]
        if planned:
            self._changed_by = self._changed_by or step.line
        told = [r.outcome.text if r in planned else _called(r.call.name, dict(r.call.arguments)) for r in heard.results]
        return "\n".join(told) or heard.told.text or "says something"

    def _tell(self, step: Ask, what: str) -> None:
        first, *rest = what.splitlines()
        lines = [f"{self._file}:{step.line}: {first}", *(f"  {line}" for line in rest)]
        self._view.show(Said("\n".join(lines) + "\n"))
        self._view.end()


def _called(name: str, arguments: dict[str, object]) -> str:
    return f"{name} {json.dumps(arguments, ensure_ascii=False)}" if arguments else name

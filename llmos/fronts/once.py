"""One request, or one a line on standard input, and out: the front for arguments, pipes and scripts.

What the interactive shell does is in `repl`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from math import inf
from time import monotonic
from types import FrameType
from typing import NoReturn, Protocol, TextIO

from llmos.agent.limits import LimitHit, TimeUp
from llmos.errors import Exit, UsageError
from llmos.fronts import stdin
from llmos.fronts.ask import ask_on_terminal
from llmos.fronts.drive import Ending, drive
from llmos.fronts.here import local_time
from llmos.fronts.output import written_to
from llmos.fronts.screen import Screen
from llmos.fronts.wire import to_line
from llmos.session import Session
from llmos.translation import _
from llmos.values.events import Ask, Event, Response, Turn

NOT_FOUND = 127
"""What a shell reports for a command that there is none of."""


@dataclass(frozen=True)
class Manner:
    """How a one-shot reads and shows."""

    json: bool = False
    quiet: bool = False
    stdin: bool | None = None
    """Read what is piped in: None means when something comes soon."""

    timeout: float | None = None
    """Seconds for everything, tools and answers of the user included."""

    output: str | None = None
    """A file for the answer; it is written when all went well."""

    schema: str | None = None
    """A file with a JSON schema that the answer has to fit."""


class View(Protocol):
    """Where events go."""

    def show(self, event: Event) -> None: ...
    def ask(self, ask: Ask) -> Response: ...
    def note(self, text: str) -> None: ...
    def end(self) -> None: ...


class People:
    """For people, and for pipes of plain text."""

    def __init__(self, session: Session, out: TextIO, err: TextIO, *, quiet: bool) -> None:
        self._session = session
        self._err = err
        self._screen = Screen(out, err, terminal=out.isatty(), quiet=quiet)
        self.show, self.note = self._screen.show, self._screen.note
        self.end, self.complain = self._screen.end, self._screen.complain

    def ask(self, ask: Ask) -> Response:
        self._screen.end()
        self._screen.asked = ask.plan
        return ask_on_terminal(ask, self._session.conversation.place, self._err)


class Lines:
    """For programs: one JSON object a line."""

    def __init__(self, session: Session, out: TextIO, err: TextIO, *, quiet: bool) -> None:
        self._session = session
        self._out, self._err, self._quiet = out, err, quiet

    def show(self, event: Event) -> None:
        print(to_line(event), file=self._out, flush=True)

    def ask(self, ask: Ask) -> Response:
        self.show(ask)
        return ask_on_terminal(ask, self._session.conversation.place, self._err)

    def note(self, text: str) -> None:
        if not self._quiet:
            print(text, file=self._err, flush=True)

    def end(self) -> None:
        pass


def once(session: Session, request: str | None, manner: Manner) -> int:
    """Without a request, what is on standard input is one a line; "-" takes all of it as one."""
    with written_to(manner.output, session.conversation.place) as draft:
        code = _once(session, request, manner, view_of(session, manner, draft.text))
        draft.keep = code == Exit.DONE
    return code


def view_of(session: Session, manner: Manner, out: TextIO) -> View:
    """Raises UsageError when the schema is none."""
    if manner.schema is not None:
        from llmos.fronts.shaped import Shaped  # noqa: PLC0415  # loads jsonschema

        shaped = Shaped(People(session, StringIO(), sys.stderr, quiet=manner.quiet), out, manner.schema)
        session.conversation.answer = shaped.schema
        return shaped
    make = Lines if manner.json else People
    return make(session, out, sys.stderr, quiet=manner.quiet)


def _once(session: Session, request: str | None, manner: Manner, view: View) -> int:
    try:
        with deadline(manner.timeout) as until:
            if request is None:
                return _each_line(session, view, until)
            if request == "-":
                return _turn(session, view, _requested(stdin.whole_text()))
            if "LLMOS_ASKED" in session.conversation.place.env and _is_mistyped(session, request):
                return NOT_FOUND
            with _piped_in(view, manner.stdin) as input:
                return _turn(session, view, request, input)
    except TimeUp:
        raise LimitHit(_("stopped: the time is up")) from None
    finally:
        session.save()


def _is_mistyped(session: Session, line: str) -> bool:
    """A shell handed over a line that it found no command for: it may be one with two letters swapped."""
    from llmos.fronts.last_command import mistyped  # noqa: PLC0415

    program = line.partition(" ")[0]
    if near := mistyped(program, session.conversation.place.env.get("PATH", "")):
        print(
            _("llmos: {program}: command not found; did you mean {names}?").format(
                program=program, names=" or ".join(near)
            ),
            file=sys.stderr,
        )
    return bool(near)


def _requested(text: str) -> str:
    if not text.strip():
        raise UsageError(_("there is no request on standard input"))
    return text.strip()


def _each_line(session: Session, view: View, until: float) -> int:
    """All of them, also after one that failed; the first failure is the exit code."""
    code = 0
    for line in stdin.lines():
        ended = _turn(session, view, line)
        session.save()
        code = code or ended
        if ended == Exit.INTERRUPTED or monotonic() >= until:
            break
    return code


def _turn(session: Session, view: View, request: str, input: str | None = None) -> int:
    with _about_last(session, request, input) as turn:
        ending = drive(turn, view.show, view.ask)
    view.end()
    return code_of(ending, session)


@contextmanager
def _about_last(session: Session, request: str, input: str | None) -> Iterator[Turn]:
    """The turn; "fix it" and "why did that fail" mean the last command in the user's shell, where that is known."""
    env = session.conversation.place.env
    if "LLMOS_LAST_COMMAND" not in env:
        yield session.turn(request, now=local_time(), input=input)
        return
    from llmos.fronts import last_command  # noqa: PLC0415

    small = session.settings.model == "embedded" and not session.settings.strong
    with last_command.meant(request, env, embedded=small, input=input) as meant:
        yield session.turn(meant.request, now=local_time(), input=meant.input, by=meant.by)


def code_of(ending: Ending, session: Session) -> int:
    if ending.failed:
        return ending.failed.exit_code
    return Exit.NOT_UNDERSTOOD if ending.asked_back else session.exit_code()


@contextmanager
def _piped_in(view: View, wanted: bool | None) -> Iterator[str | None]:
    """A file with what was piped in while the turn runs."""
    path = None
    if wanted is not False and stdin.source() is stdin.Source.DATA:
        path = stdin.read_to_file(view.note, wait=wanted is True)
    try:
        yield path
    finally:
        if path:
            os.unlink(path)


@contextmanager
def deadline(seconds: float | None) -> Iterator[float]:
    """When the time is up, and when told to terminate, a turn ends as after Ctrl-C, so that nothing is left running."""

    def time_up(_number: int, _frame: FrameType | None) -> NoReturn:
        raise TimeUp

    def terminated(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminated)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not under nohup
        signal.signal(signal.SIGHUP, terminated)
    if seconds is not None:
        signal.signal(signal.SIGALRM, time_up)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield monotonic() + (seconds or inf)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)

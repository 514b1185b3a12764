"""The interactive shell: a prompt, a history, one conversation. Ctrl-C cancels the turn, Ctrl-D leaves.

The only module that imports prompt_toolkit.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.output import create_output

from llmos.dispatch.policy import Mode
from llmos.errors import LlmosError
from llmos.fronts.bugs import one_line
from llmos.fronts.drive import drive
from llmos.fronts.here import local_time
from llmos.fronts.once import People
from llmos.session import Session

GREETING = "Say what you want done, in English or Chinese. /help for more, Ctrl-D to leave."

HELP = """\
Say what you want done: "what are the five largest files here?", then "delete the first one".
Anything that changes something is shown first and asks.

  /tools        what can be done
  /mode [MODE]  how much runs without asking: ask, auto, read-only, dry-run
  /clear        forget the conversation
  /quit         leave; so does Ctrl-D
  Ctrl-C        stop what runs, or clear the line"""


class Leave(Exception):
    pass


class Repl:
    def __init__(self, session: Session, *, quiet: bool = False) -> None:
        self._session = session
        self._view = People(session, sys.stdout, sys.stderr, quiet=quiet)
        # Where answers go into a pipe the prompt is still on the terminal.
        self._prompt: PromptSession[str] = PromptSession(
            history=_history(session.conversation.place.state),
            output=create_output(always_prefer_tty=True),
            enable_suspend=True,
        )
        self._commands: Mapping[str, Callable[[str], None]] = {
            "/help": lambda _rest: print(HELP),
            "/tools": lambda _rest: self._list_tools(),
            "/mode": self._set_mode,
            "/clear": lambda _rest: self._session.clear(),
            "/quit": _leave,
            "/exit": _leave,
        }

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _ended)
        print(GREETING, file=sys.stderr)
        while True:
            try:
                self._handle(self._prompt.prompt(f"{self._folder()}> ").strip())
            except KeyboardInterrupt:
                continue
            except (EOFError, Leave):
                return 0
            except LlmosError as error:
                self._view.complain(str(error))
            except Exception as bug:
                self._view.complain(one_line(bug, self._session.conversation.place.env))

    def _handle(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        if name in self._commands:
            self._commands[name](rest.strip())
        elif line.startswith("/") and "/" not in line[1:]:
            print(f"no command is called {name}; /help lists them")
        elif line:
            self._turn(line)

    def _turn(self, request: str) -> None:
        try:
            drive(self._session.turn(request, now=local_time()), self._view.show, self._view.ask)
        finally:
            self._view.end()
            self._session.save()

    def _folder(self) -> str:
        place = self._session.conversation.place
        inside = place.cwd == place.home or place.cwd.startswith(place.home.rstrip("/") + "/")
        return "~" + place.cwd[len(place.home) :] if inside and place.home != "/" else place.cwd

    def _list_tools(self) -> None:
        for name, tool in self._session.tools.items():
            print(f"  {name:18} {tool.description}")

    def _set_mode(self, name: str) -> None:
        if name in list(Mode):
            self._session.dispatcher.mode = Mode(name)
        print(f"mode is {self._session.dispatcher.mode}; there are {', '.join(Mode)}")


def _leave(_rest: str) -> None:
    raise Leave


def _ended(number: int, _frame: FrameType | None) -> NoReturn:
    """Told to end, or the window was closed: what runs is stopped first, and the conversation saved."""
    raise SystemExit(128 + number)


def _history(state: str) -> History:
    """In the state folder, readable by the user alone; in memory where that cannot be written."""
    file = Path(state) / "history"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(file))

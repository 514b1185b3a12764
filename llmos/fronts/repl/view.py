"""A turn on the interactive terminal: events on the screen, a spinner while nothing comes, questions to the user."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from llmos.fronts.ask import Asking, ask_on_terminal, pick_on_terminal
from llmos.fronts.drive import Ending, drive
from llmos.fronts.keys import unseen
from llmos.fronts.layout import for_terminal, width_of
from llmos.fronts.paint import Theme, is_dumb
from llmos.fronts.repl.pager import page
from llmos.fronts.repl.spinner import Spinner
from llmos.fronts.screen import Screen
from llmos.values.events import Answer, Ask, Choose, Event, Finished, Progress, Response, Started, Turn
from llmos.values.messages import Outcome, ToolCall
from llmos.values.place import Place

THINKING = "reading the request"


class View:
    """Where the turns of one interactive session are shown."""

    def __init__(self, place: Callable[[], Place], theme: Theme, *, quiet: bool) -> None:
        self._place = place
        self._page = partial(page, env=place().env)
        self.screen = Screen(
            sys.stdout, sys.stderr, terminal=sys.stdout.isatty(), quiet=quiet, theme=theme, page=self._page
        )
        self._spinner = Spinner(sys.stderr, self._may_spin)
        self.edit: Callable[[ToolCall], ToolCall | None] | None = None
        self.why: Callable[[ToolCall], str] | None = None
        self.typed_by_user = False
        """The turn is a command that the user typed out: who asked whether it may run would ask the same again."""

    @property
    def theme(self) -> Theme:
        return self.screen.theme

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self.screen.theme = theme

    @property
    def width(self) -> int:
        return width_of(sys.stdout)

    def run(self, turn: Turn) -> Ending:
        self._spinner.begin(THINKING)
        try:
            with unseen():
                return drive(turn, self._show, self._ask, lambda: self._spinner, self._pick)
        finally:
            self.screen.end()

    def text(self, text: str) -> None:
        """Something the shell itself has to say."""
        self.screen.show_text(text)

    def clear(self) -> None:
        if sys.stdout.isatty() and not is_dumb(self._place().env):
            print("\x1b[2J\x1b[H", end="", flush=True)

    def outcome(self, outcome: Outcome) -> None:
        self.text(for_terminal(outcome, self.width, self.theme))

    def _show(self, event: Event) -> None:
        match event:
            case Started(plan):
                self._spinner.begin(plan.summary or plan.call.name)
                if self.typed_by_user:
                    self.screen.asked = plan  # which is what they have just read
            case Progress(text=text) if self._spinner.progress(text) and self._may_spin():
                return
            case Finished(result) if self.typed_by_user and result.outcome.cwd:
                return  # who typed `cd` finds the folder in the prompt
            case _:
                pass
        self.screen.show(event)

    def _ask(self, ask: Ask) -> Response:
        self.screen.end()
        self.screen.asked = ask.plan
        if self.typed_by_user and not ask.typed and not ask.warning:
            return Answer.YES
        response = ask_on_terminal(ask, self._place(), sys.stderr, self._asking())
        self.screen.declined = ask.plan if response is Answer.NO else None
        return response

    def _pick(self, choose: Choose) -> Response:
        return pick_on_terminal(choose, self._asking())

    def _asking(self) -> Asking:
        return Asking(sys.stderr, self.theme, self._page, self.edit, self.why)

    def _may_spin(self) -> bool:
        return sys.stderr.isatty() and not is_dumb(self._place().env) and not self.screen.open_line

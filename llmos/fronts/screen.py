"""Events for people: the answer on standard output, everything else on standard error.

How an outcome is laid out is in `layout`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from io import TextIOWrapper
from typing import TextIO

from llmos.adapters.terminal import clean, clean_name
from llmos.dispatch.policy import stays_in_overlay
from llmos.fronts import layout
from llmos.fronts.paint import PLAIN, Theme, painted
from llmos.translation import _, here
from llmos.values.events import Ask, Choose, Event, Failed, Finished, Note, Progress, Said, Started
from llmos.values.messages import Outcome, ToolResult
from llmos.values.plain import plain_text
from llmos.values.plans import Plan


class Screen:
    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        *,
        terminal: bool,
        quiet: bool = False,
        theme: Theme = PLAIN,
        page: Callable[[str], None] | None = None,
    ) -> None:
        self.theme = theme
        self._out = out
        self._err = err
        self._terminal = terminal
        self._quiet = quiet
        self._page = page
        """Shows what is longer than the screen; without it, it is written as the rest is."""

        self.open_line = False
        """Text was written and its line is not ended yet."""

        self._column = 0
        self._gap = ""
        """Where that line goes on, and with what gap."""

        self._not_run: list[str] = []
        """About calls that were dropped: not worth a line each when the turn as a whole says why."""

        self.asked: Plan | None = None
        """The plan the user has just seen and approved, which need not be shown again."""

        self.declined: Plan | None = None
        """The plan the user has just said no to: that it did not run is no error."""

    def show(self, event: Event) -> None:
        match event:
            case Said(text):
                self._say(text)
            case Started(plan):
                self._announce(plan)
            case Progress(text=text):
                self.note(text)
            case Note(text=text):
                if text:  # else it is for programs
                    self.note(text)
            case Finished(result, step):
                self._finish(result, step)
            case Failed(reason):
                self._not_run.clear()
                self.complain(reason)
            case Choose():
                self.end()  # what there is to choose from is shown with the question
            case Ask():
                raise TypeError(f"an ask is answered, not shown: {event}")

    def end(self) -> None:
        """After the last event of a turn."""
        for error in self._not_run:
            self.complain(error)
        self._not_run.clear()
        self._end_line()
        self._out.flush()

    def note(self, text: str) -> None:
        if not self._quiet:
            self._err_line(text)

    def complain(self, reason: str) -> None:
        seen = self._err.isatty()
        over = "\r" if seen else ""  # over the ^C with which a terminal shows that key
        self._err_line(f"llmos: {here(reason)}", over, self.theme.error if seen else "")

    def _say(self, text: str) -> None:
        self._write(self._flowing(clean(text)) if self._terminal else text)
        self._out.flush()
        self.open_line = not text.endswith("\n") if text else self.open_line

    def _flowing(self, text: str) -> str:
        """A gap at the end is held back: whether the line goes on there depends on what comes."""
        text = self._gap + text
        self._gap = text[len(text.rstrip(" ")) :]
        column = self._column if self.open_line else 0
        text, self._column = layout.flowing(text.rstrip(" "), column, layout.width_of(self._out))
        return text

    def _announce(self, plan: Plan) -> None:
        """A change is shown before it is made, also when nobody is asked."""
        if not plan.only_reads and not stays_in_overlay(plan) and plan is not self.asked and plan.summary:
            self.note(plan.summary)

    def _finish(self, result: ToolResult, step: bool) -> None:
        """In a pipe only the answer goes to standard output; a terminal shows the steps to it as well."""
        self._end_line()
        if result.refused in ("cancelled", "limit"):
            self._not_run.append(result.error)
        elif self.declined and result.call is self.declined.call and result.refused == "denied":
            self.note(_("nothing was done"))
        elif not result.ok:
            self.complain(result.error)
        elif result.outcome.whole and not step and not self._terminal:
            for piece in result.outcome.whole():
                self._write(piece)
        elif text := self._laid_out(result.outcome):
            if step and not self._terminal:
                self.note(text)
            else:
                self.show_text(text)
            if result.outcome.more:
                self.note(_("this is a part of it; all of it: {more}").format(more=clean_name(result.outcome.more)))
        if result.ok and not self._terminal and (remark := layout.remark(result.outcome)):
            self.note(remark)

    def show_text(self, text: str) -> None:
        """Laid out already; through the pager where it is long."""
        if self._page and self._terminal:
            self._out.flush()
            self._page(text)
        else:
            self._write(text + "\n")

    def _laid_out(self, outcome: Outcome) -> str:
        if not self._terminal:
            text = plain_text(replace(outcome, text=here(outcome.text)))
            return text if outcome.table else text.removesuffix("\n")
        return layout.for_terminal(outcome, layout.width_of(self._out), self.theme) or (
            _("nothing found") if outcome.table else ""
        )

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
        except UnicodeEncodeError:  # half a surrogate pair, which a model can write
            self._out.write(text.encode("utf-8", "replace").decode("utf-8"))

    def _err_line(self, text: str, over: str = "", colour: str = "") -> None:
        self._end_line()
        self._out.flush()
        print(over + painted(clean(here(text)), colour), file=self._err, flush=True)

    def _end_line(self) -> None:
        if self.open_line:
            self._out.write("\n")
            self.open_line, self._gap = False, ""


def prepare_streams() -> None:
    """No answer is lost to an encoding: file names that are not UTF-8 keep their bytes, the rest is replaced."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, TextIOWrapper):
            continue
        utf8 = stream.encoding.lower().replace("-", "") in ("utf8", "ascii", "usascii", "ansi_x3.41968")
        keep_bytes = utf8 and not stream.isatty() and stream is sys.stdout
        stream.reconfigure(encoding="utf-8" if utf8 else None, errors="surrogateescape" if keep_bytes else "replace")

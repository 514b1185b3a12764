"""The interactive shell: reads a line, finds out whose it is, runs it. Ctrl-C cancels the turn, Ctrl-D leaves.

How lines are typed is `prompt`, how turns look is `view`, what slash commands do is `commands`.
"""

from __future__ import annotations

import re
import shlex
import signal
import sys
from collections.abc import Mapping
from types import FrameType
from typing import NoReturn

from llmos.dispatch.policy import Mode
from llmos.errors import LlmosError, UsageError
from llmos.fronts import last_command
from llmos.fronts.bugs import one_line
from llmos.fronts.here import local_time
from llmos.fronts.paint import theme_for
from llmos.fronts.repl import commands, follow, units
from llmos.fronts.repl.about import GREETING
from llmos.fronts.repl.call_line import from_line, to_line
from llmos.fronts.repl.completion import Completions
from llmos.fronts.repl.ghost import Ghost
from llmos.fronts.repl.home import at_most, shortened
from llmos.fronts.repl.last import Last
from llmos.fronts.repl.prompt import Prompt, message
from llmos.fronts.repl.view import View
from llmos.models.base import Model
from llmos.models.scripted import ScriptedModel
from llmos.session import Session
from llmos.translation import _
from llmos.values.messages import JSON, Reply, ToolCall
from llmos.values.place import Place


class Repl:
    def __init__(self, session: Session, *, quiet: bool = False) -> None:
        self.session = session
        self.last: Last | None = None
        self._last_call: ToolCall | None = None
        self._failed: last_command.Last | None = None
        self._quiet = quiet
        self._level = ""
        """How confined the last command was; unknown before the first."""

        self._folder_before = self._place().env.get("OLDPWD", "")
        self.view = View(self._place, theme_for(self._place().env, session.settings.theme), quiet=quiet)
        self.view.edit, self.view.why = self._edited, self._why
        self._ghost = Ghost(self._place, self.view.screen.note)
        completer = Completions(self._place, lambda command: command.complete(self))
        self._prompt = Prompt(
            self._place().state, session.settings.keys, lambda: self.view.theme, completer, self._ghost
        )

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _ended)
        print(_(GREETING), file=sys.stderr)
        while True:
            try:
                self._handle(self._prompt.read(self._message()).strip())
            except KeyboardInterrupt:
                continue
            except (EOFError, commands.Leave):
                return 0
            except LlmosError as error:
                self.view.screen.complain(str(error))
            except Exception as bug:
                self.view.screen.complain(one_line(bug, self._place().env))

    def _place(self) -> Place:
        return self.session.conversation.place

    def _message(self) -> str:
        folder = at_most(shortened(self._place()), self.view.width // 2)
        return message(folder, str(self.session.dispatcher.mode), self._level, self.view.theme)

    # ---- whose line it is

    def _handle(self, line: str) -> None:
        folder = _folder_to_go_to(line)
        if re.match(r"/[^/\s]*(\s|$)", line):
            commands.run(self, line)
        elif line.startswith("!"):
            self._shell_line(line)
        elif folder is not None:
            self._change_folder(line, folder)
        elif line and not self._about_the_last(line):
            self._request(line)
            self._propose(line)

    def _about_the_last(self, line: str) -> bool:
        """True when it was answered without a model."""
        last, command = self.last, follow.slash_command(line)
        if last is None and command in ("/why", "/explain"):
            return False
        if command:
            commands.run(self, command)
        elif unit := follow.in_unit(line):
            if last is None or last.outcome is None:
                raise UsageError(_("there is no answer yet that could be shown in another unit"))
            self.view.outcome(units.in_unit(last.outcome, unit.power))
        elif self._failed and self._is_small and last_command.is_asked(line):
            self._about_the_failure(line, self._failed)
        elif self._last_call and (same := follow.same_for(line)):
            call = units.with_target(self._last_call, same.what)
            self.call(line, call.name, call.arguments, typed=False)
        else:
            return False
        return True

    @property
    def _is_small(self) -> bool:
        """No model is there that could mend a command from what was said before."""
        return self.session.settings.model == "embedded" and not self.session.settings.strong

    def _about_the_failure(self, line: str, failed: last_command.Last) -> None:
        path = self._place().env.get("PATH", "")
        mended = last_command.mended(failed, path) if last_command.is_to_mend(line) else ""
        if mended:
            self.call(line, "run_command", {"command": mended}, typed=False)
        else:
            self._turn(line, Reply(last_command.explained(failed, path), final=True))

    def needed_last(self) -> Last:
        """Raises UsageError when nothing was asked yet."""
        if self.last is None:
            raise UsageError(_("nothing was asked yet"))
        return self.last

    def forget(self) -> None:
        self.last = self._last_call = self._failed = None

    # ---- what runs

    def _request(self, line: str) -> None:
        self._turn(line)

    def _propose(self, line: str) -> None:
        """What is said day after day could be done by itself; never without a yes."""
        last = self.last
        went_well = last and last.request == line and last.results and all(result.ok for result in last.results)
        if went_well and not self._quiet and (when := self._ghost.routine(line)):
            from llmos.fronts.repl.proposal import propose  # noqa: PLC0415  # seldom

            taken = propose(line, when, self._place(), self.view.screen.note)
            if taken is not None:
                self._ghost.proposed(line, taken=taken)

    def call(self, request: str, tool: str, arguments: Mapping[str, JSON], *, typed: bool = True) -> None:
        """A call that no model read; otherwise it goes the way of every call.

        `typed`: the user said exactly this, so that a question whether they mean it would be one too many.
        """
        self.view.typed_by_user = typed
        try:
            self._turn(request, Reply(calls=(ToolCall("user", tool, dict(arguments)),), final=True))
        finally:
            self.view.typed_by_user = False

    def _turn(self, request: str, given: Reply | None = None) -> None:
        place, messages = self._place(), self.session.conversation.messages
        began = len(messages)
        by: Model | None = ScriptedModel([given]) if given else None
        self._ghost.said(request, place.cwd)
        try:
            self.view.run(self.session.turn(request, now=local_time(), by=by))
        finally:
            self.session.save()
            if len(messages) > began:
                before, after = tuple(messages[: began + 1]), tuple(messages[began + 1 :])
                self.last = Last(request, place, before, after, by_user=given is not None)
                self._last_call = next(reversed(self.last.calls), self._last_call)
                self._failed = self.last.command if self.last.calls else self._failed
                self._level = next((r.level for r in reversed(self.last.results) if r.level), self._level)
            if place.cwd != self._place().cwd:
                self._folder_before = place.cwd

    def _shell_line(self, line: str) -> None:
        command = line[1:].strip()
        if not command:
            raise UsageError(_("a shell line goes after the !: !ls -l"))
        from llmos.sandbox.programs import likes_terminal, needs_rights  # noqa: PLC0415  # only for shell lines

        if likes_terminal(command) or needs_rights(command):
            self._with_terminal(line, command)
        else:
            self.call(line, "run_command", {"command": command})

    def _with_terminal(self, line: str, command: str) -> None:
        """What a person sits in front of cannot be held back and shown first; only they can start it."""
        from llmos.sandbox.terminal import run_with_terminal  # noqa: PLC0415

        mode = self.session.dispatcher.mode
        if mode in (Mode.READ_ONLY, Mode.DRY_RUN):
            raise UsageError(_("not in {mode} mode: with the terminal it would run unconfined").format(mode=mode))
        self.view.screen.note(_("unconfined, with the terminal; it cannot be undone"))
        self._ghost.said(line, self._place().cwd)
        if code := run_with_terminal(command, self._place()):
            self.view.screen.note(_("exit code {code}").format(code=code))

    def _change_folder(self, line: str, folder: str) -> None:
        if folder == "-" and not self._folder_before:
            raise UsageError(_("there is no folder to go back to yet"))
        self.call(line, "change_folder", {"path": self._folder_before if folder == "-" else folder or "~"})

    # ---- at a question

    def _edited(self, call: ToolCall) -> ToolCall | None:
        """The corrected call; None when the line was left with Ctrl-C or is no call."""
        try:
            return from_line(self._prompt.correct("edit> ", to_line(call)), call)
        except (KeyboardInterrupt, EOFError):
            return None
        except UsageError as error:
            self.view.screen.complain(str(error))
            return None

    def _why(self, call: ToolCall) -> str:
        return f"read as {to_line(call)}" + (f", {call.probability:.0%} sure" if call.probability is not None else "")


def _folder_to_go_to(line: str) -> str | None:
    """Of `cd`, `cd FOLDER` and `cd -`; None for anything else, as "cd to the folder with my photos"."""
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    if not words or words[0] != "cd" or len(words) > 2:
        return None
    return words[1] if len(words) == 2 else ""


def _ended(number: int, _frame: FrameType | None) -> NoReturn:
    """Told to end, or the window was closed: what runs is stopped first, and the conversation saved."""
    raise SystemExit(128 + number)

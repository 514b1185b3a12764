"""The line a person types into: what stands before it, its keys, its history, its colours.

What becomes of a line is `shell`'s business.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import Completer
from prompt_toolkit.cursor_shapes import ModalCursorShapeConfig
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import ANSI, FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import DynamicStyle, Style

from llmos.agent.mentions import begun_mention
from llmos.errors import UsageError
from llmos.fronts.paint import Theme, painted
from llmos.fronts.repl.ghost import Ghost
from llmos.translation import _

KEYS = {"emacs": EditingMode.EMACS, "vi": EditingMode.VI}


class Prompt:
    def __init__(self, state: str, keys: str, theme: Callable[[], Theme], completer: Completer, ghost: Ghost) -> None:
        self._theme = theme
        self._ghost = ghost
        if keys not in KEYS:
            raise UsageError(_("keys is {keys!r}; there are {names}").format(keys=keys, names=", ".join(KEYS)))
        self._mode = mode = KEYS[keys]
        self._session: PromptSession[str] = PromptSession(
            history=_history(state),
            # Where answers go into a pipe the prompt is still on the terminal.
            output=create_output(always_prefer_tty=True),
            enable_suspend=True,
            enable_open_in_editor=True,
            editing_mode=mode,
            cursor=ModalCursorShapeConfig() if mode is EditingMode.VI else None,
            completer=completer,
            complete_while_typing=Condition(_offers_by_itself),
            complete_in_thread=True,
            auto_suggest=ghost,
            key_bindings=_bindings(),
            prompt_continuation=lambda width, _line, _wrapped: FormattedText([("", "… ".rjust(width))]),
            style=DynamicStyle(self._style),
            search_ignore_case=True,
        )

    def read(self, before: str) -> str:
        """One request. Raises EOFError after Ctrl-D, KeyboardInterrupt after Ctrl-C."""
        return self._session.prompt(ANSI(before), pre_run=self._suggest_next)

    def correct(self, before: str, text: str) -> str:
        """A line that stands there already."""
        # A session of its own: what is corrected here is no request that could be made again.
        corrector: PromptSession[str] = PromptSession(
            output=create_output(always_prefer_tty=True), editing_mode=self._mode
        )
        return corrector.prompt(ANSI(before), default=text)

    def _suggest_next(self) -> None:
        get_app().current_buffer.suggestion = self._ghost.next()

    def _style(self) -> Style:
        ghost = self._theme().ghost
        return Style.from_dict({"auto-suggestion": ghost, "completion-menu.meta.completion": "noinherit"})


def _offers_by_itself() -> bool:
    text = get_app().current_buffer.document.text_before_cursor
    return (text.startswith("/") and "/" not in text[1:]) or bool(begun_mention(text))


def _bindings() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("escape", "enter")
    @bindings.add("escape", "c-j")  # the same, typed while a turn was running
    def _new_line(event: KeyPressEvent) -> None:
        """Alt-Enter; Enter alone is the end of the request, however many lines it has."""
        event.current_buffer.insert_text("\n")

    return bindings


def message(folder: str, mode: str, level: str, theme: Theme) -> str:
    """What stands before the line: "ask L3 ~/notes> "."""
    parts = [painted(part, colour) for part, colour in ((mode, theme.mode), (level, theme.faint)) if part]
    return " ".join([*parts, painted(folder, theme.folder)]) + "> "


def _history(state: str) -> History:
    """In the state folder, readable by the user alone; in memory where that cannot be written."""
    file = Path(state) / "history"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(file))

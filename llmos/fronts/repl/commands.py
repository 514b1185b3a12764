"""The slash commands: name → what it does, its arguments, and what completes them. One small function each.

What a line that begins with a slash is, and where it is read, is `shell`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from llmos.dispatch.policy import Mode
from llmos.errors import UsageError
from llmos.fronts.paint import THEMES, theme_for
from llmos.fronts.repl import about
from llmos.fronts.repl.why import explain, why
from llmos.values.messages import Outcome
from llmos.values.plain import plain_text

if TYPE_CHECKING:
    from llmos.fronts.repl.shell import Repl


class Leave(Exception):
    """The user wants to go."""


def _nothing(_repl: Repl) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Command:
    do: Callable[[Repl, str], None]
    summary: str
    arguments: str = ""
    complete: Callable[[Repl], Iterable[str]] = _nothing
    more: str = ""
    """What `/help NAME` says besides."""


def run(repl: Repl, line: str) -> None:
    """Raises Leave, and UsageError where there is no such command."""
    name, _, rest = line.partition(" ")
    command = COMMANDS.get(name) or COMMANDS.get(ALIASES.get(name, ""))
    if command is None:
        near = get_close_matches(name, COMMANDS, n=3) or [known for known in COMMANDS if known.startswith(name)]
        raise UsageError(
            f"no command is called {name}; " + (f"near it: {', '.join(near)}" if near else "/help lists them")
        )
    command.do(repl, rest.strip())


def _help(repl: Repl, name: str) -> None:
    known = f"/{name.lstrip('/')}"
    if name and known not in COMMANDS:
        raise UsageError(f"no command is called {known}; /help lists them")
    repl.view.text(about.one_command(known, COMMANDS[known]) if name else about.all_commands(COMMANDS))


def _tools(repl: Repl, name: str) -> None:
    repl.view.text(about.one_tool(repl.session.tools, name) if name else about.all_tools(repl.session.tools))


def _why(repl: Repl, _rest: str) -> None:
    repl.view.text(why(repl.needed_last(), repl.session.model))


def _explain(repl: Repl, _rest: str) -> None:
    repl.view.text(explain(repl.needed_last(), repl.session.tools))


def _undo(repl: Repl, steps: str) -> None:
    repl.call("/undo", "undo", {"steps": int(steps)} if steps.isdigit() else {})


def _redo(repl: Repl, steps: str) -> None:
    repl.call("/redo", "redo", {"steps": int(steps)} if steps.isdigit() else {})


def _history(repl: Repl, path: str) -> None:
    repl.call("/history", "show_history", {"path": [path]} if path else {})


def _mode(repl: Repl, name: str) -> None:
    if name and name not in list(Mode):
        raise UsageError(f"no mode is called {name}; there are {', '.join(Mode)}")
    if name:
        repl.session.dispatcher.mode = Mode(name)
    repl.view.text(f"mode is {repl.session.dispatcher.mode}; there are {', '.join(Mode)}")


def _model(repl: Repl, name: str) -> None:
    if name:
        repl.session.model = repl.session.load(name)
    repl.view.text(f"the model is {repl.session.model.name}")


def _policy(repl: Repl, _rest: str) -> None:
    repl.view.text(about.policy(repl.session.dispatcher))


def _session(repl: Repl, _rest: str) -> None:
    repl.view.text(about.session(repl.session))


def _clear(repl: Repl, _rest: str) -> None:
    repl.session.clear()
    repl.forget()


def _clear_screen(repl: Repl, _rest: str) -> None:
    repl.view.clear()


def _save(repl: Repl, path: str) -> None:
    outcome = repl.needed_last().outcome
    if not path:
        raise UsageError("/save needs the name of a file")
    if outcome is None:
        raise UsageError("the last request had no answer that could be saved")
    repl.call(f"/save {path}", "write_file", {"path": [path], "text": plain_text(outcome)}, typed=False)


def _jobs(repl: Repl, _rest: str) -> None:
    repl.call("/jobs", "list_jobs", {})


def _log(repl: Repl, count: str) -> None:
    decisions = about.decisions(repl.session, int(count) if count.isdigit() else 20)
    repl.view.outcome(Outcome("" if decisions.rows else "nothing was decided yet", decisions))


def _theme(repl: Repl, name: str) -> None:
    if name not in ("", "auto", *THEMES):
        raise UsageError(f"no theme is called {name}; there are auto, {', '.join(THEMES)}")
    if name:
        repl.view.theme = theme_for(repl.session.conversation.place.env, name)
    repl.view.text(f"themes: auto, {', '.join(THEMES)}; the setting `theme` keeps one")


def _quit(_repl: Repl, _rest: str) -> None:
    raise Leave


def _tool_names(repl: Repl) -> Iterable[str]:
    return repl.session.tools


COMMANDS: Mapping[str, Command] = {
    "/help": Command(_help, "what there is", "[COMMAND]", lambda _repl: [name[1:] for name in COMMANDS]),
    "/tools": Command(_tools, "what can be done, or the arguments of one tool", "[TOOL]", _tool_names),
    "/why": Command(_why, "how the last request was read, and how surely"),
    "/explain": Command(_explain, "what the last request did, in words"),
    "/undo": Command(_undo, "take back the last change, or the last so many", "[STEPS]"),
    "/redo": Command(_redo, "make again what was taken back", "[STEPS]"),
    "/history": Command(_history, "the changes that were made, to be undone", "[PATH]"),
    "/mode": Command(_mode, "how much runs without asking", "[MODE]", lambda _repl: list(Mode), about.MODES),
    "/model": Command(_model, "who reads the requests", "[MODEL]", lambda _repl: ["embedded"], about.MODELS),
    "/policy": Command(_policy, "what is allowed, asked and refused"),
    "/session": Command(_session, "this conversation: its name, folder and length"),
    "/clear": Command(_clear, "forget the conversation"),
    "/cls": Command(_clear_screen, "clear the screen; so does Ctrl-L"),
    "/save": Command(_save, "write the last answer to a file", "FILE"),
    "/jobs": Command(_jobs, "what runs in the background"),
    "/log": Command(_log, "what was decided in this conversation, and why", "[COUNT]"),
    "/theme": Command(_theme, "colours", "[THEME]", lambda _repl: ["auto", *THEMES]),
    "/quit": Command(_quit, "leave; so does Ctrl-D"),
}

ALIASES = {"/exit": "/quit", "/?": "/help", "/h": "/help", "/q": "/quit"}

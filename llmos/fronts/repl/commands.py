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
from llmos.translation import N_, _
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
    name, _space, rest = line.partition(" ")
    command = COMMANDS.get(name) or COMMANDS.get(ALIASES.get(name, ""))
    if command is None:
        near = get_close_matches(name, COMMANDS, n=3) or [known for known in COMMANDS if known.startswith(name)]
        raise UsageError(
            _("no command is called {name}; ").format(name=name)
            + (_("near it: {names}").format(names=", ".join(near)) if near else _("/help lists them"))
        )
    command.do(repl, rest.strip())


def _help(repl: Repl, name: str) -> None:
    known = f"/{name.lstrip('/')}"
    if name and known not in COMMANDS:
        raise UsageError(_("no command is called {known}; /help lists them").format(known=known))
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
        raise UsageError(_("no mode is called {name}; there are {names}").format(name=name, names=", ".join(Mode)))
    if name:
        repl.session.dispatcher.mode = Mode(name)
    repl.view.text(
        _("mode is {mode}; there are {names}").format(mode=repl.session.dispatcher.mode, names=", ".join(Mode))
    )


def _model(repl: Repl, name: str) -> None:
    if name:
        repl.session.model = repl.session.load(name)
    repl.view.text(_("the model is {name}").format(name=repl.session.model.name))


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
        raise UsageError(_("/save needs the name of a file"))
    if outcome is None:
        raise UsageError(_("the last request had no answer that could be saved"))
    repl.call(f"/save {path}", "write_file", {"path": [path], "text": plain_text(outcome)}, typed=False)


def _jobs(repl: Repl, _rest: str) -> None:
    repl.call("/jobs", "list_jobs", {})


def _log(repl: Repl, count: str) -> None:
    decisions = about.decisions(repl.session, int(count) if count.isdigit() else 20)
    repl.view.outcome(Outcome("" if decisions.rows else _("nothing was decided yet"), decisions))


def _theme(repl: Repl, name: str) -> None:
    if name not in ("", "auto", *THEMES):
        raise UsageError(
            _("no theme is called {name}; there are auto, {names}").format(name=name, names=", ".join(THEMES))
        )
    if name:
        repl.view.theme = theme_for(repl.session.conversation.place.env, name)
    repl.view.text(_("themes: auto, {names}; the setting `theme` keeps one").format(names=", ".join(THEMES)))


def _quit(_repl: Repl, _rest: str) -> None:
    raise Leave


def _tool_names(repl: Repl) -> Iterable[str]:
    return repl.session.tools


COMMANDS: Mapping[str, Command] = {
    "/help": Command(_help, N_("what there is"), "[COMMAND]", lambda _repl: [name[1:] for name in COMMANDS]),
    "/tools": Command(_tools, N_("what can be done, or the arguments of one tool"), "[TOOL]", _tool_names),
    "/why": Command(_why, N_("how the last request was read, and how surely")),
    "/explain": Command(_explain, N_("what the last request did, in words")),
    "/undo": Command(_undo, N_("take back the last change, or the last so many"), "[STEPS]"),
    "/redo": Command(_redo, N_("make again what was taken back"), "[STEPS]"),
    "/history": Command(_history, N_("the changes that were made, to be undone"), "[PATH]"),
    "/mode": Command(_mode, N_("how much runs without asking"), "[MODE]", lambda _repl: list(Mode), about.MODES),
    "/model": Command(_model, N_("who reads the requests"), "[MODEL]", lambda _repl: ["embedded"], about.MODELS),
    "/policy": Command(_policy, N_("what is allowed, asked and refused")),
    "/session": Command(_session, N_("this conversation: its name, folder and length")),
    "/clear": Command(_clear, N_("forget the conversation")),
    "/cls": Command(_clear_screen, N_("clear the screen; so does Ctrl-L")),
    "/save": Command(_save, N_("write the last answer to a file"), "FILE"),
    "/jobs": Command(_jobs, N_("what runs in the background")),
    "/log": Command(_log, N_("what was decided in this conversation, and why"), "[COUNT]"),
    "/theme": Command(_theme, N_("colours"), "[THEME]", lambda _repl: ["auto", *THEMES]),
    "/quit": Command(_quit, N_("leave; so does Ctrl-D")),
}

ALIASES = {"/exit": "/quit", "/?": "/help", "/h": "/help", "/q": "/quit"}

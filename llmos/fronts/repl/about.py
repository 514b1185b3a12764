"""What the slash commands have to say, as text. Nothing is shown and nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmos.dispatch.dispatcher import Dispatcher
from llmos.dispatch.policy import VERDICTS
from llmos.errors import UsageError
from llmos.fronts.repl.home import shortened
from llmos.session import Session
from llmos.tools.tool import Tool
from llmos.translation import N_, _
from llmos.values.messages import UserMessage
from llmos.values.table import Column, Table

if TYPE_CHECKING:
    from llmos.fronts.repl.commands import Command

GREETING = N_("Say what you want done, in English or Chinese. /help for more, Ctrl-D to leave.")

INTRODUCTION = N_("""\
Say what you want done: "what are the five largest files here?"
then: "delete the first one", "the same for ~/Music", "in MB", "why", "undo".
Anything that changes something is shown first and asks.
""")

ALSO = N_("""
  !COMMAND      run a shell line yourself; cd FOLDER and cd - work as they are
  @FILE         name a file; Tab completes it, and names in a request too
  Ctrl-R, Up    earlier requests; the right arrow key takes what is suggested
  Alt-Enter     a new line; Ctrl-X Ctrl-E opens the editor
  Ctrl-C        stop what runs, or clear the line""")

MODES = N_("""\
  ask        reads run, changes ask
  auto       changes that can be undone run too
  read-only  nothing is changed
  dry-run    changes are shown and not made""")

MODELS = N_("""\
  embedded    the small model that comes with llmos
  a folder    with a causal language model
  owner/name  a model by its name
  openai:NAME one behind a server; `llmos model` says more""")


def all_commands(commands: Mapping[str, Command]) -> str:
    lines = [f"  {f'{name} {command.arguments}':16}  {_(command.summary)}" for name, command in commands.items()]
    return "\n".join([_(INTRODUCTION), *lines, _(ALSO)])


def one_command(name: str, command: Command) -> str:
    return "\n".join(
        filter(
            None, [f"{name} {command.arguments}".rstrip(), f"  {_(command.summary)}", command.more and _(command.more)]
        )
    )


def all_tools(tools: Mapping[str, Tool[Any]]) -> str:
    return "\n".join(f"  {name:18} {tool.description}" for name, tool in tools.items())


def one_tool(tools: Mapping[str, Tool[Any]], name: str) -> str:
    if name not in tools:
        raise UsageError(_("no tool is called {name}; /tools lists them").format(name=name))
    fields = tools[name].arguments.model_fields
    width = max(map(len, fields), default=0)
    lines = [f"  {field:{width}}  {spec.rules.get('description', '')}" for field, spec in fields.items()]
    return "\n".join([f"{name}: {tools[name].description}", *lines])


def policy(dispatcher: Dispatcher) -> str:
    verdicts = VERDICTS[dispatcher.mode]
    width = max(map(len, verdicts))
    lines = [f"  {kind:{width}}  {verdict}" for kind, verdict in verdicts.items()]
    return "\n".join(
        [_("in {mode} mode").format(mode=dispatcher.mode), *lines, _("`llmos policy show` has the rules besides")]
    )


def session(session: Session) -> str:
    place, messages = session.conversation.place, session.conversation.messages
    turns = sum(isinstance(message, UserMessage) for message in messages)
    name = "it has no name yet" if session.name.startswith("unnamed-") else f"it is called {session.name}"
    return (
        f"{name}; {turns} request{'s' * (turns != 1)}; in {shortened(place)}\n`llmos --continue` goes on with it later"
    )


def decisions(session: Session, count: int) -> Table:
    """The latest so many, oldest first."""
    import sqlite3  # noqa: PLC0415

    from llmos.memory.log import Log  # noqa: PLC0415

    try:
        found = Log(Path(session.conversation.place.state) / "log.sqlite").decisions(session.name)[-count:]
    except (OSError, sqlite3.Error) as error:
        raise UsageError(_("the log cannot be read: {error}").format(error=error)) from None
    rows = tuple(("yes" if d.ran else "no", d.summary, d.rule) for d in found)
    return Table((Column("ran"), Column("what"), Column("why")), rows)

"""`llmos mcp`: our tools for other agents, and the MCP servers whose tools are ours.

What is served is fronts/mcp.py, what is called tools/mcp.py.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from llmos.commands.opening import open_place, open_settings, parser
from llmos.errors import Exit, ToolError, UsageError
from llmos.paths import config_file
from llmos.translation import _
from llmos.values.place import Place

if TYPE_CHECKING:
    from llmos.tools.mcp import McpTool, WithServers

EPILOG = """\
  llmos mcp                  serve our tools to another agent over its pipes; the same as llmos mcp serve
  llmos mcp list             the servers of your configuration
  llmos mcp check NAME       start one, and say what its tools are and how they would be treated

An agent is told to run "llmos mcp". What your policy asks is asked through that agent (MCP elicitation); where it
cannot ask, it is denied. Everything stands in llmos log and can be undone with llmos undo.

Servers whose tools llmos may call stand in your own configuration file, and in no project's:

{form}

or, for one that runs already, url = "https://…", and token_env = "VARIABLE" where it wants a token. A server gets
env = {{KEY = "$VARIABLE"}} besides HOME, PATH and their like, and timeout = 60 seconds for an answer."""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    action, wants_name = ACTIONS[options.action]
    if bool(options.name) != wants_name:
        raise UsageError(
            _("it is: llmos mcp {action}").format(action=options.action) + (_(" NAME") if wants_name else "")
        )
    return action(options)


def _parser() -> argparse.ArgumentParser:
    from llmos.tools.mcp import FORM  # noqa: PLC0415

    made = parser("mcp", EPILOG.format(form=FORM))
    add = made.add_argument
    add("action", nargs="?", default="serve", choices=list(ACTIONS), metavar="ACTION")
    add("name", nargs="?", metavar="NAME")
    add("-C", dest="folder", metavar="DIR", help=_("work in this folder"))
    add("-y", "--yes", action="store_true", help=_("approve what would be asked"))
    add("--mode", metavar="MODE", help=_("how much runs without asking: ask (default), auto, read-only, dry-run"))
    add("--read-only", action="store_true", help=_("offer only tools that change nothing"))
    add("--http", type=int, metavar="PORT", help=_("serve on http://127.0.0.1:PORT/mcp instead of over pipes"))
    return made


# ---- serve


def _serve(options: argparse.Namespace) -> int:
    try:
        from llmos.fronts import mcp as front  # noqa: PLC0415
    except ModuleNotFoundError:
        from llmos.adapters.mcp import INSTALL  # noqa: PLC0415

        raise UsageError(INSTALL) from None
    from llmos.session import Choices, Session  # noqa: PLC0415

    place = open_place(options.folder)
    settings = open_settings(place, {"mode": "read-only" if options.read_only else options.mode})
    choices = Choices(f"mcp-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}", options.yes, keep_folder=True)
    if options.http is not None:
        over = front.over_http(options.http, place.env.get("LLMOS_MCP_TOKEN", ""), _note)
    else:
        over = front.over_stdio
        if sys.stdin.isatty():
            _note(_("this waits for an agent that speaks MCP on standard input; Ctrl-D ends it"))
    front.serve(lambda: Session(settings, place, choices, note=_note), over)
    return Exit.DONE


def _note(text: str) -> None:
    print(_("llmos: {text}").format(text=text), file=sys.stderr, flush=True)


# ---- list, check


def _list(_options: argparse.Namespace) -> int:
    from llmos.fronts import layout  # noqa: PLC0415
    from llmos.tools.mcp import FORM, servers  # noqa: PLC0415
    from llmos.values.messages import Outcome  # noqa: PLC0415
    from llmos.values.plain import plain_text  # noqa: PLC0415
    from llmos.values.table import Column, Table  # noqa: PLC0415

    place = open_place()
    found = servers(place.env)
    if not found:
        _note(
            _("there are no servers yet; one in {config_file} looks like this:\n{form}").format(
                config_file=config_file(place.env), form=FORM
            )
        )
        return Exit.DONE
    rows, failed = [], False
    with _opened(place) as tools:
        tools.start()
        for server in found.values():
            try:
                state = f"{len(tools.of_server(server.name))} tools"
            except ToolError as error:
                state, failed = str(error), True
            rows.append((server.name, server.url or shlex.join(server.command), state))
    outcome = Outcome(table=Table((Column("server"), Column("where"), Column("state")), tuple(rows)))
    print(layout.for_terminal(outcome, get_terminal_size().columns) if sys.stdout.isatty() else plain_text(outcome))
    return Exit.FAILED if failed else Exit.DONE


def _check(options: argparse.Namespace) -> int:
    from llmos.tools.mcp import servers  # noqa: PLC0415

    place = open_place()
    if options.name not in (found := servers(place.env)):
        raise UsageError(
            _("no server is called {name!r}; there are {what}").format(
                name=options.name, what=", ".join(found) or "none"
            )
        )
    with _opened(place) as tools:
        offered = tools.of_server(options.name)
        for tool in offered.values():
            print(f"{tool.name}  ({_treated(tool)})\n    {tool.own_words()}")
    print(
        _("{name} works; it has {count} tool{plural}.").format(
            name=options.name, count=len(offered), plural="" if len(offered) == 1 else "s"
        )
    )
    return Exit.DONE


def _treated(tool: McpTool) -> str:
    effect = "only reads" if tool.offer.reads else "cannot be undone" if tool.offer.destroys else "may change things"
    return f"{effect}; changed since it was approved: asked anew" if tool.is_changed() else f"{effect}; asked"


@contextmanager
def _opened(place: Place) -> Iterator[WithServers]:
    from llmos.tools.mcp import WithServers, servers  # noqa: PLC0415

    tools = WithServers({}, servers(place.env), place, _note)
    try:
        yield tools
    finally:
        tools.close()


ACTIONS: Mapping[str, tuple[Callable[[argparse.Namespace], int], bool]] = {
    "serve": (_serve, False),
    "list": (_list, False),
    "check": (_check, True),
}
"""Name → what does it, and whether it takes a NAME."""

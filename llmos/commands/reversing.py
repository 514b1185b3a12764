"""What `llmos undo` and `llmos redo` have in common: the call of a tool, made without a model.

It goes the way of every other call, so it is shown, decided, asked and logged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from llmos.commands.opening import open_place, open_settings, parser
from llmos.errors import UsageError
from llmos.translation import _
from llmos.values.messages import JSON


def reverse(name: str, which: str, arguments: Sequence[str]) -> int:
    from llmos.fronts.once import Manner, once  # noqa: PLC0415 - not for --help
    from llmos.models.scripted import ScriptedModel  # noqa: PLC0415
    from llmos.session import Choices, Session  # noqa: PLC0415
    from llmos.tools.undo import RedoExactly, UndoExactly  # noqa: PLC0415
    from llmos.values.messages import Reply, ToolCall  # noqa: PLC0415

    options = _parser(name, which).parse_args(arguments)
    place = open_place()
    tool = RedoExactly() if name == "redo" else UndoExactly()
    model = ScriptedModel([Reply(calls=(ToolCall("1", name, _arguments(options)),), final=True)])
    session = Session(
        open_settings(place, {"mode": options.mode}),
        place,
        Choices(approve=options.yes),
        model=model,
        tools={name: tool},
        note=lambda text: print(_("llmos: {text}").format(text=text), file=sys.stderr),
    )
    try:
        return once(session, " ".join([name, *arguments]), Manner(options.json, options.quiet, stdin=False))
    finally:
        session.close()


def _parser(name: str, which: str) -> argparse.ArgumentParser:
    made = parser(name)
    add = made.add_argument
    add("which", nargs="?", metavar="N|ID", help=which)
    add("--keep-both", action="store_true", help=_("where something was changed since, keep that and the old version"))
    add("-y", "--yes", action="store_true", help=_("do it without asking"))
    add("--mode", help=_("ask, auto, read-only or dry-run"))
    add("--json", action="store_true", help=_("one JSON object a line for everything that happens"))
    add("-q", "--quiet", action="store_true", help=_("no notes on standard error, only errors"))
    return made


def _arguments(options: argparse.Namespace) -> dict[str, JSON]:
    which: str | None = options.which
    if which is None:
        return {"keep_both": options.keep_both}
    if which.isdecimal() and int(which) > 0:
        return {"steps": int(which), "keep_both": options.keep_both}
    if which[:1] == "c" and which[1:].isdecimal():
        return {"id": which, "keep_both": options.keep_both}
    raise UsageError(
        _("{which!r} is neither a number of changes nor an id like c12: `llmos history` lists them").format(which=which)
    )

"""`llmos history`: what was changed, and what of it can still be undone, or why not.

What was asked and answered is `llmos sessions`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from shutil import get_terminal_size

from llmos.commands.opening import open_place, parser
from llmos.errors import Exit
from llmos.translation import _
from llmos.values.messages import JSON, Outcome


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    outcome = _history(options)
    if options.json:
        for row in outcome.table.rows if outcome.table else ():
            print(json.dumps(dict(zip(("id", "time", "summary", "state"), row, strict=True))))
    else:
        print(_text(outcome))
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    made = parser("history")
    made.add_argument("path", nargs="*", help=_("only changes to these files or folders"))
    made.add_argument("-n", type=int, metavar="N", help=_("show this many at most; 20 by default"))
    made.add_argument("--newer-than", metavar="TIME", help=_('made within this time: seconds, or like "3 days"'))
    made.add_argument("--json", action="store_true", help=_("one JSON object a line"))
    return made


def _history(options: argparse.Namespace) -> Outcome:
    from llmos.dispatch.dispatcher import validate  # noqa: PLC0415 - not for --help
    from llmos.fronts.here import local_time  # noqa: PLC0415
    from llmos.tools.undo import ShowHistory  # noqa: PLC0415
    from llmos.values.messages import ToolCall  # noqa: PLC0415

    place = replace(open_place(), now=local_time())
    given: dict[str, JSON] = {"path": options.path, "newer_than": options.newer_than, "limit": options.n}
    call = ToolCall("1", "show_history", {name: value for name, value in given.items() if value is not None})
    tool = ShowHistory()
    return tool.run(tool.plan(call, validate(tool, call), place), place)


def _text(outcome: Outcome) -> str:
    from llmos.fronts import layout  # noqa: PLC0415 - not for --help
    from llmos.values.plain import plain_text  # noqa: PLC0415

    if outcome.text:
        return outcome.text
    return layout.for_terminal(outcome, get_terminal_size().columns) if sys.stdout.isatty() else plain_text(outcome)

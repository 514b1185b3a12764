"""`llmos run`: a script of requests, from a file or standard input.

How a script is written is `fronts.script_text`, how it runs `fronts.script`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from llmos.commands.opening import open_session, parser
from llmos.commands.options import add_turn_options
from llmos.errors import UsageError
from llmos.fronts.once import Manner
from llmos.fronts.script import check_script, run_script
from llmos.fronts.script_text import read
from llmos.translation import _

EPILOG = """\
A script is a text file with one request a line, all in one session; indented lines belong to the line above them,
lines that begin with # are comments. `#!/usr/bin/env -S llmos run` as its first line makes it a program.

  find files larger than $1 MB      $1 $2 $@ are the script's arguments, $$ is a dollar sign
  expect not nothing                the answer: "text", /regex/, 3, > 3, 3 lines, nothing, exit 1; not before any
  folder = ~/Downloads              a variable: a value in quotes, or one word that begins with a digit ~ / . or $
  size = how big is $folder?        anything else is a request, and its answer is the value
  echo $folder: $size               prints a line
  on error: continue                from here on; or stop (the default), or a request that is made before stopping

A script that has a mistake in it does not begin. It stops at the first failure, with its line and its exit code;
an expectation that is not met is exit code 1. Answers are on standard output."""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    name = "standard input" if options.script == "-" else options.script
    steps = read(_text(options.script), name, options.arguments)
    manner = Manner(options.json, options.quiet, timeout=options.timeout)
    mode = "dry-run" if options.check else options.mode
    with open_session(options, mode=mode) as session:
        do = check_script if options.check else run_script
        return do(session, steps, name, options.arguments, manner)


def _parser() -> argparse.ArgumentParser:
    made = parser("run", EPILOG)
    made.add_argument("--check", action="store_true", help=_("say what each request would do; reads, changes nothing"))
    add_turn_options(made)
    made.add_argument("script", metavar="SCRIPT", help=_("a file; - is standard input"))
    made.add_argument("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER, help=_("$1, $2 ... of the script"))
    return made


def _text(script: str) -> str:
    try:
        data = sys.stdin.buffer.read() if script == "-" else Path(script).read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        hint = "" if Path(script).suffix else f'; a request that begins with run goes in quotes: "run {script} ..."'
        raise UsageError(
            _("cannot read the script {script}: {strerror}{hint}").format(
                script=script, strerror=error.strerror, hint=hint
            )
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            _("{script} is not UTF-8 text: {reason} at byte {start}").format(
                script=script, reason=error.reason, start=error.start
            )
        ) from None

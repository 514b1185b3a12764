"""Shows a text: as it is where it fits on the screen, else page by page, with `less` or $PAGER where there is one.

The last page stays on the screen afterwards.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

from llmos.fronts.keys import END, read_key
from llmos.fronts.layout import height_of
from llmos.fronts.paint import is_dumb

LESS = "FRX"
"""Leaves when all fits, passes colours on, does not clear the screen: what git sets as well."""

MORE = "-- space: more, q: enough --"


def page(text: str, env: Mapping[str, str]) -> None:
    size = shutil.get_terminal_size() if not sys.stdout.isatty() else os.get_terminal_size(1)
    rows, columns = max(size.lines, 5), max(size.columns, 20)
    if is_dumb(env) or not sys.stdout.isatty() or height_of(text, columns) < rows:
        print(text, flush=True)
    elif command := _pager(env):
        _through(command, text, env)
    else:
        _own(text.split("\n"), rows - 1, columns)


def _pager(env: Mapping[str, str]) -> Sequence[str]:
    try:
        chosen = shlex.split(env.get("PAGER", ""))
    except ValueError:
        chosen = []
    command = chosen or ["less"]
    return command if shutil.which(command[0], path=env.get("PATH")) else []


def _through(command: Sequence[str], text: str, env: Mapping[str, str]) -> None:
    """Ctrl-C is the pager's while it is open."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        data = text.encode("utf-8", "replace") + b"\n"
        subprocess.run(command, input=data, env={"LESS": LESS, "LESSCHARSET": "utf-8", **env}, check=False)
    finally:
        signal.signal(signal.SIGINT, before)


def _own(lines: Sequence[str], rows: int, columns: int) -> None:
    filled = 0
    for line in lines:
        height = height_of(line, columns)
        if filled + height > rows:
            if not _more():
                return
            filled = 0
        print(line)
        filled += height
    sys.stdout.flush()


def _more() -> bool:
    print(MORE, end="", flush=True)
    try:
        return read_key() not in ("q", "Q", "n", END)
    except KeyboardInterrupt:
        return False
    finally:
        print("\r\x1b[K", end="", flush=True)

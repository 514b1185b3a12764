"""`llmos daemon`: starts and stops the process that keeps a model ready for all shells, and says how it does.

How it works is in llmos/daemon; every shell finds it by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llmos.commands.opening import open_place, open_settings, parser
from llmos.commands.options import seconds
from llmos.daemon.client import Lost, NotThere, talk
from llmos.daemon.meeting import IDLE, Meeting, edition, start
from llmos.errors import Exit, LlmosError, UsageError
from llmos.models import names
from llmos.translation import _
from llmos.values.display import format_duration, format_size

EPILOG = f"""\
The shells of one user share the daemon. It only turns messages into replies: what they do is done in the shell
that asked, after it was shown there. It ends when nobody asked for {format_duration(IDLE)}.
LLMOS_DAEMON=0 keeps a shell away from it."""

PATIENCE = 10.0
"""Seconds for a daemon that was told to stop to let go of what it does."""


class NotRunning(LlmosError):
    pass


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    meeting = Meeting(open_place().state)
    done: Callable[[Meeting, argparse.Namespace], int] = options.do
    return done(meeting, options)


def _parser() -> argparse.ArgumentParser:
    made = parser("daemon", EPILOG)
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    for name, do, line in (
        ("start", _start, "start it, and wait until the model is loaded"),
        ("stop", _stop, "stop it"),
        ("restart", _restart, "stop it and start it anew"),
        ("status", _status, "what it does"),
    ):
        command = commands.add_parser(name, help=line, description=line, allow_abbrev=False)
        command.set_defaults(do=do)
        if name in ("start", "restart"):
            command.add_argument("--model", metavar="MODEL", help=_("which model (default: the one of the settings)"))
            command.add_argument("--idle", type=seconds, default=IDLE, metavar="SECONDS", help=_("end after so long"))
        if name == "status":
            command.add_argument("--json", action="store_true", help=_("one JSON object"))
    return made


def _start(meeting: Meeting, options: argparse.Namespace) -> int:
    settings = open_settings(open_place(), {"model": options.model})
    names.load(settings.model, meeting.state)  # what is wrong with its name is said here
    if not start(meeting, settings.model, options.idle):
        running = _told(meeting)["model"]
        if running != names.kept_as(settings.model):
            raise UsageError(
                _("the daemon runs already, with the model {running}; try llmos daemon restart").format(running=running)
            )
        print(_("It runs already, with the model {running}.").format(running=running))
        return Exit.DONE
    return _wait_until_ready(meeting, settings.model)


def _wait_until_ready(meeting: Meeting, model: str) -> int:
    request = {"ask": "ready", "edition": edition(), "model": names.kept_as(model), "interactive": True}
    try:
        for _part in talk(meeting, request):
            pass
    except (NotThere, Lost) as gone:
        raise NotRunning(f"the daemon did not start: {_last_words(meeting) or gone}") from None
    except LlmosError as error:
        _stop(meeting, options=None)
        raise NotRunning(f"the daemon did not start: {error}") from None
    print(
        _("The daemon runs, with the model {model}; pid {pid}, log {log}").format(
            model=model, pid=meeting.pid(), log=meeting.log
        )
    )
    return Exit.DONE


def _last_words(meeting: Meeting) -> str:
    try:
        with open(f"{meeting.folder}/stderr", encoding="utf-8", errors="replace") as file:
            return (file.read().strip().splitlines() or [""])[-1]
    except OSError:
        return ""


def _stop(meeting: Meeting, options: argparse.Namespace | None) -> int:
    pid = meeting.pid()
    if pid is None:
        raise NotRunning("no daemon is running")
    try:
        for _part in talk(meeting, {"ask": "stop"}):
            pass
    except (NotThere, Lost):
        pass  # it hangs, and is told in another way
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        if number is not None and meeting.pid() == pid:
            os.kill(pid, number)
        if _ended(meeting, pid):
            print(_("The daemon has stopped."), file=sys.stderr if options is None else sys.stdout)
            return Exit.DONE
    raise NotRunning(f"the daemon, pid {pid}, does not end")


def _ended(meeting: Meeting, pid: int) -> bool:
    end = time.monotonic() + PATIENCE
    while meeting.pid() == pid:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _restart(meeting: Meeting, options: argparse.Namespace) -> int:
    if meeting.pid() is not None:
        _stop(meeting, options)
    return _start(meeting, options)


def _status(meeting: Meeting, options: argparse.Namespace) -> int:
    status = _told(meeting)
    if options.json:
        print(json.dumps(dict(status)))
        return Exit.DONE
    for name, value in _in_words(status):
        print(f"{name:8}  {value}")
    return Exit.DONE


def _told(meeting: Meeting) -> Mapping[str, Any]:
    try:
        return next(dict(line["status"]) for line in talk(meeting, {"ask": "status"}) if "status" in line)
    except (NotThere, Lost, StopIteration):
        pid = meeting.pid()
        if pid is None:
            raise NotRunning("no daemon is running; llmos daemon start starts one") from None
        raise NotRunning(f"the daemon, pid {pid}, does not answer; try llmos daemon restart") from None


def _in_words(status: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    return (
        ("model", status["model"]),
        ("state", f"{status['state']}, {status['waiting']} waiting"),
        ("served", f"{status['served']} requests in {format_duration(time.time() - status['since'])}"),
        ("memory", format_size(status["memory"])),
        ("pid", f"{status['pid']}, llmos {status['version']}"),
        ("log", status["log"]),
    )

"""The services systemd knows; other service managers are not covered."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import NamedTuple

from llmos.adapters.terminal import clean_name
from llmos.errors import ToolError
from llmos.translation import both

_STATES = {"running": "--state=running", "failed": "--state=failed", "stopped": "--state=inactive,dead,exited"}


class Service(NamedTuple):
    name: str
    state: str
    """What systemd calls it: running, exited, dead, failed."""

    description: str


def services(state: str | None, env: Mapping[str, str]) -> list[Service]:
    program = shutil.which("systemctl", path=env.get("PATH", os.defpath))
    # Having the program says nothing: containers often carry it without systemd being what runs them.
    if program is None or not os.path.isdir("/run/systemd/system"):
        raise ToolError(both("This machine does not run systemd; list processes instead."))
    argv = [program, "list-units", "--type=service", "--all", "--no-pager", "--plain", "--no-legend", "--full"]
    done = subprocess.run(
        [*argv, *([_STATES[state]] if state else [])], env=dict(env), capture_output=True, timeout=20, check=False
    )
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ToolError(
            both("systemctl cannot list the services: {name}").format(
                name=clean_name(reason[-1] if reason else "no reason given")
            )
        )
    return parse(done.stdout.decode("utf-8", "surrogateescape"))


def parse(output: str) -> list[Service]:
    """Lines of `systemctl list-units --plain --no-legend`: unit, load, active, sub, description."""
    rows = (line.split(None, 4) for line in output.splitlines())
    return [
        Service(clean_name(row[0].removesuffix(".service")), row[3], clean_name(row[4].strip() if len(row) > 4 else ""))
        for row in rows
        if len(row) >= 4 and row[1] != "not-found"
    ]

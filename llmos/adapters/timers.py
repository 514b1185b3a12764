"""Wakes a program at set times: by timers of systemd for this user, else by the crontab of this user.

What is run, and what the words for its times mean, is not known here. launchd of macOS is not covered.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from llmos.errors import LlmosError

PREFIX = "llmos-routine-"
PATIENCE = 20.0
"""Seconds that systemctl or crontab may take."""


@dataclass(frozen=True)
class Timer:
    name: str
    calendar: str
    """As in systemd.time(7)."""

    cron: str
    """As in crontab(5)."""

    argv: tuple[str, ...]


class Scheduler(Protocol):
    def changes(self, timer: Timer) -> Mapping[str, str]:
        """What would be written: where → the text."""
        ...

    def add(self, timer: Timer) -> None: ...
    def remove(self, name: str) -> None:
        """Nothing happens when there is none. As `add`, raises LlmosError."""
        ...


def scheduler(env: Mapping[str, str], home: str) -> Scheduler:
    """Raises LlmosError when nothing here runs programs at set times."""
    if shutil.which("systemctl", path=env.get("PATH")) and _answers(("systemctl", "--user", "show-environment"), env):
        return Systemd(env, home)
    if shutil.which("crontab", path=env.get("PATH")):
        return Cron(env)
    raise LlmosError("nothing here runs programs at set times: systemctl --user does not answer and there is no cron")


class Systemd:
    def __init__(self, env: Mapping[str, str], home: str) -> None:
        self._env = env
        self._folder = Path(env.get("XDG_CONFIG_HOME") or f"{home}/.config") / "systemd" / "user"

    def changes(self, timer: Timer) -> Mapping[str, str]:
        """A missed time is made up for when the machine is on again."""
        service, clock = self._files(timer.name)
        command = " ".join(map(_for_unit, timer.argv))
        return {
            str(service): f"[Unit]\nDescription=llmos routine {timer.name}\n\n"
            f"[Service]\nType=oneshot\nExecStart={command}\n",
            str(clock): f"[Unit]\nDescription=llmos routine {timer.name}\n\n"
            f"[Timer]\nOnCalendar={timer.calendar}\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n",
        }

    def add(self, timer: Timer) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path, text in self.changes(timer).items():
                Path(path).write_text(text, "utf-8")
        except OSError as error:
            raise LlmosError(f"cannot write {error.filename}: {error.strerror}") from None
        self._tell("daemon-reload")
        self._tell("enable", "--now", self._files(timer.name)[1].name)

    def remove(self, name: str) -> None:
        service, clock = self._files(name)
        if clock.exists():
            self._tell("disable", "--now", clock.name)
        for file in (service, clock):
            file.unlink(missing_ok=True)
        self._tell("daemon-reload")

    def _files(self, name: str) -> tuple[Path, Path]:
        return self._folder / f"{PREFIX}{name}.service", self._folder / f"{PREFIX}{name}.timer"

    def _tell(self, *words: str) -> None:
        _done(("systemctl", "--user", *words), self._env)


class Cron:
    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def changes(self, timer: Timer) -> Mapping[str, str]:
        # Only cron itself reads % as the end of the line.
        command = shlex.join(timer.argv).replace("%", "\\%")
        return {"crontab": f"{timer.cron} {command} {self._mark(timer.name)}\n"}

    def add(self, timer: Timer) -> None:
        self._write([*self._others(timer.name), *self.changes(timer).values()])

    def remove(self, name: str) -> None:
        self._write(self._others(name))

    def _others(self, name: str) -> list[str]:
        """Every line that is not of this routine, as it is."""
        return [line for line in self._lines() if not line.rstrip("\n").endswith(self._mark(name))]

    def _lines(self) -> list[str]:
        done = _finished(("crontab", "-l"), self._env)
        if done.returncode and "no crontab" not in done.stderr:
            raise LlmosError(f"the crontab cannot be read: {done.stderr.strip()}")
        lines = done.stdout.splitlines(keepends=True) if not done.returncode else []
        return [line if line.endswith("\n") else line + "\n" for line in lines]

    def _write(self, lines: list[str]) -> None:
        if lines:
            _done(("crontab", "-"), self._env, "".join(lines))
        elif self._lines():
            _done(("crontab", "-r"), self._env)

    def _mark(self, name: str) -> str:
        return f"# {PREFIX}{name}"


def _for_unit(word: str) -> str:
    """As systemd.service(5) quotes: % begins a specifier, $ a variable."""
    for plain, quoted in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$")):
        word = word.replace(plain, quoted)
    return f'"{word}"'


def _answers(argv: tuple[str, ...], env: Mapping[str, str]) -> bool:
    try:
        return _finished(argv, env).returncode == 0
    except LlmosError:
        return False


def _done(argv: tuple[str, ...], env: Mapping[str, str], text: str = "") -> None:
    done = _finished(argv, env, text)
    if done.returncode:
        raise LlmosError(f"{shlex.join(argv)} failed: {done.stderr.strip() or done.returncode}")


def _finished(argv: tuple[str, ...], env: Mapping[str, str], text: str = "") -> subprocess.CompletedProcess[str]:
    program = shutil.which(argv[0], path=env.get("PATH", os.defpath)) or argv[0]
    try:
        return subprocess.run(
            (program, *argv[1:]), env={**env, "LC_ALL": "C"}, input=text, capture_output=True, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LlmosError(f"{argv[0]} does not answer: {error}") from None

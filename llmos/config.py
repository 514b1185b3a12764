"""Settings: shipped < user < project < environment < flags.

Files are read here; argv and the environment come in as values. No pydantic: this runs before every answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from llmos.dispatch.policy import Mode
from llmos.errors import UsageError
from llmos.translation import _

PROJECT_FILE = ".llmos.toml"

SERVERS = "mcp"
"""In the user's own file: MCP servers, which tools/mcp.py reads."""

STRICTNESS = (Mode.AUTO, Mode.ASK, Mode.READ_ONLY, Mode.DRY_RUN)

ENVIRONMENT = {
    "LLMOS_MODEL": "model",
    "LLMOS_MODE": "mode",
    "LLMOS_STRONG": "strong",
    "OPENAI_BASE_URL": "base_url",
}


@dataclass(frozen=True)
class Settings:
    """The values here are what ships; `configs/default.toml` shows the same, and a test holds the two together."""

    model: str = "embedded"
    """A name from `llmos.models.names`."""

    mode: Mode = Mode.ASK

    steps: int = 8
    """Replies of the model in one turn."""

    tokens: int = 20_000
    """Written by the model in one turn, about."""

    seconds: float = 120.0
    """Spent by the model in one turn."""

    repeats: int = 5
    """The same call so many times ends the turn."""

    keep: int = 5 << 30
    """Bytes of old versions kept for undo at most; never more than a tenth of what is free on the disk."""

    sure: float = 0.5
    """How probable, 0 to 1, it has to be that a request was understood before something is changed."""

    base_url: str = ""
    """The server of models called openai:NAME, when the name does not say; "" is OpenAI's own."""

    api_key_command: str = ""
    """A shell line that prints the key for it."""

    strong: str = ""
    """The model that is asked when the first is not sure, and to write and to talk; "" when there is none."""

    vision: str = ""
    """The model that is shown images."""

    keys: str = "emacs"
    """Of the interactive shell: emacs or vi."""

    theme: str = "auto"
    """Its colours: auto, dark, light or plain."""


def load(
    env: Mapping[str, str], user_file: Path, folder: str, home: str, flags: Mapping[str, str | None] = {}
) -> Settings:
    """Raises UsageError when a file or a value does not fit."""
    values = {name: value for name, value in _read(user_file).items() if name != SERVERS}
    settings = _merge(Settings(), values, str(user_file))
    if project := _project_file(folder, home):
        values = {name: value for name, value in _read(project).items() if name != "rule"}  # those are policy's
        settings = _tighten(settings, _merge(settings, values, str(project)))
    from_env = {name: env[variable] for variable, name in ENVIRONMENT.items() if env.get(variable)}
    settings = _merge(settings, from_env, "the environment")
    return _merge(settings, {name: value for name, value in flags.items() if value is not None}, "the command line")


def has_servers(user_file: Path) -> bool:
    """Whether there is anything to read about them; without one nothing of MCP is loaded."""
    return SERVERS in _read(user_file)


def _read(file: Path) -> Mapping[str, Any]:
    if not os.path.isfile(file):  # also where the folder may not be looked into
        return {}
    import tomllib  # noqa: PLC0415  # most people have no such file

    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(_("cannot read {file}: {strerror}").format(file=file, strerror=error.strerror)) from None
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from None


def _project_file(folder: str, home: str) -> Path | None:
    """The nearest one, from the folder upward; above the home folder only strangers write."""
    for place in (Path(folder), *Path(folder).parents):
        if os.path.isfile(place / PROJECT_FILE):
            return place / PROJECT_FILE
        if str(place) == home:
            return None
    return None


def _tighten(settings: Settings, project: Settings) -> Settings:
    """A project may be stricter than its user, never laxer, and has no say in which model reads the requests."""
    return replace(
        settings,
        mode=max(settings.mode, project.mode, key=STRICTNESS.index),
        sure=max(settings.sure, project.sure),
        **{name: min(getattr(settings, name), getattr(project, name)) for name in ("steps", "tokens", "seconds")},
    )


def _merge(settings: Settings, values: Mapping[str, Any], source: str) -> Settings:
    known = {field.name: field.type for field in fields(Settings)}
    for name in values:
        if name == SERVERS:
            raise UsageError(_("{source}: MCP servers are named in your own configuration only").format(source=source))
        if name not in known:
            raise UsageError(
                _("{source}: no setting is called {name!r}{near}").format(
                    source=source, name=name, near=_near(name, known)
                )
            )
    return replace(settings, **{name: _value(name, value, source) for name, value in values.items()})


def _value(name: str, value: Any, source: str) -> Any:
    default = getattr(Settings(), name)
    if isinstance(default, Mode):
        return _mode(value, source)
    wanted = (int, float) if isinstance(default, float) else type(default)
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise UsageError(
            _("{source}: {name} is {value!r}, not {kind}").format(
                source=source, name=name, value=value, kind=_kind(default)
            )
        )
    if not isinstance(value, str) and value <= 0:
        raise UsageError(_("{source}: {name} has to be more than 0").format(source=source, name=name))
    return value


def _mode(value: object, source: str) -> Mode:
    try:
        return Mode(str(value))
    except ValueError:
        raise UsageError(
            _("{source}: mode is {value!r}; there are {names}").format(
                source=source, value=value, names=", ".join(Mode)
            )
        ) from None


def _kind(default: object) -> str:
    return {str: "a text", int: "a whole number", float: "a number"}[type(default)]


def _near(name: str, known: Mapping[str, object]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"

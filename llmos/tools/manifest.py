"""Makes a command-line program a tool from a manifest, a TOML file that describes its arguments.

The program runs without a shell, in the sandbox as run_command does; what it writes has been approved before it runs.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

import pydantic
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from llmos.errors import ToolError, UsageError
from llmos.tools.arguments import Number
from llmos.tools.fields import Arguments, Field
from llmos.tools.files.selection import resolve
from llmos.tools.shell import Command, Rehearsed, commit, level_of, rehearse
from llmos.tools.tool import Tool
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.messages import JSON, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target

_REFERENCE = re.compile(r"\{(\w+)\}")
_TYPES: Mapping[str, Any] = {"string": str, "path": str, "integer": Number, "boolean": bool}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Argument(_Strict):
    type: Literal["string", "integer", "boolean", "path", "enum"]
    description: str
    flag: str | None = None
    """Written before the value; alone for a boolean."""

    position: int | None = None
    """Its place among the words at the end, when it has neither a flag nor a place in argv."""

    required: bool = False
    default: str | int | bool | None = None
    values: list[str] = []
    """What an enum may be."""

    pattern: str | None = None
    """What the whole of a string must look like."""

    writes: bool = False
    """A path that the program creates; it must not exist."""


class Example(_Strict):
    phrase: str
    arguments: dict[str, str | int | bool]


class Manifest(_Strict):
    name: str = pydantic.Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str
    program: str
    package: str = ""
    """The Debian package that has the program."""

    effect: Literal["read", "write", "run", "network"]
    argv: list[str] = []
    """What stands before flags and positions; {name} is an argument's value, and goes when it has none."""

    timeout: float = 60
    arguments: dict[str, Argument] = {}
    examples: list[Example] = []

    @model_validator(mode="after")
    def _is_whole(self) -> Manifest:
        used = {name for part in self.argv for name in _REFERENCE.findall(part)}
        if not used <= set(self.arguments):
            raise ValueError(f"argv names unknown arguments: {', '.join(sorted(used - set(self.arguments)))}")
        for name, argument in self.arguments.items():
            if name not in used and argument.flag is None and argument.position is None:
                raise ValueError(f"argument {name} needs a flag, a position or a place in argv")
        model = _model(self)
        for example in self.examples:
            model.model_validate(example.arguments)
        return self


def load_manifests(folder: str | Path) -> Mapping[str, Manifest]:
    """All manifests beneath the folder by their name. UsageError names the file that does not fit."""
    found: dict[str, Manifest] = {}
    for path in sorted(Path(folder).rglob("*.toml")):
        manifest = read_manifest(path)
        if manifest.name in found:
            raise UsageError(f"{path}: there is another manifest named {manifest.name}")
        found[manifest.name] = manifest
    return found


def read_manifest(path: Path) -> Manifest:
    """UsageError says what does not fit."""
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:  # pydantic's and tomllib's errors are ValueErrors too
        raise UsageError(f"{path}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")


def _model(manifest: Manifest) -> type[Arguments]:
    declared = {name: _field(argument) for name, argument in manifest.arguments.items()}
    attributes = {name: spec for name, (_, spec) in declared.items()}
    attributes["__annotations__"] = {name: kind for name, (kind, _) in declared.items()}
    return type(f"{manifest.name}_arguments", (Arguments,), attributes)


def _field(argument: Argument) -> tuple[Any, Any]:
    kind = Literal[tuple(argument.values)] if argument.type == "enum" else _TYPES[argument.type]
    pattern = f"^(?:{argument.pattern})$" if argument.pattern else None
    if argument.required:
        return kind, Field(description=argument.description, pattern=pattern)
    default = False if argument.type == "boolean" and argument.default is None else argument.default
    kind = kind if default is not None else kind | None
    return kind, Field(default=default, description=argument.description, pattern=pattern)


class ManifestTool(Tool[Arguments]):
    """Made by `manifest_tool`, which gives it its name, description, arguments and manifest."""

    manifest: ClassVar[Manifest]

    def plan(self, call: ToolCall, arguments: Arguments, place: Place) -> Plan:
        program = shutil.which(self.manifest.program, path=place.env.get("PATH", os.defpath))
        if program is None:
            package = f"; install the package {self.manifest.package}" if self.manifest.package else ""
            raise ToolError(f"The program {self.manifest.program} is not installed{package}.")
        from llmos.sandbox import confined  # noqa: PLC0415  # only when one is called

        values = _resolved(self.manifest, arguments, place)
        argv = (program, *_words(self.manifest, values))
        network, reads = self.manifest.effect == "network", self.manifest.effect == "read"
        named = tuple(confined.named_folders(_paths(self.manifest, values), place))
        level = level_of(place)
        return Plan(
            call=call,
            targets=tuple(_targets(self.manifest, values, argv)),
            action=Command(argv, self.manifest.program, self.manifest.timeout, level, network, named, reads),
            summary=f"run {shlex.join([self.manifest.program, *argv[1:]])}",
            changes=ChangeSet(tuple(Change(ChangeKind.CREATED, path) for path in _written(self.manifest, values))),
            level=level,
        )

    def run(self, plan: Plan, place: Place) -> Outcome | Plan:
        """What was approved is made real at once; whatever else the program changed is asked for."""
        if isinstance(plan.action, Rehearsed):
            return commit(plan.action, plan, place)
        assert isinstance(plan.action, Command)
        done = rehearse(plan.action, plan, place)
        if isinstance(done, Plan) and isinstance(done.action, Rehearsed) and _only(done.changes, plan.changes):
            held = done.action
            try:
                done = commit(held, done, place)
            finally:
                held.discard()
        if isinstance(done, Plan) or done.text:
            return done
        return Outcome(f"{plan.summary.removeprefix('run ')}: done, it printed nothing.")


def _only(changes: ChangeSet, approved: ChangeSet) -> bool:
    known = {change.path for change in approved.changes}
    return all(change.kind is ChangeKind.CREATED and change.path in known for change in changes.changes)


def manifest_tool(manifest: Manifest) -> ManifestTool:
    attributes = {"name": manifest.name, "description": manifest.description, "manifest": manifest}
    cls = type(manifest.name, (ManifestTool,), {**attributes, "arguments": _model(manifest)})
    return cast(ManifestTool, cls())


def _resolved(manifest: Manifest, arguments: Arguments, place: Place) -> dict[str, JSON]:
    values: dict[str, JSON] = arguments.model_dump()
    for name, argument in manifest.arguments.items():
        if argument.type == "path" and values[name] is not None:
            values[name] = resolve(str(values[name]), place)
        if argument.writes and os.path.lexists(str(values[name])):
            raise ToolError(f"{values[name]} exists already; give another name.")
    return values


def _words(manifest: Manifest, values: Mapping[str, JSON]) -> Iterator[str]:
    for part in manifest.argv:
        names = _REFERENCE.findall(part)
        if all(values[name] is not None for name in names):
            yield _REFERENCE.sub(lambda found: _word(values[found[1]]), part)
    for name, argument in manifest.arguments.items():
        if argument.flag is not None:
            yield from _flag(argument.flag, values[name])
    placed = [(a.position, name) for name, a in manifest.arguments.items() if a.position is not None]
    yield from (_word(values[name]) for _, name in sorted(placed) if values[name] is not None)


def _flag(flag: str, value: JSON) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return [flag]
    # One word, so that a value can never be taken for another option.
    return [f"{flag}={value}"] if flag.startswith("--") else [flag, _word(value)]


def _word(value: JSON) -> str:
    text = str(value)
    if text.startswith("-"):
        raise ToolError(f"'{text}' begins with a dash; the program would take it for an option.")
    return text


def _targets(manifest: Manifest, values: Mapping[str, JSON], argv: tuple[str, ...]) -> Iterator[Target]:
    """Paths are read or written; a network tool is about its host; anything else is about the whole command."""
    written = _written(manifest, values)
    for name, argument in manifest.arguments.items():
        if argument.type == "path" and values[name] is not None:
            yield Target(Effect.WRITE if values[name] in written else Effect.READ, str(values[name]))
    if manifest.effect == "network":
        yield Target(Effect.NETWORK, str(values.get("host") or values.get("url") or shlex.join(argv)))
    elif manifest.effect == "run" or (manifest.effect == "write" and not written):
        yield Target(Effect.RUN, shlex.join(argv))


def _paths(manifest: Manifest, values: Mapping[str, JSON]) -> list[str]:
    return [
        str(values[name]) for name, a in manifest.arguments.items() if a.type == "path" and values[name] is not None
    ]


def _written(manifest: Manifest, values: Mapping[str, JSON]) -> list[str]:
    return [str(values[name]) for name, a in manifest.arguments.items() if a.writes and values[name] is not None]

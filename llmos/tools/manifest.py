"""Makes a command-line program a tool from a manifest, a TOML file that describes its arguments.

The program runs without a shell, in the sandbox as run_command does; what it writes has been approved before it runs.
Which manifests there are is found in `catalogue`, how requests are told to be like their examples in `retrieval`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, cast

import pydantic
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator, model_validator
from pydantic_core import SchemaError

from llmos.adapters import commands
from llmos.errors import ToolError, UsageError
from llmos.journal.journal import open_journal
from llmos.tools import catalogue
from llmos.tools.arguments import Number, Paths
from llmos.tools.fields import Arguments, Field
from llmos.tools.files.selection import resolve
from llmos.tools.shell import Command, Rehearsed, commit, level_of, outcome, rehearse
from llmos.tools.tool import Tool
from llmos.translation import both
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.messages import JSON, Outcome, ToolCall, ToolSchema
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target

_REFERENCE = re.compile(r"(?<![$%])\{(\w+)\}")
"""Not ${name} and %{name}, which mean something to the programs themselves."""

_TYPES: Mapping[str, Any] = {"string": str, "path": str, "integer": Number, "boolean": bool, "paths": Paths}

_OF_SERVICES = ("query", "control", "privileged")
"""Effects of programs that only pass something on to a service of the machine, which no sandbox lets them reach."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Argument(_Strict):
    type: Literal["string", "integer", "boolean", "path", "paths", "enum"]
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

    minimum: int | None = None
    maximum: int | None = None
    """Of an integer."""

    endings: list[str] = []
    """What names of such files end in, so that a request is told to mean this tool; a call may name another file."""

    writes: bool = False
    """A path that the program creates; it must not exist."""

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, pattern: str | None) -> str | None:
        """Both for pydantic, which checks calls, and for Python, which looks for values in requests."""
        try:
            re.compile(pattern or "")
            TypeAdapter(Annotated[str, pydantic.Field(pattern=pattern)])
        except (re.error, SchemaError):
            raise ValueError("it is no regular expression, or one that looks ahead or behind") from None
        return pattern

    @model_validator(mode="after")
    def _fits_together(self) -> Argument:
        if (self.type == "enum") != bool(self.values):
            raise ValueError("an enum has values, and nothing else has")
        if self.type != "integer" and (self.minimum, self.maximum) != (None, None):
            raise ValueError("only an integer has a minimum or a maximum")
        fitting = {"integer": int, "boolean": bool}.get(self.type, str)
        if self.default is not None and type(self.default) is not fitting:
            raise ValueError(f"the default is no {self.type}")
        if self.values and self.default not in (None, *self.values):
            raise ValueError("the default is none of the values")
        return self


class Example(_Strict):
    phrase: str
    arguments: dict[str, Any]
    """Checked as those of a call are."""


class Manifest(_Strict):
    name: str = pydantic.Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str
    program: str
    package: str = ""
    """The Debian package that has the program."""

    effect: Literal["read", "write", "run", "network", "query", "control", "privileged"]
    confined: bool = True
    """False for a network program that works in no sandbox, because it opens sockets of another kind, as ping does."""

    argv: list[str] = []
    """What stands before flags and positions; {name} is an argument's value, and goes when it has none."""

    timeout: float = 60
    arguments: dict[str, Argument] = {}
    examples: list[Example] = []

    @model_validator(mode="after")
    def _is_whole(self) -> Manifest:
        if not self.confined and self.effect != "network":
            raise ValueError("confined = false is only for the effect network")
        used = {name for part in self.argv for name in _REFERENCE.findall(part)}
        if not used <= set(self.arguments):
            raise ValueError(f"argv names unknown arguments: {', '.join(sorted(used - set(self.arguments)))}")
        for name, argument in self.arguments.items():
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or hasattr(Arguments, name):
                raise ValueError(f"an argument cannot be called {name}")
            if name not in used and argument.flag is None and argument.position is None:
                raise ValueError(f"argument {name} needs a flag, a position or a place in argv")
        model = _model(self)
        for example in self.examples:
            _check(example, model)
        return self


def _check(example: Example, model: type[Arguments]) -> None:
    try:
        model.model_validate(example.arguments)
    except ValidationError as error:
        problems = ", ".join(_problems(error))
        raise ValueError(f'the example "{example.phrase}" does not fit: {problems}') from None


def load_manifests(folder: str | Path) -> Mapping[str, Manifest]:
    """All manifests beneath the folder by their name. UsageError names the file that does not fit."""
    found: dict[str, Manifest] = {}
    for path in sorted(Path(folder).rglob("*.toml")):
        manifest = read_manifest(path)
        if manifest.name in found:
            raise UsageError(
                both("{path}: there is another manifest named {name}").format(path=path, name=manifest.name)
            )
        found[manifest.name] = manifest
    return found


def read_manifest(path: Path) -> Manifest:
    """UsageError says what does not fit."""
    problems = []
    try:
        manifest = Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        if manifest.name == catalogue.name_of(path):
            return manifest
        problems = [f"name: it is {manifest.name!r}, so the file has to be called {manifest.name}.toml"]
    except ValidationError as error:
        problems = _problems(error)
    except (OSError, ValueError) as error:  # tomllib's are ValueErrors too
        problems = [getattr(error, "strerror", None) or str(error)]
    raise UsageError(f"{path}: {'; '.join(problems)}")


def _problems(error: ValidationError) -> list[str]:
    """One each, with its key; entries of a list count from 1, as people do."""
    found = []
    for one in error.errors():
        key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in one["loc"])
        what = _CLEARER.get(one["type"], one["msg"].removeprefix("Value error, "))
        found.append(f"{key}: {what}".removeprefix(": "))
    return found


_CLEARER = {"extra_forbidden": "there is no such key", "missing": "it is missing"}


def _model(manifest: Manifest) -> type[Arguments]:
    declared = {name: _field(argument) for name, argument in manifest.arguments.items()}
    attributes = {name: spec for name, (_, spec) in declared.items()}
    attributes["__annotations__"] = {name: kind for name, (kind, _) in declared.items()}
    return type(f"{manifest.name}_arguments", (Arguments,), attributes)


def _field(argument: Argument) -> tuple[Any, Any]:
    kind = Literal[tuple(argument.values)] if argument.type == "enum" else _TYPES[argument.type]
    rules = {"description": argument.description, **_rules(argument)}
    if argument.required:
        return kind, Field(**rules)
    default = False if argument.type == "boolean" and argument.default is None else argument.default
    kind = kind if default is not None else kind | None
    return kind, Field(default=default, **rules)


def _rules(argument: Argument) -> dict[str, Any]:
    rules: dict[str, Any] = {"ge": argument.minimum, "le": argument.maximum}
    if argument.pattern:
        rules["pattern"] = f"^(?:{argument.pattern})$"
    return {name: rule for name, rule in rules.items() if rule is not None}


class _Direct(NamedTuple):
    """To be run as it is."""

    argv: tuple[str, ...]


class ManifestTool(Tool[Arguments]):
    """Made by `manifest_tool`, which gives it its name, description, arguments and manifest."""

    manifest: ClassVar[Manifest]

    def plan(self, call: ToolCall, arguments: Arguments, place: Place) -> Plan:
        program = shutil.which(self.manifest.program, path=place.env.get("PATH", os.defpath))
        if program is None:
            package = f"; install the package {self.manifest.package}" if self.manifest.package else ""
            raise ToolError(
                both("The program {program} is not installed{package}.").format(
                    program=self.manifest.program, package=package
                )
            )
        values = _resolved(self.manifest, arguments, place)
        argv = (program, *_words(self.manifest, values))
        direct = self.manifest.effect in _OF_SERVICES or not self.manifest.confined
        level = "" if direct else level_of(place)
        return Plan(
            call=call,
            targets=tuple(_targets(self.manifest, values, argv)),
            action=self._confined(argv, values, place, level) if level else _Direct(argv),
            summary=f"run {self._line(argv)}",
            changes=ChangeSet(tuple(Change(ChangeKind.CREATED, path) for path in _written(self.manifest, values))),
            level=level,
        )

    def _confined(self, argv: tuple[str, ...], values: Mapping[str, JSON], place: Place, level: str) -> Command:
        from llmos.sandbox import confined  # noqa: PLC0415  # only when one is called

        network, reads = self.manifest.effect == "network", self.manifest.effect == "read"
        named = tuple(confined.named_folders([path for _, path in _paths(self.manifest, values)], place))
        return Command(argv, self._line(argv), self.manifest.timeout, level, network, named, reads)

    def _line(self, argv: Sequence[str]) -> str:
        return shlex.join([self.manifest.program, *argv[1:]])

    def run(self, plan: Plan, place: Place) -> Outcome | Plan:
        """What was approved is made real at once; whatever else the program changed is asked for."""
        if isinstance(plan.action, Rehearsed):
            return commit(plan.action, plan, place)
        done = self._directly(plan.action, place) if isinstance(plan.action, _Direct) else _in_sandbox(plan, place)
        if isinstance(done, Plan) or done.text:
            return done
        return Outcome(
            both("{removeprefix}: done, it printed nothing.").format(removeprefix=plan.summary.removeprefix("run "))
        )

    def _directly(self, action: _Direct, place: Place) -> Outcome:
        keep = os.path.join(place.state, "output") if place.state else None
        # Nothing that asks for a password or a pager could be answered.
        env = {**place.env, "PAGER": "cat", "SYSTEMD_PAGER": "", "DEBIAN_FRONTEND": "noninteractive"}
        return outcome(
            self.manifest.program, commands.run(action.argv, place.cwd, env, None, self.manifest.timeout, keep)
        )

    def schema(self) -> ToolSchema:
        return replace(super().schema(), examples=tuple(example.phrase for example in self.manifest.examples))


def _in_sandbox(plan: Plan, place: Place) -> Outcome | Plan:
    assert isinstance(plan.action, Command)
    try:
        done = rehearse(plan.action, plan, place)
    finally:
        _record(plan, place)
    if isinstance(done, Plan) and isinstance(done.action, Rehearsed) and _only(done.changes, plan.changes):
        held = done.action
        try:
            return commit(held, done, place)
        finally:
            held.discard()
    return done


def _record(plan: Plan, place: Place) -> None:
    """What nothing held back is there already: the journal makes it once more, so that it can be undone."""
    made = [change.path for change in plan.changes.changes if os.path.lexists(change.path)]
    if not made:
        return
    with open_journal(place).begin(plan.summary, plan.call, place.now) as entry:
        for path in made:
            prepared = os.path.join(os.path.dirname(path), f".llmos-{os.getpid()}-{os.path.basename(path)}")
            os.rename(path, prepared)
            entry.create(path, prepared)


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
        match argument.type, values[name]:
            case "path", str(path):
                values[name] = resolve(path, place)
            case "paths", list(paths):
                values[name] = [resolve(str(path), place) for path in paths]
        if argument.writes and os.path.lexists(str(values[name])):
            raise ToolError(both("{values} exists already; give another name.").format(values=values[name]))
    return values


def _words(manifest: Manifest, values: Mapping[str, JSON]) -> Iterator[str]:
    for part in manifest.argv:
        yield from _filled(part, values)
    for name, argument in manifest.arguments.items():
        if argument.flag is not None:
            yield from _flag(argument.flag, values[name])
    placed = [(a.position, name) for name, a in manifest.arguments.items() if a.position is not None]
    for _, name in sorted(placed):
        yield from map(_word, _several(values[name]))


def _filled(part: str, values: Mapping[str, JSON]) -> list[str]:
    """A part of argv; alone, a list of paths becomes as many words."""
    names = _REFERENCE.findall(part)
    if part == "{" + "".join(names) + "}":
        return [_word(value) for value in _several(values[names[0]])]
    if any(values[name] is None for name in names):
        return []
    return [_REFERENCE.sub(lambda found: _word(values[found[1]]), part)]


def _several(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else [] if value is None else [value]


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
        raise ToolError(both("'{text}' begins with a dash; the program would take it for an option.").format(text=text))
    return text


def _targets(manifest: Manifest, values: Mapping[str, JSON], argv: tuple[str, ...]) -> Iterator[Target]:
    """Paths are read or written; a network tool is about its host; anything else is about the whole command."""
    for argument, path in _paths(manifest, values):
        yield Target(Effect.WRITE if argument.writes else Effect.READ, path)
    match manifest.effect:
        case "network":
            yield Target(Effect.NETWORK, _host(values) or shlex.join(argv))
        case "privileged":
            yield Target(Effect.PRIVILEGED, shlex.join(argv))
        case "run" | "control":
            yield Target(Effect.RUN, shlex.join(argv))
        case "write" if not _written(manifest, values):
            yield Target(Effect.RUN, shlex.join(argv))


def _host(values: Mapping[str, JSON]) -> str:
    return str(values.get("host") or values.get("url") or "")


def _paths(manifest: Manifest, values: Mapping[str, JSON]) -> Iterator[tuple[Argument, str]]:
    for name, argument in manifest.arguments.items():
        if argument.type in ("path", "paths"):
            yield from ((argument, str(path)) for path in _several(values[name]))


def _written(manifest: Manifest, values: Mapping[str, JSON]) -> list[str]:
    return [path for argument, path in _paths(manifest, values) if argument.writes]

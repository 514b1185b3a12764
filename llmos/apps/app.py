"""What an app is: steps with parameters, the effects it may have, how it is asked for. Read from and written as TOML.

A value may hold `{parameter}`; a list that is `["{result1}"]` alone becomes what step 1 was about, `{result1.text}` its
text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from llmos.agent.doubt import READING
from llmos.errors import UsageError
from llmos.translation import both
from llmos.values.messages import JSON, ToolCall

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_REFERENCE = re.compile(r"\{(result(\d+)(\.text)?|[a-z][a-z0-9_]*)\}")
_RUNNING = {"run_command", "start_job", "open_app", "open_file", "open_url"}
_SIGNALLING = {"signal_process", "set_priority", "stop_job", "close_app"}


@dataclass(frozen=True)
class Step:
    tool: str
    arguments: Mapping[str, JSON]
    said: str = ""
    """The words it was made from."""


@dataclass(frozen=True)
class App:
    name: str
    description: str
    steps: tuple[Step, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Name → default; "" has none."""

    effects: tuple[str, ...] = ()
    """All it may do; a call with any other effect is refused when the app runs."""

    schedule: str = ""
    """When it is to run, as the description said it."""

    phrases: tuple[str, ...] = ()
    """Requests that mean it; a parameter's default in one stands for any value."""

    version: int = 1

    def used(self) -> set[str]:
        """Parameters that stand in the steps."""
        return {ref[1] for step in self.steps for ref in _references(step.arguments) if not ref[2]}


def effects_of(steps: Sequence[Step]) -> tuple[str, ...]:
    """What the tools of the steps can do at most."""
    found = {"read"}
    for step in steps:
        if step.tool in _RUNNING:
            found |= {"run", "write"}
        elif step.tool in _SIGNALLING:
            found.add("signal")
        elif step.tool not in READING:
            found.add("write")
        if step.arguments.get("permanently"):
            found.add("destroy")
    return tuple(sorted(found))


Seen = tuple[tuple[str, ...], str]
"""Items and text of a result."""


def call(step: Step, values: Mapping[str, str], results: Sequence[Seen], number: int) -> ToolCall:
    """The step with values put in. `results` are those of the steps before it. Raises UsageError."""
    arguments = {name: _filled(value, values, results) for name, value in step.arguments.items()}
    return ToolCall(str(number), step.tool, arguments)


def _filled(value: JSON, values: Mapping[str, str], results: Sequence[Seen]) -> JSON:
    if isinstance(value, list):
        whole = _REFERENCE.fullmatch(value[0]) if len(value) == 1 and isinstance(value[0], str) else None
        if whole and whole[2] and not whole[3]:
            return list(_result(results, int(whole[2]))[0])
        return [_filled(part, values, results) for part in value]
    if not isinstance(value, str):
        return value

    def put(match: re.Match[str]) -> str:
        if match[2]:
            items, text = _result(results, int(match[2]))
            return text.strip() if match[3] else "\n".join(items)
        if not values.get(match[1]):
            raise UsageError(both("the app needs a value: {match}=...").format(match=match[1]))
        return values[match[1]]

    return _REFERENCE.sub(put, value)


def _result(results: Sequence[Seen], number: int) -> Seen:
    if not 1 <= number <= len(results):
        raise UsageError(
            both("the app wants the result of step {number}, which does not come before it").format(number=number)
        )
    return results[number - 1]


def _references(value: object) -> Iterator[re.Match[str]]:
    match value:
        case str():
            yield from _REFERENCE.finditer(value)
        case list():
            for part in value:
                yield from _references(part)
        case Mapping():
            for part in value.values():
                yield from _references(part)


# ---- as a file


def dumps(app: App) -> str:
    """As people read and edit it."""
    import tomlkit  # noqa: PLC0415  # 40 ms

    document = tomlkit.document()
    for key in ("name", "version", "description", "schedule"):
        if value := getattr(app, key):
            document.add(key, value)
    document.add("effects", list(app.effects))
    document.add("phrases", list(app.phrases))
    if app.parameters:
        document.add("parameters", dict(app.parameters))
    steps = tomlkit.aot()
    for step in app.steps:
        table = tomlkit.table()
        if step.said:
            table.add("said", step.said)
        table.add("tool", step.tool)
        table.add("arguments", dict(step.arguments))
        steps.append(table)
    document.add("steps", steps)
    return tomlkit.dumps(document)


def loads(text: str, where: str = "the app") -> App:
    """Raises UsageError with what does not fit."""
    try:
        made = _made(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"{where}: {reason}") from None
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None
    return made


_KEYS = {"name", "version", "description", "schedule", "effects", "phrases", "parameters", "steps"}


def _made(value: Mapping[str, Any]) -> App:
    if unknown := value.keys() - _KEYS:
        raise ValueError(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(sorted(_KEYS))}")
    steps = tuple(Step(str(s["tool"]), dict(s.get("arguments", {})), str(s.get("said", ""))) for s in value["steps"])
    made = App(
        str(value["name"]),
        str(value["description"]),
        steps,
        {str(k): str(v) for k, v in value.get("parameters", {}).items()},
        tuple(map(str, value["effects"])),
        str(value.get("schedule", "")),
        tuple(map(str, value.get("phrases", ()))),
        int(value.get("version", 1)),
    )
    _check(made)
    return made


def _check(app: App) -> None:
    if not NAME.fullmatch(app.name):
        raise ValueError(f"{app.name!r} is no name: small letters, digits, - and _")
    if not app.steps:
        raise ValueError("it has no steps")
    if unknown := app.used() - app.parameters.keys():
        raise ValueError(f"a step uses {', '.join(sorted(unknown))}, which is no parameter")
    if beyond := set(effects_of(app.steps)) - set(app.effects):
        raise ValueError(f"its steps can {', '.join(sorted(beyond))}, which it does not declare as effects")


def with_parameters(app: App, given: Mapping[str, str]) -> App:
    """The values in the steps become parameters of these names, with the values as defaults. Raises UsageError."""
    steps, parameters = app.steps, dict(app.parameters)
    for name, value in given.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name.startswith("result"):
            raise UsageError(both("{name!r} is no name for a parameter").format(name=name))
        changed = tuple(replace(s, arguments=_replaced(s.arguments, value, f"{{{name}}}")) for s in steps)
        if changed == steps:
            raise UsageError(both("{value!r} stands in no step").format(value=value))
        steps, parameters[name] = changed, value
    return replace(app, steps=steps, parameters=parameters)


def _replaced(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return (
                new if value == old else value.replace(f"{old}/", f"{new}/") if value.startswith(f"{old}/") else value
            )
        case list():
            return [_replaced(part, old, new) for part in value]
        case Mapping():
            return {key: _replaced(part, old, new) for key, part in value.items()}
        case _:
            return value

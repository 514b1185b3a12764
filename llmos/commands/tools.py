"""`llmos tools`: what there is to call; show one, check and add manifests of your own, try what is understood.

What stands in a manifest is tools/manifest.py; what the embedded model learns of it, `llmos teach`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

from llmos.adapters.terminal import clean_name
from llmos.commands.opening import open_place, parser
from llmos.errors import Exit, UsageError
from llmos.fronts import layout
from llmos.fronts.repl.call_line import to_line
from llmos.tools import catalogue
from llmos.tools.registry import BUILT_IN, Registry
from llmos.translation import _
from llmos.values.messages import JSON, Outcome, ToolSchema
from llmos.values.place import Place
from llmos.values.plain import plain_text
from llmos.values.table import Column, Table

EPILOG = """\
  llmos tools list                 every tool: where it comes from, what it does, what it needs
  llmos tools show NAME            its arguments and examples
  llmos tools check FILE           whether a manifest is well made, and what is wrong with it
  llmos tools add FILE             check it and copy it to your own tools
  llmos tools remove NAME          take one of your own tools away
  llmos tools try NAME "REQUEST"   what a request would have that tool do; nothing is run; NAME may be a file

A manifest is a TOML file that makes a command-line program a tool; README.md among the ones that ship says how to
write one. What is said as in one of its examples is understood at once; for freer words: llmos teach."""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    wanted, words = ACTIONS[options.action][0], options.words
    if len(words) != len(wanted):
        raise UsageError(" ".join(["it is: llmos tools", options.action, *wanted]))
    return ACTIONS[options.action][1](words, open_place())


def _parser() -> argparse.ArgumentParser:
    made = parser("tools", EPILOG)
    made.add_argument("action", nargs="?", default="list", choices=list(ACTIONS), metavar="ACTION")
    made.add_argument("words", nargs="*", metavar="NAME")
    return made


# ---- list


def _list(_words: Sequence[str], place: Place) -> int:
    registry = _registry(place, note=lambda text: print(_("llmos: {text}").format(text=text), file=sys.stderr))
    files = catalogue.by_name(catalogue.folders(place.env))
    rows = (
        (tool.name, _origin(tool.name, files, place), tool.description, _lacks(tool, place))
        for tool in registry.values()
    )
    table = Table((Column("tool"), Column("from"), Column("what it does"), Column("missing")), tuple(rows))
    outcome = Outcome(table=table)
    print(layout.for_terminal(outcome, get_terminal_size().columns) if sys.stdout.isatty() else plain_text(outcome))
    for line in (*_hidden(place), *_elsewhere(place)):
        print(_("llmos: {line}").format(line=line), file=sys.stderr)
    return Exit.DONE


def _elsewhere(place: Place) -> Iterator[str]:
    """A server has to be started to say what it has."""
    from llmos.tools.mcp import servers  # noqa: PLC0415

    if names := ", ".join(servers(place.env)):
        yield _("MCP servers have more ({names}): llmos mcp check NAME lists a server's tools").format(names=names)


def _registry(place: Place, note: Callable[[str], None] = lambda _text: None) -> Registry:
    return Registry(manifests=catalogue.folders(place.env), note=note)


def _origin(name: str, files: Mapping[str, Path], place: Place) -> str:
    if name in BUILT_IN:
        return "llmos"
    own = files[name].is_relative_to(catalogue.own_folder(place.env))
    return "you" if own else files[name].parent.name


def _lacks(tool: Any, place: Place) -> str:
    """The program that is not here and the package that has it."""
    manifest = getattr(tool, "manifest", None)
    if manifest is None or shutil.which(manifest.program, path=place.env.get("PATH", os.defpath)):
        return ""
    return f"{manifest.program} (package {manifest.package})" if manifest.package else manifest.program


def _hidden(place: Place) -> Iterator[str]:
    """The user's manifests that no name leads to."""
    found = catalogue.by_name(catalogue.folders(place.env))
    for file in catalogue.files([catalogue.own_folder(place.env)]):
        name = catalogue.name_of(file)
        if name in BUILT_IN or found[name] != file:
            yield _("{file} is not used: another tool has its name; give it one of its own").format(
                file=clean_name(str(file))
            )


# ---- show


def _show(words: Sequence[str], place: Place) -> int:
    tool = _named(words[0], place)
    schema: ToolSchema = tool.schema()
    manifest = getattr(tool, "manifest", None)
    lines = [f"{schema.name}: {schema.description}"]
    if manifest:
        lines += [f"  runs {manifest.program}", f"  {EFFECTS[manifest.effect]}"]
    if lacks := _lacks(tool, place):
        lines.append(f"  missing here: {lacks}")
    lines += ["", "arguments:", *_arguments(schema)] if _properties(schema) else []
    lines += ["", "examples:", *(f"  {phrase}" for phrase in schema.examples)] if schema.examples else []
    print("\n".join(lines))
    return Exit.DONE


EFFECTS = {
    "read": "it only looks, in the sandbox",
    "write": "it makes new files, in the sandbox; that is shown first and can be undone",
    "run": "it may change files, in the sandbox; that is shown first and can be undone",
    "network": "it talks to another machine; it asks first",
    "query": "it only asks a service of this machine",
    "control": "it changes this machine, which cannot be undone; it asks each time",
    "privileged": "it changes this machine for everybody; it asks each time, and yes has to be typed in full",
}


def _properties(schema: ToolSchema) -> Mapping[str, Any]:
    properties: Any = schema.parameters.get("properties", {})
    assert isinstance(properties, Mapping)
    return properties


def _arguments(schema: ToolSchema) -> Iterator[str]:
    required: Any = schema.parameters.get("required", [])
    width = max(map(len, _properties(schema)))
    for name, one in _properties(schema).items():
        more = [_choice(one), "required" if name in required else _default(one.get("default"))]
        yield f"  {name:{width}}  {one.get('description', '')}" + "".join(f" ({each})" for each in more if each)


def _choice(argument: Mapping[str, Any]) -> str:
    """Where it is one of several words, those; a schema has them beneath where it may be none of them as well."""
    kinds = (argument, *argument.get("anyOf", ()))
    return next((", ".join(map(str, kind["enum"])) for kind in kinds if "enum" in kind), "")


def _default(value: JSON) -> str:
    if value in (None, False, [], ""):
        return ""
    return _("by default {what}").format(what=", ".join(map(str, value)) if isinstance(value, list) else value)


def _named(name: str, place: Place) -> Any:
    registry = _registry(place)
    if name in registry:
        return registry[name]
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(name, list(registry), n=3)
    raise UsageError(
        _("no tool is called {name!r}").format(name=name)
        + (_("; near it: {names}").format(names=", ".join(near)) if near else "")
    )


# ---- check, add, remove


def _check(words: Sequence[str], place: Place) -> int:
    return Exit.DONE if _is_well_made(Path(words[0]), place) else Exit.FAILED


def _is_well_made(file: Path, place: Place) -> bool:
    """Says what is not."""
    from llmos.tools.vetting import vet  # noqa: PLC0415  # pydantic

    if not file.is_file():
        raise UsageError(_("there is no file {file}").format(file=file))
    found = vet(file, _taken_by_others(file, place), place)
    for line in found.wrong:
        print(clean_name(f"{file}: {line}"), file=sys.stderr)
    for line in found.notes:
        print(clean_name(f"{file}: note: {line}"), file=sys.stderr)
    if found.manifest and not found.wrong:
        count = len(found.manifest.examples)
        print(
            _("{name} is well made; {count} example{plural} can be carried out.").format(
                name=found.manifest.name, count=count, plural="" if count == 1 else "s"
            )
        )
    return not found.wrong


def _taken_by_others(file: Path, place: Place) -> set[str]:
    manifests = catalogue.by_name(catalogue.folders(place.env))
    return {*BUILT_IN, *(name for name, other in manifests.items() if not _is_same(file, other))}


def _is_same(file: Path, other: Path) -> bool:
    return other.exists() and file.samefile(other)


def _add(words: Sequence[str], place: Place) -> int:
    file, own = Path(words[0]), catalogue.own_folder(place.env)
    if not _is_well_made(file, place):
        return Exit.FAILED
    to = own / file.name
    if to.exists():
        raise UsageError(_("{to} is there already").format(to=to))
    own.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)
    print(
        _("Added as {to}. What is said as in its examples is understood now; for freer words: llmos teach").format(
            to=to
        )
    )
    return Exit.DONE


def _remove(words: Sequence[str], place: Place) -> int:
    name = words[0]
    found = [file for file in catalogue.files([catalogue.own_folder(place.env)]) if catalogue.name_of(file) == name]
    if not found:
        _named(name, place)
        raise UsageError(_("{name} ships with llmos; only your own tools can be removed").format(name=name))
    for file in found:
        file.unlink()
        print(_("Removed {file}.").format(file=file))
    return Exit.DONE


# ---- try


def _try(words: Sequence[str], place: Place) -> int:
    from llmos.dispatch.dispatcher import preview, validate  # noqa: PLC0415
    from llmos.tools import examples  # noqa: PLC0415
    from llmos.tools.manifest import ManifestTool, manifest_tool, read_manifest  # noqa: PLC0415

    name, request = words
    is_file = name.endswith(catalogue.SUFFIX) and Path(name).is_file()
    tool = manifest_tool(read_manifest(Path(name))) if is_file else _named(name, place)
    if not isinstance(tool, ManifestTool):
        raise UsageError(
            _('{name} is built in; try it with: llmos --mode dry-run "{request}"').format(name=name, request=request)
        )
    file = Path(name) if is_file else catalogue.by_name(catalogue.folders(place.env))[name]
    call = examples.find(request, filter(None, examples.of_file(file)), place)
    if call is None:
        print(_("This is not said as in an example of {name}:").format(name=tool.name), file=sys.stderr)
        print("\n".join(f"  {example.phrase}" for example in tool.manifest.examples), file=sys.stderr)
        return Exit.NOT_UNDERSTOOD
    print(clean_name(to_line(call)))
    print(_("would {preview}").format(preview=preview(tool.plan(call, validate(tool, call), place))))
    return Exit.DONE


ACTIONS: Mapping[str, tuple[tuple[str, ...], Callable[[Sequence[str], Place], int]]] = {
    "list": ((), _list),
    "show": (("NAME",), _show),
    "add": (("FILE",), _add),
    "remove": (("NAME",), _remove),
    "check": (("FILE",), _check),
    "try": (("NAME", '"REQUEST"'), _try),
}

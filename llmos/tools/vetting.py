"""What is wrong with a manifest, and what is worth knowing about it: its form, its name, what its examples would do.

Nothing is run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from llmos.errors import ToolError, UsageError
from llmos.tools import examples
from llmos.tools.manifest import Example, Manifest, ManifestTool, manifest_tool, read_manifest
from llmos.values.messages import ToolCall
from llmos.values.place import Place


@dataclass(frozen=True)
class Findings:
    manifest: Manifest | None
    wrong: tuple[str, ...]
    """One line each, with the key where it stands."""

    notes: tuple[str, ...] = ()
    """What may be meant so."""


def vet(file: Path, taken: Collection[str], place: Place) -> Findings:
    """`taken` are names that other tools have."""
    try:
        manifest = read_manifest(file)
    except UsageError as error:
        return Findings(None, tuple(str(error).removeprefix(f"{file}: ").split("; ")))
    wrong = [f"name: there is another tool {manifest.name}; choose another name"] if manifest.name in taken else []
    with _stage(manifest.program, place) as stage:
        for number, example in enumerate(manifest.examples, 1):
            wrong += [f"examples.{number}: {problem}" for problem in _unplannable(manifest, example, stage)]
    return Findings(manifest, tuple(wrong), tuple(_notes(manifest, file, place)))


@contextmanager
def _stage(program: str, place: Place) -> Iterator[Place]:
    """An empty folder where the program is there, if only by name."""
    with tempfile.TemporaryDirectory(prefix="llmos-check-") as folder:
        stub = Path(folder, "bin", os.path.basename(program))
        stub.parent.mkdir()
        stub.touch(0o755)
        work = Path(folder, "work")
        work.mkdir()
        path = f"{place.env.get('PATH', os.defpath)}{os.pathsep}{stub.parent}"
        yield replace(place, cwd=str(work), env={**place.env, "PATH": path})


def _unplannable(manifest: Manifest, example: Example, place: Place) -> Iterator[str]:
    tool: ManifestTool = manifest_tool(manifest)
    call = ToolCall("1", manifest.name, dict(example.arguments))
    try:
        tool.plan(call, tool.arguments.model_validate(example.arguments), place)
    except ToolError as error:
        yield f'"{example.phrase}": {error}'


def _notes(manifest: Manifest, file: Path, place: Place) -> Iterator[str]:
    if shutil.which(manifest.program, path=place.env.get("PATH", os.defpath)) is None:
        yield f"program: {manifest.program} is not installed here"
    if not manifest.package:
        yield "package: without one, nobody is told how to install a missing program"
    if not manifest.examples:
        yield "examples: without any, the embedded model cannot be asked for it"
    made = examples.of_file(file)
    for number, (example, template) in enumerate(zip(manifest.examples, made, strict=False), 1):
        if template is None:
            yield (
                f'examples.{number}: "{example.phrase}" does not say every file of its call, '
                "so other requests cannot be told by it"
            )

"""The house: who may import whom, and what an answer does not have to load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import llmos

PACKAGE = Path(llmos.__file__).parent

BASE = {"errors", "translation", "values"}
TOOLS = BASE | {"paths", "memory", "adapters", "journal", "sandbox", "tools"}
MODELS = BASE | {"paths", "decoding", "models"}
AGENT = TOOLS | MODELS | {"dispatch", "agent"}
MAY_IMPORT = {
    "translation": set(),
    "errors": {"translation"},
    "values": {"translation", "values"},
    "paths": {"translation"},
    "memory": BASE | {"memory"},
    "adapters": BASE | {"paths", "adapters"},
    "journal": BASE | {"paths", "adapters", "journal"},
    "sandbox": BASE | {"paths", "adapters", "journal", "sandbox"},
    "tools": TOOLS,
    "dispatch": TOOLS | {"dispatch"},
    "decoding": BASE | {"decoding"},
    "models": MODELS,
    "agent": AGENT,
    "apps": AGENT | {"apps"},
    "config": AGENT,
    "daemon": MODELS | {"daemon"},
    "session": AGENT | {"apps", "config", "daemon"},
    "fronts": AGENT | {"apps", "config", "session", "fronts"},
    "commands": AGENT | {"apps", "config", "daemon", "session", "fronts", "commands", "train"},
    "cli": AGENT | {"config", "session", "fronts", "commands"},
    "__main__": {"cli"},
    "__init__": set(),
}
"""Low to high. `train` and `bench` may import anything, and nothing but a sub-command imports them."""

HEAVY = ("torch", "transformers", "pydantic", "prompt_toolkit")


def modules() -> Iterator[tuple[str, str]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        room = file.relative_to(PACKAGE).with_suffix("").parts[0]
        if room not in ("train", "bench"):
            yield room, str(file.relative_to(PACKAGE))


def imported_rooms(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Import(names=names):
                dotted = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                dotted = [f"llmos.{alias.name}" for alias in node.names] if module == "llmos" else [module]
            case _:
                continue
        yield from (name.split(".")[1] for name in dotted if name.startswith("llmos."))


@pytest.mark.parametrize(("room", "file"), list(modules()))
def test_imports_only_go_downward(room: str, file: str) -> None:
    assert set(imported_rooms(PACKAGE / file)) <= MAY_IMPORT[room]


@pytest.mark.parametrize(("room", "file"), list(modules()))
def test_every_module_says_what_it_is_for(room: str, file: str) -> None:
    tree = ast.parse((PACKAGE / file).read_text())
    assert ast.get_docstring(tree) or not tree.body


def loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('loaded:', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.partition("loaded:")[2].split())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(option: str) -> None:
    code = f"from llmos.cli import main\ntry:\n main([{option!r}])\nexcept SystemExit: pass"
    assert loaded_after(code).isdisjoint(HEAVY)


def test_a_one_shot_loads_nothing_that_only_others_need() -> None:
    fronts = "import llmos.fronts.once, llmos.session, llmos.tools.registry"
    assert loaded_after(fronts).isdisjoint({*HEAVY, "asyncio", "rich", "sqlite3", "importlib.metadata"})


def test_the_shipped_folders_are_found() -> None:
    from llmos import paths

    assert (paths.share("configs") / "default.toml").is_file()
    assert paths.share("tools").is_dir()


def test_the_version_is_the_one_of_pyproject() -> None:
    import tomllib

    import llmos

    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    assert llmos.__version__ == project["project"]["version"]

"""Manifests: those that are shipped, and what a manifest may and may not make of its arguments."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from llmos.dispatch.policy import Mode, decide
from llmos.errors import ToolError, UsageError
from llmos.tools.manifest import Manifest, ManifestTool, load_manifests, manifest_tool
from llmos.tools.registry import Registry
from llmos.tools.shell import Command
from llmos.values.changes import ChangeKind
from llmos.values.place import Place
from llmos.values.plans import Effect
from tests.carrying_out import carry_out, finish, place_in, planned

SHIPPED = Path(__file__).parents[2] / "tools"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_in(tmp_path, env={"GIT_CONFIG_GLOBAL": "/dev/null"})


def tool(**changes: Any) -> ManifestTool:
    known = {"name": "say", "description": "Say it.", "program": "echo", "effect": "read"}
    return manifest_tool(Manifest.model_validate({**known, **changes}))


WHOLE = 'name = "x"\ndescription = "x"\nprogram = "x"\neffect = "read"\n'
PATH = {"type": "path", "description": "a path", "position": 1}
WORD = {"type": "string", "description": "a word"}


def test_all_shipped_manifests_load_with_their_examples() -> None:
    manifests = load_manifests(SHIPPED)
    assert {"git_status", "git_log", "convert_media", "resize_image", "ping_host"} <= set(manifests)
    assert all(manifest.examples for manifest in manifests.values())


def test_flags_and_positions_make_the_argument_list(place: Place) -> None:
    arguments = {
        "last": {**WORD, "position": 2},
        "first": {**WORD, "position": 1},
        "loud": {"type": "boolean", "description": "loudly", "flag": "--loud"},
        "times": {"type": "integer", "description": "how often", "flag": "-n"},
    }
    say = tool(argv=["begin"], arguments=arguments)
    assert carry_out(say, place, first="a b", last="c", loud=True, times=3).text == "begin --loud -n 3 a b c"


def test_what_has_no_value_is_left_out(place: Place) -> None:
    say = tool(argv=["{who}", "--to={whom}", "end"], arguments={"who": WORD, "whom": WORD})
    assert carry_out(say, place, whom="you").text == "--to=you end"


def test_nothing_is_read_by_a_shell(place: Place) -> None:
    say = tool(arguments={"what": {**WORD, "position": 1}})
    assert carry_out(say, place, what="$(touch made); `x` > y").text == "$(touch made); `x` > y"
    assert list(Path(place.cwd).iterdir()) == []


@pytest.mark.parametrize("where", [{"position": 1}, {"flag": "-o"}])
def test_a_value_cannot_become_an_option(place: Place, where: dict[str, Any]) -> None:
    say = tool(arguments={"what": {**WORD, **where}})
    with pytest.raises(ToolError, match="begins with a dash"):
        planned(say, place, what="--output=/etc/passwd")


def test_a_value_must_fit_its_pattern() -> None:
    say = tool(arguments={"size": {**WORD, "position": 1, "pattern": "\\d+"}})
    assert say.arguments.model_validate({"size": "12"})
    with pytest.raises(ValidationError):
        say.arguments.model_validate({"size": "12\nx"})


def test_paths_are_resolved_before_they_are_decided_on(place: Place) -> None:
    say = tool(arguments={"path": {"type": "path", "description": "it", "position": 1}})
    plan = planned(say, place, path="../work/./a")
    assert [(t.effect, t.what) for t in plan.targets] == [(Effect.READ, f"{place.cwd}/a")]


def test_a_new_file_is_in_the_changes(place: Place) -> None:
    arguments = {"to": {"type": "path", "description": "new", "position": 1, "writes": True, "required": True}}
    touch = tool(program="touch", effect="write", arguments=arguments)
    plan = planned(touch, place, to="made")
    assert [(c.kind, c.path) for c in plan.changes.changes] == [(ChangeKind.CREATED, f"{place.cwd}/made")]
    carry_out(touch, place, to="made")
    with pytest.raises(ToolError, match="exists already"):
        planned(touch, place, to="made")


def test_a_new_file_can_be_undone(place: Place) -> None:
    make = tool(program="touch", effect="write", arguments={"to": {**PATH, "writes": True}})
    carry_out(make, place, to="made")
    carry_out("undo", place)
    assert os.listdir(place.cwd) == []


def test_a_new_file_can_be_undone_where_nothing_was_held_back(place: Place) -> None:
    make = tool(program="touch", effect="write", arguments={"to": {**PATH, "writes": True}})
    plan = planned(make, place, to="made")
    assert isinstance(plan.action, Command)
    finish(make, replace(plan, action=plan.action._replace(level="L2")), place)
    assert os.listdir(place.cwd) == ["made"]
    carry_out("undo", place)
    assert os.listdir(place.cwd) == []


def test_a_network_tool_is_about_its_host(place: Place) -> None:
    reach = tool(effect="network", arguments={"host": {**WORD, "position": 1}})
    assert [(t.effect, t.what) for t in planned(reach, place, host="example.org").targets] == [
        (Effect.NETWORK, "example.org")
    ]


def test_only_a_network_tool_may_do_without_the_sandbox(place: Place) -> None:
    assert planned(tool(effect="network", confined=False), place).level == ""
    with pytest.raises(ValidationError):
        tool(effect="run", confined=False)


def test_a_missing_program_names_its_package(place: Place) -> None:
    with pytest.raises(ToolError, match="install the package frobnicator"):
        planned(tool(program="frob", package="frobnicator"), place)


def test_a_failing_program_is_an_error(place: Place) -> None:
    with pytest.raises(ToolError, match="`false` ended with exit code 1"):
        carry_out(tool(program="false"), place)


@pytest.mark.parametrize(
    "content",
    [
        "name = ",
        'name = "x"',
        WHOLE + 'argv = ["{y}"]',
        WHOLE + '[[examples]]\nphrase = "x"\narguments = { y = 1 }',
    ],
)
def test_a_manifest_that_does_not_fit_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.toml").write_text(content)
    with pytest.raises(UsageError, match=r"bad\.toml: "):
        load_manifests(tmp_path)


def test_git_log_on_a_real_repository(place: Place) -> None:
    for words in ("init -q", "-c user.name=llmos -c user.email=llmos@localhost commit -q --allow-empty -m First"):
        subprocess.run(["git", *words.split()], cwd=place.cwd, check=True)
    log = manifest_tool(load_manifests(SHIPPED)["git_log"])
    assert carry_out(log, place, count=1).text.endswith("llmos: First")


def test_looking_at_a_repository_runs_nothing_it_names(place: Place) -> None:
    subprocess.run(["git", "init", "-q"], cwd=place.cwd, check=True)
    subprocess.run(["git", "config", "core.fsmonitor", f"touch {place.cwd}/made"], cwd=place.cwd, check=True)
    status = manifest_tool(load_manifests(SHIPPED)["git_status"])
    assert carry_out(status, place).text.startswith("## ")
    assert not Path(place.cwd, "made").exists()


def test_several_paths_become_as_many_words(place: Place) -> None:
    say = tool(argv=["{files}", "end"], arguments={"files": {"type": "paths", "description": "them"}})
    plan = planned(say, place, files=["a", "b"])
    assert [t.what for t in plan.targets] == [f"{place.cwd}/a", f"{place.cwd}/b"]
    assert plan.summary == f"run echo {place.cwd}/a {place.cwd}/b end"


def test_what_the_program_reads_in_braces_itself_is_left_alone(place: Place) -> None:
    assert carry_out(tool(argv=["${who}", "%{who}"]), place).text == "${who} %{who}"


def test_a_number_stays_within_its_bounds() -> None:
    bounds = {"type": "integer", "description": "percent", "position": 1, "minimum": 0, "maximum": 100}
    say = tool(arguments={"percent": bounds})
    assert say.arguments.model_validate({"percent": "40"})
    with pytest.raises(ValidationError):
        say.arguments.model_validate({"percent": 101})


@pytest.mark.parametrize(
    ("effect", "targets"),
    [("query", []), ("control", [Effect.RUN]), ("privileged", [Effect.PRIVILEGED])],
)
def test_a_program_of_a_service_is_not_confined(place: Place, effect: str, targets: list[Effect]) -> None:
    plan = planned(tool(effect=effect), place)
    assert [t.effect for t in plan.targets] == targets and plan.level == ""


@pytest.mark.parametrize(("effect", "verdict"), [("query", "allow"), ("control", "ask"), ("privileged", "deny")])
def test_what_a_service_changes_is_asked_even_in_auto_mode(place: Place, effect: str, verdict: str) -> None:
    assert decide(planned(tool(effect=effect), place), Mode.AUTO, place).verdict == verdict


def test_a_file_has_to_be_called_like_its_tool(tmp_path: Path) -> None:
    (tmp_path / "y.toml").write_text(WHOLE)
    with pytest.raises(UsageError, match=r"has to be called x\.toml"):
        load_manifests(tmp_path)


def test_tools_are_found_by_the_names_of_files_that_nobody_has_read(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(WHOLE)
    (tmp_path / "count.toml").write_text("not read")
    registry = Registry(manifests=[tmp_path])
    assert registry["x"].description == "x" and not isinstance(registry["count"], ManifestTool)


def test_of_one_that_cannot_be_read_something_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("name = ")
    said: list[str] = []
    assert "x" not in list(Registry(manifests=[tmp_path], note=said.append)) and "x.toml: " in said[0]


def test_a_request_for_a_built_in_tool_reads_no_manifest(tmp_path: Path) -> None:
    code = "from llmos.cli import main; main(['list the files here'])"
    env = {**os.environ, "LLMOS_STATE": str(tmp_path)}
    command = [sys.executable, "-c", f"import sys; {code}; print('loaded:', *sys.modules)"]
    for _ in range(2):  # the first makes the index of the examples
        said = subprocess.run(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
    loaded = said.partition("loaded:")[2].split()
    assert "llmos.tools.examples" in loaded and {"tomllib", "pydantic", "llmos.tools.manifest"}.isdisjoint(loaded)

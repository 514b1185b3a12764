"""The manifests that ship: each example is planned, and carried out where its program is installed and harmless."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from llmos import paths
from llmos.tools import examples
from llmos.tools.manifest import Example, Manifest, load_manifests, manifest_tool
from llmos.tools.registry import BUILT_IN
from llmos.values.place import Place
from tests.carrying_out import carry_out, place_in, planned
from tests.tools import sample_files

MANIFESTS = load_manifests(paths.share("tools"))
HARMLESS = ("read", "write", "run")

NOT_HERE = {
    "git_show": "the example names a commit that no other repository has",
    "git_commit": "nothing is committed twice",
    "python_package_details": "which packages there are differs",
    "search_packages": "needs lists of packages",
    "package_details": "needs lists of packages",
    "spell_check": "needs a dictionary",
    "text_in_image": "needs a trained language",
    "git_switch": "there is one branch",
}
"""First examples that fail for a reason of this machine."""


def chinese(example: Example) -> bool:
    return re.search("[\u4e00-\u9fff]", example.phrase) is not None


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "all"
    sample_files.make(folder)
    return folder


@pytest.fixture(scope="module")
def with_stubs(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place where every program is there, if only by name."""
    folder = tmp_path_factory.mktemp("stubs")
    (folder / "bin").mkdir()
    for program in {manifest.program for manifest in MANIFESTS.values()}:
        stub = folder / "bin" / program
        stub.write_text("#!/bin/sh\n")
        stub.chmod(0o755)
    return place_in(folder, env={"PATH": f"{folder}/bin:{os.environ['PATH']}"})


def test_there_are_many_of_every_kind() -> None:
    areas = Counter(file.parent.name for file in paths.share("tools").rglob("*.toml"))
    assert len(MANIFESTS) >= 60 and len(areas) >= 10


def test_none_has_the_name_of_a_built_in_tool() -> None:
    assert MANIFESTS.keys().isdisjoint(BUILT_IN)


@pytest.mark.parametrize("name", MANIFESTS)
def test_each_has_examples_in_both_languages_and_a_package(name: str) -> None:
    manifest = MANIFESTS[name]
    in_chinese = sum(map(chinese, manifest.examples))
    assert in_chinese >= 1 and len(manifest.examples) - in_chinese >= 2 and manifest.package


@pytest.mark.parametrize("name", MANIFESTS)
def test_each_example_is_planned(name: str, with_stubs: Place) -> None:
    for example in MANIFESTS[name].examples:
        plan = planned(manifest_tool(MANIFESTS[name]), with_stubs, **example.arguments)
        assert plan.summary.startswith(f"run {MANIFESTS[name].program}")


def test_each_example_is_understood_as_itself(with_stubs: Place) -> None:
    templates = examples.load([paths.share("tools")], "")
    for name, manifest in MANIFESTS.items():
        for example in manifest.examples:
            call = examples.find(example.phrase, templates, with_stubs)
            assert call and (call.name, call.arguments) == (name, example.arguments), example.phrase


def run_first(manifest: Manifest, samples: Path, folder: Path) -> str:
    shutil.copytree(samples, folder / "work", symlinks=True)
    place = place_in(folder)
    outcome = carry_out(manifest_tool(manifest), place, **manifest.examples[0].arguments)
    return outcome.text


def missing(name: str) -> bool:
    return name in NOT_HERE or MANIFESTS[name].effect not in HARMLESS or not shutil.which(MANIFESTS[name].program)


@pytest.mark.slow
@pytest.mark.parametrize("name", MANIFESTS)
def test_the_first_example_works(name: str, samples: Path, tmp_path: Path) -> None:
    if missing(name):
        pytest.skip(NOT_HERE.get(name, f"{MANIFESTS[name].program} is not here, or does more than look"))
    assert run_first(MANIFESTS[name], samples, tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [("json_query", '"1.2.3"'), ("pdf_info", "Pages: *6"), ("csv_count", "Oslo +2"), ("git_branches", "main")],
)
def test_what_programs_say_is_the_answer(name: str, said: str, samples: Path, tmp_path: Path) -> None:
    if missing(name):
        pytest.skip(f"{MANIFESTS[name].program} is not installed")
    assert re.search(said, run_first(MANIFESTS[name], samples, tmp_path))


def test_a_new_file_is_made(samples: Path, tmp_path: Path) -> None:
    if missing("merge_pdfs"):
        pytest.skip("pdfunite is not installed")
    run_first(MANIFESTS["merge_pdfs"], samples, tmp_path)
    assert (tmp_path / "work" / "all.pdf").read_bytes().startswith(b"%PDF")

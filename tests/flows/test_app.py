"""Apps from the outside: made of words and of calls, run by name, tried on a copy, edited, shared, bound to effects."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.flows.conftest import Llmos
from tests.flows.test_once import reply

CLEANUP = ("app", "new", "cleanup", "delete the tmp files in Downloads, then list Downloads", "--yes")


@pytest.fixture
def home(llmos: Llmos) -> Llmos:
    for name in ("Downloads/a.tmp", "Downloads/c.pdf", "Backup/old.txt"):
        file = llmos.folder / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    return llmos


def file_of(llmos: Llmos, name: str) -> Path:
    return llmos.home / ".config" / "llmos" / "apps" / f"{name}.toml"


def names(llmos: Llmos, folder: str) -> list[str]:
    return sorted(path.name for path in (llmos.folder / folder).iterdir())


def test_a_description_becomes_steps_with_the_folder_as_a_parameter(home: Llmos) -> None:
    home.run(*CLEANUP)
    made = tomllib.loads(file_of(home, "cleanup").read_text())
    assert [step["tool"] for step in made["steps"]] == ["delete_files", "list_folder"]
    assert made["parameters"] == {"folder": str(home.folder / "Downloads")} and made["effects"] == ["read", "write"]


def test_when_it_is_to_run_is_no_step(home: Llmos) -> None:
    home.run("app", "new", "look", "every Friday list Downloads", "--yes")
    assert tomllib.loads(file_of(home, "look").read_text())["schedule"] == "every Friday"


def test_what_cannot_be_done_is_named_clause_by_clause(home: Llmos) -> None:
    done = home.run("app", "new", "post", "list Downloads and mail me the size", "--yes")
    assert done.returncode == 1 and "“mail me the size”: nothing here sends messages" in done.stderr
    assert not file_of(home, "post").exists()


def test_nobody_there_to_agree_keeps_nothing(home: Llmos) -> None:
    done = home.run(*CLEANUP[:-1])
    assert done.returncode == 3 and not file_of(home, "cleanup").exists()


def test_it_is_called_by_its_name_and_each_step_is_decided_on(home: Llmos) -> None:
    home.run(*CLEANUP)
    assert home.run("cleanup").returncode == 4 and names(home, "Downloads") == ["a.tmp", "c.pdf"]
    assert home.run("--yes", "run cleanup").returncode == 0 and names(home, "Downloads") == ["c.pdf"]


def test_a_run_is_undone_like_any_request(home: Llmos) -> None:
    home.run(*CLEANUP)
    home.run("app", "run", "cleanup", "--yes")
    home.run("undo", "--yes")
    assert names(home, "Downloads") == ["a.tmp", "c.pdf"]


def test_a_parameter_takes_another_value(home: Llmos) -> None:
    (home.folder / "Backup" / "b.tmp").touch()
    home.run(*CLEANUP)
    home.run("app", "run", "cleanup", f"folder={home.folder}/Backup", "--yes")
    assert names(home, "Backup") == ["old.txt"] and names(home, "Downloads") == ["a.tmp", "c.pdf"]


def test_calls_just_made_become_an_app_that_refers_to_their_results(home: Llmos) -> None:
    found = [reply(("find_files", {"path": ["Downloads"], "extension": ["pdf"]}))]
    home.run("--session", "s", "find pdfs", script=[{**found[0], "final": True}])
    made = {"path": [f"{home.folder}/Downloads/c.pdf"], "to": "Backup"}
    home.run(
        "--yes", "--session", "s", f"copy {home.folder}/Downloads/c.pdf to Backup", script=[reply(("copy_files", made))]
    )
    home.run("app", "new", "keep", "--last", "2", "--yes")
    steps = tomllib.loads(file_of(home, "keep").read_text())["steps"]
    assert steps[1]["arguments"]["path"] == ["{result1}"]


def test_a_test_touches_only_the_copy(home: Llmos) -> None:
    home.run(*CLEANUP)
    done = home.run("app", "test", "cleanup")
    assert "- Downloads/a.tmp" in done.stdout and names(home, "Downloads") == ["a.tmp", "c.pdf"]


def test_what_was_changed_behind_the_users_back_does_not_run(home: Llmos) -> None:
    home.run(*CLEANUP)
    file = file_of(home, "cleanup")
    file.write_text(file.read_text().replace('"tmp"', '"pdf"'))
    done = home.run("app", "run", "cleanup", "--yes")
    assert done.returncode == 2 and "llmos app review cleanup" in done.stderr
    assert names(home, "Downloads") == ["a.tmp", "c.pdf"]


def test_an_imported_app_waits_until_it_was_reviewed(home: Llmos) -> None:
    home.run(*CLEANUP)
    home.run("app", "export", "cleanup", "given.toml")
    home.run("app", "remove", "cleanup")
    home.run("app", "import", "given.toml")
    assert home.run("--yes", "cleanup").returncode == 2
    home.run("app", "review", "cleanup", "--yes")
    assert home.run("--yes", "cleanup").returncode == 0


def test_steps_that_can_more_than_the_app_declares_are_refused(home: Llmos) -> None:
    home.run(*CLEANUP)
    file = file_of(home, "cleanup")
    file.write_text(file.read_text().replace('["read", "write"]', '["read"]'))
    done = home.run("app", "run", "cleanup")
    assert done.returncode == 2 and "its steps can write, which it does not declare" in done.stderr


def test_every_version_can_be_had_back(home: Llmos) -> None:
    home.run(*CLEANUP)
    editor = home.base / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/tmp/bak/' \"$1\"\n")
    editor.chmod(0o755)
    done = home.run("app", "edit", "cleanup", env={"EDITOR": str(editor)})
    assert "version 2" in done.stderr and "bak" in file_of(home, "cleanup").read_text()
    home.run("app", "back", "cleanup", "1")
    assert '"tmp"' in file_of(home, "cleanup").read_text()


def test_a_broken_app_does_not_break_other_requests(home: Llmos) -> None:
    home.run(*CLEANUP)
    file_of(home, "broken").write_text("name = ")
    assert home.run("list the files").returncode == 0
    assert "broken\t\tcannot be read" in home.run("app", "list").stdout


@pytest.mark.parametrize("way", [("back", "cleanup", "1"), ("edit", "cleanup")])
def test_an_unreviewed_app_is_not_accepted_by_changing_it(home: Llmos, way: tuple[str, ...]) -> None:
    home.run(*CLEANUP)
    home.run("app", "export", "cleanup", "given.toml")
    home.run("app", "remove", "cleanup")
    home.run("app", "import", "given.toml")
    home.run("app", *way, env={"EDITOR": "sed -i s/tmp/bak/"})
    assert home.run("app", "run", "cleanup", "--yes").returncode == 2
    assert home.run("app", "test", "cleanup").returncode == 2
    assert "a.tmp" in names(home, "Downloads")

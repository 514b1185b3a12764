"""Settings: what counts when several places say something, and what a project may not say."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from llmos import paths
from llmos.config import PROJECT_FILE, Settings, load
from llmos.dispatch.policy import Mode
from llmos.errors import UsageError


def settings(
    folder: Path, user: str = "", project: str = "", env: dict[str, str] | None = None, **flags: str
) -> Settings:
    (folder / "user.toml").write_text(user)
    inner = folder / "project" / "sub"
    inner.mkdir(parents=True)
    (folder / "project" / PROJECT_FILE).write_text(project)
    return load(env or {}, folder / "user.toml", str(inner), str(folder), flags)


def test_the_file_for_people_says_what_ships() -> None:
    assert tomllib.loads((paths.share("configs") / "default.toml").read_text()) == asdict(Settings())


def test_without_files_what_ships_counts(tmp_path: Path) -> None:
    assert load({}, tmp_path / "none", str(tmp_path), str(tmp_path)) == Settings()


def test_the_user_counts_more_than_what_ships(tmp_path: Path) -> None:
    assert settings(tmp_path, 'steps = 3\nmode = "auto"') == Settings(steps=3, mode=Mode.AUTO)


def test_the_environment_counts_more_than_files_and_flags_more_than_that(tmp_path: Path) -> None:
    found = settings(tmp_path, 'model = "a"', env={"LLMOS_MODEL": "b", "LLMOS_MODE": "auto"}, model="c")
    assert (found.model, found.mode) == ("c", Mode.AUTO)


def test_a_project_may_be_stricter(tmp_path: Path) -> None:
    found = settings(tmp_path, project='mode = "read-only"\nsteps = 2')
    assert (found.mode, found.steps) == (Mode.READ_ONLY, 2)


def test_a_project_may_not_be_laxer(tmp_path: Path) -> None:
    assert settings(tmp_path, project='mode = "auto"\nsteps = 99\nmodel = "/evil"') == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modell = 1", "did you mean model"),
        ("colour = 1", "there are model, mode"),
        ('mode = "yolo"', "there are ask, auto"),
        ('steps = "8"', "not a whole number"),
        ("steps = true", "not a whole number"),
        ("seconds = 0", "more than 0"),
        ("steps = ", "Invalid value"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        settings(tmp_path, text)

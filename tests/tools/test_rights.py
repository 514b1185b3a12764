"""Changing permissions and owners."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.changes import ChangeKind
from tests.at_work import Work

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser may give files away")


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_sets_a_mode_and_shows_it_before(work: Work) -> None:
    path = work.write("run.sh")
    path.chmod(0o644)
    plan = work.plan("change_mode", path="run.sh", mode="u+x")
    assert [(one.kind, one.to) for one in plan.changes.changes] == [(ChangeKind.MODE, "744")]
    assert mode(path) == 0o644
    assert work.run(plan).text == f"Changed the mode of {path} to 744." and mode(path) == 0o744


def test_recursive_takes_what_is_beneath_but_follows_no_link(work: Work, tmp_path: Path) -> None:
    inside, outside = work.write("a/b/c"), tmp_path / "outside"
    outside.touch(0o644)
    (work.cwd / "a/link").symlink_to(outside)
    work.do("change_mode", path="a", mode="go=", recursive=True)
    assert mode(inside) & 0o077 == 0 and mode(inside.parent) & 0o077 == 0 and mode(outside) == 0o644


def test_a_named_link_means_what_it_points_to(work: Work) -> None:
    path = work.write("real")
    (work.cwd / "link").symlink_to("real")
    work.do("change_mode", path="link", mode="600")
    assert mode(path) == 0o600


def test_a_filter_means_files_only(work: Work) -> None:
    path = work.write("sub/a")
    before = mode(path.parent)
    work.do("change_mode", newer_than="1 day", mode="600")
    assert mode(path) == 0o600 and mode(path.parent) == before


def test_what_has_the_mode_already_is_no_change(work: Work) -> None:
    work.write("a").chmod(0o640)
    plan = work.plan("change_mode", path="a", mode="640")
    assert len(plan.changes) == 0 and "already" in work.run(plan).text


def test_what_is_no_mode_is_told(work: Work) -> None:
    work.write("a")
    with pytest.raises(ToolError, match="'9x' is no mode"):
        work.plan("change_mode", path="a", mode="9x")


@root_only
def test_gives_files_to_a_user_and_group_by_name_or_number(work: Work) -> None:
    path = work.write("a/b")
    work.do("change_owner", path="a", user="daemon:12345", recursive=True)
    assert (path.stat().st_uid, path.stat().st_gid) == (1, 12345) and path.parent.stat().st_uid == 1
    work.do("change_owner", path="a/b", group="0")
    assert (path.stat().st_uid, path.stat().st_gid) == (1, 0)


@root_only
def test_links_on_the_way_keep_their_targets_owner(work: Work, tmp_path: Path) -> None:
    work.write("a/b")
    (tmp_path / "outside").touch()
    (work.cwd / "a/link").symlink_to(tmp_path / "outside")
    work.do("change_owner", path="a", user="daemon", recursive=True)
    assert (tmp_path / "outside").stat().st_uid == 0


def test_an_unknown_user_is_told(work: Work) -> None:
    work.write("a")
    with pytest.raises(ToolError, match="There is no user 'nobody-at-all'"):
        work.plan("change_owner", path="a", user="nobody-at-all")


def test_neither_user_nor_group_is_told(work: Work) -> None:
    with pytest.raises(ToolError, match="missing"):
        work.plan("change_owner", path=".")

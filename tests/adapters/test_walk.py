"""Walking beneath folders, whatever stands there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmos.adapters.files.walk import Root, Unread, walk


def _walked(path: Path, depth: int | None = None) -> list[str]:
    return [entry.shown for entry in walk(Root(str(path), ""), Unread(), depth)]


def _make(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return folder


def test_folders_come_before_what_they_hold_and_names_are_in_order(tmp_path: Path) -> None:
    _make(tmp_path, "b/z", "b/a", "a", "c")
    assert _walked(tmp_path) == ["a", "b", "b/a", "b/z", "c"]


def test_a_loop_of_links_is_not_entered(tmp_path: Path) -> None:
    _make(tmp_path, "a/b/file")
    (tmp_path / "a/b/up").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to("self")
    assert _walked(tmp_path) == ["a", "a/b", "a/b/file", "a/b/up", "self"]


def test_depth_one_is_what_stands_directly_in_the_folder(tmp_path: Path) -> None:
    _make(tmp_path, "a/b/c", "d")
    assert _walked(tmp_path, 1) == ["a", "d"]
    assert _walked(tmp_path, 2) == ["a", "a/b", "d"]
    assert _walked(tmp_path, 0) == []


def test_a_thousand_levels_are_no_recursion(tmp_path: Path) -> None:
    levels = [str(tmp_path) + "/d" * level for level in range(1, 1101)]
    for level in levels:
        os.mkdir(level)
    assert len(_walked(tmp_path)) == 1100
    for level in reversed(levels):
        os.rmdir(level)  # too deep for what cleans up after tests


def test_the_inside_of_version_control_is_skipped_unless_the_walk_starts_there(tmp_path: Path) -> None:
    _make(tmp_path, ".git/config", ".git/objects/aa", "src/.gitignore")
    assert _walked(tmp_path) == [".git", "src", "src/.gitignore"]
    assert _walked(tmp_path / ".git") == ["config", "objects", "objects/aa"]


def test_a_folder_that_vanishes_meanwhile_holds_nothing(tmp_path: Path) -> None:
    _make(tmp_path, "a/x", "b/y")
    seen = []
    for entry in walk(Root(str(tmp_path), ""), Unread()):
        seen.append(entry.shown)
        if entry.shown == "a":
            os.unlink(tmp_path / "a/x")
            os.rmdir(tmp_path / "a")
    assert seen == ["a", "b", "b/y"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_noted(tmp_path: Path) -> None:
    _make(tmp_path, "closed/x", "open/y")
    os.chmod(tmp_path / "closed", 0)
    unread = Unread()
    assert [entry.shown for entry in walk(Root(str(tmp_path), ""), unread)] == ["closed", "open", "open/y"]
    assert unread.note() == f"Could not read {tmp_path}/closed (permission denied)."
    os.chmod(tmp_path / "closed", 0o700)


def test_names_of_any_bytes_are_walked(tmp_path: Path) -> None:
    for name in (b"new\nline", b"caf\xe9", b"  spaces  ", b"-rf"):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_text("x")
    assert {os.fsencode(name) for name in _walked(tmp_path)} == {b"new\nline", b"caf\xe9", b"  spaces  ", b"-rf"}


def test_a_folder_reached_by_a_link_is_walked_under_its_real_path(tmp_path: Path) -> None:
    _make(tmp_path, "real/x")
    (tmp_path / "link").symlink_to("real")
    found = list(walk(Root(str(tmp_path / "link"), "link"), Unread()))
    assert [(entry.path, entry.shown) for entry in found] == [(f"{tmp_path}/real/x", "link/x")]

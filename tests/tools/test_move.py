"""Copying and moving."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.changes import ChangeKind
from llmos.values.plans import Effect
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system here")
    folder = shared / f"llmos-test-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_copies_to_a_new_path(work: Work) -> None:
    source = work.write("a.txt", "text")
    source.chmod(0o640)
    os.utime(source, (1, 1))
    outcome = work.do("copy_files", path="a.txt", to="b.txt")
    copy = work.cwd / "b.txt"
    assert outcome.items == (str(copy),) and copy.read_text() == "text"
    assert copy.stat().st_mtime == 1 and stat.S_IMODE(copy.stat().st_mode) == 0o640


def test_copies_several_into_a_folder_that_is_made(work: Work) -> None:
    work.files(a_txt="1", b_txt="2")
    plan = work.plan("copy_files", path=["a.txt", "b.txt"], to="new/folder")
    assert plan.summary == f"copy 2 files, 2 bytes, to {work.cwd}/new/folder"
    work.run(plan)
    assert work.names("new") == ["folder/a.txt", "folder/b.txt"] and (work.cwd / "a.txt").exists()


def test_copying_reads_the_source_and_writes_the_target(work: Work) -> None:
    work.write("a")
    plan = work.plan("copy_files", path="a", to="b")
    assert [(one.effect, Path(one.what).name) for one in plan.targets] == [(Effect.READ, "a"), (Effect.WRITE, "b")]


def test_copies_a_folder_with_links_as_links(work: Work) -> None:
    work.write("src/sub/a", "x")
    (work.cwd / "src/link").symlink_to("gone")
    work.do("copy_files", path="src/", to="copy")
    assert work.names("copy") == ["link", "sub/a"] and os.readlink(work.cwd / "copy/link") == "gone"


def test_a_folder_copied_onto_a_folder_goes_inside(work: Work) -> None:
    work.write("src/a")
    (work.cwd / "there").mkdir()
    work.do("copy_files", path="src", to="there")
    assert work.names("there") == ["src/a"]


def test_copying_a_folder_again_adds_to_it_and_keeps_what_was_changed(work: Work) -> None:
    work.write("src/a", "new")
    work.write("there/src/a", "old")
    work.write("there/src/b", "other")
    work.do("copy_files", path="src", to="there")
    assert (work.cwd / "there/src/a").read_text() == "new"
    assert work.names("there") == ["src/a", "src/b"] and work.kept() == ["old"]


def test_a_folder_cannot_go_into_itself(work: Work) -> None:
    work.write("src/a")
    for tool in ("copy_files", "move_files"):
        with pytest.raises(ToolError, match="into itself"):
            work.plan(tool, path="src", to="src/sub")


def test_an_overwritten_file_is_shown_and_kept(work: Work) -> None:
    work.files(a="new", b="old")
    plan = work.plan("copy_files", path="a", to="b")
    assert plan.changes.changes[0].kind is ChangeKind.CHANGED and "old version kept" in plan.summary
    work.run(plan)
    assert (work.cwd / "b").read_text() == "new" and work.kept() == ["old"]


def test_what_appears_after_the_plan_is_not_overwritten(work: Work) -> None:
    work.write("a", "new")
    plan = work.plan("copy_files", path="a", to="b")
    work.write("b", "mine")
    with pytest.raises(ToolError, match="appeared meanwhile"):
        work.run(plan)
    assert (work.cwd / "b").read_text() == "mine"


def test_a_filter_copies_from_all_levels_but_not_from_the_destination(work: Work) -> None:
    for name in ("a.txt", "sub/b.txt", "backup/a.txt", "c.md"):
        work.write(name, name)
    work.do("copy_files", extension="txt", to="backup")
    assert work.names("backup") == ["a.txt", "b.txt"] and work.kept() == ["backup/a.txt"]


def test_one_match_of_a_filter_still_goes_into_a_folder(work: Work) -> None:
    work.write("a.txt")
    work.do("copy_files", extension="txt", to="backup")
    assert work.names("backup") == ["a.txt"]


def test_one_match_with_a_new_name_is_renamed(work: Work) -> None:
    work.write("sub/a.txt")
    work.do("copy_files", name="a.txt", to="b.txt")
    assert (work.cwd / "b.txt").is_file()


def test_two_files_of_one_name_are_refused_by_name(work: Work) -> None:
    work.write("x/a.txt")
    work.write("y/a.txt")
    with pytest.raises(ToolError, match=r"x/a\.txt and .*y/a\.txt have the same name"):
        work.plan("copy_files", extension="txt", to="all")


def test_several_things_cannot_become_one_file(work: Work) -> None:
    work.files(a="", b="", c="")
    with pytest.raises(ToolError, match="is not a folder"):
        work.plan("move_files", path=["a", "b"], to="c")


def test_the_same_file_is_refused(work: Work) -> None:
    work.write("a")
    with pytest.raises(ToolError, match="same file"):
        work.plan("copy_files", path="a", to=".")


def test_moves_everything_here_into_a_folder_that_is_here(work: Work) -> None:
    for name in ("a", "sub/b", "old/c"):
        work.write(name)
    work.do("move_files", name="*", depth=1, to="old")
    assert work.names() == ["old/a", "old/c", "old/sub/b"]


def test_moves_into_a_folder_with_a_trailing_slash(work: Work) -> None:
    work.write("a.txt")
    outcome = work.do("move_files", path="a.txt", to="new/")
    assert outcome.items == (str(work.cwd / "new/a.txt"),) and work.names() == ["new/a.txt"]


def test_a_bare_new_name_renames_in_place(work: Work) -> None:
    work.write("docs/a.txt")
    work.do("move_files", path="docs/a.txt", to="b.txt")
    assert work.names() == ["docs/b.txt"]


def test_a_bare_name_of_an_existing_folder_moves_there(work: Work) -> None:
    work.write("docs/a.txt")
    (work.cwd / "old").mkdir()
    work.do("move_files", path="docs/a.txt", to="old")
    assert work.names() == ["old/a.txt"]


def test_a_path_with_two_missing_folders_is_most_likely_wrong(work: Work) -> None:
    work.write("a.txt")
    with pytest.raises(ToolError, match="There is no 'no'"):
        work.plan("move_files", path="a.txt", to="no/where/b.txt")


def test_moving_a_link_moves_the_link(work: Work) -> None:
    work.write("real", "x")
    (work.cwd / "link").symlink_to("real")
    work.do("move_files", path="link", to="moved")
    assert os.readlink(work.cwd / "moved") == "real" and (work.cwd / "real").exists()


def test_odd_names_survive_a_move(work: Work) -> None:
    names = ["a b", "line\nbreak", "\udcff.bin", "名字.txt"]
    for name in names:
        os.close(os.open(work.cwd / name, os.O_CREAT))
    outcome = work.do("move_files", path=list(names), to="all")
    assert sorted(os.listdir(work.cwd / "all")) == sorted(names) and all(map(str.isprintable, outcome.text.split("\n")))


def test_the_folder_we_are_in_is_not_moved(work: Work) -> None:
    for path in (".", "..", "~"):
        with pytest.raises(ToolError, match="Will not move"):
            work.plan("move_files", path=path, to="/tmp/elsewhere")


def test_a_folder_is_not_moved_over_another(work: Work) -> None:
    work.write("a/x")
    work.write("b/a/y")
    with pytest.raises(ToolError, match="exists already"):
        work.plan("move_files", path="a", to="b")


def test_the_rest_is_moved_when_one_fails(work: Work) -> None:
    work.files(a="", b="", c="")
    plan = work.plan("move_files", path=["a", "b", "c"], to="new")
    (work.cwd / "b").unlink()
    outcome = work.run(plan)
    assert "2 of 3" in outcome.text and "'b'" in outcome.text and len(outcome.items) == 2


def test_moves_a_folder_to_another_disk(work: Work, other_disk: Path) -> None:
    path = work.write("src/sub/a", "x")
    path.chmod(0o4755)
    (work.cwd / "src/link").symlink_to("sub/a")
    work.do("move_files", path="src", to=str(other_disk))
    moved = other_disk / "src/sub/a"
    assert moved.read_text() == "x" and stat.S_IMODE(moved.stat().st_mode) == 0o4755
    assert os.readlink(other_disk / "src/link") == "sub/a" and work.names() == []


def test_more_than_fits_is_refused(work: Work, other_disk: Path) -> None:
    with (work.cwd / "big").open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(ToolError, match="do not fit"):
        work.plan("move_files", path="big", to=str(other_disk))


def test_a_folder_beside_what_is_copied_is_meant_by_its_name(work: Work) -> None:
    work.write("docs/a.txt")
    work.write("docs/archive/old")
    work.do("copy_files", path="docs/a.txt", to="archive/b.txt")
    work.do("move_files", path="docs/a.txt", to="archive")
    assert work.names() == ["docs/archive/a.txt", "docs/archive/b.txt", "docs/archive/old"]

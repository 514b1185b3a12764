"""Creating files, folders and links; writing and appending."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.values.changes import ChangeKind
from llmos.values.plans import Effect
from tests.at_work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def test_creates_an_empty_file_and_the_folders_above_it(work: Work) -> None:
    plan = work.plan("create_file", path="notes/old/todo.txt")
    assert [os.path.relpath(one.path, work.cwd) for one in plan.changes.changes] == [
        "notes", "notes/old", "notes/old/todo.txt",
    ]  # fmt: skip
    assert not (work.cwd / "notes").exists()
    assert work.run(plan).items == (str(work.cwd / "notes/old/todo.txt"),)
    assert (work.cwd / "notes/old/todo.txt").read_bytes() == b""


def test_touches_an_existing_file_and_leaves_its_content(work: Work) -> None:
    path = work.write("a", "text")
    os.utime(path, (1, 1))
    work.do("create_file", path="a")
    assert path.read_text() == "text" and path.stat().st_mtime > 1


def test_creates_many_files_with_odd_names(work: Work) -> None:
    names = ["a b", "line\nbreak", "\udcff.bin", "名字.txt", "-rf"]
    outcome = work.do("create_file", path=list(names))
    assert sorted(os.listdir(work.cwd)) == sorted(names) and len(outcome.items) == 5
    assert outcome.text.isprintable()


def test_a_name_with_a_slash_at_its_end_is_no_file(work: Work) -> None:
    with pytest.raises(ToolError, match="make_folder"):
        work.plan("create_file", path="notes/")


def test_a_file_in_the_way_of_a_folder_is_told(work: Work) -> None:
    work.write("notes")
    with pytest.raises(ToolError, match=r"notes is not a folder"):
        work.plan("create_file", path="notes/todo")


def test_makes_folders_with_those_above(work: Work) -> None:
    outcome = work.do("make_folder", path=["a/b/c", "d"])
    assert (work.cwd / "a/b/c").is_dir() and (work.cwd / "d").is_dir() and len(outcome.items) == 2


def test_a_folder_that_exists_is_no_error(work: Work) -> None:
    (work.cwd / "a").mkdir()
    assert "exists already" in work.do("make_folder", path="a").text


def test_writes_text_with_a_line_end(work: Work) -> None:
    assert work.do("write_file", path="a.txt", text="héllo").text.startswith("Wrote 1 line to ")
    assert (work.cwd / "a.txt").read_bytes() == "héllo\n".encode()


def test_writing_keeps_the_old_version_and_the_mode(work: Work) -> None:
    path = work.write("a", "old")
    path.chmod(0o751)
    plan = work.plan("write_file", path="a", text="new\n")
    assert plan.changes.changes[0].kind is ChangeKind.CHANGED and "old version is kept" in plan.summary
    work.run(plan)
    assert path.read_text() == "new\n" and path.stat().st_mode & 0o777 == 0o751 and work.kept() == ["old"]


def test_writing_goes_through_a_link_and_says_where(work: Work) -> None:
    path = work.write("real", "old")
    (work.cwd / "link").symlink_to("real")
    plan = work.plan("write_file", path="link", text="new")
    assert plan.targets[0].what == str(path) and plan.targets[0].effect is Effect.WRITE
    work.run(plan)
    assert path.read_text() == "new\n" and (work.cwd / "link").is_symlink()


def test_writing_leaves_further_names_of_a_file_together(work: Work) -> None:
    path = work.write("a", "old")
    os.link(path, work.cwd / "b")
    work.do("write_file", path="a", text="new")
    assert (work.cwd / "b").read_text() == "new\n"


def test_writing_to_a_folder_or_a_pipe_is_refused(work: Work) -> None:
    os.mkfifo(work.cwd / "pipe")
    for path in (".", "pipe"):
        with pytest.raises(ToolError):
            work.plan("write_file", path=path, text="x")


@pytest.mark.parametrize("old", ["one\n", "one"])
def test_appending_begins_a_new_line(work: Work, old: str) -> None:
    path = work.write("log", old)
    work.do("append_file", path="log", text="two")
    assert path.read_text() == "one\ntwo\n"
    work.do("undo")
    assert path.read_text() == old


def test_appending_creates_the_file(work: Work) -> None:
    work.do("append_file", path="new/log", text="two\n")
    assert (work.cwd / "new/log").read_text() == "two\n"


def test_a_relative_link_works_from_the_folder_it_stands_in(work: Work) -> None:
    work.write("data/a.txt", "here")
    (work.cwd / "links").mkdir()
    work.do("link_file", target="data/a.txt", link="links/")
    assert (work.cwd / "links/a.txt").read_text() == "here"
    assert os.readlink(work.cwd / "links/a.txt") == "../data/a.txt"


def test_a_hard_link_is_the_same_file(work: Work) -> None:
    path = work.write("a", "x")
    work.do("link_file", target="a", link="b", hard=True)
    assert path.samefile(work.cwd / "b") and path.stat().st_nlink == 2


def test_a_link_never_replaces_anything(work: Work) -> None:
    work.write("a")
    work.write("b", "mine")
    with pytest.raises(ToolError, match="exists already"):
        work.plan("link_file", target="a", link="b")


def test_a_link_to_nothing_is_made_and_said_so(work: Work) -> None:
    plan = work.plan("link_file", target="gone", link="b")
    assert "does not exist yet" in plan.summary
    work.run(plan)
    assert os.readlink(work.cwd / "b") == "gone"

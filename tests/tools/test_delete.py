"""Deleting: what goes, what must not, and where it is then."""

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


def test_moves_files_to_the_trash_and_says_so(work: Work) -> None:
    work.files(a_txt="12345", b_txt="67890")
    plan = work.plan("delete_files", path=["a.txt", "b.txt"])
    assert plan.summary == f"delete 2 files, 10 bytes, in {work.cwd}, to the trash"
    assert work.names() == ["a.txt", "b.txt"]
    outcome = work.run(plan)
    assert outcome.text == "Moved 2 files (10 bytes) to the trash.\na.txt\nb.txt" and outcome.items == ()
    assert work.names() == [] and work.trashed() == ["a.txt", "b.txt"]


def test_the_plan_names_what_is_deleted(work: Work) -> None:
    work.write("sub/a", "123")
    plan = work.plan("delete_files", path="sub")
    (change,) = plan.changes.changes
    assert (change.kind, change.path, change.size) == (ChangeKind.DELETED, str(work.cwd / "sub"), 3)
    assert plan.targets[0].effect is Effect.WRITE


def test_permanently_is_irreversible_and_leaves_nothing(work: Work) -> None:
    work.write("sub/a")
    plan = work.plan("delete_files", path="sub", permanently=True)
    assert plan.targets[0].effect is Effect.DESTROY
    work.run(plan)
    assert work.names() == [] and work.trashed() == [] and work.kept() == []


@pytest.mark.parametrize("permanently", [False, True])
def test_a_link_goes_and_its_target_stays(work: Work, permanently: bool) -> None:
    work.write("real/a")
    (work.cwd / "link").symlink_to("real")
    (work.cwd / "dangling").symlink_to("nowhere")
    work.do("delete_files", path=["link", "dangling"], permanently=permanently)
    assert work.names() == ["real/a"]


@pytest.mark.parametrize("path", ["/", "~", ".", "..", "../..", "~/work/../work"])
def test_the_ground_we_stand_on_is_not_deleted(work: Work, path: str) -> None:
    for permanently in (False, True):
        with pytest.raises(ToolError, match="Will not delete"):
            work.plan("delete_files", path=path, permanently=permanently)


def test_everything_here_takes_folders_too(work: Work) -> None:
    for name in ("a", "sub/b", ".hidden"):
        work.write(name)
    work.do("delete_files", name="*")
    assert os.listdir(work.cwd) == [] and work.trashed() == [".hidden", "a", "sub"]


def test_a_folder_and_what_is_in_it_are_deleted_as_one(work: Work) -> None:
    work.write("tmp1/tmp2/tmp3")
    plan = work.plan("delete_files", name="tmp*")
    assert [change.path for change in plan.changes.changes] == [str(work.cwd / "tmp1")]
    work.run(plan)
    assert work.names() == []


def test_other_filters_mean_files_only(work: Work) -> None:
    path = work.write("old/a")
    for one in (path, path.parent):
        os.utime(one, (1, 1))
    work.do("delete_files", older_than="1 day")
    assert (work.cwd / "old").is_dir() and work.trashed() == ["a"]


def test_all_but_some_leaves_the_folders_of_those(work: Work) -> None:
    for name in ("a.txt", "sub/b.txt", "sub/c.md"):
        work.write(name)
    work.do("delete_files", exclude="*.md")
    assert work.names() == ["sub/c.md"]


def test_empty_folders_go_with_those_that_become_empty(work: Work) -> None:
    for name in ("a/b/c", "d/e"):
        (work.cwd / name).mkdir(parents=True)
    work.write("d/file")
    work.do("delete_files", empty=True, type="folder")
    assert sorted(os.listdir(work.cwd)) == ["d"] and os.listdir(work.cwd / "d") == ["file"]


def test_a_start_folder_that_becomes_empty_stays(work: Work) -> None:
    (work.cwd / "a/b").mkdir(parents=True)
    work.do("delete_files", path="a", empty=True, type="folder")
    assert (work.cwd / "a").is_dir() and os.listdir(work.cwd / "a") == []


def test_nothing_that_matches_is_told_with_what_was_looked_for(work: Work) -> None:
    with pytest.raises(ToolError, match=r"Nothing to delete: there are no files ending in \.tmp, larger than 1.0 KB"):
        work.plan("delete_files", extension="tmp", larger_than="1k")


def test_the_trash_and_kept_versions_are_not_searched(work: Work) -> None:
    work.write("a.tmp")
    work.do("delete_files", path="a.tmp")
    with pytest.raises(ToolError, match="Nothing to delete"):
        work.plan("delete_files", path="~", extension="tmp")


def test_the_trash_does_not_go_into_itself(work: Work) -> None:
    work.write("a")
    work.do("delete_files", path="a")
    with pytest.raises(ToolError, match="permanently"):
        work.plan("delete_files", path="~/.local/share/Trash")
    work.do("delete_files", path="~/.local/share/Trash/files", name="*", permanently=True)
    assert work.trashed() == []


def test_odd_names_are_deleted(work: Work) -> None:
    names = ["a b", "line\nbreak", "\udcff.bin", "-rf", "*"]
    for name in names:
        work.write(name)
    outcome = work.do("delete_files", path=list(names))
    assert (
        work.names() == [] and work.trashed() == sorted(names) and all(map(str.isprintable, outcome.text.split("\n")))
    )


def test_the_rest_goes_when_one_has_vanished(work: Work) -> None:
    work.files(a="", b="")
    plan = work.plan("delete_files", path=["a", "b"])
    (work.cwd / "a").unlink()
    assert work.run(plan).text.startswith("Moved 1 of 2 to the trash. There is no 'a'")


def test_many_files_are_planned_and_deleted_at_once(work: Work) -> None:
    for number in range(2000):
        work.write(f"sub{number % 7}/same-{number % 50}-{number}.log")
    outcome = work.do("delete_files", extension="log")
    assert outcome.text.startswith("Moved 2,000 files") and work.names() == []
    assert outcome.text.endswith("\nand 1,980 more") and outcome.text.count("\n") == 21

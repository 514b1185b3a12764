"""The change set of a command is exact, committing it gives what the command left, undoing it what there was."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.journal.journal import Journal
from llmos.sandbox.base import Level
from tests.sandbox.running import needs_overlay, run

pytestmark = needs_overlay


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files, folders, a link and a file with two names."""
    work = tmp_path / "work"
    for name in ("sub/deep", "other"):
        (work / name).mkdir(parents=True)
    for name in ("a", "b", "sub/one", "sub/two", "sub/deep/three", "other/four"):
        (work / name).write_text(f"{name}\n")
    (work / "link").symlink_to("a")
    os.link(work / "b", work / "b2")
    return work


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        content = os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else "folder"
        found[str(path.relative_to(folder))] = (content, stat.S_IMODE(path.lstat().st_mode))
    return found


def rehearse(folder: Path, line: str, *, commit: bool = True) -> set[str]:
    """What it would change, as words. Committed, the folder is what the same command makes of it unconfined."""
    before = tree(folder)
    done = run(Level.L3, line, folder)
    assert done.ended.code == 0, done.output
    assert tree(folder) == before
    assert done.held is not None
    try:
        root = os.path.realpath(folder)
        changes = done.held.change_set().changes
        if commit:
            with Journal(str(folder.parent / "state")).begin("test") as entry:
                done.held.commit(entry)
        return {
            " ".join(filter(None, (c.kind, os.path.relpath(c.path, root), c.to.removeprefix(root + "/"))))
            for c in changes
        }
    finally:
        done.held.discard()


CASES = {
    "nothing": ("ls -R; cat a; stat b; test -w a", set()),
    "create": ("echo new > new", {"created new"}),
    "create in a new folder": ("mkdir -p x/y; echo n > x/y/z", {"created x", "created x/y", "created x/y/z"}),
    "change": ("echo more >> a", {"changed a"}),
    "the same content again": ("cat a > /tmp/a; cat /tmp/a > a; touch -r b a; touch -r /etc/hostname a", {"changed a"}),
    "delete": ("rm a", {"deleted a"}),
    "delete a folder": ("rm -r sub", {"deleted sub"}),
    "rename": ("mv a z", {"moved a z"}),
    "rename a folder": ("mv sub elsewhere", {"moved sub elsewhere"}),
    "rename into a new folder": ("mkdir new; mv a new/", {"created new", "moved a new/a"}),
    "rename over a file": ("mv a other/four", {"deleted a", "changed other/four"}),
    "swap": ("mv a t; mv sub/one a; mv t sub/one", {"changed a", "changed sub/one"}),
    "mode": ("chmod 600 a", {"mode a 600"}),
    "mode of a folder": ("chmod 700 sub", {"mode sub 700"}),
    "mode of the whole": ("chmod 750 .", {"mode . 750"}),
    "change and mode": ("echo x > a; chmod 640 a", {"changed a", "mode a 640"}),
    "link": ("ln -s b new", {"created new"}),
    "another target": ("ln -sfn b link", {"changed link"}),
    "file by folder": ("rm a; mkdir a; echo x > a/x", {"deleted a", "created a", "created a/x"}),
    "folder by file": ("rm -r sub; echo x > sub", {"deleted sub", "created sub"}),
    "folder by another": (
        "rm -r sub; mkdir sub; echo x > sub/one",
        {"changed sub/one", "deleted sub/two", "deleted sub/deep"},
    ),
    "folder by a link": ("rm -r sub; ln -s other sub", {"deleted sub", "created sub"}),
    "made and gone": ("echo x > t; rm t; mkdir d; rmdir d", set()),
    "one of two names": ("echo x >> b", {"changed b"}),
    "odd names": ("touch -- '-n' 'a b' '$(x)'", {"created -n", "created a b", "created $(x)"}),
    "a file nobody may read": ("echo x > s; chmod 000 s", {"created s"}),
    "a folder nobody may enter": ("mkdir d; echo x > d/x; chmod 500 d", {"created d", "created d/x"}),
    "everything": ("rm -rf ./*", {f"deleted {name}" for name in ("a", "b", "b2", "link", "other", "sub")}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_change_set_is_exact(name: str, folder: Path) -> None:
    line, expected = CASES[name]
    assert rehearse(folder, line, commit=False) == expected


@pytest.mark.parametrize("name", [name for name in CASES if "nobody" not in name])
def test_a_commit_leaves_what_the_command_left(name: str, folder: Path, tmp_path: Path) -> None:
    line, _ = CASES[name]
    twin = tmp_path / "twin"
    os.system(f"cp -a '{folder}' '{twin}'; cd '{twin}'; ({line}) > /dev/null 2>&1")
    rehearse(folder, line)
    assert tree(folder) == tree(twin)


def test_a_discard_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    before, mounts = tree(folder), Path("/proc/self/mounts").read_text()
    rehearse(folder, "rm -r sub; echo x > new", commit=False)
    assert tree(folder) == before and Path("/proc/self/mounts").read_text() == mounts
    assert sorted(os.listdir(tmp_path)) == ["work"]


def test_a_change_by_somebody_else_is_seen_before_the_commit(folder: Path) -> None:
    done = run(Level.L3, "echo mine > a", folder)
    (folder / "a").write_text("theirs")
    assert done.held is not None
    with pytest.raises(ToolError, match="changed by somebody else"):
        done.held.check()
    done.held.discard()


def test_something_new_in_a_folder_that_would_go_is_seen_too(folder: Path) -> None:
    done = run(Level.L3, "rm -r sub", folder)
    (folder / "sub/deep/new").write_text("theirs")
    assert done.held is not None
    with pytest.raises(ToolError, match="changed by somebody else"):
        done.held.check()
    done.held.discard()


def test_a_change_elsewhere_in_the_folder_does_not_matter(folder: Path) -> None:
    done = run(Level.L3, "echo mine > a", folder)
    (folder / "b").write_text("theirs")
    assert done.held is not None
    done.held.check()
    done.held.discard()


def test_content_that_pretends_to_be_moved_is_not_called_moved(folder: Path) -> None:
    """Same size and time of change, other content."""
    line = "printf 'X\\n' > z; touch -r a z; rm a"
    assert rehearse(folder, line, commit=False) == {"created z", "deleted a"}


def test_links_in_the_layer_lead_nobody_astray(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("untouched")
    rehearse(folder, f"rm a; ln -s {tmp_path}/victim a; rm -r sub; ln -s {tmp_path} sub")
    assert (tmp_path / "victim").read_text() == "untouched" and os.path.islink(folder / "a")


def test_discarding_twice_does_no_harm(folder: Path) -> None:
    done = run(Level.L3, "echo x > a", folder)
    assert done.held is not None
    done.held.discard()
    done.held.discard()

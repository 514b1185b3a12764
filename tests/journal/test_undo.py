"""Undo and redo: every kind of change comes back exactly, and nobody's later work is lost by it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmos.errors import ToolError
from llmos.journal.journal import Entry
from llmos.journal.undo import history
from tests.journal.folder_under_change import Ground


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    (made.root / "a").write_text("old a")
    (made.root / "b").write_text("old b\n")
    (made.root / "d/e").mkdir(parents=True)
    (made.root / "d/e/f").write_text("f")
    os.link(made / "a", made / "twin")
    os.chmod(made / "b", 0o640)
    return made


def unpacked(entry: Entry, ground: Ground) -> None:
    entry.make_folder(ground / "new")
    for number in range(5):
        entry.write(ground / f"new/{number}", b"x")
    entry.overwrite(ground / "b", prepared(ground))


def prepared(ground: Ground) -> str:
    path = str(ground.root.parent / "prepared")
    Path(path).write_text("prepared")
    return path


def swapped(entry: Entry, ground: Ground) -> None:
    entry.move(ground / "a", ground / "via")
    entry.move(ground / "b", ground / "a")
    entry.move(ground / "via", ground / "b")


CHANGES: dict[str, Callable[[Entry, Ground], None]] = {
    "create": lambda entry, ground: entry.create(ground / "new", prepared(ground)),
    "overwrite": lambda entry, ground: entry.overwrite(ground / "b", prepared(ground)),
    "write new": lambda entry, ground: entry.write(ground / "new", b"new"),
    "write": lambda entry, ground: entry.write(ground / "b", b"new"),
    "write in place": lambda entry, ground: entry.write(ground / "a", b"a longer text than before"),
    "append": lambda entry, ground: entry.append(ground / "b", b"more\n"),
    "copy a folder": lambda entry, ground: entry.copy(ground / "d", ground / "copy"),
    "copy over": lambda entry, ground: entry.copy(ground / "d/e/f", ground / "b", replace=True),
    "move": lambda entry, ground: entry.move(ground / "d", ground / "moved"),
    "move over": lambda entry, ground: entry.move(ground / "d/e/f", ground / "b", replace=True),
    "swap": swapped,
    "delete": lambda entry, ground: entry.delete(ground / "a"),
    "delete a folder": lambda entry, ground: entry.delete(ground / "d"),
    "stow": lambda entry, ground: entry.stow(ground / "d"),
    "link": lambda entry, ground: entry.link("a", ground / "link"),
    "hard link": lambda entry, ground: entry.hard_link(ground / "b", ground / "third"),
    "mode": lambda entry, ground: entry.mode(ground / "b", 0o4711),
    "owner": lambda entry, ground: entry.owner(ground / "b", os.getuid(), os.getgid()),
    "times": lambda entry, ground: entry.times(ground / "b", 10**9, 10**9),
    "unpack": unpacked,
}


@pytest.mark.parametrize("change", CHANGES)
def test_undo_gives_back_exactly_what_was_and_redo_what_came(ground: Ground, change: str) -> None:
    before = ground.picture()
    with ground.changing() as entry:
        CHANGES[change](entry, ground)
    after = ground.picture()
    assert ground.undo() == "" and ground.picture() == before
    assert ground.redo() == "" and names(ground.picture()) == names(after)
    assert ground.undo() == "" and ground.picture() == before


def names(picture: dict[str, tuple[object, ...]]) -> dict[str, tuple[object, ...]]:
    """Without the times, which are those of the redo."""
    return {path: (seen[0], seen[1]) for path, seen in picture.items()}


def test_everything_is_undone_step_by_step_and_redone_again(ground: Ground) -> None:
    pictures = [ground.picture()]
    for change in ("write", "append", "move over", "delete a folder", "unpack"):
        if change == "unpack":
            continue
        with ground.changing(change) as entry:
            CHANGES[change](entry, ground)
        pictures.append(ground.picture())
    for picture in reversed(pictures[:-1]):
        assert ground.undo() == "" and ground.picture() == picture
    assert ground.redo(9) == "" and ground.picture().keys() == pictures[-1].keys()
    assert ground.undo(9) == "" and ground.picture() == pictures[0]


def test_what_was_edited_since_is_not_undone(ground: Ground) -> None:
    with ground.changing() as entry:
        entry.write(ground / "b", b"ours")
    (ground.root / "b").write_text("theirs")
    with pytest.raises(ToolError, match=r"work/b was changed after that.*--keep-both"):
        ground.undo()
    assert (ground.root / "b").read_text() == "theirs"


def test_both_versions_can_be_kept(ground: Ground) -> None:
    with ground.changing() as entry:
        entry.write(ground / "b", b"ours")
        entry.write(ground / "new", b"ours")
    (ground.root / "b").write_text("theirs")
    assert ground.undo(keep_both=True) == ""
    assert (ground.root / "b").read_text() == "theirs" and (ground.root / "b (before)").read_text() == "old b\n"
    assert not (ground.root / "new").exists()


def test_a_folder_somebody_works_in_is_not_taken_away(ground: Ground) -> None:
    with ground.changing() as entry:
        entry.make_folder(ground / "new")
        entry.write(ground / "new/a", b"ours")
    (ground.root / "new/a").write_text("theirs")
    ground.undo(keep_both=True)
    assert (ground.root / "new/a").read_text() == "theirs"


def test_a_deleted_thing_whose_name_is_taken_comes_back_beside_it(ground: Ground) -> None:
    with ground.changing() as entry:
        entry.delete(ground / "b")
    (ground.root / "b").write_text("theirs")
    with pytest.raises(ToolError, match="is there again"):
        ground.undo()
    ground.undo(keep_both=True)
    assert (ground.root / "b (before)").read_text() == "old b\n"


def test_lines_that_others_added_are_not_cut_off(ground: Ground) -> None:
    with ground.changing() as entry:
        entry.append(ground / "b", b"ours\n")
    with open(ground / "b", "a") as file:
        file.write("theirs\n")
    with pytest.raises(ToolError, match="was changed after that"):
        ground.undo()


def test_undo_takes_the_thing_and_its_note_out_of_the_trash(ground: Ground) -> None:
    with ground.changing() as entry:
        entry.delete(ground / "d")
    assert ground.undo() == ""
    trash = ground.root.parent / "home/Trash"
    assert os.listdir(trash / "files") == os.listdir(trash / "info") == []


def test_what_is_no_longer_in_the_trash_cannot_come_back(ground: Ground) -> None:
    with ground.changing() as entry:
        entry.delete(ground / "b")
    (ground.root.parent / "home/Trash/files/b").unlink()
    with pytest.raises(ToolError, match="no longer kept"):
        ground.undo()


def test_after_another_change_nothing_is_redone(ground: Ground) -> None:
    for content in (b"one", b"two"):
        with ground.changing() as entry:
            entry.write(ground / "b", content)
        if content == b"one":
            ground.undo()
    with pytest.raises(ToolError, match="Nothing to redo"):
        ground.redo()


def test_what_was_deleted_for_good_says_so(ground: Ground) -> None:
    with ground.changing("delete it for good") as entry:
        entry.purge(ground / "b")
    with pytest.raises(ToolError, match=r"delete it for good.*cannot be undone"):
        ground.undo()


def test_an_entry_without_a_change_leaves_nothing(ground: Ground) -> None:
    with ground.changing() as entry, pytest.raises(ToolError):
        entry.write(ground / "nowhere/a", b"")
    assert list(history(ground.journal.store)) == [] and not list((ground.state / "kept").iterdir())


def test_an_undo_that_stopped_half_way_goes_on(ground: Ground) -> None:
    before = ground.picture()
    with ground.changing() as entry:
        entry.move(ground / "a", ground / "d/a")
        entry.move(ground / "b", ground / "d/b")
    (ground.root / "a").mkdir()
    journal = ground.journal
    from llmos.journal.undo import carry_out, plan, to_undo

    (ground.root / "a").rmdir()
    steps = plan(journal, to_undo(journal))
    (ground.root / "a").mkdir()
    assert "is there again" in carry_out(journal, steps, None, 0).trouble and (ground.root / "b").exists()
    (ground.root / "a").rmdir()
    assert ground.undo() == "" and ground.picture() == before


def test_the_oldest_versions_go_when_they_take_too_much(tmp_path: Path) -> None:
    ground = Ground(tmp_path, quota=25)
    (ground.root / "b").write_text("0123456789")
    for _ in range(4):
        with ground.changing() as entry:
            entry.write(ground / "b", b"0123456789")
    kept = sorted(os.listdir(ground.state / "kept"))
    assert kept == ["000003", "000004"]


def test_the_newest_version_stays_however_large(tmp_path: Path) -> None:
    ground = Ground(tmp_path, quota=1)
    (ground.root / "b").write_text("0123456789")
    with ground.changing() as entry:
        entry.write(ground / "b", b"")
    assert ground.undo() == "" and (ground.root / "b").read_text() == "0123456789"


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system here")
    folder = shared / f"llmos-test-{os.getpid()}"
    folder.mkdir()
    yield folder
    os.system(f"rm -rf {folder}")


def test_moves_across_disks_and_back(ground: Ground, other_disk: Path) -> None:
    before = ground.picture()
    with ground.changing() as entry:
        entry.move(ground / "d", str(other_disk / "d"))
    assert (other_disk / "d/e/f").read_text() == "f" and not (ground.root / "d").exists()
    assert ground.undo() == "" and ground.picture() == before
    assert os.listdir(other_disk) == []


def test_old_versions_from_another_disk_are_kept(ground: Ground, other_disk: Path) -> None:
    (other_disk / "a").write_text("old")
    with ground.changing() as entry:
        entry.write(str(other_disk / "a"), b"new")
    assert ground.undo() == "" and (other_disk / "a").read_text() == "old"
    assert os.listdir(other_disk) == ["a"]


def test_what_one_request_did_in_two_calls_is_one_step(ground: Ground) -> None:
    before = ground.picture()
    with ground.journal.begin("make new", None, 7.0) as entry:
        entry.make_folder(ground / "new")
    with ground.journal.begin("move a", None, 7.0) as entry:
        entry.move(ground / "a", ground / "new/a")
    assert ground.undo() == "" and ground.picture() == before


def test_what_two_requests_did_are_two_steps(ground: Ground) -> None:
    for moment, name in ((7.0, "one"), (8.0, "two")):
        with ground.journal.begin(name, None, moment) as entry:
            entry.make_folder(ground / name)
    assert ground.undo() == "" and os.path.isdir(ground / "one") and not os.path.exists(ground / "two")

"""Deleting into the trash of the desktop."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import pytest

from llmos.adapters.files.trash import home_trash
from llmos.errors import ToolError
from llmos.journal.journal import Journal
from llmos.journal.operations import Take


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


class Trash:
    """Deletes one thing at a time, and says where it is now."""

    def __init__(self, folder: str) -> None:
        self._journal = Journal(str(Path(folder).parent / "state"), folder)

    def put(self, path: str) -> str:
        with self._journal.begin("delete") as entry:
            entry.delete(path)
        (taken,) = entry.done
        assert isinstance(taken, Take)
        return taken.to


def info(trashed: str) -> dict[str, str]:
    """The .trashinfo of a thing in the trash."""
    path = Path(trashed)
    text = (path.parent.parent / "info" / (path.name + ".trashinfo")).read_text()
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_the_info_file_tells_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a b\udcff%.txt"
    path.write_text("x")
    there = Trash(str(tmp_path / "Trash")).put(str(path))
    assert unquote(info(there)["Path"], errors="surrogateescape") == str(path)
    assert "T" in info(there)["DeletionDate"] and Path(there).read_text() == "x" and not path.exists()


def test_things_of_one_name_stay_apart(tmp_path: Path) -> None:
    trash = Trash(str(tmp_path / "Trash"))
    for number in range(12):
        (tmp_path / "a.txt").write_text(str(number))
        trash.put(str(tmp_path / "a.txt"))
    texts = {path.read_text() for path in (tmp_path / "Trash/files").iterdir()}
    assert len(texts) == 12 and len(list((tmp_path / "Trash/info").iterdir())) == 12


def test_a_long_name_fits(tmp_path: Path) -> None:
    path = tmp_path / ("名" * 85)
    path.write_text("x")
    there = Trash(str(tmp_path / "Trash")).put(str(path))
    assert Path(there).read_text() == "x" and unquote(info(there)["Path"]) == str(path)


def test_a_read_only_file_and_a_dangling_link_are_taken(tmp_path: Path) -> None:
    trash = Trash(str(tmp_path / "Trash"))
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "fixed").touch(0o400)
    assert os.readlink(trash.put(str(tmp_path / "link"))) == "nowhere"
    assert stat.S_IMODE(os.stat(trash.put(str(tmp_path / "fixed"))).st_mode) == 0o400


def test_a_folder_closed_for_writing_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "fixed").mkdir()
    (tmp_path / "fixed/a").touch()
    (tmp_path / "fixed").chmod(0o555)
    there = Trash(str(tmp_path / "Trash")).put(str(tmp_path / "fixed"))
    assert stat.S_IMODE(os.stat(there).st_mode) == 0o555 and os.listdir(there) == ["a"]
    os.chmod(there, 0o755)


def test_nobody_else_can_look_into_the_trash(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    Trash(str(tmp_path / "Trash")).put(str(tmp_path / "a"))
    assert stat.S_IMODE((tmp_path / "Trash").stat().st_mode) == 0o700


def test_what_is_on_another_disk_stays_on_it(tmp_path: Path, other_disk: Path) -> None:
    (other_disk / "a").write_text("x")
    there = Trash(str(tmp_path / "Trash")).put(str(other_disk / "a"))
    try:
        assert there.startswith("/dev/shm/.Trash") and not info(there)["Path"].startswith("/")
    finally:
        os.unlink(there)
        os.unlink(Path(there).parent.parent / "info" / (Path(there).name + ".trashinfo"))
        with suppress(OSError):  # somebody else's things may be in it
            for folder in ("files", "info", "."):
                (Path(there).parent.parent / folder).resolve().rmdir()


def test_a_failure_leaves_nothing_in_the_trash(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="There is no 'gone'"):
        Trash(str(tmp_path / "Trash")).put(str(tmp_path / "gone"))
    assert not list(tmp_path.glob("Trash/info/*"))


def test_the_home_trash_follows_the_environment() -> None:
    assert home_trash("/h", {"XDG_DATA_HOME": "/data"}) == "/data/Trash"
    assert home_trash("/h", {"XDG_DATA_HOME": "relative"}) == "/h/.local/share/Trash"

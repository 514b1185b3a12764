"""Paths that lead nowhere as written: what a person means by them, and where nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmos.adapters.files.paths import destination, find_roots, locate
from llmos.errors import ToolError
from llmos.values.place import Place


def place_in(folder: Path, *recent: Path) -> Place:
    return Place(str(folder), str(folder), recent=tuple(map(str, recent)))


def made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_the_name_of_the_folder_we_are_in_means_that_folder(tmp_path: Path) -> None:
    file = made(tmp_path / "project" / "src" / "a.txt")
    inside = place_in(file.parent)
    assert locate("src", inside) == str(file.parent)
    assert locate("src/a.txt", inside) == str(file)
    assert locate("project", inside) == str(tmp_path / "project")


def test_what_is_in_the_folder_comes_before_what_may_be_meant(tmp_path: Path) -> None:
    inner = made(tmp_path / "src" / "src" / "a.txt")
    assert locate("src", place_in(tmp_path / "src")) == str(inner.parent)


def test_a_file_spoken_of_is_found_by_its_name_alone(tmp_path: Path) -> None:
    old, new = made(tmp_path / "old" / "a.txt"), made(tmp_path / "new" / "a.txt")
    assert locate("a.txt", place_in(tmp_path, new, old)) == str(new)
    assert [root.shown for root in find_roots(["a.txt"], place_in(tmp_path, old))] == ["old/a.txt"]


def test_what_stands_beside_a_file_spoken_of_is_found(tmp_path: Path) -> None:
    spoken, other = made(tmp_path / "docs" / "a.txt"), made(tmp_path / "docs" / "b.txt")
    assert locate("b.txt", place_in(tmp_path, spoken)) == str(other)
    assert locate("b.txt", place_in(tmp_path, spoken.parent)) == str(other)


def test_other_capitals_when_only_one_name_has_them(tmp_path: Path) -> None:
    file = made(tmp_path / "Documents" / "Notes.txt")
    assert locate("documents/notes.txt", place_in(tmp_path)) == str(file)
    assert locate(str(tmp_path / "documents"), place_in(tmp_path)) == str(file.parent)
    (tmp_path / "DOCUMENTS").mkdir()
    assert locate("documents", place_in(tmp_path)) == str(tmp_path / "documents")


def test_a_path_that_says_where_it_begins_is_taken_exactly(tmp_path: Path) -> None:
    file = made(tmp_path / "docs" / "a.txt")
    with pytest.raises(ToolError, match=r"no 'a\.txt'"):
        find_roots(["./a.txt"], place_in(tmp_path, file))


def test_what_is_to_be_created_is_new_where_nothing_else_is_clear(tmp_path: Path) -> None:
    file = made(tmp_path / "docs" / "a.txt")
    assert destination("a.txt", place_in(tmp_path, file)) == str(tmp_path / "a.txt")
    assert destination("docs/b", place_in(file.parent)) == str(file.parent / "docs" / "b")
    assert destination("Docs/b", place_in(tmp_path)) == str(file.parent / "b")


def test_things_go_to_the_folder_beside_them(tmp_path: Path) -> None:
    file = made(tmp_path / "docs" / "a.txt")
    (file.parent / "archive").mkdir()
    assert destination("archive", place_in(tmp_path), str(file.parent)) == str(file.parent / "archive")
    assert destination("archive/b", place_in(tmp_path), str(file.parent)) == str(file.parent / "archive" / "b")
    assert destination("other", place_in(tmp_path), str(file.parent)) == str(tmp_path / "other")

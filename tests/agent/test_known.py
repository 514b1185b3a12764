"""Which names of a request the model is told exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmos.agent.context import Conversation, make_context
from llmos.models.embedded.view import view
from llmos.values.messages import UserMessage
from llmos.values.place import Place


def known(request: str, folder: Path) -> dict[str, str]:
    """The words at which a name begins, with what it is the name of."""
    conversation = Conversation(Place(str(folder), str(folder)), [UserMessage(request)])
    seen = view(make_context(conversation))
    return {seen.request[start:].split()[0]: kind for start, kind in seen.known}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    for name in ("docs/plan.md", "notes.txt", "my list.txt", "备份.zip"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_file_and_a_folder_are_told_apart(folder: Path) -> None:
    assert known("move notes.txt to docs", folder) == {"notes.txt": "file", "docs": "folder"}


def test_what_is_not_there_is_not_known(folder: Path) -> None:
    assert known("create report.txt in docs", folder) == {"docs": "folder"}


def test_a_path_leads_into_a_folder(folder: Path) -> None:
    assert known("show ~/docs/plan.md", folder) == {"~/docs/plan.md": "file"}


def test_a_name_with_a_space_is_one_name(folder: Path) -> None:
    assert known("print my list.txt", folder) == {"my": "file"}


def test_chinese_needs_no_spaces(folder: Path) -> None:
    assert known("把备份.zip解压", folder) == {"备份.zip解压": "file"}


def test_a_full_stop_is_no_part_of_a_name(folder: Path) -> None:
    assert known("delete notes.txt.", folder) == {"notes.txt.": "file"}


def test_a_link_in_a_circle_harms_nothing(folder: Path) -> None:
    (folder / "circle").symlink_to("circle")
    assert known("delete circle", folder) == {"circle": "file"}

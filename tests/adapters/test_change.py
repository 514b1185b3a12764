"""Changing files: in one step, with what belongs to them, and errors in plain words."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from llmos.adapters.files import change
from llmos.errors import ToolError


def test_a_failed_write_leaves_the_old_content_and_no_rest(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(TypeError):
        change.write(str(tmp_path / "a"), "text")  # type: ignore[arg-type]
    assert (tmp_path / "a").read_text() == "old" and os.listdir(tmp_path) == ["a"]


def test_a_failed_copy_leaves_no_rest(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="There is no 'gone'"):
        change.copy(str(tmp_path / "gone"), str(tmp_path / "b"))
    assert os.listdir(tmp_path) == []


def test_a_pipe_is_copied_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    change.copy(str(tmp_path / "pipe"), str(tmp_path / "copy"))
    assert stat.S_ISFIFO((tmp_path / "copy").lstat().st_mode)


def test_a_socket_cannot_be_copied_and_the_rest_is(tmp_path: Path) -> None:
    import socket

    (tmp_path / "src").mkdir()
    (tmp_path / "src/a").write_text("x")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "src/s"))
        with pytest.raises(ToolError, match=r"src/s.*the rest was copied"):
            change.copy(str(tmp_path / "src"), str(tmp_path / "copy"))
    assert (tmp_path / "copy/a").read_text() == "x"


def test_a_difference_is_found_deep_down(tmp_path: Path) -> None:
    for name, text in (("one", "x"), ("two", "xy")):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub/a").write_text(text)
    assert change.first_difference(str(tmp_path / "one"), str(tmp_path / "two")) == str(tmp_path / "one/sub/a")
    assert change.first_difference(str(tmp_path / "one"), str(tmp_path / "one")) == ""


def test_measuring_stops_at_its_limit(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / str(number)).write_text("x")
    assert change.measure(str(tmp_path)) == change.Measure(20, 1, 20, True)
    assert not change.measure(str(tmp_path), limit=10).whole


def test_removing_a_link_to_a_folder_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    change.remove(str(tmp_path / "link"))
    assert os.listdir(tmp_path) == ["real"]

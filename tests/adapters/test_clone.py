"""Copying: with what belongs to a file, without following links, and saying what could not be."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from llmos.adapters.files.clone import clone


def test_a_tree_is_copied_with_its_modes_times_and_links(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c").write_text("x")
    (tmp_path / "a/l").symlink_to("/nowhere")
    os.chmod(tmp_path / "a/b/c", 0o4711)
    os.utime(tmp_path / "a/b", ns=(1, 2))
    assert clone(str(tmp_path / "a"), str(tmp_path / "z")) == []
    assert stat.S_IMODE((tmp_path / "z/b/c").stat().st_mode) == 0o4711
    assert (tmp_path / "z/b").stat().st_mtime_ns == 2 and os.readlink(tmp_path / "z/l") == "/nowhere"


def test_a_pipe_is_copied_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    clone(str(tmp_path / "pipe"), str(tmp_path / "copy"))
    assert stat.S_ISFIFO((tmp_path / "copy").lstat().st_mode)


def test_a_socket_cannot_be_copied_and_the_rest_is(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a").write_text("x")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "src/s"))
        assert clone(str(tmp_path / "src"), str(tmp_path / "copy")) == [str(tmp_path / "src/s")]
    assert (tmp_path / "copy/a").read_text() == "x"


def test_what_is_missing_is_named_whole(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone") as caught:
        clone(str(tmp_path / "gone"), str(tmp_path / "b"))
    assert caught.value.filename == str(tmp_path / "gone") and os.listdir(tmp_path) == []

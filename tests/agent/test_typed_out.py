"""Command lines that the user typed out."""

from __future__ import annotations

import os

import pytest

from llmos.agent.typed_out import command_in


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        ("run the command: touch x.txt", "touch x.txt"),
        ("Run this shell command ls -la | wc -l", "ls -la | wc -l"),
        ("please execute `ls 'my folder'`", "ls 'my folder'"),
        ("run 'ls -l'", "ls -l"),
        ("运行命令 ls -l", "ls -l"),
        ("请执行一下这条命令：ls", "ls"),
    ],
)
def test_the_line_is_taken_as_it_stands(request_: str, line: str) -> None:
    assert command_in(request_, os.environ) == line


@pytest.mark.parametrize(
    "request_",
    ["run the command again", "run the tests", "run the command in the background", "run 'nonesuch-program'", "ls"],
)
def test_what_is_no_command_line_is_the_models(request_: str) -> None:
    assert command_in(request_, os.environ) is None

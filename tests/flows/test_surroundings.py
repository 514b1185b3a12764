"""Where llmos stands among other programs: answers in a pipe while a person types."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable

import pexpect
import pytest

from tests.flows.conftest import Llmos
from tests.flows.test_once import reply


def wait_for(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_answers_go_into_a_pipe_and_the_prompt_to_the_terminal(llmos: Llmos) -> None:
    command = " ".join(llmos.command(script=[reply(text="the answer")]))
    env = {**llmos.env, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    child = pexpect.spawn("sh", ["-c", f"{command} | cat > out"], cwd=llmos.folder, env=env, encoding="utf-8")
    child.expect("work\\S*>")
    child.send("hello\r")
    wait_for(lambda: (llmos.folder / "out").read_text() == "the answer\n")
    child.expect("work\\S*>")
    time.sleep(0.3)  # what is typed while a turn ends is no request
    child.send("\x04")
    child.expect(pexpect.EOF)
    assert (llmos.folder / "out").read_text() == "the answer\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into everything")
def test_a_folder_that_may_not_be_looked_into_is_a_place_like_any_other(llmos: Llmos) -> None:
    command = " ".join(llmos.command("list", script=[reply(("list_folder", {}))]))
    shell = ["sh", "-c", f"chmod 000 .; {command}; chmod 700 ."]
    done = subprocess.run(shell, cwd=llmos.folder, env=llmos.env, capture_output=True, text=True, check=False)
    assert "permission denied" in done.stderr and "bug" not in done.stderr


def test_lines_of_json_also_where_a_person_types(llmos: Llmos) -> None:
    command, *arguments = llmos.command("--json", script=[reply(text="hello")])
    child = pexpect.spawn(command, arguments, cwd=llmos.folder, env=llmos.env, encoding="utf-8")
    child.send("hi\r")
    child.expect('{"event": "said", "text": "hello')
    child.send("\x04")
    child.expect(pexpect.EOF)

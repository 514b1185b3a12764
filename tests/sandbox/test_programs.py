"""What is guessed from a command line: network, terminal, rights."""

from __future__ import annotations

import pytest

from llmos.sandbox.programs import failed_offline, hosts, likes_terminal, needs_rights, needs_terminal, uses

OFFLINE = [
    "ls -la", "git status", "git log --oneline", "pip list", "grep curl a.txt", "echo ssh", "find . -name wget",
    "rsync -a a/ b/", "npm run build", "python3 x.py", "cat <<END\ncurl x\nEND", "apt list --installed",
]  # fmt: skip
ONLINE = {
    "git clone https://github.com/x/y": ("github.com",),
    "git -C r pull": ("whatever git talks to",),
    "git clone git@host.example:x/y.git": ("host.example",),
    "FOO=1 curl example.com/x": ("example.com",),
    "ls && wget http://a.example/f": ("a.example",),
    "pip install x": ("whatever pip talks to",),
    "python3 -m pip install x": ("whatever python3 talks to",),
    "if true; then ssh ada@h.example; fi": ("h.example",),
    "timeout 5 ping -c 1 b.example": ("b.example",),
    "rsync -a a/ h.example:b": ("whatever rsync talks to",),
    "python3 -m http.server": ("whatever python3 talks to",),
}


def test_where_output_goes_is_no_program() -> None:
    found = uses("echo x > /tmp/top; ls 2>/tmp/vim >>f | sort <g &")
    assert [use.program for use in found] == ["echo", "ls", "sort"] and "/tmp/top" in found[0].words


@pytest.mark.parametrize("line", OFFLINE)
def test_no_network_is_asked_for(line: str) -> None:
    assert hosts(line) == ()


@pytest.mark.parametrize("line", ONLINE)
def test_the_host_is_named_where_it_can_be_read(line: str) -> None:
    assert hosts(line) == ONLINE[line]


@pytest.mark.parametrize("line", ["vim a", "cd x && nano y", "top", "python3", "watch ls", "EDITOR=x vi", "(htop)"])
def test_these_wait_for_keys(line: str) -> None:
    assert needs_terminal(line) and likes_terminal(line)


@pytest.mark.parametrize(
    "line", ["echo 1 | python3", "python3 a.py", "top -b -n1", "less a", "man ls", "echo vim", "ls | less"]
)
def test_these_do_not(line: str) -> None:
    assert not needs_terminal(line)


@pytest.mark.parametrize("line", ["less a", "man ls", "ssh h"])
def test_these_are_of_more_use_with_a_terminal(line: str) -> None:
    assert likes_terminal(line)


@pytest.mark.parametrize(
    ("line", "program"), [("sudo ls", "sudo"), ("cd /; su", "su"), ("echo sudo", ""), ("a || doas b", "doas")]
)
def test_rights(line: str, program: str) -> None:
    assert needs_rights(line) == program


@pytest.mark.parametrize("line", ["'", '"', "a 'b", "$((", "\\", "<<<", "|||", ""])
def test_a_line_that_is_no_shell_line_is_no_error(line: str) -> None:
    assert (hosts(line), needs_rights(line)) == ((), "")


def test_a_failure_for_lack_of_the_network_is_recognised() -> None:
    assert failed_offline("fatal: Could not resolve host: github.com") and not failed_offline("no such file")

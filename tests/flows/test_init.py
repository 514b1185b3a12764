"""llmos in a real shell: the key, lines that are no command, the last command, and what it costs at every start."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest

from llmos.commands.init import text_for
from tests.flows.conftest import Llmos
from tests.flows.test_once import DELETE, LIST, reply

ALT_L, ALT_SHIFT_L = "\x1bl", "\x1bL"
PROMPT = "READY> "


def installed(llmos: Llmos, script: object = None, *, shell: str = "bash", before: str = "") -> Path:
    """A start-up file, and an `llmos` on the PATH whose replies are the script's; without one the embedded model's."""
    bin = llmos.base / "bin"
    bin.mkdir(exist_ok=True)
    (bin / "llmos").write_text(f'#!/bin/sh\nexec {" ".join(llmos.command(script=script))} "$@"\n')
    (bin / "llmos").chmod(0o755)
    rc = llmos.base / f"rc.{shell}"
    rc.write_text(f"{before}\nPS1='{PROMPT}'\nPATH={bin}:$PATH\nHISTFILE=\n{text_for(shell)}")
    return rc


@contextmanager
def bash(llmos: Llmos, script: object = None, before: str = "") -> Iterator[Any]:
    rc = installed(llmos, script, before=before)
    env = {**llmos.env, "TERM": "xterm", "INPUTRC": "/dev/null"}
    child = pexpect.spawn(
        "bash", ["--noprofile", "--rcfile", str(rc), "-i"], cwd=llmos.folder, env=env, encoding="utf-8", timeout=20
    )
    try:
        child.expect_exact(PROMPT)
        yield child
    finally:
        child.close(force=True)


def line(child: Any, text: str) -> str:
    """What the shell shows for a command, up to its next prompt."""
    child.send(text if text.endswith(ALT_L) else f"{text}\r")
    if text.endswith(ALT_L):  # the line is drawn anew
        child.expect_exact(PROMPT)
    child.expect_exact(PROMPT)
    shown = str(child.before).replace("\r", "").replace("\x1b[?2004l", "").replace("\x1b[?2004h", "")
    return shown.partition("\n")[2]


# The key


def test_alt_l_runs_the_line_through_llmos(llmos: Llmos) -> None:
    (llmos.folder / "it's here").touch()
    with bash(llmos, LIST) as child:
        assert "it's here" in line(child, f"what's in this folder, $USER?{ALT_L}")
        assert "llmos 'what'\\''s in this folder, $USER?'" in line(child, "history 1 | cat; fc -ln -1 -1")


def test_alt_l_leaves_a_line_for_llmos_and_an_empty_one_alone(llmos: Llmos) -> None:
    with bash(llmos, [reply(text="once")]) as child:
        assert line(child, f"llmos hello{ALT_L}").split() == ["once"]
        assert line(child, ALT_L).strip() == ""


def test_alt_l_works_in_vi_mode(llmos: Llmos) -> None:
    with bash(llmos, [reply(text="vi too")], before="set -o vi") as child:
        assert "vi too" in line(child, f"hello{ALT_L}")


def test_alt_shift_l_shows_what_would_be_done_and_leaves_the_line(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    with bash(llmos, DELETE) as child:
        child.send(f"echo delete{ALT_SHIFT_L}")
        child.expect_exact("would delete")
        child.expect_exact(f"{PROMPT}echo delete")
        assert line(child, " it").split() == ["delete", "it"] and (llmos.folder / "file").exists()


def test_the_key_can_be_chosen(llmos: Llmos) -> None:
    assert '"\\C-g": "\\C-x\\C-l\\C-j"' in llmos.run("init", "bash", "--key", "ctrl-g").stdout


# Lines that are no command


def test_a_line_that_is_no_command_is_a_request(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    with bash(llmos, LIST) as child:
        assert line(child, "showme what is here").split() == ["a"]
        assert line(child, "列出文件").split() == ["a"]


def test_what_looks_like_a_command_is_none_of_llmos_business(llmos: Llmos) -> None:
    with bash(llmos, LIST) as child:
        for typed in ("nonesuch", "nonesuch --version", "nonesuch here | cat", "./none here"):
            shown = line(child, typed)
            assert "command not found" in shown or "No such file" in shown


def test_scripts_and_pipes_are_not_asked(llmos: Llmos) -> None:
    rc = installed(llmos, LIST)
    shell = ["bash", "-c", f". {rc}; nonesuch and more"]
    done = subprocess.run(shell, env=llmos.env, capture_output=True, text=True, check=False)
    assert done.returncode == 127 and "command not found" in done.stderr


DISTRIBUTION = """command_not_found_handle() {
    if [[ $1 == ffplay ]]; then printf 'Command ffplay not found, but can be installed with:\\napt install ffmpeg\\n'
    else printf '%s: command not found\\n' "$1"; fi >&2
    return 127
}"""


def test_a_missing_package_is_the_distributions_to_say(llmos: Llmos) -> None:
    with bash(llmos, LIST, before=DISTRIBUTION) as child:
        assert "apt install ffmpeg" in line(child, "ffplay film.mp4")
        assert line(child, "echo $?").strip() == "127"


def test_a_mistyped_command_is_no_request(llmos: Llmos) -> None:
    with bash(llmos, LIST) as child:
        assert "gti: command not found; did you mean git?" in line(child, "gti status")
        assert line(child, "echo $?").strip() == "127"


def test_what_the_distribution_does_not_know_is_a_request(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    with bash(llmos, LIST, before=DISTRIBUTION) as child:
        assert line(child, "listme files").split() == ["a"]


def test_without_llmos_it_does_not_loop(llmos: Llmos) -> None:
    with bash(llmos, LIST) as child:
        os.unlink(llmos.base / "bin" / "llmos")
        line(child, "hash -r")
        assert "llmos: command not found" in line(child, "showme what is here")


def test_evaluated_twice_it_is_there_once(llmos: Llmos) -> None:
    rc = installed(llmos, LIST, before=DISTRIBUTION)
    with bash(llmos, LIST, before=DISTRIBUTION) as child:
        line(child, f". {rc}")
        assert "apt install ffmpeg" in line(child, "ffplay film.mp4")
        assert line(child, "declare -f __llmos_distribution | grep -c __llmos_asks").strip() == "0"


# The last command


def test_why_did_that_fail_knows_the_command_and_how_it_ended(llmos: Llmos) -> None:
    with bash(llmos) as child:
        line(child, "gti status")
        shown = line(child, 'llmos "why did that fail?"')
        assert "`gti status` ended with exit code 127" in shown


def test_fix_it_suggests_the_program_that_was_meant(llmos: Llmos) -> None:
    with bash(llmos) as child:
        line(child, "sotr --reverse x")
        assert "Did you mean sort" in line(child, "llmos fix it")


def test_a_key_press_knows_the_last_command_too(llmos: Llmos) -> None:
    with bash(llmos) as child:
        line(child, "grep x /dev/null")
        shown = line(child, f"what went wrong?{ALT_L}")
        assert "`grep x /dev/null` ended with exit code 1: grep found no line" in shown


def test_commands_of_the_prompt_see_the_status_of_the_last_command(llmos: Llmos) -> None:
    with bash(llmos, before="PROMPT_COMMAND='seen=$?'") as child:
        line(child, "(exit 7)")
        assert line(child, "echo $seen").strip() == "7"


def test_a_large_model_gets_the_command_but_not_its_output_as_words_of_the_user(llmos: Llmos) -> None:
    env = {"LLMOS_LAST_COMMAND": "make all", "LLMOS_LAST_STATUS": "2"}
    llmos.run("-s", "s", "fix it", script=[reply(text="ok")], env=env)
    assert (
        "the last command in my shell was: make all ; it ended with exit code 2"
        in llmos.run("sessions", "export", "s", "--format", "json").stdout
    )


def test_other_requests_do_not_carry_the_last_command(llmos: Llmos) -> None:
    env = {"LLMOS_LAST_COMMAND": "mysql -psecret", "LLMOS_LAST_STATUS": "1"}
    llmos.run("-s", "s", "fix it in the file a", script=[reply(text="ok")], env=env)
    assert "secret" not in llmos.run("sessions", "show", "s").stdout


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux_what_the_command_printed_is_known(llmos: Llmos) -> None:
    rc = installed(llmos)
    socket = str(llmos.base / "tmux")
    tmux = ["tmux", "-f", "/dev/null", "-S", socket]
    shell = f"bash --noprofile --rcfile {rc} -i"
    subprocess.run([*tmux, "new-session", "-d", "-x", "120", "-y", "40", shell], env=llmos.env, check=True)
    try:
        see(tmux, PROMPT.strip())
        for typed in ("cat /nonesuch", "llmos why did that fail"):
            subprocess.run([*tmux, "send-keys", typed, "Enter"], check=True)
            time.sleep(0.5)
        see(tmux, "It printed: cat: /nonesuch: No such file or directory")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


def see(tmux: list[str], text: str) -> None:
    shown = ""
    for _ in range(200):
        shown = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True).stdout
        if text in shown:
            return
        time.sleep(0.1)
    raise AssertionError(shown)


# Every start of a shell


def test_tab_completes_commands_and_options(llmos: Llmos) -> None:
    with bash(llmos, LIST) as child:
        child.send("llmos sess\t")
        child.expect_exact("sessions ")
        child.send("\x15llmos --conti\t")
        child.expect_exact("--continue ")


def test_the_text_costs_a_shell_less_than_ten_milliseconds(llmos: Llmos) -> None:
    (llmos.base / "empty").touch()
    rc = installed(llmos)
    with_it, without = (cpu_of_a_start(llmos, file) for file in (rc, llmos.base / "empty"))
    assert with_it - without < 0.010


def cpu_of_a_start(llmos: Llmos, rc: Path) -> float:
    """The least of several, seconds: other programs do not count."""
    spent = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        shell = ["bash", "--noprofile", "--rcfile", str(rc), "-i", "-c", "exit"]
        subprocess.run(shell, env=llmos.env, capture_output=True, stdin=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def test_a_shell_that_is_not_interactive_is_left_alone(llmos: Llmos) -> None:
    rc = installed(llmos)
    done = subprocess.run(
        ["bash", "-c", f". {rc}; declare -F; echo $PROMPT_COMMAND"],
        env=llmos.env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "llmos" not in done.stdout + done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_text_is_accepted_by_the_shell(llmos: Llmos, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    file = llmos.base / "text"
    file.write_text(text_for(shell))
    done = subprocess.run([shell, "-n", str(file)], capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)


def test_nothing_is_left_to_fill_in() -> None:
    for shell in ("bash", "zsh", "fish"):
        for key in ("alt-l", "ctrl-g"):
            assert not [word for word in text_for(shell, key).split() if word.startswith("@") and word.endswith("@")]


def test_wrong_usage_is_one_line(llmos: Llmos) -> None:
    for arguments in ((), ("csh",), ("bash", "--key", "f1"), ("bash", "extra")):
        done = llmos.run("init", *arguments)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and done.stdout == ""


def test_init_loads_nothing_that_it_does_not_need(llmos: Llmos) -> None:
    before = "import sys; before = {*sys.modules}; from llmos.cli import main; main(['init', 'bash']); "
    code = before + "print({'argparse', 're'} & ({*sys.modules} - before))"
    done = subprocess.run([sys.executable, "-c", code], env=llmos.env, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_the_key_and_the_handler(llmos: Llmos, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    installed(llmos, [reply(text="once upon")], shell=shell)
    home = {"zsh": llmos.home / ".zshrc", "fish": llmos.home / ".config" / "fish" / "config.fish"}[shell]
    home.parent.mkdir(parents=True, exist_ok=True)
    prompt = {"zsh": f"PS1='{PROMPT}'", "fish": f"function fish_prompt; echo -n '{PROMPT}'; end"}[shell]
    home.write_text(f"{prompt}\n{text_for(shell)}")
    env = {**llmos.env, "TERM": "xterm", "PATH": f"{llmos.base / 'bin'}:{llmos.env['PATH']}"}
    child = pexpect.spawn(shell, ["-i"], cwd=llmos.folder, env=env, encoding="utf-8", timeout=20)
    child.expect_exact(PROMPT)
    for typed in (f"what is here{ALT_L}", "showme what is here\r", "nonesuch\r"):
        child.send(typed)
        child.expect_exact("nonesuch" if typed == "nonesuch\r" else "once upon")
    child.close(force=True)

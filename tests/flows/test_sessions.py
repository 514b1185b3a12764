"""Sessions on the command line: gone on with, listed, searched, exported, removed, and found cut off after a crash."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.flows.conftest import Llmos
from tests.flows.test_once import LIST, reply

GO = [reply(("change_folder", {"path": "sub"}))]
TALK = [reply(text="hello")]


def names(llmos: Llmos) -> list[str]:
    return [line.split("\t")[0] for line in llmos.run("sessions").stdout.splitlines()]


def killed(llmos: Llmos, *arguments: str) -> None:
    """A turn that makes a folder and is killed by SIGKILL in the call after that."""
    wait = ("wait_process", {"target": [str(os.getpid())], "seconds": 30})
    script = [reply(("make_folder", {"path": ["made"]}), wait)]
    process = llmos.start("--yes", *arguments, "make and wait", script=script, stdin=subprocess.DEVNULL)
    while not (llmos.folder / "made").exists():
        assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()


def test_continue_is_the_last_session_in_its_folder(llmos: Llmos) -> None:
    (llmos.folder / "sub").mkdir()
    (llmos.folder / "sub" / "inside").touch()
    llmos.run("--session", "other", "hi", script=TALK)
    llmos.run("go", script=GO)
    assert llmos.run("--continue", "list", script=LIST).stdout == "inside\n"


def test_continue_with_no_session_says_so(llmos: Llmos) -> None:
    done = llmos.run("--continue", "list", script=LIST)
    assert done.returncode == 2 and done.stderr == "llmos: there is no session to go on with yet\n"


def test_continue_and_session_exclude_each_other(llmos: Llmos) -> None:
    assert llmos.run("--continue", "--session", "s", "list", script=LIST).returncode == 2


def test_the_list_has_name_folder_time_turns_and_first_request(llmos: Llmos) -> None:
    for _ in range(2):
        llmos.run("--session", "work", "列出文件", script=LIST)
    name, folder, when, turns, first, _ = llmos.run("sessions").stdout.split("\t")
    assert (name, folder, turns, first) == ("work", str(llmos.folder), "2", "列出文件") and when.startswith("20")


def test_a_session_without_a_name_is_called_after_its_first_request(llmos: Llmos) -> None:
    for request in ("List the files, please!", "List the files, please!", "把文件 打包"):
        llmos.run(request, script=LIST)
    assert names(llmos) == ["list-the-files-please", "list-the-files-please-2", "把文件-打包"]


def test_a_name_from_the_list_can_be_gone_on_with(llmos: Llmos) -> None:
    llmos.run("list files", script=LIST)
    llmos.run("--session", "list-files", "again", script=LIST)
    assert llmos.run("sessions").stdout.split("\t")[3] == "2"


def test_search_finds_what_was_answered(llmos: Llmos) -> None:
    (llmos.folder / "invoice-7.pdf").touch()
    llmos.run("list files", script=LIST)
    llmos.run("hi", script=TALK)
    found = llmos.run("sessions", "search", "Invoice", "pdf")
    assert found.stdout.startswith("list-files\t") and found.stdout.count("\n") == 1
    assert llmos.run("sessions", "search", "nowhere").returncode == 1


def test_search_takes_words_in_any_language_and_signs_as_they_are(llmos: Llmos) -> None:
    llmos.run("x", script=[reply(text="完成了 100%_done")])
    llmos.run("hi", script=TALK)
    for word in ("完成", "100%_D", "_done"):
        assert llmos.run("sessions", "search", word).stdout.startswith("x\t")
    assert llmos.run("sessions", "search", "h%o").returncode == 1


def test_show_takes_the_beginning_of_a_name(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    llmos.run("list files", script=LIST)
    shown = llmos.run("sessions", "show", "list").stdout
    assert shown.startswith("# list-files\n") and "## list files" in shown and "`list_folder {}`" in shown


def test_a_name_that_could_be_several_is_not_guessed(llmos: Llmos) -> None:
    for request in ("list files", "list folders"):
        llmos.run(request, script=LIST)
    done = llmos.run("sessions", "remove", "list")
    assert done.returncode == 2 and "2 sessions begin with 'list'" in done.stderr and len(names(llmos)) == 2


def test_an_export_as_json_has_every_message(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    llmos.run("--session", "s", "list", script=LIST)
    llmos.run("sessions", "export", "s", "--format", "json", "-o", "s.json")
    value = json.loads((llmos.folder / "s.json").read_text())
    (turn,) = value["turns"]
    assert turn["request"] == "list" and turn["messages"][1]["result"]["outcome"]["items"] == [str(llmos.folder / "a")]


def test_an_export_as_markdown_cannot_be_broken_by_what_it_holds(llmos: Llmos) -> None:
    (llmos.folder / "a").write_text("```\n# not a heading\n")
    llmos.run("--session", "s", "read", script=[reply(("read_file", {"path": ["a"]}))])
    assert "````\n```\n# not a heading\n````" in llmos.run("sessions", "export", "s").stdout


def test_what_is_removed_is_off_the_list_and_forgotten(llmos: Llmos) -> None:
    llmos.run("--session", "s", "hi", script=TALK)
    assert llmos.run("sessions", "remove", "s").returncode == 0
    assert names(llmos) == [] and llmos.run("sessions", "show", "s").returncode == 2
    assert llmos.run("--continue", "x", script=TALK).returncode == 2


def test_a_removed_name_begins_anew(llmos: Llmos) -> None:
    llmos.run("--session", "s", "old", script=TALK)
    llmos.run("sessions", "remove", "s")
    llmos.run("--session", "s", "new", script=TALK)
    shown = llmos.run("sessions", "show", "s").stdout
    assert "new" in shown and "old" not in shown


@pytest.mark.parametrize("arguments", [(), ("--session", "s")])
def test_a_turn_cut_off_by_a_crash_is_shown_as_such(llmos: Llmos, arguments: tuple[str, ...]) -> None:
    killed(llmos, *arguments)
    assert llmos.run("sessions").stdout.strip().endswith("cut off")
    name = names(llmos)[0]
    assert "Cut off here" in llmos.run("sessions", "show", name).stdout


def test_going_on_after_a_crash_says_what_was_cut_off(llmos: Llmos) -> None:
    killed(llmos)
    done = llmos.run("--continue", "list", script=LIST)
    assert done.stdout == "made\n"
    assert "the last request was cut off, part of it may be done: make and wait" in done.stderr
    assert llmos.run("--continue", "list", script=LIST).stderr == ""


def test_a_call_that_was_cut_off_has_an_unknown_result(llmos: Llmos) -> None:
    killed(llmos)
    llmos.run("--continue", "list", script=LIST)
    shown = llmos.run("sessions", "export", names(llmos)[0], "--format", "json").stdout
    assert json.loads(shown)["turns"][0]["messages"][0]["calls"][0]["name"] == "make_folder"


def test_a_session_at_work_is_not_removed(llmos: Llmos) -> None:
    script = [reply(("wait_process", {"target": [str(os.getpid())], "seconds": 30}))]
    process = llmos.start("-s", "s", "x", script=script, stdin=subprocess.DEVNULL)
    try:
        while not (listed := llmos.run("sessions").stdout):
            assert process.poll() is None
        assert "at work" in listed
        assert llmos.run("sessions", "remove", "s").returncode == 2
    finally:
        process.terminate()
        process.communicate()


def test_unknown_actions_and_names_are_one_line(llmos: Llmos) -> None:
    for arguments in (("wash",), ("show",), ("show", "gone"), ("search",)):
        done = llmos.run("sessions", *arguments)
        assert done.returncode == 2 and done.stderr.count("\n") == 1

"""Questions in the interactive shell: one key answers, nothing but a clear yes is one."""

from __future__ import annotations

import pytest

from tests.flows.conftest import Llmos
from tests.flows.terminal import UP, Terminal, shell
from tests.flows.test_once import reply

DELETE = reply(("delete_files", {"path": ["file"]}))


@pytest.fixture
def llmos_with_files(llmos: Llmos) -> Llmos:
    (llmos.folder / "file").write_text("one\ntwo\n")
    (llmos.folder / "other").touch()
    return llmos


def asked(terminal: Terminal, request: str = "do it") -> None:
    terminal.type(request + "\r")
    terminal.until(lambda lines: lines[-1].endswith("[y/N]"))


def test_one_key_is_enough(llmos_with_files: Llmos) -> None:
    with shell(llmos_with_files, [DELETE]) as terminal:
        asked(terminal)
        terminal.type("y")
        terminal.prompt()
        assert not (llmos_with_files.folder / "file").exists()


def test_everything_that_is_not_yes_is_no(llmos_with_files: Llmos) -> None:
    with shell(llmos_with_files, [DELETE] * 3) as terminal:
        for number, keys in enumerate(("\r", "n", "\x04"), 1):
            asked(terminal)
            terminal.type(keys)
            terminal.until(lambda lines: sum("nothing was done" in line for line in lines) == number)  # noqa: B023
            terminal.prompt()
        assert (llmos_with_files.folder / "file").exists()


def test_neither_arrow_keys_nor_pasted_text_answer(llmos_with_files: Llmos) -> None:
    with shell(llmos_with_files, [DELETE]) as terminal:
        asked(terminal)
        terminal.type(UP)
        terminal.read(0.2)
        terminal.type("yellow submarine\r")
        terminal.read(0.2)
        assert terminal.lines()[-1].endswith("[y/N]") and (llmos_with_files.folder / "file").exists()


def test_details_show_the_difference(llmos_with_files: Llmos) -> None:
    text = "one\n" + "\n".join(f"line {number}" for number in range(9))
    write = reply(("write_file", {"path": ["file"], "text": text}))
    with shell(llmos_with_files, [write]) as terminal:
        asked(terminal)
        terminal.type("d")
        terminal.see("+line 8")
        assert terminal.sees("-two") and terminal.sees("changed")


def test_a_question_shows_the_few_lines_that_are_written(llmos_with_files: Llmos) -> None:
    with shell(llmos_with_files, [reply(("append_file", {"path": ["file"], "text": "three"}))]) as terminal:
        asked(terminal)
        assert terminal.sees("  +three") and not terminal.sees("-two")


def test_details_show_what_a_replacement_does(llmos_with_files: Llmos) -> None:
    replace = reply(("replace_text", {"path": ["file"], "old": "two", "new": "2"}))
    with shell(llmos_with_files, [replace]) as terminal:
        asked(terminal)
        terminal.type("d")
        terminal.see("@@")
        assert terminal.sees("+2")


def test_an_edited_call_is_the_one_that_runs(llmos_with_files: Llmos) -> None:
    with shell(llmos_with_files, [DELETE]) as terminal:
        asked(terminal)
        terminal.type("e")
        terminal.see("edit> delete_files path=file")
        terminal.type("\x7f" * 4 + "other\r")
        terminal.until(lambda lines: lines[-1].endswith("[y/N]") and "other" in " ".join(lines[-4:]))
        terminal.type("y")
        terminal.prompt()
        names = {path.name for path in llmos_with_files.folder.iterdir()}
        assert names == {"file"}


def test_always_asks_once(llmos_with_files: Llmos) -> None:
    delete_other = reply(("delete_files", {"path": ["other"]}))
    with shell(llmos_with_files, [DELETE, delete_other]) as terminal:
        asked(terminal)
        assert terminal.sees("a always (delete_files inside")
        terminal.type("a")
        terminal.prompt()
        terminal.type("delete the other\r")
        terminal.see("other, ")
        terminal.prompt()
        assert not list(llmos_with_files.folder.iterdir())


def test_why_names_the_rule_and_asks_again(llmos_with_files: Llmos) -> None:
    with shell(llmos_with_files, [DELETE]) as terminal:
        asked(terminal)
        terminal.type("w")
        terminal.see("asked because: ")
        terminal.until(lambda lines: lines[-1].endswith("[y/N]"))


def test_what_is_protected_takes_a_typed_yes(llmos: Llmos) -> None:
    (llmos.home / ".bashrc").touch()
    delete = reply(("delete_files", {"path": ["~/.bashrc"]}))
    with shell(llmos, [delete]) as terminal:
        terminal.type("delete it\r")
        terminal.see("type yes to go on")
        terminal.type("y\r")
        terminal.see("nothing was done")
        assert (llmos.home / ".bashrc").exists()


def test_a_terminal_that_can_do_nothing_is_asked_for_a_line(llmos_with_files: Llmos) -> None:
    with shell(llmos_with_files, [DELETE], TERM="dumb") as terminal:
        asked(terminal)
        terminal.type("y\r")
        terminal.prompt()
        assert not (llmos_with_files.folder / "file").exists()

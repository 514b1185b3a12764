"""Several turns in the interactive shell, and lines that no model reads: commands, !commands, cd, what points back."""

from __future__ import annotations

from tests.flows.conftest import Llmos
from tests.flows.terminal import shell
from tests.flows.test_once import reply

OK = reply(text="ok")
LIST = reply(("list_folder", {"details": True}))


def test_cd_goes_there_and_back(llmos: Llmos) -> None:
    (llmos.folder / "sub dir").mkdir()
    with shell(llmos, []) as terminal:
        terminal.enter("cd 'sub dir'", "work/sub dir")
        terminal.enter("cd -", "work")
        terminal.enter("cd", "~")


def test_cd_in_a_sentence_is_the_models(llmos: Llmos) -> None:
    with shell(llmos, [reply(text="which one?")]) as terminal:
        terminal.type("cd to the folder with my photos\r")
        terminal.see("which one?")


def test_a_shell_line_runs_unasked_and_can_be_spoken_of(llmos: Llmos) -> None:
    with shell(llmos, []) as terminal:
        terminal.type("!echo hello $((6*7))\r")
        terminal.see("hello 42")
        terminal.prompt()
        terminal.type("explain\r")
        terminal.see("run_command: Run a command line")


def test_a_shell_line_is_bound_by_the_mode(llmos: Llmos) -> None:
    with shell(llmos, [], "--mode", "read-only") as terminal:
        terminal.type("!touch made\r")
        terminal.see("llmos: ")
        terminal.prompt()
        assert not (llmos.folder / "made").exists()


def test_a_program_for_people_gets_the_terminal_and_gives_it_back(llmos: Llmos) -> None:
    with shell(llmos, [reply(text="heard")]) as terminal:
        terminal.type("!sh -i\r")
        terminal.see("unconfined, with the terminal")
        terminal.type("tty; exit 3\r")
        terminal.see("/dev/tty")
        terminal.see("exit code 3")
        terminal.type("go on\r")
        terminal.see("heard")


def test_a_program_for_people_does_not_run_where_nothing_may_change(llmos: Llmos) -> None:
    with shell(llmos, [], "--mode", "read-only") as terminal:
        terminal.type("!vi file\r")
        terminal.see("not in read-only mode")


def test_the_last_sizes_in_another_unit(llmos: Llmos) -> None:
    (llmos.folder / "file").write_bytes(b"x" * 3 * 1024 * 1024)
    with shell(llmos, [LIST]) as terminal:
        terminal.enter("list")
        terminal.see("3.0 MB")
        terminal.type("in KB please\r")
        terminal.see("size (KB)")
        assert terminal.sees("3072")


def test_the_same_for_another_folder(llmos: Llmos) -> None:
    (llmos.folder / "sub").mkdir()
    (llmos.folder / "sub" / "inside").touch()
    with shell(llmos, [LIST]) as terminal:
        terminal.enter("list")
        terminal.type("the same for sub\r")
        terminal.see("inside")


def test_the_last_turn_in_words(llmos: Llmos) -> None:
    with shell(llmos, [LIST]) as terminal:
        terminal.enter("list")
        terminal.enter("what did you do?")
        assert terminal.sees("list_folder: List what is")


def test_undo_takes_back_what_was_done(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    with shell(llmos, [reply(("delete_files", {"path": ["file"]}))], "--yes") as terminal:
        terminal.enter("delete it")
        assert not (llmos.folder / "file").exists()
        terminal.enter("undo that")
        assert (llmos.folder / "file").exists()


def test_the_last_answer_is_saved_to_a_file(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    with shell(llmos, [reply(("list_folder", {}))], "--yes") as terminal:
        terminal.enter("list")
        terminal.type("/save list.txt\r")
        terminal.see("Wrote")
        assert (llmos.folder / "list.txt").read_text() == "file\n"


def test_commands_say_what_they_have_to(llmos: Llmos) -> None:
    shown = {
        "/help mode": "how much runs without asking",
        "/tools run_command": "a command line for sh",
        "/why": "nothing was asked yet",
        "/model": "the model is scripted",
        "/model nonsense": "no model is called",
        "/policy": "irreversible",
        "/session": "0 requests",
        "/log": "nothing was decided yet",
        "/theme light": "themes: auto, dark, light, plain",
        "/theme pink": "no theme is called pink",
        "cd -": "no folder to go back to",
        "! ": "a shell line goes after the !",
        "/jobs": "no background jobs",
        "/undo": "Nothing to undo",
        "/etc/hosts please": "heard",
        "/histroy": "no command is called /histroy; near it: /history",
    }
    with shell(llmos, [reply(text="heard")]) as terminal:
        for typed, text in shown.items():
            terminal.type(typed + "\r")
            terminal.see(text)
            terminal.prompt()


def test_why_with_the_embedded_model(llmos: Llmos) -> None:
    (llmos.folder / "notes.txt").touch()
    with shell(llmos, None) as terminal:
        terminal.enter("show notes.txt")
        terminal.type("/why\r")
        terminal.see("“show notes.txt” was read as")
        terminal.see("from “notes.txt”")
        terminal.see("next best:")


def test_why_a_shell_line_failed(llmos: Llmos) -> None:
    with shell(llmos, None) as terminal:
        terminal.enter("!ls nonesuch")
        terminal.type("why did that fail?\r")
        terminal.see("ended with exit code 2")
        terminal.see("It printed: ls: cannot access")


def test_a_mistyped_program_is_fixed(llmos: Llmos) -> None:
    with shell(llmos, None) as terminal:
        terminal.enter("!ehco mended")
        terminal.type("fix it\r")
        terminal.until(lambda lines: "mended" in lines)

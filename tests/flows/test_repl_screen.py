"""What the interactive shell does to the screen: pages, spinner, width, colours, keys."""

from __future__ import annotations

import pytest

from tests.flows.conftest import Llmos
from tests.flows.terminal import ALT_ENTER, CONTROL_C, CONTROL_R, ESCAPE, UP, shell
from tests.flows.test_once import reply

LIST = reply(("list_folder", {}))
OK = reply(text="ok")


def test_what_is_longer_than_the_screen_is_shown_in_pages(llmos: Llmos) -> None:
    for number in range(60):
        (llmos.folder / f"file{number:02}").touch()
    with shell(llmos, [LIST], PAGER="nonsense-pager") as terminal:
        terminal.type("list\r")
        terminal.see("-- space: more")
        assert terminal.sees("file30") and not terminal.sees("file59")
        terminal.type(" ")
        terminal.prompt()
        assert terminal.sees("file59") and not terminal.sees("-- space")


def test_a_pager_of_the_users_gets_it(llmos: Llmos) -> None:
    for number in range(60):
        (llmos.folder / f"file{number:02}").touch()
    with shell(llmos, [LIST], PAGER="wc -l") as terminal:
        terminal.type("list\r")
        terminal.see("60")
        terminal.prompt()


def test_a_spinner_says_what_takes_long_and_goes_away(llmos: Llmos) -> None:
    wait = reply(("run_command", {"command": "sleep 1"}))
    with shell(llmos, [wait], "--yes") as terminal:
        terminal.type("wait\r")
        terminal.see("⠙ run `sleep 1`")
        terminal.prompt()
        assert not any(line.startswith(tuple("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")) for line in terminal.lines())


def test_the_cursor_is_never_left_hidden(llmos: Llmos) -> None:
    with shell(llmos, [LIST]) as terminal:
        terminal.enter("list")
        assert not terminal.screen.cursor.hidden


def test_wide_names_keep_columns_aligned(llmos: Llmos) -> None:
    for name in ("a.txt", "报告文件.txt", "👩‍💻家.txt"):
        (llmos.folder / name).write_text("x" * 10)
    with shell(llmos, [reply(("list_folder", {"details": True}))]) as terminal:
        terminal.type("list\r")
        terminal.see("a.txt")
        terminal.prompt()
        rows = [line for line in terminal.screen.display if "10 bytes" in line]
        assert len(rows) == 3 and len({row.index("10 bytes") for row in rows}) == 1


def test_a_table_keeps_to_a_narrow_screen(llmos: Llmos) -> None:
    (llmos.folder / ("long-name-" * 8)).touch()
    with shell(llmos, [reply(("list_folder", {"details": True}))], size=(30, 60)) as terminal:
        terminal.type("list\r")
        terminal.see("long-name-")
        terminal.prompt()
        header = next(line for line in terminal.lines() if line.startswith("mode"))
        assert len(header) <= 60


def test_a_streamed_answer_is_broken_between_words(llmos: Llmos) -> None:
    with shell(llmos, [reply(text="several words " * 12)], size=(30, 60)) as terminal:
        terminal.enter("talk")
        words = " ".join(terminal.lines()[-4:-1]).split()
        assert set(words) <= {"several", "words"} and len(words) >= 16


def test_the_screen_may_change_its_size(llmos: Llmos) -> None:
    with shell(llmos, [OK]) as terminal:
        terminal.type("a request that is typed")
        terminal.see("typed")
        terminal.resize(20, 50)
        terminal.read(0.3)
        terminal.type(" on\r")
        terminal.see("ok")
        terminal.prompt()


def test_colours_are_there_and_can_be_turned_off(llmos: Llmos) -> None:
    with shell(llmos, []) as terminal:
        terminal.type("fail\r")
        terminal.see("no more replies")
        assert "\x1b[91mllmos:" in terminal.raw
    with shell(llmos, [], NO_COLOR="1") as terminal:
        terminal.type("fail\r")
        terminal.see("no more replies")
        assert "\x1b[91m" not in terminal.raw and "\x1b[94m" not in terminal.raw


def test_pasted_lines_wait_for_enter(llmos: Llmos) -> None:
    with shell(llmos, [reply(text="heard")]) as terminal:
        terminal.type("\x1b[200~first\nsecond\n\x1b[201~")
        terminal.see("second")
        terminal.read(0.2)
        assert not terminal.sees("heard")
        terminal.type("\r")
        terminal.see("heard")


def test_alt_enter_goes_to_a_new_line(llmos: Llmos) -> None:
    with shell(llmos, [reply(text="heard")]) as terminal:
        terminal.type("first" + ALT_ENTER + "second")
        terminal.see("second")
        assert not any("first" in line and "second" in line for line in terminal.lines())
        terminal.type("\r")
        terminal.see("heard")


def test_earlier_requests_are_found_by_their_words(llmos: Llmos) -> None:
    with shell(llmos, [OK, OK, reply(text="third")]) as terminal:
        for request in ("count the apples", "count the pears"):
            terminal.enter(request)
        terminal.type(CONTROL_R + "apples")
        terminal.see("count the apples")
        terminal.type("\r")
        terminal.type("\r")
        terminal.see("third")


def test_vi_keys_for_who_wants_them(llmos: Llmos) -> None:
    folder = llmos.home / ".config" / "llmos"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('keys = "vi"\n')
    with shell(llmos, [reply(text="heard")]) as terminal:
        terminal.type("count x apples" + ESCAPE)
        terminal.read(0.7)
        terminal.type("bbx")
        terminal.until(lambda lines: lines[-1].endswith("count  apples"))


def test_ctrl_c_in_the_middle_of_a_stream_leaves_a_clean_prompt(llmos: Llmos) -> None:
    with shell(llmos, {"replies": [reply(text="word " * 50), OK], "delay": 0.05}) as terminal:
        terminal.type("talk\r")
        terminal.see("word word")
        terminal.type(CONTROL_C)
        terminal.see("llmos: interrupted")
        terminal.prompt()
        terminal.type(UP)
        terminal.until(lambda lines: lines[-1].endswith("> talk"))


@pytest.mark.parametrize("term", ["dumb", "vt100", "xterm-256color"])
def test_terminals_of_all_kinds_show_an_answer(llmos: Llmos, term: str) -> None:
    with shell(llmos, [reply(text="好的 ✓")], TERM=term) as terminal:
        terminal.type("你好\r")
        terminal.see("✓")
        terminal.prompt()

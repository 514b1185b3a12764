"""Habits from the outside: shown, forgotten, turned off; offered on the empty line and let go."""

from __future__ import annotations

import json

from tests.flows.conftest import Llmos
from tests.flows.terminal import RIGHT, shell
from tests.flows.test_once import reply

OK = reply(text="ok")


def practise(llmos: Llmos, *requests: str, times: int = 3) -> None:
    for request in requests * times:
        llmos.run("--session", "practice", request, script=[OK])


def test_what_follows_what_is_shown(llmos: Llmos) -> None:
    practise(llmos, "build it", "test it")
    rows = json.loads(llmos.run("habits", "--json").stdout)
    assert {"kind": "next", "when": "after “build it”", "habit": "test it", "times": 3, "of": 3} in rows


def test_forgotten_habits_are_gone(llmos: Llmos) -> None:
    practise(llmos, "build it", "test it")
    assert llmos.run("habits", "forget").returncode == 0
    assert "Nothing was learned yet" in llmos.run("habits").stderr


def test_off_is_off_until_it_is_on_again(llmos: Llmos) -> None:
    practise(llmos, "build it", "test it")
    llmos.run("habits", "off")
    assert "Habits are off" in llmos.run("habits").stderr
    llmos.run("habits", "on")
    assert "test it" in llmos.run("habits").stdout


def test_what_usually_comes_next_is_offered_and_taken_with_one_key(llmos: Llmos) -> None:
    practise(llmos, "build it", "test it", times=2)
    with shell(llmos, [OK, reply(text="tested")]) as terminal:
        terminal.type("build it\r")
        terminal.until(lambda lines: lines[-1].endswith("> test it"))
        assert terminal.sees("grey text is from your own requests")
        terminal.type(RIGHT + "\r")
        terminal.see("tested")


def test_an_action_there_is_not_is_one_line(llmos: Llmos) -> None:
    done = llmos.run("habits", "erase")
    assert done.returncode == 2 and done.stderr.count("\n") == 1

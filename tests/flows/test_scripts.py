"""Scripts of requests: variables, expectations, failures with their line, a check that changes nothing."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from tests.flows.conftest import Llmos
from tests.flows.test_once import DELETE, LIST, reply

MISSING = reply(("list_folder", {"path": ["gone"]}))
COUNT = reply(("count", {"what": "files"}))


def run(
    llmos: Llmos, text: str, *replies: dict[str, Any], options: tuple[str, ...] = (), arguments: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    (llmos.base / "s.llm").write_text(text)
    model = ("--model", f"scripted:{llmos.script([*replies])}")
    return llmos.run("run", *model, *options, "../s.llm", *arguments)


def said(*texts: str) -> list[dict[str, Any]]:
    return [reply(text=text) for text in texts]


def test_requests_run_one_after_the_other_in_one_session(llmos: Llmos) -> None:
    (llmos.folder / "sub").mkdir()
    (llmos.folder / "sub" / "inside").touch()
    done = run(llmos, "# first\ngo there\n\nlist\n", reply(("change_folder", {"path": "sub"})), *LIST)
    assert done.stdout.splitlines()[-1] == "inside" and done.returncode == 0
    assert llmos.run("sessions").stdout.count("\n") == 1


def test_a_script_is_a_program(llmos: Llmos) -> None:
    file = llmos.folder / "count.llm"
    (llmos.base / "bin").mkdir()
    command = llmos.base / "bin" / "llmos"
    command.write_text(f'#!/bin/sh\nexec {" ".join(llmos.command())} "$@"\n')
    command.chmod(0o755)
    file.write_text("#!/usr/bin/env -S llmos run\nhow many files are here?\nexpect 1\n")
    file.chmod(0o755)
    env = {**llmos.env, "PATH": f"{command.parent}:{llmos.env['PATH']}"}
    done = subprocess.run([file], cwd=llmos.folder, env=env, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 0)


def test_indented_lines_belong_to_the_request_above(llmos: Llmos) -> None:
    run(llmos, "write this:\n  one\n\n  # no text\n  two\nthen", *said("a", "b"))
    shown = llmos.run("sessions", "export", "write", "--format", "json").stdout
    assert '"request": "write this:\\none\\ntwo"' in shown and '"request": "then"' in shown


def test_arguments_and_values_stand_in_requests(llmos: Llmos) -> None:
    text = 'a = "x y"\nb = ~/$1\necho $a ${b}c $2 $@ costs 5$$\n'
    assert run(llmos, text, arguments=("one", "-2")).stdout == "x y ~/onec -2 one -2 costs 5$\n"


def test_an_answer_goes_into_a_variable_and_not_to_stdout(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    assert run(llmos, "n = how many files?\necho there are $n.\n", COUNT).stdout == "there are 1.\n"


def test_a_value_that_holds_a_dollar_is_taken_as_it_is(llmos: Llmos) -> None:
    assert run(llmos, "n = price?\necho $n\n", *said("costs $5 or $n")).stdout == "costs $5 or $n\n"


MET = (
    ("there are 3 files", "3"), ("1,024 bytes", "> 1000"), ("there are 3", "<= 3"), ("a b", '"a b"'),
    ("a b", "a b"), ("a\nb", "2 lines"), ("a\nb", "/^b$/"), ("a", "not /^b$/"), ("a", "exit 0"),
    ("a", "not nothing"), ("price $5", '"$$5"'),
)  # fmt: skip

UNMET = (
    ("4", "expected 4, got 'there are 3'"), ("> 3", "expected > 3, got"), ('"four"', "expected 'four', got"),
    ("2 lines", "expected 2 lines, got 1"), ("nothing", "expected nothing, got"), ("exit 4", "got exit 0"),
    ("not 3", "expected not 3, got"), ("/^3/", "expected /^3/, got"),
)  # fmt: skip


def test_expectations_that_are_met_go_on(llmos: Llmos) -> None:
    text = "".join(f"ask\nexpect {expectation}\n" for _, expectation in MET)
    done = run(llmos, text, *said(*(answer for answer, _ in MET)))
    assert done.stderr == "" and done.returncode == 0


def test_expectations_that_are_not_met_say_so_with_their_line(llmos: Llmos) -> None:
    text = "on error: continue\n" + "".join(f"ask\nexpect {expectation}\n" for expectation, _ in UNMET)
    done = run(llmos, text, *said(*["there are 3"] * len(UNMET)))
    for number, (line, (_, complaint)) in enumerate(zip(done.stderr.splitlines(), UNMET, strict=True), 1):
        assert line.startswith(f"llmos: ../s.llm:{2 * number + 1}: ") and complaint in line


def test_an_expectation_that_is_not_met_stops_the_script(llmos: Llmos) -> None:
    done = run(llmos, "ask\n\nexpect 4\necho on\n", *said("there are 3"))
    assert done.returncode == 1 and "on\n" not in done.stdout and "s.llm:3: " in done.stderr


def test_the_first_failure_stops_with_its_line_and_exit_code(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    done = run(llmos, "hello\ndelete it\necho on\n", *said("hi"), *DELETE)
    assert done.returncode == 4 and done.stdout == "hi\n" and (llmos.folder / "file").exists()
    assert done.stderr.startswith("llmos: ../s.llm:2: not run, nobody is here to approve it")


def test_a_question_back_is_a_failure_with_its_line(llmos: Llmos) -> None:
    done = run(llmos, "it\n", reply(text="Which file?", asks_back=True))
    assert (done.stdout, done.stderr, done.returncode) == ("", "llmos: ../s.llm:1: Which file?\n", 7)


def test_yes_approves_what_a_script_asks(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    assert run(llmos, "delete it\n", *DELETE, options=("--yes",)).returncode == 0
    assert not (llmos.folder / "file").exists()


def test_a_failure_that_is_expected_goes_on(llmos: Llmos) -> None:
    done = run(llmos, "list\nexpect exit 1\necho on\n", MISSING)
    assert (done.stdout, done.stderr, done.returncode) == ("on\n", "", 0)


def test_on_error_continue_goes_on_and_keeps_the_first_code(llmos: Llmos) -> None:
    done = run(llmos, "on error: continue\nlist\nit\necho on\n", MISSING, reply(text="Which?", asks_back=True))
    assert done.stdout == "on\n" and done.returncode == 1 and ":2: " in done.stderr and ":3: Which?" in done.stderr


def test_on_error_a_request_is_made_before_stopping(llmos: Llmos) -> None:
    done = run(llmos, "on error: say $1\nlist\necho on\n", MISSING, *said("sorry"), arguments=("sorry",))
    assert done.stdout == "sorry\n" and done.returncode == 1


def test_on_error_stop_takes_it_back(llmos: Llmos) -> None:
    done = run(llmos, "on error: continue\non error: stop\nlist\necho on\n", MISSING)
    assert done.stdout == "" and done.returncode == 1


MISTAKES = (
    ("  indented", "an indented line"), ("echo $y", "$y has no value here"), ("y = a request", ""),
    ("x $2", "$2: the script was given 1 argument"), ("x", ""), ("expect /(/", "not a regular expression"),
    ("echo no request", ""), ("expect 3", "expect stands right after"), ('a = "b', 'the quotation mark " is not'),
    ("on error:", "on error: continue"), ("b =", "b = "), ("costs 5$", "a $ without a name"), ("expect", "expect"),
)  # fmt: skip


def test_all_mistakes_are_found_before_anything_runs(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    text = "".join(f"{line}\n" for line, _ in MISTAKES)
    done = run(llmos, text, *DELETE, options=("--yes",), arguments=("one",))
    assert done.returncode == 2 and (llmos.folder / "file").exists()
    expected = [f"s.llm:{number}: {what}" for number, (_, what) in enumerate(MISTAKES, 1) if what]
    for line, mistake in zip(done.stderr.splitlines(), expected, strict=True):
        assert mistake in line


def test_a_script_without_a_request_is_a_mistake(llmos: Llmos) -> None:
    done = run(llmos, "# nothing\n")
    assert done.returncode == 2 and "there is no request in it" in done.stderr


def test_check_tells_what_each_line_would_do_and_changes_nothing(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    done = run(llmos, "list\ndelete it\n", *LIST, *DELETE, options=("--check", "--yes"))
    assert done.returncode == 0 and (llmos.folder / "file").exists()
    assert done.stdout.startswith("../s.llm:1: list_folder\n../s.llm:2: would ")


def test_check_finds_what_is_not_understood(llmos: Llmos) -> None:
    done = run(llmos, "list\nit\nlist\n", *LIST, reply(text="Which?", asks_back=True), options=("--check",))
    assert done.returncode == 7 and done.stderr == "llmos: ../s.llm:2: Which?\n"


def test_check_does_not_blame_what_hangs_on_a_change(llmos: Llmos) -> None:
    make = reply(("make_folder", {"path": ["new"]}))
    go = reply(("change_folder", {"path": "new"}))
    done = run(llmos, "make it\ngo there\n", make, go, options=("--check",))
    assert done.returncode == 0 and ":2: not known before line 1 has run" in done.stdout


def test_a_script_comes_from_standard_input_too(llmos: Llmos) -> None:
    model = f"scripted:{llmos.script(said('hi'))}"
    assert llmos.run("run", "--model", model, "-", "a b", input="hello $1\n").stdout == "hi\n"


def test_a_script_that_is_not_there_is_one_line(llmos: Llmos) -> None:
    done = llmos.run("run", "the", "tests")
    assert done.returncode == 2 and 'goes in quotes: "run the ..."' in done.stderr and done.stderr.count("\n") == 1


def test_a_script_that_is_no_text_is_one_line(llmos: Llmos) -> None:
    (llmos.folder / "s").write_bytes(b"\xff\xfe\0")
    done = llmos.run("run", "s")
    assert done.returncode == 2 and "not UTF-8" in done.stderr and done.stderr.count("\n") == 1


def test_json_tells_all_of_a_script(llmos: Llmos) -> None:
    done = run(llmos, "a = hello\necho $a\n", *said("hi"), options=("--json",))
    assert [line.split('"')[3] for line in done.stdout.splitlines()] == ["said", "said"]


def test_a_timeout_ends_a_script(llmos: Llmos) -> None:
    wait = reply(("wait_process", {"target": [str(os.getpid())], "seconds": 20}))
    done = run(llmos, "on error: continue\nwait\nwait\n", wait, wait, options=("--timeout", "1"))
    assert done.returncode == 6 and "s.llm:2: stopped" in done.stderr and ":3:" not in done.stderr


def test_the_shipped_help_shows_how_scripts_are_written(llmos: Llmos) -> None:
    assert "on error: continue" in llmos.run("run", "--help").stdout

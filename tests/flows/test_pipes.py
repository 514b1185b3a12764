"""llmos between other programs: clean in both directions, in every case where its peers were seen to fail.

The tests under "Seen in peers" are the rows of the table in the design, in its order; what is told there by more than
one test has the others in test_once.py.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from llmos.decoding.formats import FORMATS
from llmos.decoding.parse import parse
from tests.flows.conftest import Llmos
from tests.flows.test_once import COUNT_INPUT, DELETE, LIST, reply

# Seen in peers


def test_row_one_shot_a_real_answer_costs_less_than_half_a_second_and_100_mib(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    command = f"import os, subprocess, sys; subprocess.run({llmos.command('list files')!r}, check=True)"
    probe = f"{command}; import resource; u = resource.getrusage(resource.RUSAGE_CHILDREN)"
    report = f"{probe}; print(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024, file=sys.stderr)"
    costs = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", report], env=llmos.env, cwd=llmos.folder, capture_output=True, check=True
        )
        assert done.stdout == b"a\n"
        costs.append([float(number) for number in done.stderr.split()])
    seconds, mib = min(costs)
    assert seconds < 0.5 and mib < 100


def test_row_prompt_argument_and_idle_stdin_pipe_answers(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    process = llmos.start("list", script=LIST)
    assert process.stdout and process.stdout.readline() == "a\n"
    assert process.wait(timeout=20) == 0
    process.communicate()


def test_row_server_down_is_one_line_that_says_what_to_do(llmos: Llmos) -> None:
    done = llmos.run("--model", "openai:http://127.0.0.1:9/v1", "list")
    assert done.returncode in (1, 2) and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "--model embedded" in done.stderr


def test_row_binary_bytes_on_stdin_work(llmos: Llmos) -> None:
    assert llmos.run("count", script=COUNT_INPUT, input=bytes(range(256)) * 10 + b"\n").stdout == "11\n"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "gbk", "utf-16"])
def test_row_chinese_answer_to_a_stdout_that_cannot_say_it(llmos: Llmos, encoding: str) -> None:
    done = llmos.run("x", script=[reply(text="你好 ok")], env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0 and done.stderr == "" and "o" in done.stdout


def test_row_answer_to_a_pipe_is_not_padded_and_ends_in_a_newline(llmos: Llmos) -> None:
    (llmos.folder / "a").write_text("12345")
    done = llmos.run("sizes", script=[reply(("disk_usage", {"path": ["a"]}))], env={"COLUMNS": "80"})
    assert done.stdout.endswith("\n") and done.stdout.strip() and "  " not in done.stdout
    assert llmos.run("x", script=[reply(text="no newline")]).stdout == "no newline\n"


def test_row_two_lines_on_stdin_are_two_turns(llmos: Llmos) -> None:
    script = [reply(text="one"), reply(text="two")]
    assert llmos.run(script=script, input="first\nsecond\n").stdout == "one\ntwo\n"


def test_row_tool_call_while_stdin_is_piped_is_denied(llmos: Llmos) -> None:
    (llmos.folder / "file").touch()
    done = llmos.run("delete it", script=DELETE, input="yes\n" * 50)
    assert done.returncode == 4 and (llmos.folder / "file").exists()


def test_row_truncated_tool_call_is_repaired() -> None:
    form = next(form for form in FORMATS if form.begin)
    written = form.begin + form.before_name + "list_folder" + form.before_arguments + '{"path": ["a"]}'
    (call,) = parse(written, form, {"list_folder"}).calls
    assert call.name == "list_folder" and call.arguments == {"path": ["a"]}


def test_row_ctrl_c_in_the_middle_of_an_answer_is_130(llmos: Llmos) -> None:
    process = llmos.start("x", script={"replies": [reply(text="a b c d")], "delay": 0.3}, stdin=subprocess.DEVNULL)
    assert process.stdout and process.stdout.read(1) == "a"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130


# --output


def test_an_answer_goes_into_a_file_and_not_to_stdout(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    done = llmos.run("list", "-o", "../out", script=LIST)
    assert (done.stdout, done.stderr) == ("", "") and (llmos.base / "out").read_text() == "a\n"


def test_a_failure_leaves_the_old_file(llmos: Llmos) -> None:
    out = llmos.folder / "out"
    out.write_text("old")
    done = llmos.run("list", "-o", "out", script=[reply(("list_folder", {"path": ["gone"]}))])
    assert done.returncode == 1 and out.read_text() == "old" and os.listdir(llmos.folder) == ["out"]


def test_undo_brings_back_the_file_that_an_output_replaced(llmos: Llmos) -> None:
    out = llmos.folder / "out"
    out.write_text("old")
    llmos.run("x", "-o", "out", script=[reply(text="new")])
    assert out.read_text() == "new\n"
    assert llmos.run("undo", "--yes").returncode == 0 and out.read_text() == "old"


def test_a_kill_in_the_middle_leaves_the_old_file(llmos: Llmos) -> None:
    out = llmos.base / "out"
    out.write_text("old")
    script = {"replies": [reply(text="one two three four")], "delay": 0.5}
    process = llmos.start("x", "-o", str(out), script=script, stdin=subprocess.DEVNULL)
    time.sleep(1.2)
    process.kill()
    process.communicate()
    assert out.read_text() == "old"


def test_an_output_keeps_the_mode_and_follows_a_link(llmos: Llmos) -> None:
    target = llmos.base / "target"
    target.write_text("old")
    target.chmod(0o640)
    (llmos.base / "link").symlink_to(target)
    llmos.run("x", "-o", "../link", script=[reply(text="new")])
    assert target.read_text() == "new\n" and target.stat().st_mode & 0o777 == 0o640
    assert (llmos.base / "link").is_symlink()


def test_a_new_output_has_the_mode_of_the_umask(llmos: Llmos) -> None:
    llmos.run("x", "-o", "out", script=[reply(text="new")])
    mask = os.umask(0)
    os.umask(mask)
    assert (llmos.folder / "out").stat().st_mode & 0o777 == 0o666 & ~mask


def test_an_output_may_be_a_device(llmos: Llmos) -> None:
    assert llmos.run("x", "-o", "/dev/stderr", script=[reply(text="new")]).stderr == "new\n"


@pytest.mark.parametrize("file", ["gone/out", ".", "/proc/out"])
def test_an_output_that_cannot_be_is_known_before_anything_runs(llmos: Llmos, file: str) -> None:
    (llmos.folder / "file").touch()
    done = llmos.run("--yes", "delete it", "-o", file, script=DELETE)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and (llmos.folder / "file").exists()


def test_json_goes_into_the_file_too(llmos: Llmos) -> None:
    llmos.run("--json", "x", "-o", "out", script=[reply(text="new")])
    assert json.loads((llmos.folder / "out").read_text().splitlines()[0])["event"] == "said"


# --schema


def shaped(llmos: Llmos, schema: object, *replies: dict[str, Any], input: str = "") -> Any:
    """The answer that fits the schema; what stands on stderr where none does."""
    (llmos.base / "schema.json").write_text(json.dumps(schema))
    done = llmos.run("x", "--schema", "../schema.json", script=[*replies], input=input)
    assert done.stdout.count("\n") == (done.returncode == 0)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


STRINGS = {"type": "array", "items": {"type": "string"}}
FIND = reply(("find_files", {"type": "file", "sort": "name", "show": "details"}))


def two_files(llmos: Llmos) -> None:
    for name, size in (("a.txt", 5), ("b c", 2000)):
        (llmos.folder / name).write_bytes(b"x" * size)


def test_files_become_strings_as_in_a_pipe(llmos: Llmos) -> None:
    two_files(llmos)
    assert shaped(llmos, STRINGS, LIST[0]) == ["a.txt", "b c"]


def test_nothing_found_is_an_empty_list(llmos: Llmos) -> None:
    assert shaped(llmos, STRINGS, LIST[0]) == []


def test_a_table_becomes_objects_with_the_names_of_the_schema(llmos: Llmos) -> None:
    two_files(llmos)
    item = {
        "type": "object",
        "properties": {"path": {"type": "string"}, "bytes": {"type": "integer"}},
        "required": ["path", "bytes"],
        "additionalProperties": False,
    }
    a, b = str(llmos.folder / "a.txt"), str(llmos.folder / "b c")
    assert shaped(llmos, {"type": "array", "items": item}, FIND) == [
        {"path": a, "bytes": 5},
        {"path": b, "bytes": 2000},
    ]


def test_a_schema_may_refer_to_its_own_parts(llmos: Llmos) -> None:
    two_files(llmos)
    file = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    schema = {"type": "array", "items": {"$ref": "#/$defs/file"}, "$defs": {"file": file}}
    assert [each["name"] for each in shaped(llmos, schema, FIND)] == ["a.txt", "b c"]


def test_a_list_and_its_length_in_one_object(llmos: Llmos) -> None:
    two_files(llmos)
    schema = {
        "type": "object",
        "properties": {"files": STRINGS, "count": {"type": "integer"}},
        "required": ["files", "count"],
    }
    assert shaped(llmos, schema, LIST[0]) == {"files": ["a.txt", "b c"], "count": 2}


@pytest.mark.parametrize(("kind", "value"), [("integer", 3), ("number", 3), ("string", "3")])
def test_a_count_is_a_number_or_its_digits(llmos: Llmos, kind: str, value: object) -> None:
    assert shaped(llmos, {"type": kind}, COUNT_INPUT[0], input="a\nb\nc\n") == value


@pytest.mark.parametrize(("said", "value"), [("Yes, it is.", True), ("否", False)])
def test_yes_and_no_are_booleans(llmos: Llmos, said: str, value: bool) -> None:
    assert shaped(llmos, {"type": "boolean"}, reply(text=said)) is value


def test_json_that_the_model_wrote_is_taken_as_it_is(llmos: Llmos) -> None:
    schema = {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}
    assert shaped(llmos, schema, reply(text='```json\n{"size": 3}\n```')) == {"size": 3}


def test_one_word_of_several_is_chosen(llmos: Llmos) -> None:
    assert shaped(llmos, {"enum": ["ok", "broken"]}, reply(text="It is broken.")) == "broken"


def test_an_answer_that_does_not_fit_is_one_line_and_exit_1(llmos: Llmos) -> None:
    error = shaped(llmos, {"type": "integer"}, reply(text="I see 3 of 5."))
    assert error.startswith("llmos: the answer does not fit ../schema.json: ") and error.count("\n") == 1


def test_what_a_turn_did_not_answer_is_no_json(llmos: Llmos) -> None:
    (llmos.base / "s").write_text('{"type": "string"}')
    asked = llmos.run("it", "--schema", "../s", script=[reply(text="Which file?", asks_back=True)])
    assert (asked.stdout, asked.stderr, asked.returncode) == ("", "Which file?\n", 7)
    failed = llmos.run("it", "--schema", "../s", script=[reply(("list_folder", {"path": ["gone"]}))])
    assert failed.stdout == "" and failed.returncode == 1 and failed.stderr.count("\n") == 1


@pytest.mark.parametrize("schema", ["{", "[]", '{"type": "nonsense"}', None])
def test_a_bad_schema_is_known_before_anything_runs(llmos: Llmos, schema: str | None) -> None:
    (llmos.folder / "file").touch()
    if schema is not None:
        (llmos.base / "s").write_text(schema)
    done = llmos.run("--yes", "delete it", "--schema", "../s", script=DELETE)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and (llmos.folder / "file").exists()


def test_every_line_of_input_gives_one_line_of_json(llmos: Llmos) -> None:
    (llmos.base / "s").write_text('{"type": "integer"}')
    script = [reply(text="1"), reply(text="2")]
    assert llmos.run("--schema", "../s", script=script, input="a\nb\n").stdout == "1\n2\n"


def test_one_number_does_not_become_several(llmos: Llmos) -> None:
    schema = {"type": "object", "properties": {"size": {"type": "integer"}, "count": {"type": "integer"}}}
    assert shaped(llmos, schema, COUNT_INPUT[0], input="a\n") == {"count": 1}


def test_a_mentioned_file_is_a_plain_path_to_the_model(llmos: Llmos) -> None:
    (llmos.folder / "todo.txt").write_text("buy milk\n")
    assert llmos.run("show @todo.txt").stdout == "buy milk\n"

"""Batches of prompts: results, folders, and that nothing is done twice whatever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.flows.conftest import Llmos
from tests.flows.test_once import DELETE, LIST, reply

MAKE = ("make_folder", {"path": ["made"]})
WAIT = ("wait_process", {"target": [str(os.getpid())], "seconds": 60})


def arguments(llmos: Llmos, prompts: object, script: object, *options: str) -> list[str]:
    """`prompts`: a number of them, or the text of the file."""
    text = "".join(f"prompt {n}\n" for n in range(1, prompts + 1)) if isinstance(prompts, int) else str(prompts)
    (llmos.base / "p").write_text(text)
    model = f"scripted:{llmos.script(script)}"
    return ["batch", "../p", "-o", "../r", "--jobs", "2", "--model", model, *options]


def batch(llmos: Llmos, prompts: object, script: object, *options: str) -> subprocess.CompletedProcess[str]:
    return llmos.run(*arguments(llmos, prompts, script, *options))


def results(llmos: Llmos) -> dict[str, Any]:
    lines = [json.loads(line) for line in (llmos.base / "r").read_text().splitlines()]
    assert len({line["id"] for line in lines}) == len(lines)
    return {line["id"]: line for line in lines}


def statuses(llmos: Llmos) -> dict[str, str]:
    return {id: line["status"] for id, line in results(llmos).items()}


def until(seen: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    deadline = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < deadline and (process is None or process.poll() is None)
        time.sleep(0.02)


def workers_of(pid: int) -> list[int]:
    """The processes that multiprocessing started for the work."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(c) for c in children if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]


def test_every_prompt_has_one_result(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    done = batch(llmos, 3, LIST)
    assert done.returncode == 0 and done.stdout == ""
    assert done.stderr == "llmos: 3 done of 3; results are in ../r\n"
    line = results(llmos)["2"]
    assert (line["prompt"], line["answer"], line["exit_code"]) == ("prompt 2", "a", 0)
    assert line["calls"][0]["name"] == "list_folder" and line["folder"] == str(llmos.folder) and line["seconds"] > 0


def test_the_embedded_model_answers_a_batch(llmos: Llmos) -> None:
    (llmos.folder / "a").touch()
    (llmos.base / "p").write_text("how many files are here?\n列出这里的文件\n")
    assert llmos.run("batch", "../p", "-o", "../r").returncode == 0
    assert [line["answer"] for _, line in sorted(results(llmos).items())] == ["1", "a"]


def test_objects_say_id_folder_and_input(llmos: Llmos) -> None:
    (llmos.folder / "sub").mkdir()
    prompt = json.dumps({"id": "é/x", "prompt": "count", "folder": "sub", "input": "a\nb\n"})
    batch(llmos, prompt, [reply(("count", {"path": ["-"], "what": "lines"}))])
    line = results(llmos)["é/x"]
    assert line["answer"] == "2" and line["folder"] == str(llmos.folder / "sub")


def test_each_prompt_works_in_a_folder_of_its_own_with_its_files(llmos: Llmos) -> None:
    (llmos.folder / "a").write_text("from here")
    prompts = "".join(json.dumps({"id": id, "prompt": "x", "files": ["a"]}) + "\n" for id in ("one", "../up"))
    batch(llmos, prompts, [reply(MAKE)], "--yes", "--folders", "own")
    own = llmos.folder / "own"
    assert (own / "one" / "made").is_dir() and (own / "one" / "a").read_text() == "from here"
    assert len(os.listdir(own)) == 2 and not (llmos.folder / "up").exists()


def test_changes_are_in_the_result(llmos: Llmos) -> None:
    batch(llmos, 1, [reply(MAKE)], "--yes")
    assert results(llmos)["1"]["changes"] == [
        {"kind": "created", "path": str(llmos.folder / "made"), "to": "", "size": 0}
    ]


@pytest.mark.parametrize(
    ("script", "options", "status"),
    [
        (DELETE, (), "approval-needed"),
        (DELETE, ("--mode", "read-only"), "denied"),
        ([reply(("list_folder", {"path": ["gone"]}))], (), "failed"),
        ([reply(text="Which?", asks_back=True)], (), "not-understood"),
        ([reply(WAIT)], ("--timeout", "1"), "limit"),
    ],
)
def test_what_was_not_done_says_why(llmos: Llmos, script: object, options: tuple[str, ...], status: str) -> None:
    (llmos.folder / "file").touch()
    done = batch(llmos, 1, script, *options)
    line = results(llmos)["1"]
    assert done.returncode == 1 and line["status"] == status and line["errors"] and (llmos.folder / "file").exists()


MISTAKES = {"{": "1: ", '{"id": "x"}': "2: prompt is missing", '{"promt": "x"}': "3: there is no field 'promt'"}


def test_mistakes_in_the_prompts_are_found_before_anything_runs(llmos: Llmos) -> None:
    text = "\n".join([*MISTAKES, '{"id": "5", "prompt": "a"}', "b"])
    done = batch(llmos, text, [reply(MAKE)], "--yes")
    assert done.returncode == 2 and not (llmos.folder / "made").exists()
    for mistake in (*MISTAKES.values(), "two prompts have the id '5'"):
        assert f"../p:{mistake}" in done.stderr or mistake in done.stderr


def test_no_prompt_is_a_mistake(llmos: Llmos) -> None:
    assert "there is no prompt" in batch(llmos, "\n", LIST).stderr


def test_what_has_a_result_is_not_done_again(llmos: Llmos) -> None:
    batch(llmos, 2, [reply(MAKE)], "--yes", "--folders", "own")
    before = (llmos.base / "r").read_text()
    done = batch(llmos, 3, [reply(MAKE)], "--yes", "--folders", "own")
    assert (llmos.base / "r").read_text().startswith(before) and statuses(llmos) == dict.fromkeys("123", "done")
    assert "(2 of them before)" in done.stderr


def test_results_of_other_prompts_are_not_mixed_up(llmos: Llmos) -> None:
    batch(llmos, "one", LIST)
    done = batch(llmos, "other", LIST)
    assert done.returncode == 2 and "results of other prompts" in done.stderr


def test_half_a_line_of_a_killed_writer_is_dropped(llmos: Llmos) -> None:
    (llmos.base / "r").write_text('{"id": "1", "prompt": "prompt 1", "status": "do')
    batch(llmos, 1, LIST)
    assert statuses(llmos) == {"1": "done"}


def test_killed_it_goes_on_without_repeating_what_began_to_change_things(llmos: Llmos) -> None:
    """Prompt 1 and 2 make a folder and wait; all is killed; then 3 and 4 are done, 1 and 2 are not repeated."""
    command = arguments(llmos, 4, [reply(MAKE, WAIT)], "--yes", "--folders", "own")
    process = llmos.start(*command, stdin=subprocess.DEVNULL)
    made = [llmos.folder / "own" / id / "made" for id in ("1", "2")]
    until(lambda: all(folder.is_dir() for folder in made), process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    for folder in made:
        folder.rmdir()
    done = batch(llmos, 4, [reply(MAKE)], "--yes", "--folders", "own")
    assert statuses(llmos) == {"1": "unknown", "2": "unknown", "3": "done", "4": "done"}
    assert done.returncode == 1 and not any(folder.exists() for folder in made)
    assert "not repeated unless --retry" in results(llmos)["1"]["errors"][0]


def test_retry_does_again_what_is_not_done_and_nothing_else(llmos: Llmos) -> None:
    batch(llmos, 1, [reply(("list_folder", {"path": ["gone"]}))])
    batch(llmos, 2, LIST)
    assert statuses(llmos) == {"1": "failed", "2": "done"}
    second = results(llmos)["2"]
    assert batch(llmos, 2, LIST, "--retry").returncode == 0
    assert statuses(llmos) == {"1": "done", "2": "done"} and results(llmos)["2"] == second


def test_killed_before_any_change_a_prompt_is_simply_done_again(llmos: Llmos) -> None:
    process = llmos.start(*arguments(llmos, 1, [reply(WAIT)]), stdin=subprocess.DEVNULL)
    until(lambda: (llmos.base / "r").exists() and workers_of(process.pid), process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert batch(llmos, 1, LIST).returncode == 0 and statuses(llmos) == {"1": "done"}


def test_a_killed_parent_loses_nothing(llmos: Llmos) -> None:
    """Its workers finish what they do and record it; the next batch waits for them."""
    wait = ("wait_process", {"target": [str(os.getpid())], "seconds": 2})
    command = arguments(llmos, 3, [reply(MAKE, wait)], "--yes", "--folders", "own")
    process = llmos.start(*command, stdin=subprocess.DEVNULL)
    until(lambda: (llmos.folder / "own" / "2" / "made").is_dir() and (llmos.folder / "own" / "1" / "made").is_dir())
    process.kill()
    process.wait()
    done = batch(llmos, 3, [reply(MAKE)], "--yes", "--folders", "own")
    process.communicate()
    assert "another batch is still at work" in done.stderr
    assert "(2 of them before)" in done.stderr and len(statuses(llmos)) == 3


def test_a_killed_worker_is_replaced_and_its_prompt_accounted_for(llmos: Llmos) -> None:
    script = [reply(MAKE, ("wait_process", {"target": [str(os.getpid())], "seconds": 3}))]
    command = arguments(llmos, 3, script, "--yes", "--folders", "own")
    process = llmos.start(*command, stdin=subprocess.DEVNULL)
    until((llmos.folder / "own" / "1" / "made").is_dir, process)
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    process.communicate(timeout=60)
    ended = statuses(llmos)
    assert len(ended) == 3 and list(ended.values()).count("unknown") == 1
    assert "signal 9" in json.dumps(results(llmos)) and process.returncode == 1


def test_ctrl_c_lets_what_runs_finish_and_leaves_the_rest(llmos: Llmos) -> None:
    wait = ("wait_process", {"target": [str(os.getpid())], "seconds": 1})
    command = arguments(llmos, 9, [reply(MAKE, wait)], "--yes", "--folders", "own")
    process = llmos.start(*command, stdin=subprocess.DEVNULL)
    until((llmos.folder / "own" / "1" / "made").is_dir, process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "left of 9" in err and "unknown" not in statuses(llmos).values()


def test_a_terminal_shows_progress_with_rate_and_time_left(llmos: Llmos) -> None:
    command, *rest = llmos.command(*arguments(llmos, 4, LIST))
    child = pexpect.spawn(command, rest, cwd=llmos.folder, env=llmos.env, encoding="utf-8", dimensions=(24, 120))
    child.expect(pexpect.EOF, timeout=60)
    assert ("4/4" in child.before and "prompt/s" in child.before) or "s/prompt" in child.before


def test_a_model_that_is_not_there_is_said_once(llmos: Llmos) -> None:
    (llmos.base / "p").write_text("a\nb\n")
    done = llmos.run("batch", "../p", "-o", "../r", "--model", "embeded")
    assert done.returncode == 2 and done.stderr.count("\n") == 1


# On a cluster


@pytest.mark.slow
def test_a_cluster_does_the_same_and_survives_a_killed_worker(llmos: Llmos) -> None:
    pytest.importorskip("ray", reason="ray is not installed")
    wait = ("wait_process", {"target": [str(os.getpid())], "seconds": 5})
    command = arguments(llmos, 3, [reply(MAKE, wait)], "--yes", "--folders", "own", "--engine", "ray")
    process = llmos.start(*command, stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while not (tasks := ray_tasks(process.pid)) or not (llmos.folder / "own" / "1" / "made").is_dir():
        assert time.monotonic() < deadline and process.poll() is None, process.communicate()
        time.sleep(0.1)
    os.kill(tasks[0], signal.SIGKILL)
    process.communicate(timeout=90)
    ended = statuses(llmos)
    assert len(ended) == 3 and list(ended.values()).count("unknown") == 1 and list(ended.values()).count("done") == 2


def ray_tasks(parent: int) -> list[int]:
    """Processes beneath this one that run a task now: Ray names them so."""
    import psutil

    found = []
    for process in psutil.Process(parent).children(recursive=True):
        try:
            if process.cmdline()[:1] == ["ray::do"] or process.cmdline()[:1] == ["ray::do()"]:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_without_ray_the_engine_says_how_to_get_it(llmos: Llmos) -> None:
    (llmos.base / "hide").mkdir()
    (llmos.base / "hide" / "ray.py").write_text("raise ModuleNotFoundError('no ray')\n")
    env = {"PYTHONPATH": f"{llmos.base / 'hide'}:{llmos.env['PYTHONPATH']}"}
    done = llmos.run(*arguments(llmos, 1, LIST, "--engine", "ray"), env=env)
    assert done.returncode == 1 and "pip install 'llmos[ray]'" in done.stderr and done.stderr.count("\n") == 1

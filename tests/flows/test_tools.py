"""`llmos tools`, and manifests in plain language."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.conftest import Llmos

HELLO = """name = "hello"
description = "Say it."
program = "echo"
package = "coreutils"
effect = "read"
[arguments.who]
type = "string"
description = "whom"
position = 1
[[examples]]
phrase = "greet Ada"
arguments = { who = "Ada" }
"""


def manifest(llmos: Llmos, content: str = HELLO, name: str = "hello") -> str:
    (llmos.folder / f"{name}.toml").write_text(content)
    return f"{name}.toml"


def own(llmos: Llmos) -> Path:
    return llmos.home / ".config" / "llmos" / "tools"


def test_every_tool_is_listed_with_what_it_needs(llmos: Llmos) -> None:
    lines = llmos.run("tools", "list").stdout.splitlines()
    assert "undo\tllmos\tTake back the last changes that llmos made to files.\t" in lines
    assert any(line.startswith("git_log\tgit\t") for line in lines)


def test_a_tool_is_shown_with_its_arguments_and_examples(llmos: Llmos) -> None:
    shown = llmos.run("tools", "show", "git_log").stdout
    assert "how many commits (by default 10)" in shown and "看看最近五次提交" in shown


def test_what_is_added_is_understood_at_once(llmos: Llmos) -> None:
    assert llmos.run("tools", "add", manifest(llmos)).returncode == 0
    assert llmos.run("please greet Bob").stdout == "Bob\n"


def test_what_is_removed_is_gone(llmos: Llmos) -> None:
    llmos.run("tools", "add", manifest(llmos))
    assert llmos.run("tools", "remove", "hello").returncode == 0 and not list(own(llmos).iterdir())


def test_what_ships_cannot_be_removed(llmos: Llmos) -> None:
    done = llmos.run("tools", "remove", "git_log")
    assert done.returncode == 2 and "ships with llmos" in done.stderr


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("position = 1", "posn = 1", "arguments.who.posn: there is no such key"),
        ('effect = "read"\n', "", "effect: it is missing"),
        ("position = 1", "position = 1\npattern = '('", "arguments.who.pattern: it is no regular expression"),
        ('"string"', '"enum"', "arguments.who: an enum has values"),
        ("position = 1", "position = 1\ndefault = 3", "arguments.who: the default is no string"),
        ("[arguments.who]", "[arguments.model_fields]", "an argument cannot be called model_fields"),
        ('{ who = "Ada" }', '{ whom = "Ada" }', 'the example "greet Ada" does not fit: whom: '),
        ('name = "hello"', 'name = "other"', "name: it is 'other', so the file has to be called other.toml"),
        ('who = "Ada"', 'who = "-n"', "examples.1: \"greet Ada\": '-n' begins with a dash"),
    ],
)
def test_check_names_what_is_wrong_and_where(llmos: Llmos, before: str, after: str, problem: str) -> None:
    done = llmos.run("tools", "check", manifest(llmos, HELLO.replace(before, after)))
    assert done.returncode == 1 and f"hello.toml: {problem}" in done.stderr


def test_a_built_in_tool_cannot_be_replaced(llmos: Llmos) -> None:
    file = manifest(llmos, HELLO.replace("hello", "count"), "count")
    done = llmos.run("tools", "add", file)
    assert done.returncode == 1 and "there is another tool count" in done.stderr and not own(llmos).exists()


def test_one_that_was_put_there_all_the_same_is_not_used(llmos: Llmos) -> None:
    own(llmos).mkdir(parents=True)
    (own(llmos) / "count.toml").write_text(HELLO.replace("hello", "count"))
    assert "count.toml is not used" in llmos.run("tools", "list").stderr


def test_a_broken_one_does_not_keep_the_others_away(llmos: Llmos) -> None:
    llmos.run("tools", "add", manifest(llmos))
    (own(llmos) / "bad.toml").write_text("name = ")
    assert "bad.toml: Invalid value" in llmos.run("tools", "list").stderr
    assert llmos.run("greet Bob").stdout == "Bob\n"


def test_try_says_what_would_be_done(llmos: Llmos) -> None:
    done = llmos.run("tools", "try", manifest(llmos), "greet Eve")
    assert done.stdout == "hello who=Eve\nwould run echo Eve\n"


def test_try_shows_what_could_have_been_said(llmos: Llmos) -> None:
    done = llmos.run("tools", "try", manifest(llmos), "hi")
    assert done.returncode == 7 and "greet Ada" in done.stderr


def test_a_missing_program_is_named_with_its_package(llmos: Llmos) -> None:
    content = HELLO.replace('"echo"', '"frob"').replace("coreutils", "frobnicator")
    llmos.run("tools", "add", manifest(llmos, content))
    assert "install the package frobnicator" in llmos.run("greet Ada").stderr


def test_a_service_is_restarted_only_when_somebody_agrees(llmos: Llmos) -> None:
    done = llmos.run("restart the service nginx")
    assert done.returncode in (1, 4) and "systemctl" in done.stderr


def test_a_batch_understands_them(llmos: Llmos) -> None:
    llmos.run("tools", "add", manifest(llmos))
    (llmos.folder / "prompts").write_text("greet Bob\n")
    llmos.run("batch", "prompts", "--quiet")
    assert '"answer": "Bob' in (llmos.folder / "prompts.results.jsonl").read_text()


def test_policy_says_what_would_be_asked(llmos: Llmos) -> None:
    done = llmos.run("policy", "check", "--", "restart_service", "service=nginx")
    assert done.returncode in (1, 4)


def test_other_models_call_them_too(llmos: Llmos) -> None:
    llmos.run("tools", "add", manifest(llmos))
    call = {"name": "hello", "arguments": {"who": "Cy"}}
    assert "Cy" in llmos.run("x", script=[{"calls": [call], "final": True}]).stdout

"""Requests that are said as in an example: which are, which are not, and the index that is kept of the examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmos.tools import examples
from llmos.tools.examples import Template
from llmos.values.messages import JSON, ToolCall
from llmos.values.place import Place

FILE = {"type": "path"}
COUNT = {"type": "integer", "minimum": 1, "maximum": 50}
WORD = {"type": "string"}


def template(phrase: str, values: dict[str, Any], **arguments: dict[str, Any]) -> Template | None:
    return examples.template("tool", arguments, {"phrase": phrase, "arguments": values})


def said(request: str, one: Template | None, folder: Path = Path("/")) -> ToolCall | None:
    assert one is not None
    return examples.find(request, [one], Place(str(folder), "/home/ada"))


LAST = template("show the last 3 commits", {"count": 3}, count=COUNT)
LAST_ZH = template("看看最近五次提交", {"count": 5}, count=COUNT)
AUTHOR = template("what did ada commit?", {"author": "ada"}, author=WORD)
CONVERT = template("convert a.mov to b.mp4", {"a": "a.mov", "b": "b.mp4"}, a=FILE, b={**FILE, "endings": ["mp4"]})
MERGE = template("merge a.pdf and b.pdf", {"files": ["a.pdf", "b.pdf"]}, files={"type": "paths"})
STATE = template("turn wifi off", {"state": "off"}, state={"type": "enum", "values": ["on", "off"]})
SIZE = template("scale it to 50%", {"size": "50%"}, size={**WORD, "pattern": r"\d+%"})
HOST = template("can I reach example.org?", {"host": "example.org"}, host=WORD)
SERVICE = template("restart nginx", {"service": "nginx"}, service={**WORD, "pattern": r"[\w@.-]+"})
LOUD = template("make it louder", {"change": "+"}, change={"type": "enum", "values": ["+", "-"]})


@pytest.mark.parametrize(
    ("request_", "one", "arguments"),
    [
        ("show the last 7 commits", LAST, {"count": 7}),
        ("Could you show me the last twelve commits, please?", LAST, {"count": 12}),
        ("List the last 7 commits", LAST, {"count": 7}),
        ("请帮我看看最近十二次提交", LAST_ZH, {"count": 12}),
        ("列出最近 3 次提交", LAST_ZH, {"count": 3}),
        ("What did Bob commit", AUTHOR, {"author": "Bob"}),
        ("convert ~/x.mov to 'my talk.mp4'", CONVERT, {"a": "~/x.mov", "b": "my talk.mp4"}),
        ("merge x.pdf and y.pdf", MERGE, {"files": ["x.pdf", "y.pdf"]}),
        ("turn wifi on", STATE, {"state": "on"}),
        ("scale it to 75%", SIZE, {"size": "75%"}),
        ("can I reach 10.0.0.1", HOST, {"host": "10.0.0.1"}),
        ("restart ssh", SERVICE, {"service": "ssh"}),
        ("make it louder", LOUD, {"change": "+"}),
    ],
)
def test_other_values_are_taken(request_: str, one: Template, arguments: dict[str, JSON]) -> None:
    call = said(request_, one)
    assert call and call.arguments == arguments and call.probability is None


@pytest.mark.parametrize(
    ("request_", "one"),
    [
        ("show the last commits", LAST),
        ("show the last few commits", LAST),
        ("show the last 99 commits", LAST),
        ("show the last 2.5 commits", LAST),
        ("show the last 3 commits of ada", LAST),
        ("what did I commit?", AUTHOR),
        ("what did everybody commit?", AUTHOR),
        ("convert a.mov to b.csv", CONVERT),
        ("convert dollars to b.mp4", CONVERT),
        ("turn wifi around", STATE),
        ("scale it to 50", SIZE),
        ("can I reach mother?", HOST),
        ("restart it", SERVICE),
        ("restart a+b", SERVICE),
        ("", LAST),
    ],
)
def test_what_is_said_otherwise_is_none_of_its_calls(request_: str, one: Template) -> None:
    assert said(request_, one) is None


def test_a_bare_name_is_a_path_where_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    one = template("status of ~/x", {"path": "~/x"}, path=FILE)
    call = said("status of project", one, tmp_path)
    assert call and call.arguments == {"path": "project"} and said("status of things", one, tmp_path) is None


def test_a_value_never_begins_with_a_dash() -> None:
    assert said("what did --all commit?", AUTHOR) is None


def test_a_call_says_where_its_values_stand() -> None:
    request = "please convert x.mov to y.mp4"
    call = said(request, CONVERT)
    assert call and [request[a:b] for spans in call.sources.values() for a, b in spans] == ["x.mov", "y.mp4"]


def test_an_example_that_does_not_say_its_file_is_none() -> None:
    assert template("convert a.wav to mp3", {"a": "a.wav", "b": "a.mp3"}, a=FILE, b=FILE) is None


def test_an_example_of_values_alone_is_none() -> None:
    assert template("a.wav", {"a": "a.wav"}, a=FILE) is None


MANIFEST = """
[arguments.who]
type = "string"
[[examples]]
phrase = "greet ada"
arguments = { who = "ada" }
"""


def shelf(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "hello.toml").write_text(MANIFEST)
    return tmp_path / "tools"


def test_the_index_is_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    folder, state = shelf(tmp_path), str(tmp_path / "state")
    first = examples.load([folder], state)
    assert first and (tmp_path / "state" / "examples.json").is_file() and examples.load([folder], state) == first


def test_a_changed_manifest_is_read_anew(tmp_path: Path) -> None:
    folder, state = shelf(tmp_path), str(tmp_path / "state")
    examples.load([folder], state)
    (folder / "hello.toml").write_text(MANIFEST.replace("greet ada", "wave at ada"))
    assert examples.load([folder], state)[0].parts[0] == "wave"


@pytest.mark.parametrize("content", ["", "null", "{", '{"version": 1}'])
def test_a_broken_index_is_made_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "examples.json").write_text(content)
    assert len(examples.load([shelf(tmp_path)], str(tmp_path))) == 1


def test_a_state_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    assert len(examples.load([shelf(tmp_path)], str(tmp_path / "state"))) == 1


def test_a_broken_manifest_is_passed_over(tmp_path: Path) -> None:
    folder = shelf(tmp_path)
    (folder / "bad.toml").write_text("name = ")
    (folder / "odd.toml").write_text('examples = [1]\narguments = "x"')
    assert len(examples.load([folder], "")) == 1


@pytest.mark.slow
def test_no_request_for_another_tool_is_taken_for_an_example() -> None:
    from llmos import paths
    from llmos.train.generate import Generator, read_bank, tool_schema

    schema = tool_schema()
    generator = Generator(read_bank(schema), schema, 1)
    templates = examples.load([paths.share("tools")], "")
    made = (generator.example(None) for _ in range(5000))
    taken = [e for e in made if examples.find(e.view.request, templates, Place("/", "/root"))]
    assert [e.view.request for e in taken if e.target.calls] == []

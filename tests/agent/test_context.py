"""What the model gets to see."""

from __future__ import annotations

from pathlib import Path

from llmos.agent.context import HINTS, OFFERED, Conversation, make_context, offered, recent_paths
from llmos.values.messages import (
    AssistantMessage,
    ItemKind,
    Outcome,
    ToolCall,
    ToolMessage,
    ToolResult,
    ToolSchema,
    UserMessage,
)
from llmos.values.place import Place


def hints(folder: Path, request: str = "list files") -> tuple[str, ...]:
    return make_context(Conversation(Place(str(folder), str(folder)), [UserMessage(request)])).hints


def test_names_in_the_folder_are_hints(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden"):
        (tmp_path / name).touch()
    assert hints(tmp_path) == (".hidden", "a.txt", "b.txt")


def test_of_too_many_names_those_the_request_speaks_of_stay(tmp_path: Path) -> None:
    for number in range(HINTS + 50):
        (tmp_path / f"a{number}").touch()
    (tmp_path / "zebra.txt").touch()
    found = hints(tmp_path, "delete the Zebra file")
    assert "zebra.txt" in found and len(found) == HINTS and found == tuple(sorted(found))


def test_a_folder_that_is_gone_has_no_hints(tmp_path: Path) -> None:
    assert hints(tmp_path / "gone") == ()


def test_schemas_are_built_only_when_a_model_asks(tmp_path: Path) -> None:
    built: list[int] = []

    def schemas() -> tuple[ToolSchema, ...]:
        built.append(1)
        return (ToolSchema("x", "y"),)

    context = make_context(Conversation(Place(str(tmp_path), str(tmp_path))), schemas)
    assert built == [] and context.tools()[0].name == "x"


def test_what_the_last_answers_were_about_comes_latest_first() -> None:
    def result(*items: str, ok: bool = True, kind: ItemKind = ItemKind.PATH) -> ToolMessage:
        return ToolMessage(ToolResult(ToolCall("1", "look", {}), ok, Outcome(items=items, kind=kind)))

    messages = [result("/a", "/b"), result("12", kind=ItemKind.PROCESS), result("/c", ok=False), result("/d", "/a")]
    assert recent_paths(messages) == ("/d", "/a", "/b")


def test_of_too_many_tools_those_that_the_request_may_be_for_are_shown() -> None:
    built_in = ToolSchema("count", "Count things.")
    many = tuple(ToolSchema(f"tool_{i}", "Does nothing of note.") for i in range(OFFERED))
    volume = ToolSchema("set_volume", "Set how loud the sound is.")
    found = offered((built_in, *many, volume), [UserMessage("make the sound louder, loud")])
    assert found[0] == built_in and volume in found and len(found) <= OFFERED


def test_what_was_called_before_is_shown_again() -> None:
    many = tuple(ToolSchema(f"tool{i}", "Does nothing of note.") for i in range(OFFERED + 1))
    before = [UserMessage("x"), AssistantMessage(calls=(ToolCall("1", "tool70", {}),)), UserMessage("again")]
    assert many[70] in offered(many, before)

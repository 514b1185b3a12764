"""Runs an app as a turn: a model that says its steps one after the other, so that each is planned, decided, asked for,
confined and undone like any call; and finds the app that a request means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llmos.apps.app import App, call
from llmos.apps.shelf import Shelf
from llmos.dispatch.dispatcher import Bounds
from llmos.errors import UsageError
from llmos.models.base import Context
from llmos.tools.examples import Template, find, template
from llmos.translation import both
from llmos.values.messages import Reply, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place
from llmos.values.plain import plain_text

_NOT_ON_A_COPY = {"signal", "network", "privileged"}
"""Effects that reach past any folder: a test refuses them."""


class AppModel:
    name = "app"

    def __init__(self, app: App, values: Mapping[str, str], root: str = "") -> None:
        """With a root nothing outside it can change. Raises UsageError for a parameter that the app has not."""
        if unknown := values.keys() - app.parameters.keys():
            known = ", ".join(app.parameters) or "none"
            raise UsageError(
                both("{name} has no parameter {names}; it has {known}").format(
                    name=app.name, names=", ".join(unknown), known=known
                )
            )
        self._app = app
        self._values = {**app.parameters, **values}
        self._root = root

    def reply(self, context: Context) -> Iterator[str | Reply]:
        results = _since_the_request(context)
        if results and not results[-1].ok:
            number = len(results)
            yield Reply(f"{self._app.name} stopped at step {number} of {len(self._app.steps)}.", final=True)
            return
        seen = [(result.outcome.items, plain_text(result.outcome)) for result in results]
        number = len(results)
        made = call(self._app.steps[number], self._values, seen, number + 1)
        yield Reply(calls=(made,), final=number + 1 == len(self._app.steps))

    @property
    def bounds(self) -> Bounds:
        steps = "; ".join(f"{step.tool} {dict(step.arguments)}" for step in self._app.steps)
        values = " ".join(self._values.values())
        effects = frozenset(self._app.effects) - (_NOT_ON_A_COPY if self._root else set())
        return Bounds(effects, f"{values} {steps}", self._root)


def _since_the_request(context: Context) -> list[ToolResult]:
    results: list[ToolResult] = []
    for message in context.messages:
        if isinstance(message, UserMessage):
            results.clear()
        elif isinstance(message, ToolMessage):
            results.append(message.result)
    return results


def meant(request: str, shelf: Shelf, place: Place) -> AppModel | None:
    """The app that one of its phrases names, with its values. Raises UsageError for one that waits to be reviewed."""
    for app in shelf.readable():
        found = find(request, list(_templates(app)), place)
        if found is not None:
            check_trusted(app.name, shelf)
            return AppModel(app, {key: str(value) for key, value in found.arguments.items()})
    return None


def check_trusted(name: str, shelf: Shelf) -> None:
    """Raises UsageError."""
    if not shelf.is_trusted(name):
        raise UsageError(
            both("{name} was not accepted as it is now: llmos app review {name} shows it and asks").format(name=name)
        )


def _templates(app: App) -> Iterator[Template]:
    kinds = {name: {"type": _kind(value)} for name, value in app.parameters.items()}
    for phrase in app.phrases:
        said = {name: value for name, value in app.parameters.items() if value and value in phrase}
        made = template(app.name, kinds, {"phrase": phrase, "arguments": said})
        if made is not None:
            yield made


def _kind(value: str) -> str:
    return "path" if "/" in value or "~" in value else "string"

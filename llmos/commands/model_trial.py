"""Models tried out: how long each takes for an everyday request, and whether its calls are understood.

Nothing that a model calls is carried out here.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmos.config import Settings
from llmos.errors import Exit, LlmosError
from llmos.models import names
from llmos.models.base import Context, Model, Reach
from llmos.tools.registry import Registry
from llmos.translation import _
from llmos.values.messages import Reply, ToolSchema, UserMessage
from llmos.values.place import Place

TOOLS = ("list_folder", "find_files", "read_file", "search_text", "disk_usage", "list_processes")
REQUESTS = (
    ("list the files here", "list_folder"),
    ("which python files changed in the last 3 days?", "find_files"),
    ("which 5 processes use the most memory?", "list_processes"),
    ("在这里找大于 10 MB 的文件", "find_files"),
)
"""What is asked, and the tool that a model that understands it calls."""


@dataclass(frozen=True)
class Tried:
    request: str
    first: float
    """Seconds until the first piece of it."""

    whole: float
    called: str
    """The tool, or "" where none was called."""

    right: bool


def load(name: str, place: Place, settings: Settings) -> Model:
    return names.load(name, place.state, Reach(settings.base_url, settings.api_key_command, place.env))


def bench(name: str, place: Place, settings: Settings) -> int:
    model = load(name, place, settings)
    print(_("{name}: first piece, whole answer, tool").format(name=name))
    tried = []
    for one in _try(model, place):
        tried.append(one)
        print(f"  {one.first:7.2f} s {one.whole:7.2f} s  {one.called or 'no call':16} {one.request}", flush=True)
    quickest = min(one.whole for one in tried)
    print(
        _("{sum} of {count} right; the quickest answer took {quickest:.2f} s").format(
            sum=sum(one.right for one in tried), count=len(tried), quickest=quickest
        )
    )
    return Exit.DONE


def _try(model: Model, place: Place) -> Iterator[Tried]:
    registry = Registry()
    schemas = tuple(registry[name].schema() for name in TOOLS)
    for request, wanted in REQUESTS:
        yield _once(model, request, wanted, Context((UserMessage(request),), place, lambda: schemas))


def _once(model: Model, request: str, wanted: str, context: Context) -> Tried:
    began, first, called = time.perf_counter(), 0.0, ""
    for piece in model.reply(context):
        first = first or time.perf_counter() - began
        if isinstance(piece, Reply):
            called = piece.calls[0].name if piece.calls else ""
    return Tried(request, first, time.perf_counter() - began, called, called == wanted)


def doctor(models: Sequence[str], place: Place, settings: Settings) -> int:
    well = [_healthy(name, place, settings) for name in models]
    if not settings.strong:
        print(_("strong       none; nothing leaves this machine, and what needs words is not answered"))
    return Exit.DONE if all(well) else Exit.FAILED


def _healthy(name: str, place: Place, settings: Settings) -> bool:
    request, wanted = REQUESTS[0]
    try:
        model = load(name, place, settings)
        tried = _once(model, request, wanted, Context((UserMessage(request),), place, _few))
    except LlmosError as error:
        print(_("{name}  does not work: {error}").format(name=name, error=error))
        return False
    if tried.right:
        print(
            _("{name}  works: calls are understood, {whole:.2f} s for an answer").format(name=name, whole=tried.whole)
        )
    else:
        print(
            _("{name}  answers, but {what} to “{request}”: {advice}").format(
                name=name, what=tried.called or "without a call", request=request, advice=_advice(name)
            )
        )
    sys.stdout.flush()
    return tried.right


def _few() -> tuple[ToolSchema, ...]:
    registry = Registry()
    return tuple(registry[name].schema() for name in TOOLS)


def _advice(name: str) -> str:
    if name.partition(":")[0] in names.SERVERS:
        return (
            "does the server know tools? vLLM wants --enable-auto-tool-choice --tool-call-parser, llama-server --jinja"
        )
    return "it was hardly trained to call tools; llmos model list shows some that were"

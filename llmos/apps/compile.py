"""From a description to steps: when it is to run is taken off, the rest is cut into clauses, and each is read by the
model as a request would be. Nothing is carried out; what cannot be said in calls is named, clause by clause.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from llmos.agent.context import Conversation, make_context
from llmos.apps.app import App, Step, effects_of, with_parameters
from llmos.errors import LlmosError, UsageError
from llmos.models.base import Model
from llmos.translation import both
from llmos.values.messages import JSON, Reply, ToolCall, ToolResult, UserMessage
from llmos.values.place import Place

_WHEN = re.compile(
    r"^\s*((?:every|each)\s+(?:day|night|morning|evening|week|month|hour|weekday|workday"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?:\s+at\s+[\d:]+\s*(?:am|pm)?)?|(?:daily|weekly|monthly|hourly)"
    r"(?:\s+at\s+[\d:]+\s*(?:am|pm)?)?|每(?:天|周|月|晚|小时|个?工作日|周[一二三四五六日天]|星期[一二三四五六日天])"
    r"(?:早上|晚上|上午|下午)?(?:\d{1,2}(?:点|:\d\d))?)\s*[,，:]?\s*",
    re.IGNORECASE,
)
_VERBS = (
    "list|show|print|find|search|count|delete|remove|move|copy|pack|archive|zip|compress|unpack|extract|rename|make"
    "|create|write|append|save|sort|compare|open|run|mail|email|send|tell|report|check|measure|change|set|replace|tidy"
)
_CUT = re.compile(
    rf"\s*(?:[;；。]|,?\s*\band then\b|,?\s*\bthen\b|\.\s+(?=[A-Z])|[,，]?(?:然后|接着|再|最后|并且))\s*"
    rf"|(?:,\s*|\s+)and\s+(?=(?:{_VERBS})\b)|,\s+(?=(?:{_VERBS})\b)",
    re.IGNORECASE,
)


_SENDING = re.compile(
    r"\b(?:e-?mail|mail|text|message|notify|sms)\b.*\b(?:me|him|her|them|us|to)\b|邮件|短信|发给", re.IGNORECASE
)


@dataclass(frozen=True)
class Compiled:
    steps: tuple[Step, ...]
    schedule: str
    problems: tuple[str, ...]
    """What could not be said in calls, each with why."""


def compiled(description: str, model: Model, place: Place, sure: float) -> Compiled:
    when = _WHEN.match(description)
    rest = description[when.end() :] if when else description
    clauses = [clause.strip() for clause in _CUT.split(rest) if clause and clause.strip()]
    steps: list[Step] = []
    problems: list[str] = []
    for clause in clauses:
        reply = _read(clause, model, place)
        if problem := _problem(reply, sure):
            problems.append(f"“{clause}”: {problem}")
        steps += [Step(call.name, _fixed(call.arguments, place), clause) for call in reply.calls if not problem]
    if problems and len(clauses) > 1 and not _problem(whole := _read(rest, model, place), sure):
        return Compiled(tuple(Step(c.name, _fixed(c.arguments, place), rest) for c in whole.calls), _said(when), ())
    return Compiled(tuple(steps), _said(when), tuple(problems))


def _said(when: re.Match[str] | None) -> str:
    return when[1] if when else ""


def _read(clause: str, model: Model, place: Place) -> Reply:
    if _SENDING.search(clause):
        return Reply("nothing here sends messages; let it write a file instead")
    context = make_context(Conversation(place, [UserMessage(clause)]))
    try:
        return next(piece for piece in model.reply(context) if isinstance(piece, Reply))
    except LlmosError as error:
        return Reply(str(error))


def _problem(reply: Reply, sure: float) -> str:
    if not reply.calls:
        return reply.text or "it was not understood"
    if not reply.final:
        return "it needs a result first; do it once, then make an app of it with --last"
    if reply.confidence is not None and reply.confidence < sure:
        return f"it was not surely understood ({reply.confidence:.0%}); say it in other words"
    return ""


def _fixed(arguments: Mapping[str, JSON], place: Place) -> dict[str, JSON]:
    """Names of things that are there mean these things, from wherever the app is run."""
    return {name: _absolute(value, place) if name in _PATHS else value for name, value in arguments.items()}


_PATHS = {"path", "to", "first", "second", "target", "link"}


def _absolute(value: JSON, place: Place) -> JSON:
    if isinstance(value, list):
        return [_absolute(part, place) for part in value]
    if not isinstance(value, str) or value in (".", "-") or value.startswith(("/", "~", "{")):
        return value
    whole = os.path.normpath(os.path.join(place.cwd, value))
    return whole if os.path.lexists(whole) else value


def made(name: str, description: str, steps: Sequence[Step], schedule: str, given: Mapping[str, str]) -> App:
    """With the parameters that were asked for; a single folder that it works in becomes one by itself."""
    app = App(name, description, tuple(steps), {}, effects_of(steps), schedule)
    if not given and (folder := _folder_of(steps)):
        given = {"folder": folder}
    app = with_parameters(app, given)
    return replace(app, phrases=_phrases(app))


def _folder_of(steps: Sequence[Step]) -> str:
    """The one absolute folder that is looked into, if there is just one."""
    paths = [step.arguments["path"] for step in steps if "path" in step.arguments]
    named = {str(part) for path in paths for part in (path if isinstance(path, list) else [path])}
    folder = named.pop() if len(named) == 1 else ""
    return folder if folder.startswith(("/", "~")) and os.path.isdir(os.path.expanduser(folder)) else ""


def _phrases(app: App) -> tuple[str, ...]:
    words = app.name.replace("-", " ").replace("_", " ")
    plain = (words, f"run {words}", f"运行{words}")
    if len(app.parameters) != 1:
        return plain
    value = next(iter(app.parameters.values()))
    return (*plain, f"run {words} on {value}", f"{words} {value}", f"对 {value} 运行{words}")


# ---- of calls that were made


def of_calls(pairs: Sequence[tuple[ToolCall, ToolResult, str]], place: Place) -> tuple[Step, ...]:
    """The calls as steps; a list that is what an earlier call found refers to it. Raises UsageError."""
    steps: list[Step] = []
    found: list[tuple[str, ...]] = []
    for call, result, said in pairs:
        if not result.ok:
            raise UsageError(
                both("{name} did not work, so it cannot be part of an app: {error}").format(
                    name=call.name, error=result.error
                )
            )
        arguments = {name: _referring(value, found) for name, value in call.arguments.items() if value is not None}
        steps.append(Step(call.name, _fixed(arguments, place), said))
        found.append(result.outcome.items)
    if not steps:
        raise UsageError(both("no calls were made that an app could be made of"))
    return tuple(steps)


def _referring(value: JSON, found: Sequence[tuple[str, ...]]) -> JSON:
    if isinstance(value, list) and value:
        for number, items in reversed(list(enumerate(found, 1))):
            if items and list(items) == value:
                return [f"{{result{number}}}"]
    return value

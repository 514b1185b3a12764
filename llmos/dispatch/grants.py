"""What the user allows beyond one call: a scope that is printed first, for the session or in their policy file.

A grant is a rule like any other: what is denied stays denied, and what was read cannot make use of it.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from llmos.adapters.terminal import clean_name
from llmos.dispatch.policy import CONFINED, Class, Finding, Judgement
from llmos.dispatch.rules import Rule, command_line, host_of, simple_words
from llmos.translation import both
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target, Verdict

_IN_FOLDERS = (Class.READ_ELSEWHERE, Class.WRITE, Class.WRITE_ELSEWHERE)
SESSION = "you allowed it for this session"


def scope(plan: Plan, judgement: Judgement, place: Place) -> tuple[Rule, ...]:
    """The rules that would allow what is asked, and what is like it; none where each time has to be asked."""
    asked = [one for one in judgement.findings if one.verdict is Verdict.ASK]
    kinds = {one.kind for one in asked}
    if not asked or judgement.typed or judgement.warning or any(one.rule for one in asked):
        return ()
    wanted = [
        _in_folder(plan, kinds & set(_IN_FOLDERS), place),
        *_command(plan, asked),
        *(_host(plan, one.target) for one in asked if one.kind is Class.NETWORK),
    ]
    rules = tuple(dict.fromkeys(rule for rule in wanted if rule))
    return rules if all(_has_one(one, rules) for one in asked) else ()


def _has_one(finding: Finding, rules: Sequence[Rule]) -> bool:
    return any(finding.target.effect in rule.effect for rule in rules)


def _in_folder(plan: Plan, kinds: set[Class], place: Place) -> Rule | None:
    """The folder of all that the call touches; not the whole machine, nor a home folder."""
    if not kinds:
        return None
    effects = (Effect.READ,) if kinds == {Class.READ_ELSEWHERE} else (Effect.READ, Effect.WRITE)
    paths = [t.what for t in plan.targets if t.effect in effects]
    paths += [change.path for change in plan.changes.changes]
    folder = _common_folder(paths) if paths else "/"
    if folder in ("/", place.home, os.path.dirname(place.home)):
        return None
    return Rule(Verdict.ALLOW, (plan.call.name,), effects, (f"{_literal(folder)}/**",), source=SESSION)


def _common_folder(paths: Sequence[str]) -> str:
    return os.path.commonpath([os.path.dirname(path) for path in paths])


def _literal(folder: str) -> str:
    """A folder whose name holds a wildcard covers nothing rather than more."""
    return folder if not set(folder) & set("*?") else "/"


def _command(plan: Plan, asked: Sequence[Finding]) -> list[Rule]:
    """Exactly this command line while it is as confined as now; what is not confined is known by its program."""
    rules = []
    for one in asked:
        words = simple_words(command_line(one.target.what))
        if one.kind is Class.COMMAND and words:
            line = " ".join(words)
            rules.append(_of_command(plan, line, CONFINED))
        elif one.kind is Class.UNCONFINED and words and _is_known(words[0], plan.call.name) and not plan.level:
            rules.append(_of_command(plan, words[0], ()))
    return rules


def _is_known(program: str, tool: str) -> bool:
    """An application, or a tool of an MCP server, which is its own program."""
    return tool in ("open_app", "open_file") or program == tool


def _of_command(plan: Plan, command: str, level: tuple[str, ...]) -> Rule:
    return Rule(Verdict.ALLOW, (plan.call.name,), (Effect.RUN,), command=(command,), level=level, source=SESSION)


def _host(plan: Plan, target: Target) -> Rule:
    return Rule(Verdict.ALLOW, (plan.call.name,), (Effect.NETWORK,), host=(host_of(target.what),), source=SESSION)


def in_words(rules: Sequence[Rule]) -> str:
    """ "move_files inside /home/ada/Photos": without a way for a name to forge a line."""
    return clean_name(" and ".join(map(_one_in_words, rules)))


def _one_in_words(rule: Rule) -> str:
    tool = rule.tool[0]
    if rule.path:
        return both("{tool} inside {removesuffix}").format(tool=tool, removesuffix=rule.path[0].removesuffix("/**"))
    if rule.host:
        return both("{tool} on {host}").format(tool=tool, host=rule.host[0])
    if rule.command[0] == tool:
        return both("{tool}, whatever it is given").format(tool=tool)
    return f"{tool} `{rule.command[0]}`" + (" in the sandbox" if rule.level else "")


def append(rules: Sequence[Rule], file: str) -> None:
    """Append to the user's policy file. Raises OSError."""
    path = Path(file)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    with open(descriptor, "w", encoding="utf-8") as out:
        out.write("".join(f"\n{_as_toml(rule)}" for rule in rules))


def _as_toml(rule: Rule) -> str:
    """TOML takes the texts and lists that JSON writes."""
    tool, effect = rule.tool[0], rule.effect[-1]
    covered, other = _examples(rule)
    fields = {
        "decide": rule.decide, "tool": rule.tool, "effect": rule.effect, "path": rule.path, "command": rule.command,
        "host": rule.host, "level": rule.level, "reason": "you allowed it when you were asked",
        "match": [f"{tool} {effect} {covered}"], "not_match": [f"{tool} {effect} {other}"],
    }  # fmt: skip
    return "[[rule]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items() if value)


def _examples(rule: Rule) -> tuple[str, str]:
    """What the rule covers, and what it does not."""
    if rule.path:
        folder = rule.path[0].removesuffix("/**")
        return f"{folder}/example", f"{folder}-other/example"
    if rule.host:
        return f"https://{rule.host[0]}/", f"https://other.{rule.host[0]}/"
    return rule.command[0], f"{shlex.quote(rule.command[0] + '-other')}"

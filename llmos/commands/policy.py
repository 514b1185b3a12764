"""`llmos policy`: what is allowed, asked and denied here, and why; of a call that is never run.

Where rules come from is dispatch/tiers.py; what decides is dispatch/policy.py.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence

from llmos.adapters.terminal import clean_name
from llmos.commands.opening import open_place, open_settings, parser
from llmos.dispatch import policy
from llmos.dispatch.dispatcher import preview, validate
from llmos.dispatch.policy import Class, Finding, Judgement, Mode
from llmos.dispatch.taint import Standing, Taint, stand
from llmos.dispatch.tiers import ADMIN, FORM, PROJECT, Policy
from llmos.errors import Exit, UsageError
from llmos.fronts import layout
from llmos.paths import user_policy
from llmos.translation import _
from llmos.values.messages import JSON, Message, Outcome, ToolCall, ToolMessage, ToolResult, UserMessage
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Verdict
from llmos.values.table import Column, Table

EPILOG = f"""\
  llmos policy show                          the table of this mode, the rule files there are, their rules
  llmos policy check -- CALL                 what would become of a call: exit code 0 allowed, 3 denied, 4 asked
                                             CALL is JSON, or TOOL ARGUMENT=VALUE ...
  llmos policy check --said "delete the logs" -- delete_files name=*.log

Rules stand in {ADMIN} (admin), policy.toml in your configuration folder (user), and in a project in
{" or ".join(PROJECT)}, which may only make things stricter. The strictest rule that covers a target
wins over the mode; what a mode denies stays denied, and what is protected is allowed only by a rule whose effect
names "privileged" too. A rule for a command that allows wants one plain command without anything for the shell; rules
that ask or deny look at every part of a command line, as well as that can be done. Every rule carries examples, which
are checked when it is read:

{FORM}

EFFECT is one of {", ".join(Effect)}."""

CODES = {Verdict.ALLOW: Exit.DONE, Verdict.ASK: Exit.APPROVAL_NEEDED, Verdict.DENY: Exit.DENIED}


def main(arguments: Sequence[str]) -> int:
    before, call = _split(list(arguments))
    options = _parser().parse_intermixed_args(before)
    options.call += call
    place = open_place(options.folder)
    mode = open_settings(place, {"mode": options.mode}).mode
    rules = Policy(user_policy(place.env), place.home)
    if options.action == "check":
        return _check(options, place, mode, rules)
    if options.call:
        raise UsageError(_("llmos policy show takes no call; llmos policy check -- CALL does"))
    return _show(place, mode, rules)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Options stand before --, the call behind it: a value may begin with a dash."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:cut], arguments[cut + 1 :]


def _parser() -> argparse.ArgumentParser:
    made = parser("policy", EPILOG)
    made.add_argument("action", choices=["show", "check"])
    made.add_argument("call", nargs="*", metavar="CALL", help=_("JSON, or TOOL ARGUMENT=VALUE ..."))
    made.add_argument("-C", dest="folder", metavar="DIR", help=_("as if in this folder"))
    made.add_argument("--mode", metavar="MODE", help=_("as if in this mode"))
    made.add_argument("--said", metavar="REQUEST", help=_("the request that the call would come from"))
    made.add_argument("--after-content", action="store_true", help=_("as if the text of a file had been read before"))
    return made


# One call


def _check(options: argparse.Namespace, place: Place, mode: Mode, rules: Policy) -> int:
    from llmos.tools import catalogue  # noqa: PLC0415
    from llmos.tools.registry import Registry  # noqa: PLC0415

    call, tools = _call(options.call), Registry(manifests=catalogue.folders(place.env))
    if call.name not in tools:
        raise UsageError(
            _("no tool is called {name!r}; llmos policy check -- TOOL ARGUMENT=VALUE ...").format(name=call.name)
        )
    tool = tools[call.name]
    plan = tool.plan(call, validate(tool, call), place)
    standing = stand(call, _conversation(options), place)
    judgement = policy.judge(plan, mode, place, standing, rules.rules(place.cwd))
    print("\n".join(_explained(plan, judgement, standing)))
    return CODES[judgement.decision.verdict]


def _conversation(options: argparse.Namespace) -> list[Message]:
    said: list[Message] = [UserMessage(options.said)] if options.said else []
    read = ToolResult(ToolCall("0", "read_file", {}), ok=True)
    return [*said, *([ToolMessage(read)] if options.after_content else [])]


def _call(words: Sequence[str]) -> ToolCall:
    if not words:
        raise UsageError(_("llmos policy check -- CALL: which call?"))
    if words[0].lstrip().startswith("{"):
        return _from_json(" ".join(words))
    pairs = [word.partition("=") for word in words[1:]]
    if bad := next((name for name, equals, _ in pairs if not equals or not name), None):
        raise UsageError(_("{bad!r} is not ARGUMENT=VALUE").format(bad=bad))
    return ToolCall("1", words[0], {name: _value(text) for name, _, text in pairs})


def _from_json(text: str) -> ToolCall:
    try:
        value = json.loads(text)
        name, arguments = value["name"], value.get("arguments", {})
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            _('a call in JSON is {{"name": ..., "arguments": {{...}}}}: {error}').format(error=error)
        ) from None
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise UsageError(_('a call in JSON is {"name": TEXT, "arguments": OBJECT}'))
    return ToolCall("1", name, arguments)


def _value(text: str) -> JSON:
    """Lists, numbers and truth values as in JSON, anything else as it stands."""
    if re.fullmatch(r"\[.*\]|true|false|null|-?\d+(\.\d+)?", text, re.DOTALL):
        try:
            value: JSON = json.loads(text)
        except ValueError:
            return text
        return value
    return text


def _explained(plan: Plan, judgement: Judgement, standing: Standing) -> Iterator[str]:
    decision = judgement.decision
    yield f"{decision.verdict}: {clean_name(decision.rule)}"
    yield preview(plan)
    for one in judgement.findings[:20]:
        yield f"  {one.verdict:5} {one.kind:16} {clean_name(one.target.what)}  ({clean_name(_because(one))})"
    if len(judgement.findings) > 20:
        yield _("  and {number} more").format(number=len(judgement.findings) - 20)
    if judgement.typed:
        yield _("the yes has to be typed")
    if judgement.beyond_yes:
        yield "--yes does not cover it"
    if standing.taint is Taint.CONTENT and standing.unfounded:
        yield _("not in the user's words: {unfounded}").format(unfounded=clean_name(standing.unfounded))


def _because(finding: Finding) -> str:
    return finding.why if finding.rule else f"the mode's verdict on {finding.kind}"


# All of it


def _show(place: Place, mode: Mode, rules: Policy) -> int:
    found = rules.rules(place.cwd)
    rows = tuple((str(kind), str(policy.VERDICTS[mode][kind])) for kind in Class)
    print(_("mode {mode}").format(mode=mode))
    print(_laid_out(Table((Column("what"), Column("verdict")), rows)))
    print()
    for tier in rules.tiers(place.cwd):
        print(f"{tier.name}: {clean_name(tier.file)}")
    if not found:
        print(_("no rules; llmos policy --help shows what one looks like"))
    for rule in found:
        about = {"tool": rule.tool, "effect": rule.effect, "path": rule.path, "command": rule.command,
                 "host": rule.host, "level": rule.level}  # fmt: skip
        what = "; ".join(f"{name} {', '.join(values)}" for name, values in about.items() if values)
        print(clean_name(f"  {rule.decide:5} {what}  ({rule.source}{f': {rule.reason}' if rule.reason else ''})"))
    return Exit.DONE


def _laid_out(table: Table) -> str:
    width = os.get_terminal_size().columns if sys.stdout.isatty() else 120
    return layout.for_terminal(Outcome(table=table), width)

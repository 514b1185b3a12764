"""Commands: decided by how they are confined and by what they were found to change."""

from __future__ import annotations

import pytest

from llmos.dispatch import grants
from llmos.dispatch.policy import Mode, judge
from llmos.dispatch.rules import Rule
from llmos.dispatch.taint import Standing, Taint
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target, Verdict
from tests.small_tools import call

PLACE = Place("/home/ada/work", "/home/ada", state="/home/ada/.local/state/llmos")
ASK, AUTO, DENY, ALLOW = Mode.ASK, Mode.AUTO, Verdict.DENY, Verdict.ALLOW


def command(line: str = "make all", level: str = "L3", *changed: str, network: bool = False) -> Plan:
    """With changes it was rehearsed, and they are all it did."""
    changes = ChangeSet(tuple(Change(ChangeKind.CHANGED, path) for path in changed))
    targets = (
        Target(Effect.RUN, f"/bin/sh -c '{line}'"),
        *([Target(Effect.NETWORK, "example.org")] if network else []),
    )
    return Plan(call("run_command"), targets, changes=changes, level=level, rehearsed=bool(changed))


def verdict(plan: Plan, mode: Mode, *rules: Rule) -> Verdict:
    return judge(plan, mode, PLACE, rules=rules).decision.verdict


@pytest.mark.parametrize(
    ("level", "ask", "auto"),
    [("L3", ALLOW, ALLOW), ("L2", Verdict.ASK, ALLOW), ("L1", Verdict.ASK, Verdict.ASK), ("L0", DENY, DENY)],
)
def test_the_level_decides_before_it_runs(level: str, ask: Verdict, auto: Verdict) -> None:
    assert (verdict(command(level=level), ASK), verdict(command(level=level), AUTO)) == (ask, auto)


@pytest.mark.parametrize(
    ("path", "ask", "auto"),
    [
        ("/home/ada/work/a", Verdict.ASK, ALLOW),
        ("/home/ada/elsewhere", Verdict.ASK, Verdict.ASK),
        ("/home/ada/.bashrc", Verdict.ASK, DENY),
        ("/home/ada/work/.git/hooks/pre-commit", Verdict.ASK, DENY),
    ],
)
def test_what_it_changed_decides_afterwards(path: str, ask: Verdict, auto: Verdict) -> None:
    assert (verdict(command("x", "L3", path), ASK), verdict(command("x", "L3", path), AUTO)) == (ask, auto)


def test_the_network_is_asked_for_also_in_an_overlay() -> None:
    assert verdict(command(network=True), AUTO) is Verdict.ASK


def test_a_rule_denies_a_command_before_it_is_rehearsed() -> None:
    assert verdict(command("rm -rf x"), ASK, Rule(DENY, command=("rm -rf",))) is DENY


def test_an_always_is_for_this_command_in_this_folder_as_confined_as_now() -> None:
    made = command("make all", "L3", "/home/ada/work/a", "/home/ada/work/b/c")
    rules = grants.scope(made, judge(made, ASK, PLACE), PLACE)
    assert grants.in_words(rules) == "run_command inside /home/ada/work and run_command `make all` in the sandbox"
    assert verdict(made, ASK, *rules) is ALLOW
    for other in (
        command("make clean", "L3", "/home/ada/work/a"),
        command("make all; rm x", "L3", "/home/ada/work/a"),
        command("make all", "L3", "/home/ada/x"),
        command("make all", "L3", "/home/ada/work/.envrc"),
        command("make all", "L1"),
    ):
        assert verdict(other, ASK, *rules) is Verdict.ASK


@pytest.mark.parametrize("line", ["make; ls", "make > x", "make $A", "A=1 make", "make *"])
def test_no_always_for_what_a_shell_makes_something_else_of(line: str) -> None:
    made = command(line, "L3", "/home/ada/work/a")
    assert grants.scope(made, judge(made, ASK, PLACE), PLACE) == ()


def test_a_command_that_changes_things_at_once_has_to_be_the_users_own() -> None:
    read = Standing(Taint.NAMES, unfounded="make all")
    assert judge(command(level="L2"), AUTO, PLACE, read).decision.verdict is Verdict.ASK
    assert judge(command(level="L3"), AUTO, PLACE, read).decision.verdict is ALLOW

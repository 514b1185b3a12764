"""Rule files: three tiers, examples that are checked, errors that name the file, the rule and the example."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmos.dispatch.policy import Mode, judge
from llmos.dispatch.rules import Rule, covers
from llmos.dispatch.tiers import Policy
from llmos.errors import UsageError
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target, Verdict
from tests.small_tools import call


class Files:
    def __init__(self, base: Path) -> None:
        self.home = base / "home"
        self.work = self.home / "work"
        self.work.mkdir(parents=True)
        self.admin, self.user = base / "admin.toml", base / "user.toml"

    def policy(self) -> Policy:
        return Policy(str(self.user), str(self.home), str(self.admin))

    def rules(self) -> tuple[Rule, ...]:
        return self.policy().rules(str(self.work))

    def verdict(self, tool: str, effect: Effect, what: str, mode: Mode = Mode.ASK, **more: str) -> Verdict:
        place = Place(str(self.work), str(self.home))
        changes = ChangeSet((Change(ChangeKind.CHANGED, what),) if effect is Effect.WRITE else ())
        plan = Plan(call(tool), (Target(effect, what),), changes=changes, **more)
        return judge(plan, mode, place, rules=self.rules()).decision.verdict


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def rule(decide: str, match: str, not_match: str = "x read /nowhere", **conditions: str) -> str:
    lines = [f'{name} = "{value}"' for name, value in conditions.items()]
    return "\n".join(
        ["[[rule]]", f'decide = "{decide}"', *lines, f'match = ["{match}"]', f'not_match = ["{not_match}"]\n']
    )


def test_a_rule_stands_in_for_the_mode(files: Files) -> None:
    files.user.write_text(rule("allow", "x write ~/work/a", path="~/work/**", effect="write"))
    assert files.verdict("move_files", Effect.WRITE, f"{files.work}/b") is Verdict.ALLOW
    assert files.verdict("move_files", Effect.WRITE, f"{files.home}/b") is Verdict.ASK
    assert files.verdict("move_files", Effect.WRITE, f"{files.work}/b", Mode.READ_ONLY) is Verdict.DENY


def test_the_strictest_tier_counts(files: Files) -> None:
    files.user.write_text(rule("allow", "x write ~/work/a", path="~/work/**"))
    files.admin.write_text(rule("deny", "x write ~/work/a", path="**/work/**"))
    assert files.verdict("move_files", Effect.WRITE, f"{files.work}/b") is Verdict.DENY


@pytest.mark.parametrize("file", [".llmos.toml", ".llmos/policy.toml"])
def test_a_project_may_tighten(files: Files, file: str) -> None:
    (files.work / ".llmos").mkdir()
    (files.work / file).write_text(rule("deny", "x read ~/work/keys/a", path="~/work/keys/**"))
    assert files.verdict("read_file", Effect.READ, f"{files.work}/keys/a") is Verdict.DENY
    assert files.verdict("read_file", Effect.READ, f"{files.work}/a") is Verdict.ALLOW


def test_a_project_may_not_loosen(files: Files) -> None:
    (files.work / ".llmos.toml").write_text(rule("allow", "x write ~/work/a", path="~/**"))
    with pytest.raises(UsageError, match=r"work/\.llmos\.toml, rule 1: a project may only make things stricter"):
        files.rules()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            rule("ask", "x write /b", path="/a/**"),
            "rule 1: it does not cover the example 'x write /b', which stands in match",
        ),
        (rule("ask", "x write /a", "x write /a/c", path="/a/**"), "rule 1: it covers the example 'x write /a/c'"),
        (rule("ask", "x write", path="/a/**"), "rule 1: the example 'x write' is not TOOL EFFECT TARGET"),
        (rule("maybe", "x write /a", path="/a"), "rule 1: decide: Input should be 'allow', 'ask' or 'deny'"),
        (rule("ask", "x write /a"), "rule 1: it covers everything"),
        (rule("ask", "x write /a", paht="/a"), "rule 1: paht: Extra inputs are not permitted"),
        (rule("ask", "x write a", path="a"), "rule 1: the path 'a' has to begin with"),
        ('[[rule]]\ndecide = "ask"\ntool = "x"\nmatch = ["x write /a"]', "rule 1: not_match: is missing"),
        ("[rule]\ndecide = 1", r"a rule begins with \[\[rule\]\]"),
        ("rules = []", "'rules' is not known here"),
        ("[[rule", "user.toml: "),
    ],
)
def test_what_does_not_fit_is_one_clear_error(files: Files, text: str, error: str) -> None:
    files.user.write_text(text)
    with pytest.raises(UsageError, match=error):
        files.rules()


def test_what_is_privileged_is_allowed_only_by_name(files: Files) -> None:
    bashrc = f"{files.home}/.bashrc"
    files.user.write_text(rule("allow", "x write ~/a", path="~/**"))
    assert files.verdict("write_file", Effect.WRITE, bashrc) is Verdict.ASK
    files.user.write_text(
        '[[rule]]\ndecide = "allow"\npath = "~/.bashrc"\neffect = ["write", "privileged"]\n'
        'match = "x write ~/.bashrc"\nnot_match = "x write ~/.profile"\n'
    )
    assert files.verdict("write_file", Effect.WRITE, bashrc) is Verdict.ALLOW


RUN = "run_command run"


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("git status", True),
        ("git status --short", True),
        ("git stash", False),
        ("git status; rm -rf ~", False),
        ("git status && rm x", False),
        ("git status > /etc/passwd", False),
        ("git status $(rm x)", False),
        ("git status `rm x`", False),
        ("git status\nrm x", False),
        ("GIT_PAGER=rm git status", False),
        ("sh -c 'git status'", False),
    ],
)
def test_a_command_is_allowed_alone_or_not_at_all(line: str, allowed: bool) -> None:
    made = Rule(Verdict.ALLOW, command=("git status",))
    import shlex

    assert covers(made, "run_command", Target(Effect.RUN, shlex.join(["/bin/sh", "-c", line]))) is allowed


@pytest.mark.parametrize(
    "line",
    [
        "rm -rf x",
        "ls; rm -rf x",
        "sudo rm -rf x",
        "echo $(rm -rf x)",
        "/bin/rm -rf x",
        "a | xargs rm -rf x",
        "A=1 rm -rf",
    ],
)
def test_a_command_is_denied_wherever_it_stands(line: str) -> None:
    assert covers(Rule(Verdict.DENY, command=("rm -rf",)), "run_command", Target(Effect.RUN, line))


def test_to_deny_a_folder_is_to_deny_what_goes_through_it(files: Files) -> None:
    files.user.write_text(rule("deny", "x read ~/work/keys/a", path="~/work/keys/**"))
    assert files.verdict("search_text", Effect.READ, str(files.work)) is Verdict.DENY
    assert files.verdict("list_folder", Effect.READ, str(files.work)) is Verdict.ALLOW


def test_without_files_nothing_heavy_is_loaded(files: Files) -> None:
    assert files.rules() == ()


def test_rules_are_those_of_the_folder_we_are_in(files: Files) -> None:
    (files.work / ".llmos.toml").write_text(rule("ask", "x read /a", path="/a"))
    policy = files.policy()
    assert policy.rules(str(files.home)) == () and len(policy.rules(str(files.work))) == 1

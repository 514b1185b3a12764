"""Decisions: the strictest effect counts, protected paths take more than a yes, the shipped table is the one shown."""

from __future__ import annotations

import time
import tomllib

import pytest

from llmos import paths
from llmos.dispatch.policy import VERDICTS, Class, Mode, decide, is_privileged
from llmos.values.changes import Change, ChangeKind, ChangeSet
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target, Verdict
from tests.small_tools import call

PLACE = Place("/home/ada/work", "/home/ada", state="/home/ada/.local/state/llmos")


def plan(*targets: tuple[Effect, str], gone: tuple[str, ...] = ()) -> Plan:
    changes = ChangeSet(tuple(Change(ChangeKind.DELETED, path) for path in gone))
    return Plan(call("x"), tuple(Target(*target) for target in targets), changes=changes)


def verdict(mode: Mode, *targets: tuple[Effect, str], gone: tuple[str, ...] = ()) -> Verdict:
    return decide(plan(*targets, gone=gone), mode, PLACE).verdict


def test_the_table_for_people_is_the_table_that_decides() -> None:
    shown = tomllib.loads((paths.share("configs") / "policies" / "default.toml").read_text())
    assert shown == {str(mode): {str(e): str(v) for e, v in row.items()} for mode, row in VERDICTS.items()}


@pytest.mark.parametrize("mode", Mode)
def test_every_class_has_a_verdict_in_every_mode(mode: Mode) -> None:
    assert set(VERDICTS[mode]) == set(Class)


def test_the_strictest_target_counts() -> None:
    assert verdict(Mode.ASK, (Effect.READ, "/a"), (Effect.WRITE, "/b")) is Verdict.ASK


def test_auto_allows_what_can_be_undone_and_asks_for_the_rest() -> None:
    assert verdict(Mode.AUTO, (Effect.WRITE, "/home/ada/work/a")) is Verdict.ALLOW
    assert verdict(Mode.AUTO, (Effect.DESTROY, "/home/ada/work/a")) is Verdict.ASK


@pytest.mark.parametrize(
    "path",
    [
        "/home/ada/.ssh",
        "/home/ada/.ssh/authorized_keys",
        "/home/ada/.bashrc",
        "/home/ada/work/.git/hooks/pre-commit",
        "/home/ada/work/.git/config",
        "/home/ada/work/.envrc",
        "/home/ada/work/.vscode/tasks.json",
        "/home/ada/.local/state/llmos/log.sqlite",
        "/etc/passwd",
    ],
)
def test_protected_paths_are_privileged(path: str) -> None:
    assert is_privileged(plan((Effect.WRITE, path)), PLACE)
    assert verdict(Mode.AUTO, (Effect.WRITE, path)) is Verdict.DENY


@pytest.mark.parametrize("path", ["/home/ada/.sshd", "/home/ada/work/.github/x", "/home/ada/etc/passwd", "/home/ada"])
def test_paths_that_only_look_like_them_are_not(path: str) -> None:
    assert not is_privileged(plan((Effect.WRITE, path)), PLACE)


def test_reading_a_protected_path_is_a_read() -> None:
    assert verdict(Mode.ASK, (Effect.READ, "/etc/passwd")) is Verdict.ALLOW


@pytest.mark.parametrize("path", ["/home/ada", "/home", "/home/ada/.local/state"])
def test_deleting_what_holds_a_protected_folder_is_privileged(path: str) -> None:
    assert verdict(Mode.AUTO, (Effect.WRITE, path), gone=(path,)) is Verdict.DENY


def test_a_change_that_no_target_names_is_not_a_read() -> None:
    assert verdict(Mode.ASK, (Effect.READ, "/a"), gone=("/a",)) is Verdict.ASK
    assert verdict(Mode.READ_ONLY, gone=("/a",)) is Verdict.DENY


def test_what_touches_nothing_is_allowed() -> None:
    assert verdict(Mode.READ_ONLY) is Verdict.ALLOW


def test_a_hundred_thousand_targets_take_no_more_than_seconds() -> None:
    many = [f"/home/ada/work/deep/er/and/deeper/{i}" for i in range(100_000)]
    began = time.process_time()
    verdict(Mode.ASK, *((Effect.WRITE, path) for path in many), gone=tuple(many))
    assert time.process_time() - began < 5

"""May this plan run? Pure: a plan, a mode and a place in, a decision out; nothing is asked, nothing is run.

Rules that users write are not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from llmos.values.changes import ChangeKind
from llmos.values.place import Place
from llmos.values.plans import Decision, Effect, Plan, Verdict


class Mode(StrEnum):
    """How much runs without asking."""

    ASK = "ask"
    AUTO = "auto"
    READ_ONLY = "read-only"
    DRY_RUN = "dry-run"
    """Shows what a change would do and does not make it; reads run."""


STRICTEST_LAST = (Verdict.ALLOW, Verdict.ASK, Verdict.DENY)

_ASK = dict.fromkeys(Effect, Verdict.ASK) | {Effect.READ: Verdict.ALLOW}
_AUTO = _ASK | {Effect.WRITE: Verdict.ALLOW, Effect.PRIVILEGED: Verdict.DENY}
_DENY = dict.fromkeys(Effect, Verdict.DENY) | {Effect.READ: Verdict.ALLOW}

VERDICTS: Mapping[Mode, Mapping[Effect, Verdict]] = MappingProxyType(
    {Mode.ASK: _ASK, Mode.AUTO: _AUTO, Mode.READ_ONLY: _DENY, Mode.DRY_RUN: _DENY}
)
"""`configs/policies/default.toml` is the same table for people; a test holds the two together."""

PROTECTED_IN_HOME = (
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".config/gcloud", ".docker/config.json", ".netrc",
    ".git-credentials", ".gitconfig", ".config/git", ".pypirc", ".npmrc",
    ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".inputrc",
    ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".config/fish", ".xprofile", ".xsessionrc", ".xinitrc",
    ".config/autostart", ".config/systemd", ".local/share/systemd", ".config/llmos",
)  # fmt: skip
"""Beneath the home folder: what runs by itself at log-in, and what opens other machines."""

PROTECTED_ANYWHERE = re.compile(r"/(\.git/(hooks|config)|\.envrc|\.vscode|\.idea|\.mcp\.json)(/|$)")
"""What an editor, a shell or git runs because it lies in a folder."""

SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr", "/var/spool/cron")


def decide(plan: Plan, mode: Mode, place: Place) -> Decision:
    """The strictest verdict over all targets."""
    decisions = [_decision(mode, effect) for effect in {target.effect for target in plan.targets}]
    if path := protected_path(plan, place):
        decisions.append(_decision(mode, Effect.PRIVILEGED, f"{path} is protected"))
    if plan.changes.changes and plan.only_reads:
        decisions.append(_decision(mode, Effect.WRITE, "a change that no target names"))
    nothing_touched = Decision(Verdict.ALLOW, "touches nothing")
    return max(decisions, key=lambda d: STRICTEST_LAST.index(d.verdict), default=nothing_touched)


def is_privileged(plan: Plan, place: Place) -> bool:
    """True when a yes has to be typed in full, so that a habit does not approve it."""
    return any(t.effect is Effect.PRIVILEGED for t in plan.targets) or protected_path(plan, place) is not None


def _decision(mode: Mode, effect: Effect, why: str = "") -> Decision:
    return Decision(VERDICTS[mode][effect], f"{effect} in {mode} mode" + (f": {why}" if why else ""))


def protected_path(plan: Plan, place: Place) -> str | None:
    """The first path the plan would change that nobody changes in passing: itself, or a protected one beneath it."""
    protected = _protected(place)
    written = (t.what for t in plan.targets if t.effect in (Effect.WRITE, Effect.DESTROY))
    if found := next((path for path in written if is_protected(path, protected)), None):
        return found
    above = {parent for path in protected for parent in _upward(path)}
    gone = (c.path for c in plan.changes.changes if c.kind in (ChangeKind.DELETED, ChangeKind.MOVED))
    return next((path for path in gone if path in above), None)


def is_protected(path: str, protected: frozenset[str]) -> bool:
    """`path` is absolute and resolved. A plan may have a million, so this walks up rather than down a list."""
    return PROTECTED_ANYWHERE.search(path) is not None or any(folder in protected for folder in _upward(path))


def _protected(place: Place) -> frozenset[str]:
    home = place.home.rstrip("/")
    in_home = [f"{home}/{name}" for name in PROTECTED_IN_HOME] if home else []
    return frozenset([*in_home, *SYSTEM, place.state.rstrip("/")]) - {""}


def _upward(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]

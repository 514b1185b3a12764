"""May this plan run? Pure: a plan, a mode, a place, how the call stands to the user's words and rules; out a judgement.

Nothing is asked, nothing is run. Rule files are read in `tiers`; what was heard is found out in `taint`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from llmos.dispatch.taint import NOTHING_HEARD, Standing, Taint
from llmos.translation import both
from llmos.values.changes import ChangeKind
from llmos.values.place import Place
from llmos.values.plans import Decision, Effect, Plan, Target, Verdict

if TYPE_CHECKING:  # most people have no rules
    from llmos.dispatch.rules import Rule


class Mode(StrEnum):
    """How much runs without asking."""

    ASK = "ask"
    AUTO = "auto"
    READ_ONLY = "read-only"
    DRY_RUN = "dry-run"
    """Shows what a change would do and does not make it; reads run."""


class Class(StrEnum):
    """What a target is to a decision; what is about more comes later."""

    READ = "read"
    """Beneath the folder, what the user named, what results have listed, facts about the system."""

    READ_ELSEWHERE = "read-elsewhere"
    WRITE = "write"
    """Reversible."""

    WRITE_ELSEWHERE = "write-elsewhere"
    IRREVERSIBLE = "irreversible"
    """Signals too."""

    REHEARSED = "rehearsed"
    """A command that is to run in an overlay, from which nothing is taken over yet; or did, and changed nothing."""

    COMMAND = "command"
    """In the sandbox, at level L3 or L2."""

    UNCONFINED = "unconfined"
    """A command at a lower level; an application that is opened."""

    NETWORK = "network"
    PRIVILEGED = "privileged"
    """What logs one in, what runs by itself, the system."""


STRICTEST_LAST = (Verdict.ALLOW, Verdict.ASK, Verdict.DENY)
OVERLAY = "L3"
CONFINED = (OVERLAY, "L2")
UNSAFE = "L0"

_ASK = dict.fromkeys(Class, Verdict.ASK) | dict.fromkeys((Class.READ, Class.REHEARSED), Verdict.ALLOW)
_AUTO = _ASK | dict.fromkeys((Class.WRITE, Class.COMMAND), Verdict.ALLOW) | {Class.PRIVILEGED: Verdict.DENY}
_READ = {Class.READ: Verdict.ALLOW, Class.REHEARSED: Verdict.ALLOW, Class.READ_ELSEWHERE: Verdict.ASK}
_DENY = dict.fromkeys(Class, Verdict.DENY) | _READ

VERDICTS: Mapping[Mode, Mapping[Class, Verdict]] = MappingProxyType(
    {Mode.ASK: _ASK, Mode.AUTO: _AUTO, Mode.READ_ONLY: _DENY, Mode.DRY_RUN: _DENY}
)
"""`configs/policies/default.toml` is the same table for people; a test holds the two together."""

SECRET_IN_HOME = (
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".config/gcloud", ".docker/config.json", ".netrc",
    ".git-credentials", ".pypirc", ".npmrc", ".password-store", ".local/share/keyrings", ".mozilla",
    ".config/google-chrome", ".config/chromium",
)  # fmt: skip
"""Beneath the home folder: what opens other machines. Read only when it is named itself."""

PROTECTED_IN_HOME = (
    *SECRET_IN_HOME,
    ".gitconfig", ".config/git",
    ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".inputrc",
    ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".config/fish", ".xprofile", ".xsessionrc", ".xinitrc",
    ".config/autostart", ".config/systemd", ".local/share/systemd", ".config/llmos",
)  # fmt: skip
"""And what runs by itself at log-in."""

PROTECTED_ANYWHERE = re.compile(r"/(\.git/(hooks|config)|\.envrc|\.vscode|\.idea|\.mcp\.json|\.llmos(\.toml)?)(/|$)")
"""What an editor, a shell, git or llmos heeds because it lies in a folder."""

SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr", "/var/spool/cron")
FACTS = frozenset((*SYSTEM, "/dev", "/opt", "/run", "/var/log"))
"""Where the system says how it is: read by everybody."""

READABLE = ("output", "jobs")
"""In llmos's own folder: what was too long to show."""

SECRET_ANYWHERE = re.compile(
    r"^/etc/(g?shadow-?|sudoers(\.d)?|ssl/private|ssh/\w*_key)(/|$)|^/proc/[^/]+/(environ|mem|fd|root|cwd)(/|$)|^/proc/kcore$"
    r"|/\.env(\.\w+)?$|/id_(rsa|ed25519|ecdsa|dsa)$|\.(pem|kdbx|p12)$"
)

_KINDS = tuple(Class)
_PATHS = (Effect.READ, Effect.WRITE, Effect.DESTROY)


class Finding(NamedTuple):
    """What one target comes to."""

    target: Target
    kind: Class
    verdict: Verdict
    why: str
    """The rule that said so, for people."""

    rule: Rule | None = None
    """None where the mode said so."""


@dataclass(frozen=True)
class Judgement:
    decision: Decision
    findings: tuple[Finding, ...] = ()
    """For each kind and verdict the first target; with rules, every target."""

    typed: bool = False
    """A yes has to be typed in full."""

    warning: str = ""
    beyond_yes: bool = False
    """A yes given beforehand, to whatever may come, does not cover this."""


def decide(
    plan: Plan, mode: Mode, place: Place, standing: Standing = NOTHING_HEARD, rules: Sequence[Rule] = ()
) -> Decision:
    """The strictest verdict over all targets."""
    return judge(plan, mode, place, standing, rules).decision


def judge(
    plan: Plan, mode: Mode, place: Place, standing: Standing = NOTHING_HEARD, rules: Sequence[Rule] = ()
) -> Judgement:
    found = list(_findings(plan, mode, place, standing, rules))
    tainted = _tainted(plan, mode, found, standing)
    nothing = Finding(Target(Effect.READ, ""), Class.READ, Verdict.ALLOW, "touches nothing")
    worst = max([*tainted, *found], key=_weight, default=nothing)
    kinds = {one.kind for one in found}
    lasting = bool(kinds & {Class.IRREVERSIBLE, Class.PRIVILEGED, Class.NETWORK}) or changes_at_once(plan)
    asks = worst.verdict is Verdict.ASK
    return Judgement(
        Decision(worst.verdict, worst.why),
        tuple(found),
        typed=asks and (Class.PRIVILEGED in kinds or (bool(tainted) and lasting)),
        warning=tainted[0].why if tainted and asks else "",
        beyond_yes=_is_beyond_yes(kinds, standing, lasting and bool(tainted)),
    )


def _is_beyond_yes(kinds: set[Class], standing: Standing, grave: bool) -> bool:
    """Nobody who says yes beforehand means what a text will ask for, or to change how they log in by the way."""
    reads_on = Class.READ_ELSEWHERE in kinds and standing.taint is Taint.CONTENT
    return grave or reads_on or (Class.PRIVILEGED in kinds and bool(standing.unfounded))


def _weight(finding: Finding) -> tuple[int, int]:
    """Of two that ask, the one that is about more is the one to name."""
    return STRICTEST_LAST.index(finding.verdict), _KINDS.index(finding.kind)


def _findings(plan: Plan, mode: Mode, place: Place, standing: Standing, rules: Sequence[Rule]) -> Iterator[Finding]:
    ground = Ground.of(place, standing)
    seen: set[Class] = set()
    for target in touched(plan):
        kind = ground.kind_of(target, plan)
        if rules or kind not in seen:
            seen.add(kind)
            yield _finding(target, kind, plan, mode, rules)
    if path := protected_path(plan, place):
        why = both("{path} is protected").format(path=path)
        yield _finding(Target(Effect.WRITE, path), Class.PRIVILEGED, plan, mode, rules, why)


def touched(plan: Plan) -> Iterator[Target]:
    """The targets, and what a command was found to change, or a change that no target names."""
    yield from plan.targets
    if plan.changes.changes and (plan.only_reads or any(t.effect is Effect.RUN for t in plan.targets)):
        yield from (Target(Effect.WRITE, change.path) for change in plan.changes.changes)
        yield from (Target(Effect.WRITE, c.to) for c in plan.changes.changes if c.kind is ChangeKind.MOVED)


def _finding(target: Target, kind: Class, plan: Plan, mode: Mode, rules: Sequence[Rule], why: str = "") -> Finding:
    """The strictest rule that covers the target stands in for the mode's verdict; what a mode denies stays denied."""
    verdict = Verdict.DENY if plan.level == UNSAFE and target.effect is Effect.RUN else VERDICTS[mode][kind]
    default = Finding(
        target,
        kind,
        verdict,
        both("{kind} in {mode} mode").format(kind=both(kind), mode=mode)
        + (f": {why}" if why else _detail(target, kind)),
    )
    if not rules or verdict is Verdict.DENY:
        return default
    from llmos.dispatch.rules import covers  # noqa: PLC0415

    covering = [rule for rule in rules if covers(rule, plan.call.name, target, plan.level) and _may(rule, kind)]
    if not covering:
        return default
    rule = max(covering, key=lambda one: STRICTEST_LAST.index(one.decide))
    why = rule.source + (f": {rule.reason}" if rule.reason else "")
    return Finding(target, kind, rule.decide, why, rule)


def _may(rule: Rule, kind: Class) -> bool:
    """What is privileged is allowed by a rule that says so, and by no other."""
    return rule.decide is not Verdict.ALLOW or kind is not Class.PRIVILEGED or Effect.PRIVILEGED in rule.effect


def _detail(target: Target, kind: Class) -> str:
    return f": {target.what}" if kind in (Class.READ_ELSEWHERE, Class.WRITE_ELSEWHERE) else ""


# What text that was read may not bring about


def _tainted(plan: Plan, mode: Mode, found: Sequence[Finding], standing: Standing) -> list[Finding]:
    """What is decided because the call may come from what was read. Rules are no way around it."""
    kinds = {one.kind for one in found} - {Class.READ, Class.READ_ELSEWHERE, Class.REHEARSED}
    doubt = _doubt(plan, standing)
    if not kinds or not doubt:
        return []
    goes_out = Class.NETWORK in kinds and bool(standing.unfounded)
    verdict = Verdict.DENY if goes_out and standing.taint is Taint.CONTENT else Verdict.ASK
    return [Finding(one.target, one.kind, verdict, doubt) for one in found if one.kind in kinds]


def _doubt(plan: Plan, standing: Standing) -> str:
    """Names may bring about what can be undone easily; content nothing at all."""
    if standing.taint is Taint.WORDS or (standing.taint is Taint.NAMES and not _is_grave(plan)):
        return ""
    read = both("content was") if standing.taint is Taint.CONTENT else both("names were")
    if standing.unfounded and (standing.taint is Taint.CONTENT or changes_at_once(plan)):
        return both('{read} read, and "{unfounded}" does not come from your words').format(
            read=read, unfounded=standing.unfounded
        )
    return (
        both("{read} read, and your words do not ask for {name}").format(read=read, name=plan.call.name)
        if standing.undone
        else ""
    )


def _is_grave(plan: Plan) -> bool:
    return changes_at_once(plan) or any(change.kind is ChangeKind.DELETED for change in plan.changes.changes)


def changes_at_once(plan: Plan) -> bool:
    """A command whose changes are not held back: nobody has seen them, and they cannot be undone."""
    runs = any(target.effect is Effect.RUN for target in plan.targets)
    return runs and not plan.rehearsed and not stays_in_overlay(plan)


# What a target is


class Ground(NamedTuple):
    """Where the call may look, and what nobody touches in passing."""

    roots: frozenset[str]
    named: frozenset[str]
    """Those of the roots that are the user's: the folder, and what they named."""

    own: frozenset[str]
    """What llmos keeps to be read again, and what was piped in."""

    secret: frozenset[str]

    @classmethod
    def of(cls, place: Place, standing: Standing = NOTHING_HEARD) -> Ground:
        state = place.state.rstrip("/")
        own = {f"{state}/{name}" for name in READABLE if state} | {place.input or place.cwd}
        named = standing.named | {place.cwd}
        secret = frozenset([*_in_home(place, SECRET_IN_HOME), state]) - {""}
        return cls(named | standing.listed | own, named, frozenset(own), secret)

    def kind_of(self, target: Target, plan: Plan) -> Class:
        match target.effect:
            case Effect.READ:
                return Class.READ if self._may_read(target.what) else Class.READ_ELSEWHERE
            case Effect.WRITE:
                return Class.WRITE if is_beneath(target.what, self.roots) else Class.WRITE_ELSEWHERE
            case Effect.DESTROY | Effect.SIGNAL:
                return Class.IRREVERSIBLE
            case Effect.NETWORK:
                return Class.NETWORK
            case Effect.PRIVILEGED:
                return Class.PRIVILEGED
        return self._kind_of_command(plan)

    def _may_read(self, path: str) -> bool:
        """A secret has to be named itself, or be in the folder that the user went to."""
        if not path.startswith("/"):
            return True
        if self._is_secret(path):
            return any(self._is_secret(one) for one in _upward(path) if one in self.named)
        return is_beneath(path, self.roots) or is_beneath(path, FACTS)

    def _is_secret(self, path: str) -> bool:
        if SECRET_ANYWHERE.search(path):
            return True
        return is_beneath(path, self.secret) and not is_beneath(path, self.own)

    @staticmethod
    def _kind_of_command(plan: Plan) -> Class:
        if plan.level not in CONFINED:
            return Class.UNCONFINED
        return Class.REHEARSED if stays_in_overlay(plan) else Class.COMMAND


def stays_in_overlay(plan: Plan) -> bool:
    """A command at L3 is decided on twice: before it runs, when nothing can come of it, and when it is known what did.

    What it may send over a network is a target of its own.
    """
    return (
        plan.level == OVERLAY and not plan.changes.changes and all(t.effect is not Effect.WRITE for t in plan.targets)
    )


def looks_elsewhere(plan: Plan, place: Place) -> bool:
    """Whether it matters which places the user named."""
    ground = Ground.of(place)
    elsewhere = (Class.READ_ELSEWHERE, Class.WRITE_ELSEWHERE)
    return any(ground.kind_of(target, plan) in elsewhere for target in touched(plan) if target.effect in _PATHS)


def is_privileged(plan: Plan, place: Place) -> bool:
    """True when a yes has to be typed in full, so that a habit does not approve it."""
    return any(t.effect is Effect.PRIVILEGED for t in plan.targets) or protected_path(plan, place) is not None


def protected_path(plan: Plan, place: Place) -> str | None:
    """The first path the plan would change that nobody changes in passing: itself, or a protected one beneath it."""
    protected = _protected(place)
    written = (t.what for t in touched(plan) if t.effect in (Effect.WRITE, Effect.DESTROY))
    if found := next((path for path in written if is_protected(path, protected)), None):
        return found
    above = {parent for path in protected for parent in _upward(path)}
    gone = (c.path for c in plan.changes.changes if c.kind in (ChangeKind.DELETED, ChangeKind.MOVED))
    return next((path for path in gone if path in above), None)


def is_protected(path: str, protected: frozenset[str]) -> bool:
    """`path` is absolute and resolved. A plan may have a million, so this walks up rather than down a list."""
    return PROTECTED_ANYWHERE.search(path) is not None or is_beneath(path, protected)


def is_beneath(path: str, folders: frozenset[str]) -> bool:
    return "/" in folders or any(one in folders for one in _upward(path))


@lru_cache(maxsize=8)
def _protected_in(home: str, state: str) -> frozenset[str]:
    in_home = [f"{home}/{name}" for name in PROTECTED_IN_HOME] if home else []
    return frozenset([*in_home, *SYSTEM, state]) - {""}


def _protected(place: Place) -> frozenset[str]:
    return _protected_in(place.home.rstrip("/"), place.state.rstrip("/"))


def _in_home(place: Place, names: Iterable[str]) -> list[str]:
    home = place.home.rstrip("/")
    return [f"{home}/{name}" for name in names] if home else []


def _upward(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]

"""What a call would do, resolved: targets, plans, decisions. What was decided on is exactly what runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from llmos.values.changes import ChangeSet
from llmos.values.messages import ToolCall


class Effect(StrEnum):
    READ = "read"
    WRITE = "write"
    """Reversible: the old state is kept."""
    DESTROY = "destroy"
    """Not reversible: purge, beyond the quota for kept versions."""
    SIGNAL = "signal"
    RUN = "run"
    NETWORK = "network"
    PRIVILEGED = "privileged"


@dataclass(frozen=True)
class Target:
    effect: Effect
    what: str
    """A resolved path, a pid with its start time, a host, an argv: never text as the model wrote it."""


@dataclass(frozen=True)
class Plan:
    """A call with its targets, frozen; `action` is what the tool's `run` carries out and is private to the tool."""

    call: ToolCall
    targets: tuple[Target, ...]
    action: object = None
    summary: str = ""
    """One line in the imperative with counts and sizes: "delete 3 files, 1.2 MB, in /home/ada/old"."""

    changes: ChangeSet = field(default_factory=ChangeSet)

    level: str = ""
    """How confined the command of this plan is: L3 to L0; "" where none is confined."""

    rehearsed: bool = False
    """The command ran already, in an overlay that nobody else sees: `changes` is all it did, and `run` commits that."""

    @property
    def only_reads(self) -> bool:
        return all(target.effect is Effect.READ for target in self.targets)


class Verdict(StrEnum):
    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    rule: str
    """Which rule said so, in words a user can read."""

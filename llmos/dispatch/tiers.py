"""Rule files in three tiers: admin, user, project. Read, checked against their own examples, made rules.

What a rule covers is in `rules`. pydantic is loaded only where there is a file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from llmos.errors import UsageError
from llmos.translation import both
from llmos.values.plans import Effect, Target, Verdict

if TYPE_CHECKING:  # most people have no rules
    from llmos.dispatch.rules import Rule

ADMIN = "/etc/llmos/policy.toml"
PROJECT = (".llmos.toml", ".llmos/policy.toml")

FORM = """\
[[rule]]
decide = "ask"                         # allow, ask or deny
path = ["~/Photos/**"]                 # any of: tool, effect, path, command, host, level
reason = "not the photos"
match = ["move_files write ~/Photos/a.jpg"]       # TOOL EFFECT TARGET: what it is for
not_match = ["move_files write ~/Music/a.mp3"]    # and what not"""
"""What a rule looks like, for messages and help."""


@dataclass(frozen=True)
class Tier:
    name: Literal["admin", "user", "project"]
    file: str


class Policy:
    """The rules for a folder. Files are read once, and again when the folder is another one."""

    def __init__(self, user_file: str, home: str, admin_file: str = ADMIN) -> None:
        self._user_file, self._home, self._admin_file = user_file, home, admin_file
        self._read: dict[Tier, tuple[Rule, ...]] = {}

    def rules(self, folder: str) -> tuple[Rule, ...]:
        """Raises UsageError: with a rule file that cannot be read nothing is decided."""
        return tuple(rule for tier in self.tiers(folder) for rule in self._rules(tier))

    def tiers(self, folder: str) -> list[Tier]:
        """The files there are, highest first."""
        above = [Tier("admin", self._admin_file), Tier("user", self._user_file)]
        return [tier for tier in (*above, *self._projects(folder)) if os.path.isfile(tier.file)]

    def save(self, rules: Sequence[Rule]) -> None:
        """Add to the user's own. Raises OSError."""
        from llmos.dispatch.grants import append  # noqa: PLC0415  # few do

        append(rules, self._user_file)
        self._read.clear()

    def _projects(self, folder: str) -> list[Tier]:
        """From the folder up to the home folder; each may make things stricter, so all of them count."""
        found = []
        for place in (Path(folder), *Path(folder).parents):
            if str(place) == "/":
                break
            found += [Tier("project", str(place / name)) for name in PROJECT]
            if str(place) == self._home:
                break
        return found

    def _rules(self, tier: Tier) -> tuple[Rule, ...]:
        if tier not in self._read:
            self._read[tier] = load(tier, self._home)
        return self._read[tier]


def load(tier: Tier, home: str) -> tuple[Rule, ...]:
    import tomllib  # noqa: PLC0415  # most people have no such file

    try:
        value = tomllib.loads(Path(tier.file).read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            both("cannot read {file}: {strerror}").format(file=tier.file, strerror=error.strerror)
        ) from None
    except ValueError as error:
        raise UsageError(f"{tier.file}: {error}") from None
    extra = [name for name in value if name != "rule"]
    if extra and not tier.file.endswith(PROJECT[0]):  # that one holds settings too
        raise UsageError(
            both("{file}: {extra!r} is not known here; rules look like this:\n{form}").format(
                file=tier.file, extra=extra[0], form=FORM
            )
        )
    written = value.get("rule", [])
    if not isinstance(written, list):
        raise UsageError(both("{file}: a rule begins with [[rule]], in two pairs of brackets").format(file=tier.file))
    return tuple(_rule(one, number, tier, home) for number, one in enumerate(written, 1))


def _rule(written: object, number: int, tier: Tier, home: str) -> Rule:
    from llmos.dispatch.written import Written  # noqa: PLC0415  # pydantic

    source = f"{_short(tier.file, home)}, rule {number}"
    checked = Written.checked(written, source)
    if tier.name == "project" and checked.decide is Verdict.ALLOW:
        raise UsageError(
            both("{source}: a project may only make things stricter; decide is allow").format(source=source)
        )
    rule = checked.rule(source, home)
    _check_examples(rule, {"match": checked.match, "not_match": checked.not_match}, home)
    return rule


def _short(file: str, home: str) -> str:
    return f"~{file[len(home) :]}" if home and file.startswith(f"{home}/") else file


def _check_examples(rule: Rule, examples: Mapping[str, list[str]], home: str) -> None:
    from llmos.dispatch.rules import covers  # noqa: PLC0415

    level = rule.level[0] if rule.level else ""
    for kind, texts in examples.items():
        for text in texts:
            tool, target = example(text, rule.source, home)
            if covers(rule, tool, target, level) is not (kind == "match"):
                does = "does not cover" if kind == "match" else "covers"
                raise UsageError(
                    both("{source}: it {does} the example {text!r}, which stands in {kind}").format(
                        source=rule.source, does=does, text=text, kind=kind
                    )
                )


def example(text: str, source: str, home: str) -> tuple[str, Target]:
    """ "move_files write ~/Photos/a.jpg" as a tool and a target."""
    from llmos.dispatch.rules import expanded  # noqa: PLC0415

    parts = text.split(maxsplit=2)
    if len(parts) != 3 or parts[1] not in list(Effect):
        effects = ", ".join(Effect)
        raise UsageError(
            both("{source}: the example {text!r} is not TOOL EFFECT TARGET, where EFFECT is one of {effects}").format(
                source=source, text=text, effects=effects
            )
        )
    return parts[0], Target(Effect(parts[1]), expanded(parts[2], home))

"""A rule as it is written in a policy file: checked with pydantic, made a `Rule`.

Where the files are is `tiers`' business.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from llmos.dispatch.rules import Rule, expanded
from llmos.errors import UsageError
from llmos.values.plans import Effect, Verdict


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[list[str], BeforeValidator(_as_list)]


class Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    decide: Verdict
    tool: Texts = []
    effect: Annotated[list[Effect], BeforeValidator(_as_list)] = []
    path: Texts = []
    command: Texts = []
    host: Texts = []
    level: Texts = []
    reason: str = ""
    match: Annotated[Texts, Field(min_length=1)]
    not_match: Annotated[Texts, Field(min_length=1)]

    @model_validator(mode="after")
    def _says_what_about(self) -> Written:
        if not (self.tool or self.effect or self.path or self.command or self.host):
            raise ValueError("it covers everything: give a tool, an effect, a path, a command or a host")
        for path in self.path:
            if not path.startswith(("/", "~/", "**")):
                raise ValueError(f"the path {path!r} has to begin with /, ~/ or **")
        return self

    @classmethod
    def checked(cls, written: object, source: str) -> Written:
        """Raises UsageError."""
        try:
            return cls.model_validate(written)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            message = first["msg"].removeprefix("Value error, ")
            problem = "is missing" if first["type"] == "missing" else message
            raise UsageError(f"{source}: {f'{where}: ' if where else ''}{problem}") from None

    def rule(self, source: str, home: str) -> Rule:
        return Rule(
            decide=self.decide,
            tool=tuple(self.tool),
            effect=tuple(self.effect),
            path=tuple(expanded(path, home) for path in self.path),
            command=tuple(self.command),
            host=tuple(self.host),
            level=tuple(self.level),
            source=source,
            reason=self.reason,
        )

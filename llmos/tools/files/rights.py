"""Tools that change permissions and owners."""

from __future__ import annotations

from pydantic import Field

from llmos.tools.arguments import Selection


class ChangeModeArguments(Selection):
    mode: str = Field(description="octal (755) or symbolic (u+x, go-w)")
    recursive: bool = Field(default=False, description="with everything beneath")


class ChangeOwnerArguments(Selection):
    user: str | None = Field(default=None, description="the new owner")
    group: str | None = Field(default=None, description="the new group")
    recursive: bool = Field(default=False, description="with everything beneath")

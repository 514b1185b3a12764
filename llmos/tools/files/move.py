"""Tools that copy, move, rename and delete."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from llmos.tools.arguments import Number, Selection


class CopyFilesArguments(Selection):
    to: str = Field(description="a folder to copy into, or the new path")


class MoveFilesArguments(Selection):
    to: str = Field(description="a folder to move into, or the new path: moving is also how one file is renamed")


class RenameFilesArguments(Selection):
    """How many files at once get a new name, each in its own folder."""

    old: str | None = Field(default=None, description="the part of the name to replace")
    new: str = Field(default="", description="what to put in its place")
    regex: bool = Field(default=False, description="old is a regular expression")
    new_extension: str | None = Field(default=None, description="the extension they get, without the dot")
    letter_case: Literal["lower", "upper", "title"] | None = Field(default=None, description="change capitals")
    prefix: str | None = Field(default=None, description="put this before each name")
    suffix: str | None = Field(default=None, description="put this after each name, before the extension")
    number_from: Number | None = Field(default=None, description="number them in order, beginning here")


class DeleteFilesArguments(Selection):
    permanently: bool = Field(default=False, description="do not keep them in the trash")

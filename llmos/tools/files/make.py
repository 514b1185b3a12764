"""Tools that create files, folders and links, and write text."""

from __future__ import annotations

from pydantic import Field

from llmos.tools.arguments import Paths
from llmos.tools.tool import Arguments


class CreateFileArguments(Arguments):
    path: Paths = Field(description="empty files to create; an existing one gets the present time")


class MakeFolderArguments(Arguments):
    path: Paths = Field(description="folders to create, with those above them")


class WriteFileArguments(Arguments):
    path: Paths = Field(description="the file; what it held before is kept for undo")
    text: str = Field(default="", description="the whole new content")


class AppendFileArguments(Arguments):
    path: Paths = Field(description="the file")
    text: str = Field(description="what to add at its end, on a line of its own")


class LinkFileArguments(Arguments):
    target: str = Field(description="what the link points to")
    link: str = Field(description="the link to create, or a folder to create it in")
    hard: bool = Field(default=False, description="a hard link instead of a symbolic one")

"""Tools that pack, unpack and list archives: tar, gz, bz2, xz, zst, zip."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from llmos.tools.arguments import Paths, Selection
from llmos.tools.tool import Arguments


class ArchiveFilesArguments(Selection):
    to: str | None = Field(default=None, description="the archive to make; named after what is packed by default")
    format: Literal["tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "zip", "gz", "bz2", "xz", "zst"] | None = Field(
        default=None, description="by default what the name says, else tar.gz; gz, bz2, xz, zst pack each file alone"
    )


class ExtractArchiveArguments(Arguments):
    path: Paths = Field(description="archives to unpack")
    to: str | None = Field(default=None, description="the folder to unpack into; the current one by default")


class ListArchiveArguments(Arguments):
    path: Paths = Field(description="archives whose members to list")

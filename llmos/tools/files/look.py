"""Tools that look at folders and files without reading what is in them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from llmos.tools.arguments import Count, Paths, Selection
from llmos.tools.tool import Arguments

Order = Literal["name", "largest", "smallest", "newest", "oldest", "extension"]
FindOrder = Literal["name", "largest", "smallest", "newest", "oldest", "extension", "deepest", "shallowest"]


class ListFolderArguments(Arguments):
    path: Paths = Field(default=["."], description="folders to list")
    hidden: bool = Field(default=False, description="also list names that begin with a dot")
    details: bool = Field(default=False, description="with mode, owner, size and time")
    type: Literal["file", "folder", "link"] | None = Field(default=None, description="only this type of entry")
    sort: Order = Field(default="name", description="order of the entries")
    limit: Count | None = Field(default=None, description="show this many at most")


class ShowTreeArguments(Arguments):
    path: Paths = Field(default=["."], description="where the tree starts")
    hidden: bool = Field(default=False, description="also names that begin with a dot")
    type: Literal["folder"] | None = Field(default=None, description="folders only")
    depth: Count | None = Field(default=None, description="levels at most")


class FindFilesArguments(Selection):
    sort: FindOrder | None = Field(default=None, description="order of what is found")
    limit: Count | None = Field(default=None, description="show this many at most")
    show: Literal["paths", "names", "details"] = Field(
        default="paths", description="details: mode, owner, size, time; names: without their folders"
    )


class FileInfoArguments(Arguments):
    path: Paths = Field(description="files or folders to describe: type, size, mode, owner, times")


class DiskUsageArguments(Arguments):
    path: Paths = Field(default=["."], description="folders or files to measure")
    each: bool = Field(default=False, description="one line for every subfolder instead of the total alone")
    depth: Count | None = Field(default=None, description="levels of subfolders shown at most")
    sort: Literal["name", "largest", "smallest"] | None = Field(default=None, description="order of the lines")
    limit: Count | None = Field(default=None, description="show this many at most")


class FindDuplicatesArguments(Selection):
    by: Literal["content", "name"] = Field(default="content", description="what has to be the same")
    ignore_case: bool = Field(default=False, description="by name: capitals do not matter")


class CurrentFolderArguments(Arguments):
    pass


class ChangeFolderArguments(Arguments):
    path: str = Field(description="the folder to go to")

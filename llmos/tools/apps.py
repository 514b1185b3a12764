"""Tools for applications: list, open, close."""

from __future__ import annotations

from pydantic import Field

from llmos.tools.arguments import Paths
from llmos.tools.tool import Arguments


class ListAppsArguments(Arguments):
    name: str | None = Field(default=None, description="only applications whose name contains this")


class OpenAppArguments(Arguments):
    name: str = Field(description="the application")
    path: str | None = Field(default=None, description="a file to open with it")


class OpenFileArguments(Arguments):
    path: Paths = Field(description="files or folders to open with their default application")


class OpenUrlArguments(Arguments):
    url: str = Field(description="the address to open in the browser")


class CloseAppArguments(Arguments):
    name: str = Field(description="the application to close")

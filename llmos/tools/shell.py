"""The tool that runs a command line, for what no other tool does."""

from __future__ import annotations

from pydantic import Field

from llmos.tools.arguments import Duration
from llmos.tools.tool import Arguments


class RunCommandArguments(Arguments):
    command: str = Field(description="a command line for sh")
    timeout: Duration | None = Field(default=None, description="stop it after this time: seconds, or like 2 minutes")

"""Tools for processes and background jobs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from llmos.tools.arguments import Count, Duration, Names, Number
from llmos.tools.tool import Arguments


class ListProcessesArguments(Arguments):
    name: str | None = Field(default=None, description="only those whose name or command line contains this")
    user: str | None = Field(default=None, description="only those of this user")
    state: Literal["running", "sleeping", "stopped", "zombie"] | None = Field(default=None, description="only this state")
    sort: Literal["cpu", "memory", "newest", "oldest", "name"] | None = Field(default=None, description="what comes first")
    limit: Count | None = Field(default=None, description="show this many at most")
    show: Literal["table", "count", "pids"] = Field(default="table", description="a table, their number, or their pids")


class ProcessTreeArguments(Arguments):
    target: str | None = Field(default=None, description="a pid or name; everything by default")


class ProcessInfoArguments(Arguments):
    target: Names = Field(description="pids or names")
    about: Literal["all", "files", "connections", "environment"] = Field(default="all", description="which part")


class FindPortArguments(Arguments):
    port: Count = Field(description="the port number, 1 to 65535; shows the process that uses it")


class WhoUsesArguments(Arguments):
    path: str = Field(description="a file or folder; shows the processes that have it open")


class SignalProcessArguments(Arguments):
    target: Names = Field(default=[], description="pids or names")
    port: Count | None = Field(default=None, description="the process that listens on this port")
    signal: Literal["terminate", "kill", "stop", "continue", "hangup", "interrupt"] = Field(
        default="terminate", description="terminate asks, kill forces, stop pauses, continue resumes"
    )


class SetPriorityArguments(Arguments):
    target: Names = Field(description="pids or names")
    priority: Number = Field(ge=-20, le=19, description="nice value: -20 is first, 19 is last")


class WaitProcessArguments(Arguments):
    target: Names = Field(description="pids or names to wait for")
    seconds: Duration | None = Field(default=None, description="at most this long: seconds, or like 2 minutes")


class StartJobArguments(Arguments):
    command: str = Field(description="the command line to run in the background")


class ListJobsArguments(Arguments):
    pass


class StopJobArguments(Arguments):
    job: Count = Field(description="the number of the job")


class ReadJobArguments(Arguments):
    job: Count = Field(description="the number of the job")
    last: Count | None = Field(default=None, description="only the last so many lines")

"""Tools that tell about the machine: hardware, disks, network, users, services, environment."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from llmos.tools.tool import Arguments


class SystemInfoArguments(Arguments):
    about: Literal[
        "cpu", "load", "memory", "swap", "disks", "mounts", "temperature", "battery", "network", "address", "traffic",
        "ports", "routes", "dns", "uptime", "boot_time", "users", "user", "groups", "host", "os", "kernel", "timezone",
        "limits", "devices",
    ] = Field(description="address: this machine's IP addresses; ports: what listens; users: who is logged in; user: who I am")  # fmt: skip


class ShowDateArguments(Arguments):
    zone: str | None = Field(default=None, description="a time zone like Asia/Shanghai; the local one by default")
    show: Literal["date", "time", "both", "calendar"] = Field(default="both", description="which part")


class ShowEnvironmentArguments(Arguments):
    name: str | None = Field(default=None, description="one variable; all by default")


class WhichProgramArguments(Arguments):
    name: str = Field(description="the program whose path to show")


class ShowServicesArguments(Arguments):
    name: str | None = Field(default=None, description="only services whose name contains this")
    state: Literal["running", "failed", "stopped"] | None = Field(default=None, description="only this state")

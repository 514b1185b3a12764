"""The one error tree: everything llmos raises on purpose, and the exit code each kind ends in.

    LlmosError                  exit code 1
    ├── UsageError              2   the command line or the configuration does not fit
    ├── ToolError               1   a tool cannot do this; the model gets it as a result, the user never a traceback
    │   └── ArgumentError       1   the arguments of a call do not fit its schema
    ├── ModelError              1   the model cannot be loaded or reached, or its reply cannot be read
    └── NoSandbox               5   nothing on this machine can confine a command

Anything else that rises is a bug.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the `llmos` command."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    DENIED = 3
    APPROVAL_NEEDED = 4
    NO_SANDBOX = 5
    LIMIT = 6
    NOT_UNDERSTOOD = 7
    INTERRUPTED = 130


class LlmosError(Exception):
    """Base of all errors raised on purpose; the message is one line that says what to try next."""

    exit_code = Exit.FAILED


class UsageError(LlmosError):
    exit_code = Exit.USAGE


class ToolError(LlmosError):
    """The tool cannot do this; the model is told, and may try another way."""


class ArgumentError(ToolError):
    """The arguments of a call do not fit the tool's schema."""


class ModelError(LlmosError):
    """The model cannot be loaded or reached, or its reply cannot be read."""


class NoSandbox(LlmosError):
    exit_code = Exit.NO_SANDBOX

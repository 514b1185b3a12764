"""What a command line means: calls whose values still have to be found in the sentence. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Wish(NamedTuple):
    """A value that the command has and that the sentence has to say."""

    kind: str
    """path, glob, word, number, size (bytes), age (seconds), mode, user, group, process, port … ; how it may be said."""

    text: str


Wishes = Mapping[str, "object"]
"""argument → True, an enum value (str), a Wish or a tuple of Wish for a list."""


_NAMED = {"list_processes", "which_program", "show_environment"}
"""Tools whose `name` is no glob on files."""


@dataclass(frozen=True)
class Meant:
    """One call, and what the sentence has to mention for it (regular expressions, all of them)."""

    tool: str
    wishes: Wishes
    needs: tuple[str, ...] = ()

    ignored: tuple[str, ...] = ()
    """What the sentence may say besides, without a place in the call."""

    found: bool = False
    """What it acts on was found beneath folders, by find."""

    @property
    def selects(self) -> bool:
        return self.found or ("name" in self.wishes and self.tool not in _NAMED)

    def adding(self, wishes: Wishes, *needs: str) -> Meant:
        return self.to(self.tool, wishes, *needs)

    def to(self, tool: str, wishes: Wishes, *needs: str) -> Meant:
        """The same selection under another tool."""
        return Meant(tool, {**self.wishes, **wishes}, (*self.needs, *needs), self.ignored, self.found)


class Beyond(Exception):
    """The command does something that no typed tool does exactly."""

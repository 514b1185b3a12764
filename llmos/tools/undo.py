"""Tools that take back what llmos changed, make it again, and show what it changed.

How changes are recorded and reversed is the journal's business.
"""

from __future__ import annotations

from llmos.errors import ToolError
from llmos.tools.arguments import Count, Duration, Paths
from llmos.tools.fields import Arguments, Field
from llmos.tools.tool import Tool
from llmos.values.messages import Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Plan


class UndoArguments(Arguments):
    steps: Count | None = Field(default=None, description="how many changes to take back, the latest first")


class RedoArguments(Arguments):
    steps: Count | None = Field(default=None, description="how many changes to make again")


class ShowHistoryArguments(Arguments):
    path: Paths = Field(default=[], description="only changes to these files or folders")
    newer_than: Duration | None = Field(default=None, description="made within this time: seconds, or like 3 days")
    limit: Count | None = Field(default=None, description="show this many at most")


class Undo(Tool[UndoArguments]):
    name = "undo"
    description = "Take back the last changes that llmos made to files."
    arguments = UndoArguments

    def plan(self, call: ToolCall, arguments: UndoArguments, place: Place) -> Plan:
        raise ToolError("nothing can be undone yet")

    def run(self, plan: Plan, place: Place) -> Outcome:
        raise AssertionError("never planned")


class Redo(Tool[RedoArguments]):
    name = "redo"
    description = "Make changes again that were undone."
    arguments = RedoArguments

    def plan(self, call: ToolCall, arguments: RedoArguments, place: Place) -> Plan:
        raise ToolError("nothing can be done again yet")

    def run(self, plan: Plan, place: Place) -> Outcome:
        raise AssertionError("never planned")


class ShowHistory(Tool[ShowHistoryArguments]):
    name = "show_history"
    description = "Show what llmos changed, and what of it can still be undone."
    arguments = ShowHistoryArguments

    def plan(self, call: ToolCall, arguments: ShowHistoryArguments, place: Place) -> Plan:
        raise ToolError("nothing has been recorded yet")

    def run(self, plan: Plan, place: Place) -> Outcome:
        raise AssertionError("never planned")

"""What a tool is: a name, typed arguments, a plan of what a call would touch, and the doing of that plan.

A tool never asks and never decides; that is the dispatcher's business.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any, ClassVar, Generic, TypeVar

from llmos.tools.fields import Arguments
from llmos.values.events import Progress
from llmos.values.messages import Outcome, ToolCall, ToolSchema
from llmos.values.place import Place
from llmos.values.plans import Plan

Run = Generator[Progress, None, Outcome | Plan]
A = TypeVar("A", bound=Arguments)


class Tool(ABC, Generic[A]):
    name: ClassVar[str]
    description: ClassVar[str]
    """One sentence, as the model reads it."""

    arguments: type[A]

    @abstractmethod
    def plan(self, call: ToolCall, arguments: A, place: Place) -> Plan:
        """Resolve what the call would touch. Reads the machine, changes nothing.

        Raises ToolError when it cannot be done.
        """

    @abstractmethod
    def run(self, plan: Plan, place: Place) -> Outcome | Plan | Run:
        """Do exactly the plan; a generator where there is something to show on the way. Raises ToolError.

        A further plan is what this one has found out is to be done: the dispatcher decides on it before it runs.
        """

    def schema(self) -> ToolSchema:
        return ToolSchema(self.name, self.description, _schema(self.arguments))


def _schema(arguments: type[Arguments]) -> dict[str, Any]:
    return arguments.model_json_schema()

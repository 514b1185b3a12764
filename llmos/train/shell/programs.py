"""What a pipeline means as one typed call; `find` and each other program has its reading."""

from __future__ import annotations

from llmos.train.shell import find
from llmos.train.shell.wishes import Beyond, Meant


def meant_by(stages: list[list[str]]) -> Meant:
    """Raises Beyond."""
    program = stages[0][0].rsplit("/", 1)[-1]
    if program == "find":
        return find.through(find.found(stages[0][1:]), stages[1:])
    raise Beyond(program)

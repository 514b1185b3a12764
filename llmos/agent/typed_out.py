"""A command line that stands in the request and is called one: "run the command ls -la | wc -l" needs no model.

Whether it may run is dispatch's business, and requests that only mean a command are the model's.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping

_TYPED_OUT = re.compile(
    r"""(?isx) ^ \s* (?:please\s+|can\ you\s+|could\ you\s+)? (?:
        (?:run|execute)\s+ (?:the\s+|this\s+)? (?:shell\s+|bash\s+|terminal\s+)?
            command (?:\s+line)? \s*:?\s+ (?P<named>\S.*)
      | (?:run|execute)\s+ (?P<quoted>[`'"].+[`'"])
      | (?:请|帮我|麻烦)?(?:运行|执行)(?:一下)?(?:这条|这个|下面的)?(?:命令|指令) \s*[:：]?\s* (?P<chinese>\S.*)
    ) \s* $"""
)
_QUOTES = "`'\""


def command_in(request: str, env: Mapping[str, str]) -> str | None:
    """The line, when it begins with a program that is there: "the command again" is none."""
    match = _TYPED_OUT.match(request)
    if match is None:
        return None
    line = _unquoted(next(text for text in match.groupdict().values() if text).strip())
    first = line.split(maxsplit=1)[0] if line else ""
    return line if shutil.which(first, path=env.get("PATH", os.defpath)) else None


def _unquoted(line: str) -> str:
    whole = len(line) > 1 and line[0] in _QUOTES and line[-1] == line[0] and line[0] not in line[1:-1]
    return line[1:-1].strip() if whole else line

"""An error nobody raised on purpose, in one line: the user's work goes on, and the line finds the place."""

from __future__ import annotations

import os
from collections.abc import Mapping


def one_line(bug: Exception, env: Mapping[str, str]) -> str:
    """Raises the bug itself where a developer wants to see all of it."""
    if env.get("LLMOS_DEBUG"):
        raise bug
    place = bug.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f" at {os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else ""
    return f"a bug in llmos: {type(bug).__name__}: {' '.join(str(bug).split())}{where}; LLMOS_DEBUG=1 shows all of it"

"""`@file` in a request: the file it names, as a plain path that every model can read.

Completion of mentions is in `completion`.
"""

from __future__ import annotations

import os
import re

MENTION = re.compile(r'(?<![A-Za-z0-9_.+-])@(?:"([^"]+)"|([^\s,;，。；]+))')
"""Not inside a word: ada@example.org is an address."""

_BEGUN = re.compile(r'(?<![A-Za-z0-9_.+-])@(?:"[^"]*|[^\s"]*)$')


def begun_mention(text: str) -> str:
    """The mention that is being typed at the end of a text, "" where there is none."""
    begun = _BEGUN.search(text)
    return begun[0] if begun else ""


def without_marks(request: str, cwd: str, home: str) -> str:
    """Only what is there is a mention; everything else stays as it was typed."""

    def plain(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if not os.path.lexists(os.path.join(cwd, _expanded(name, home))):
            return match[0]
        return f'"{name}"' if match[1] else name

    return MENTION.sub(plain, request)


def _expanded(path: str, home: str) -> str:
    return home + path[1:] if path == "~" or path.startswith("~/") else path

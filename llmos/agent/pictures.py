"""Images a request names, and a model that is shown them.

When it is asked is `stronger`'s business; how images are sent is the model's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from llmos.models.base import Context, Model
from llmos.values.events import Note
from llmos.values.messages import Reply
from llmos.values.place import Place

_NAME = re.compile(r'"([^"]+\.(?:png|jpe?g|gif|webp))"|@?([^\s"@,;，；]+\.(?:png|jpe?g|gif|webp))', re.IGNORECASE)
MOST, LARGEST = 4, 10 * 2**20
"""Images of one request, and bytes of one."""


def pictures(request: str, place: Place) -> tuple[str, ...]:
    """Absolute paths of those that are there and not too large."""
    named = (match[1] or match[2] for match in _NAME.finditer(request))
    paths = (os.path.join(place.cwd, os.path.expanduser(name)) for name in named)
    return tuple(path for path in paths if os.path.isfile(path) and os.path.getsize(path) <= LARGEST)[:MOST]


class Seeing:
    def __init__(self, model: Model, shown: tuple[str, ...]) -> None:
        self._model = model
        self._shown = shown

    @property
    def name(self) -> str:
        return self._model.name

    def reply(self, context: Context) -> Iterator[str | Note | Reply]:
        return self._model.reply(replace(context, pictures=self._shown))

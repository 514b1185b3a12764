"""The daemon's model as a shell sees it: the same as any other; where the daemon fails, the model is loaded here.

A request has no effect, so that one that was lost may be made again; what was said of it already is not said twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from llmos.daemon.meeting import Meeting, edition, start
from llmos.daemon.wire import from_context, from_line, to_line, unpack
from llmos.errors import LlmosError, ModelError
from llmos.models.base import Context, Model
from llmos.models.names import kept_as
from llmos.values.events import Note
from llmos.values.messages import Reply
from llmos.values.place import Place

OFF = "LLMOS_DAEMON"
"""Set to 0, this variable keeps a shell away from the daemon."""


def is_served(name: str, place: Place) -> bool:
    """A daemon with this model seems to be there, and the user wants it."""
    return place.env.get(OFF) != "0" and Meeting(place.state).model() == kept_as(name)


Piece = str | Note | Reply


class NotThere(LlmosError):
    """No daemon answers, or it does not want to: the request has to be answered here."""


class Lost(LlmosError):
    """The daemon went away in the middle of a request."""


class Outdated(Lost):
    """It is of another version, and makes room for one of this."""


class Served:
    """A model in the daemon."""

    def __init__(self, name: str, state: str, load: Callable[[], Model]) -> None:
        self.name = name
        self._meeting = Meeting(state)
        self._load = load

    @cached_property
    def here(self) -> Model:
        """The same model in this process."""
        return self._load()

    def reply(self, context: Context) -> Iterator[Piece]:
        said = Said()
        try:
            yield from said.go_on(self._served(context))
            return
        except NotThere:
            again = False
        except Lost as lost:
            again = self._restarted(lost)
        if again:
            try:
                yield from said.go_on(self._served(context))
                return
            except (NotThere, Lost):
                pass
        yield from said.go_on(self.here.reply(context))

    def _restarted(self, lost: Lost) -> bool:
        """Where the last daemon left its socket behind: one that was stopped took it away."""
        if not isinstance(lost, Outdated) and not os.path.exists(self._meeting.address):
            return False
        try:
            return start(self._meeting, self.name) or True
        except ModelError:
            return False

    def _served(self, context: Context) -> Iterator[Piece]:
        for line in self._asked("reply", context):
            if "piece" in line:
                yield unpack(line["piece"])
            if "reply" in line:
                reply: Reply = unpack(line["reply"])
                yield replace(reply, others=lambda: self._others(context)) if line["others"] else reply

    def _others(self, context: Context) -> tuple[Reply, ...]:
        try:
            readings = [line["readings"] for line in self._asked("others", context) if "readings" in line]
            found: tuple[Reply, ...] = unpack(readings[0])
            return found
        except (NotThere, Lost):
            *_, reply = self.here.reply(context)
            return reply.others() if isinstance(reply, Reply) and reply.others else ()

    def _asked(self, what: str, context: Context) -> Iterator[Mapping[str, Any]]:
        tools = () if self.name == "embedded" else context.tools()  # it was trained on them and does not ask
        request = {
            "ask": what,
            "edition": edition(),
            "model": kept_as(self.name),
            "interactive": context.place.interactive,
            "context": from_context(context, tools),
        }
        return talk(self._meeting, request)


class Said:
    """What was said of a reply before it was lost is not said again when it is made anew."""

    def __init__(self) -> None:
        self._length = 0

    def go_on(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        heard = 0
        for piece in pieces:
            if not isinstance(piece, str):
                yield piece
                continue
            new = piece[max(0, self._length - heard) :]
            heard += len(piece)
            self._length = max(self._length, heard)
            if new:
                yield new


def talk(meeting: Meeting, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What the daemon answers, until it is through. Raises ModelError when it says so, NotThere and Lost."""
    try:
        connected = meeting.connect()
    except OSError as error:
        raise NotThere(f"no daemon: {error.strerror or error}") from None
    with connected, connected.makefile("rb") as lines:
        try:
            connected.sendall(to_line(request))
            while "end" not in (answer := from_line(lines.readline())):
                yield answer
        except TimeoutError:
            raise NotThere("the daemon does not answer") from None
        except (OSError, ValueError) as error:
            raise Lost(f"the daemon is gone: {error}") from None
    _judge(answer["end"])


def _judge(end: Mapping[str, str]) -> None:
    if "error" in end:
        raise ModelError(end["error"])
    if "refused" in end:
        raise NotThere(end["refused"])
    if "outdated" in end:
        raise Outdated(end["outdated"])

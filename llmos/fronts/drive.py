"""Run a turn for any front: show its events, answer the ones that ask, pass Ctrl-C on to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from llmos.fronts.ask import pick_on_terminal
from llmos.values.events import Ask, Choose, Event, Failed, Response, Said, Turn


class Ending:
    """What the events of a turn say about how it ended; the results are the session's to judge."""

    def __init__(self) -> None:
        self.failed: Failed | None = None
        self.asked_back = False

    def note(self, event: Event) -> None:
        match event:
            case Failed():
                self.failed = event
            case Said(asks_back=True):
                self.asked_back = True
            case _:
                pass


def drive(
    turn: Turn,
    show: Callable[[Event], None],
    ask: Callable[[Ask], Response],
    waiting: Callable[[], AbstractContextManager[object]] = nullcontext,
    pick: Callable[[Choose], Response] = pick_on_terminal,
) -> Ending:
    """To the end, however it ends; what `show` and `ask` raise closes the turn, but Ctrl-C only cancels it.

    `waiting` is entered while nothing is heard of the turn: for a sign that it goes on.
    """
    ending = Ending()
    answer: Response | None = None
    interrupt: KeyboardInterrupt | None = None
    try:
        while True:
            with waiting():
                event = turn.throw(interrupt) if interrupt else turn.send(answer)
            answer = interrupt = None
            ending.note(event)
            try:
                if isinstance(event, Ask):
                    answer = ask(event)
                    continue
                show(event)
                if isinstance(event, Choose):
                    answer = pick(event)
            except KeyboardInterrupt as pressed:
                interrupt = pressed
    except StopIteration:
        return ending
    finally:
        turn.close()

"""What a turn says, kept for who drives it: answer, errors and calls; a view shows it meanwhile, or nobody does."""

from __future__ import annotations

from collections.abc import Callable

from llmos.fronts.fit import Told
from llmos.values.events import Event, Failed, Finished, Said, Started
from llmos.values.messages import ToolResult
from llmos.values.plans import Plan


class Heard:
    """One turn. Errors are not passed on: who drives the turn says where they happened."""

    def __init__(self, show: Callable[[Event], None]) -> None:
        self._show = show
        self._said: list[str] = []
        self.results: list[ToolResult] = []
        self.started: list[Plan] = []
        self.question = ""
        """What the model asked back."""

        self.error = ""
        """Why the turn as a whole failed."""

    def show(self, event: Event) -> None:
        match event:
            case Said(text, asks_back=True):
                self.question = text
                return
            case Said(text):
                self._said.append(text)
            case Started(plan):
                self.started.append(plan)
            case Finished(result, step):
                self.results.append(result)
                if step:
                    self._said.clear()  # said before a working step, so it is not the answer
                if not result.ok:
                    return
            case Failed(reason):
                self.error = reason
                return
            case _:
                pass
        self._show(event)

    @property
    def told(self) -> Told:
        return Told("".join(self._said), tuple(result.outcome for result in self._answering()))

    def _answering(self) -> list[ToolResult]:
        return [result for result in self.results if result.ok]

    @property
    def errors(self) -> list[str]:
        """Why it failed, the reasons before what was not run because of them."""
        failed = [result for result in self.results if not result.ok]
        reasons = [result.error for result in failed if result.refused not in ("cancelled", "limit")]
        return [text for text in (*reasons, self.question, self.error) if text] or [r.error for r in failed]

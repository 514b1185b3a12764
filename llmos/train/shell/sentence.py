"""A sentence whose words are pointed at: which were used, which explain something, which make no difference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from llmos.models.embedded.codec import WORDS, Piece, Span
from llmos.models.embedded.words import cut

Elements = list[list[Piece]]


class Unsaid(Exception):
    """The sentence does not say a value that the call needs."""


MARKS = tuple("'\"`“‘")


@dataclass
class Said:
    """A sentence and the words of it that were used."""

    text: str
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    """With what kind of value stands there."""

    found: bool = False
    """Whether the command looks beneath folders: then its own starting place may stay unsaid."""

    ignored: list[tuple[int, int]] = field(default_factory=list)
    """Characters that make no difference."""

    explained: list[tuple[int, int]] = field(default_factory=list)
    """Characters that say something that is in the call without being copied."""

    def __post_init__(self) -> None:
        words = cut(self.text, WORDS)
        self.starts = {word.start for word in words}
        self.ends = {word.end for word in words}
        self.words = words

    def find(self, text: str, kind: str, fold: bool = False) -> Span | None:
        """The first place where exactly these words stand; one not used before, if there is one."""
        places = [*self._places(text, fold)]
        free = [p for p in places if all(p.end <= a or b <= p.start for a, b, _ in self.spans)]
        if not places:
            return None
        quoted = [p for p in free if self.text[p.start - 1 : p.start] in MARKS]
        chosen = (quoted or free or places)[0]
        self.use(chosen, kind)
        return chosen

    def use(self, span: Span, kind: str) -> None:
        if all((span.start, span.end) != (start, end) for start, end, _ in self.spans):
            self.spans.append((span.start, span.end, kind))

    def _places(self, text: str, fold: bool) -> Iterator[Span]:
        if not text:
            return
        flags = re.IGNORECASE if fold else 0
        for match in re.finditer(re.escape(text), self.text, flags):
            if match.start() in self.starts and match.end() in self.ends:
                yield Span(match.start(), match.end())

    def echoes(self) -> list[tuple[int, int, str]]:
        """Other places that say the same values again: they have to vary together."""
        found: list[tuple[int, int, str]] = []
        for start, end, kind in self.spans:
            text = self.text[start:end]
            forms = {text, text.lstrip("*."), "." + text.lstrip("*.")} if kind == "extension" else {text}
            places = [place for form in forms if len(form) > 2 for place in self._places(form, False)]
            for place in sorted(places, key=lambda p: p.start - p.end):
                taken = [*self.spans, *found]
                if all(place.end <= a or b <= place.start for a, b, _ in taken):
                    found.append((place.start, place.end, kind))
        return found

    def ignores(self, pattern: str) -> None:
        """What matches need not be in the call."""
        self.ignored += [match.span() for match in re.finditer(pattern, self.text)]

    def explains(self, pattern: str) -> bool:
        match = re.search(pattern, self.text)
        if match is None:
            return False
        self.explained.append(match.span())
        return True


def spanned(said: Said, text: str, kind: str) -> Elements:
    """The words themselves. Raises Unsaid."""
    span = said.find(text, kind)
    if span is None:
        raise Unsaid(text)
    return [[span]]

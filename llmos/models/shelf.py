"""Key-value caches that are set aside while others use the model, and taken up again: a few, of a bounded length.

Which one fits is seen from its tokens: whoever goes on with a conversation finds what was read of it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

from transformers.cache_utils import DynamicLayer


class Kept(NamedTuple):
    ids: list[int]
    """The tokens whose keys and values are in the cache."""

    cache: Any


class Shelf:
    def __init__(self, most: int = 0, positions: int = 32_768, worth: int = 512) -> None:
        """At most so many caches, of so many tokens together."""
        self.most = most
        self.worth = worth
        """Fewer tokens than so many are sooner read again than kept: each turn loses some."""

        self._positions = positions
        self._kept: list[Kept] = []
        """The one that was set aside last stands last."""

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, kept: Kept) -> None:
        self._kept += [kept] if kept.ids else []
        while len(self._kept) > self.most or sum(len(each.ids) for each in self._kept) > self._positions:
            del self._kept[0]

    def take(self, ids: Sequence[int], better_than: int) -> Kept | None:
        """The one that begins with the most of these tokens, if it is more than so many."""
        best = max(self._kept, key=lambda kept: common(kept.ids, ids), default=None)
        if best is None or common(best.ids, ids) <= better_than:
            return None
        self._kept = [kept for kept in self._kept if kept is not best]
        return best


def common(a: Sequence[int], b: Sequence[int]) -> int:
    """With how many equal tokens they begin."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def fork(kept: Kept) -> Kept:
    """A second one to go on with. Ordinary layers replace their tensors and never write into them."""
    if all(type(layer) is DynamicLayer for layer in kept.cache.layers):
        cache = copy.copy(kept.cache)
        cache.layers = [copy.copy(layer) for layer in kept.cache.layers]
    else:
        cache = copy.deepcopy(kept.cache)
    return Kept(list(kept.ids), cache)

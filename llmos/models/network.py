"""A causal LM in transformers: tokens in, logits out; what it has read and still stands there is not read again.

Text, grammars and limits are not its business. Importing this imports torch and transformers, which takes seconds.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache
from transformers.utils import logging

from llmos.errors import ModelError
from llmos.models import room
from llmos.models.shelf import Kept, Shelf, common, fork
from llmos.translation import both

AT_ONCE = 2048
"""Tokens in one forward pass: bounds the memory of a long prompt, and how long Ctrl-C waits."""


class Network:
    def __init__(self, model: Any) -> None:
        self.model = model.eval()
        self.read: list[int] = []
        """The tokens whose keys and values are in the cache."""

        self._cache: Any
        self._kept: tuple[list[int], Any] = ([], None)
        """Tokens and a copy of the cache after them, for caches that cannot be shortened."""

        self.shelf = Shelf()
        """Caches of others who use the model in turn; none unless there are others."""

        self._last_only = "logits_to_keep" in inspect.signature(model.forward).parameters
        self._forget()

    def begin(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Logits after the last of `ids`, a whole sequence: (vocabulary,)."""
        if self.shelf.most:
            self._take_up(ids)
        same = next((i for i, (a, b) in enumerate(zip(self.read, ids, strict=False)) if a != b), len(self.read))
        self._rewind(list(ids[: min(same, len(ids) - 1)]))
        return self.go_on(ids[len(self.read) :])

    def go_on(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Logits after the last of `ids`, which follow what was read: (vocabulary,)."""
        most = max(0, len(ids) - AT_ONCE)
        for start in range(0, most, AT_ONCE):
            self._forward(ids[start : min(start + AT_ONCE, most)])
        return self._forward(ids[most:])

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Something else is read in between."""
        held = self.read, self._cache
        self._forget()
        try:
            yield
        finally:
            self.read, self._cache = held

    def _take_up(self, ids: Sequence[int]) -> None:
        """The cache that has most of `ids`; the one at hand is set aside where something of it would be lost."""
        same = common(self.read, ids)
        better = self.shelf.take(ids, same)
        if better or len(self.read) - same > self.shelf.worth:
            at_hand = Kept(self.read, self._cache)
            self.read, self._cache = better or fork(at_hand)
            self.shelf.put(at_hand)

    def _forward(self, ids: Sequence[int]) -> NDArray[np.float32]:
        more = {"logits_to_keep": 1} if self._last_only else {}
        tokens = torch.tensor([list(ids)], device=self.model.device)
        try:
            with torch.inference_mode():
                out = self.model(input_ids=tokens, past_key_values=self._cache, use_cache=True, **more)
            logits: NDArray[np.float32] = out.logits[0, -1].float().cpu().numpy()
        except BaseException as error:  # also Ctrl-C: some layers have the new tokens, others not
            self._forget()
            if isinstance(error, torch.OutOfMemoryError):
                raise ModelError(
                    both("there is not enough memory for so long a conversation; /clear begins anew")
                ) from None
            raise
        self.read.extend(ids)
        return logits

    def _rewind(self, ids: list[int]) -> None:
        """Forget all that was read after `ids`."""
        if not ids:
            self._forget()
        elif len(ids) < len(self.read):
            try:
                self._cache.crop(len(ids) - len(self.read))
                del self.read[len(ids) :]
            except (RuntimeError, NotImplementedError, AttributeError):
                self._return_to(ids)

    def _return_to(self, ids: list[int]) -> None:
        """With a sliding window or a recurrent state there is no way back, only a copy that was kept on the way.

        It is made where two prompts part, so that what stands in all of them, the tools above all, is read twice only.
        """
        tokens, cache = self._kept
        if tokens and ids[: len(tokens)] == tokens:
            self.read, self._cache = list(tokens), copy.deepcopy(cache)
            return
        self._kept = ([], None)
        self._forget()
        self.go_on(ids)
        self._kept = (ids, copy.deepcopy(self._cache))

    def _forget(self) -> None:
        self.read = []
        self._cache = DynamicCache(config=self.model.config)


def load(name: str, folder: Path) -> tuple[Any, Network]:
    """Tokenizer and network. Raises ModelError when it does not fit, and what transformers raises."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    seat = room.seat(name, room.weights(folder), room.this_machine())
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    dtype = seat.dtype if seat.dtype == "auto" else getattr(torch, seat.dtype)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, local_files_only=True)
    return tokenizer, Network(model.to(seat.device))

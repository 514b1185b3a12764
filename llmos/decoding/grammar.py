"""What a model may write next: llguidance over a grammar, as masks over token ids.

One mechanism for all local models: the embedded model's codec brings a Lark grammar over its own tokens, others one
made from the JSON Schemas of the tools. Decoding itself is the model's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from llguidance import LLMatcher, LLTokenizer
from numpy.typing import NDArray

from llmos.errors import ModelError


def read_tokenizer(tokenizer_json: str, ends: Sequence[int] | None = None) -> LLTokenizer:
    """From the text of a `tokenizer.json`. `ends` are the tokens that end a reply; else they are guessed by name.

    Raises ModelError.
    """
    try:
        return LLTokenizer(tokenizer_json, eos_token=None if ends is None else list(ends))
    except ValueError as error:
        raise ModelError(f"the tokenizer of this model cannot be used: {error}") from None


class Constraint:
    """The state of one reply in its grammar."""

    def __init__(self, tokenizer: LLTokenizer, grammar: str) -> None:
        """`grammar` is Lark, or what `LLMatcher.grammar_from_json_schema` gives. Raises ModelError on a bad one."""
        self._matcher = LLMatcher(tokenizer, grammar, log_level=0)  # it writes to stderr otherwise
        if self._matcher.is_error():  # it never raises by itself
            reason = " ".join(str(self._matcher.get_error()).split())[:200]
            raise ModelError(f"the grammar of the tools is not accepted: {reason}")
        self._bits = np.zeros((tokenizer.vocab_size + 31) // 32, dtype=np.uint32)

    def allowed(self) -> NDArray[np.intp]:
        """Ids that may come next; the end token among them when the reply may end here."""
        self._matcher.unsafe_compute_mask_ptr(self._bits.ctypes.data, self._bits.nbytes)
        return np.flatnonzero(np.unpackbits(self._bits.view(np.uint8), bitorder="little"))

    def forced(self) -> list[int]:
        """Ids that must come next, so that no forward pass is needed to choose them."""
        return list(self._matcher.compute_ff_tokens())

    def accept(self, ids: Sequence[int]) -> None:
        if not self._matcher.consume_tokens(list(ids)):
            raise ModelError(f"the grammar does not allow token {ids[0]} here")

    def copy(self) -> Constraint:
        """A second state that starts here and goes its own way."""
        other = object.__new__(Constraint)
        other._matcher = self._matcher.deep_copy()
        other._bits = self._bits.copy()
        return other

    @property
    def may_end(self) -> bool:
        return bool(self._matcher.is_accepting())

"""The embedded model's forward pass through transformers: what the numpy engine is held to, and the CUDA path."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, DynamicCache


class Reference:
    def __init__(self, folder: Path) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).to(self.device).eval()
        self.cache = DynamicCache(config=self.model.config)

    @property
    def length(self) -> int:
        """Tokens in the cache."""
        return int(self.cache.get_seq_length())

    def rewind(self, length: int) -> None:
        """Forget all but the first `length` tokens."""
        if length == 0:
            self.cache = DynamicCache(config=self.model.config)
        elif self.length > length:
            self.cache.crop(length - self.length)

    @torch.inference_mode()  # type: ignore[untyped-decorator]  # torch is not followed by the type checker
    def forward(self, ids: list[int]) -> NDArray[np.float32]:
        """Logits after the last of `ids`: (vocabulary,)."""
        tokens = torch.tensor([ids], device=self.device)
        out = self.model(input_ids=tokens, past_key_values=self.cache, use_cache=True, logits_to_keep=1)
        logits: NDArray[np.float32] = out.logits[0, -1].float().cpu().numpy()
        return logits

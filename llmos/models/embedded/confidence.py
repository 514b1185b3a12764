"""How probable it is that a reply is right, from the probability that the model gives it.

A model is surer of itself than it ought to be; two numbers, fitted on sentences it was not trained on, put that right
(Platt 1999, "Probabilistic outputs for support vector machines"). They are fitted in train.calibrate.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

FILE = "confidence.json"


@dataclass(frozen=True)
class Confidence:
    slope: float = 1.0
    offset: float = 0.0

    def right(self, log_probability: float) -> float:
        """0 to 1. `log_probability` is that of the whole reply, natural logarithm."""
        odds = self.slope * logit(log_probability) + self.offset
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def logit(log_probability: float) -> float:
    """ln(p / (1 - p)), held away from both ends, where rounding would decide."""
    p = min(max(math.exp(log_probability), 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))


def read_confidence(folder: Path) -> Confidence:
    """Of the weights in `folder`; the model's own probability where nobody has fitted anything."""
    file = folder / FILE
    if not file.exists():
        return Confidence()
    return Confidence(**json.loads(file.read_text(encoding="utf-8")))

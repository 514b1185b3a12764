"""Fits how probable it is that a reply is right to how sure the model says it is, on phrasings it was not trained on.

What the two numbers mean is said in models.embedded.confidence.

    python -m llmos.train.calibrate [--model FOLDER] [--held-back 1500] [--set FILE.jsonl ...]
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np

from llmos.models.embedded.confidence import FILE, Confidence, logit
from llmos.models.embedded.model import WEIGHTS, EmbeddedModel
from llmos.train.evaluate import DESTRUCTIVE, Verdict, held_back, judge, read_set


def fit(verdicts: list[Verdict], rounds: int = 50) -> Confidence:
    """Logistic regression by Newton's method; Platt's targets keep it from being certain."""
    x = np.array([[logit(math.log(v.probability)), 1.0] for v in verdicts])
    right = np.array([v.full for v in verdicts])
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    weights = np.array([1.0, 0.0])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x @ weights))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
        weights = weights + np.linalg.solve(hessian, x.T @ (target - p))
    return Confidence(round(float(weights[0]), 4), round(float(weights[1]), 4))


def calibration_error(verdicts: list[Verdict], confidence: Confidence, bins: int = 10) -> float:
    """Expected calibration error (Naeini et al. 2015), in percentage points."""
    sure = np.array([confidence.right(math.log(v.probability)) for v in verdicts])
    right = np.array([v.full for v in verdicts], dtype=float)
    which = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[which == b].mean() - right[which == b].mean()) * (which == b).mean() for b in set(which)]
    return 100 * float(sum(gaps))


def thresholds(verdicts: list[Verdict], confidence: Confidence) -> list[dict[str, float]]:
    """What is left above each threshold: how many requests, how many of them right, wrong changes among them."""
    lines = []
    for least in (0.0, 0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        kept = [v for v in verdicts if confidence.right(math.log(v.probability)) >= least]
        wrong = sum(not v.full and any(c[0] in DESTRUCTIVE for c in v.calls) for v in kept)
        right = 100 * sum(v.full for v in kept) / max(1, len(kept))
        kept_share = 100 * len(kept) / len(verdicts)
        lines.append({"least": least, "kept": round(kept_share, 1), "right": round(right, 1), "wrong changes": wrong})
    return lines


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path, default=WEIGHTS)
    options.add_argument("--held-back", type=int, default=1500)
    options.add_argument("--set", type=Path, action="append", default=[], help="only measured, never fitted to")
    given = options.parse_args()
    model = EmbeddedModel(given.model)
    verdicts = [judge(model, case) for case in held_back(model.codec, given.held_back, seed=7)]
    half = len(verdicts) // 2
    trial = fit(verdicts[:half])
    print(json.dumps({"fitted on one half, error on the other": round(calibration_error(verdicts[half:], trial), 1)}))
    confidence = fit(verdicts)
    (given.model / FILE).write_text(json.dumps(asdict(confidence)) + "\n", encoding="utf-8")
    sets = {"held back": verdicts} | {f.stem: [judge(model, case) for case in read_set(f)] for f in given.set}
    for name, judged in sets.items():
        print(json.dumps({"set": name, "calibration error": round(calibration_error(judged, confidence), 1)}))
        for line in thresholds(judged, confidence):
            print("  ", json.dumps(line))


if __name__ == "__main__":
    main()

"""Evaluations whose right and wrong answers are given."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glyphlab.evaluation.evaluation import Evaluation


def evaluated(model: str, correct: Sequence[int] | np.ndarray, **facts: Any) -> Evaluation:
    """An Evaluation of images of the class "a" that is right on those where `correct` is true.

    It says the class it predicts with a probability of 0.9, or of `confidence`.
    """
    confidence = facts.pop("confidence", 0.9)
    right = np.asarray(correct, bool)
    sure, rest = np.float32(confidence), np.float32(1 - confidence)
    probabilities = np.where(right[:, None], [sure, rest], [rest, sure]).astype(np.float32)
    known: dict[str, Any] = {
        "probabilities": probabilities,
        "labels": np.zeros(len(right), np.int64),
        "classes": ("a", "b"),
        "ids": None,
        "model": model,
        "dataset": "toy",
        "dataset_fingerprint": "f",
        "seed": 0,
        "parameters": 7,
        "seconds": 1.0,
    }
    return Evaluation(**(known | facts))


def right_but(n: int, wrong: slice) -> np.ndarray:
    """Right on all of n images but those of a slice."""
    correct = np.ones(n, bool)
    correct[wrong] = False
    return correct

"""Calibration: whether a model is right as often as it says."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

BINS = 15


@dataclass(frozen=True, eq=False)
class Calibration:
    """Predictions gathered by their confidence, which is the probability of the predicted class.

    Attributes
    ----------
    confidence, accuracy : float64 [bins]
        Mean confidence and share of right predictions in each bin; NaN where there is none.
    counts : int64 [bins]
        Predictions in each bin.
    edges : float64 [bins + 1]
        Where the bins begin and end; a bin holds its upper edge.
    """

    confidence: Float[np.ndarray, " bins"]
    accuracy: Float[np.ndarray, " bins"]
    counts: Int64[np.ndarray, " bins"]
    edges: Float[np.ndarray, " bins_and_1"]

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance of confidence and accuracy, by predictions.

        C. Guo, G. Pleiss, Y. Sun & K. Weinberger, "On Calibration of Modern Neural Networks",
        ICML 2017.
        """
        return self._mean(np.abs(self.confidence - self.accuracy))

    @property
    def error_by_chance(self) -> float:
        """The error that a perfectly calibrated model would show on so many images.

        In a bin of n predictions the accuracy then differs from the confidence c by
        √(2 c (1 - c) / (π n)) in the mean, by the normal approximation.
        """
        spread = self.confidence * (1 - self.confidence) / np.maximum(self.counts, 1)
        return self._mean(np.sqrt(2 / math.pi * spread))

    @property
    def overconfidence(self) -> float:
        """Mean confidence minus accuracy; below 0 for a model that says too little."""
        return self._mean(self.confidence - self.accuracy)

    def _mean(self, values: Float[np.ndarray, " bins"]) -> float:
        used = self.counts > 0
        return float(np.average(values[used], weights=self.counts[used]))


def calibration(
    probabilities: Float[np.ndarray, "n classes"], labels: Int64[np.ndarray, " n"], bins: int = BINS
) -> Calibration:
    """Gather predictions into bins of equal width by their confidence.

    Parameters
    ----------
    probabilities : float [n, classes]
    labels : int64 [n]
        True classes.
    bins : int

    Returns
    -------
    Calibration
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = np.bincount(place, confidence, bins) / counts
        shares = np.bincount(place, correct, bins) / counts
    return Calibration(means, shares, counts.astype(np.int64), edges)

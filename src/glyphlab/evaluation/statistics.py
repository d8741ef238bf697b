"""How sure a figure is: intervals and tests, from SciPy and statsmodels where these have them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from glyphlab.errors import InputError


class Interval(NamedTuple):
    """A confidence interval, both ends included."""

    low: float
    high: float


@dataclass(frozen=True)
class PairedDifference:
    """Two models on the same images, compared image by image.

    Attributes
    ----------
    difference : float
        Accuracy of a minus accuracy of b.
    ci95 : Interval
        95 % interval of the difference, Newcombe's (1998) method 10.
    p_value : float
        Exact two-sided McNemar test: how often a split of the images on which only one is right
        at least this uneven comes about if both models are equally good.
    only_a, only_b : int
        Images that only a, only b recognises.
    n : int
        Images.
    """

    difference: float
    ci95: Interval
    p_value: float
    only_a: int
    only_b: int
    n: int


@dataclass(frozen=True)
class MeanInterval:
    """The mean of one figure over several trainings.

    Attributes
    ----------
    mean : float
    ci95 : Interval or None
        Student's t interval of the mean; None for a single training, whose spread is unknown.
    n : int
        Trainings.
    """

    mean: float
    ci95: Interval | None
    n: int


def wilson_interval(correct: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson's (1927) score interval of a share.

    It is written out here because importing `scipy.stats` for it took half a second of each
    evaluation.

    Parameters
    ----------
    correct : int
        How many of the `n` were right.
    n : int
        How many there were.
    confidence : float
        Share of such intervals that hold the true value.

    Raises
    ------
    InputError
        If `n` is below 1, `correct` is outside 0 to n, or `confidence` outside 0 to 1.
    """
    if not (n >= 1 and 0 <= correct <= n and 0 < confidence < 1):
        raise InputError(
            f"No interval for {correct} of {n} at a confidence of {confidence}; give 0 ≤ correct "
            "≤ n, n ≥ 1 and a confidence between 0 and 1."
        )
    share, z = correct / n, NormalDist().inv_cdf((1 + confidence) / 2)
    weight = 1 + z**2 / n
    centre = (share + z**2 / (2 * n)) / weight
    half = z / weight * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Interval(
        centre - half if correct else 0.0,
        centre + half if correct < n else 1.0,
    )


def paired_difference(
    correct_a: Bool[np.ndarray, " n"], correct_b: Bool[np.ndarray, " n"]
) -> PairedDifference:
    """Compare two models by which of the same images each recognises.

    The interval combines the two Wilson intervals and takes account of their correlation: method
    10, "square-and-add", of R. G. Newcombe, "Improved confidence intervals for the difference
    between binomial proportions based on paired data", Statistics in Medicine 17 (1998),
    2635–2650. The test is McNemar's (Psychometrika 12, 1947) in its exact form.

    Parameters
    ----------
    correct_a, correct_b : bool [n]
        Whether model a, model b is right, in the same order of images.

    Raises
    ------
    InputError
        If the two differ in length or are empty.
    """
    a, b = np.asarray(correct_a, bool), np.asarray(correct_b, bool)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise InputError(
            f"Two models can be compared on the same images only, not on {a.size:,} and "
            f"{b.size:,}; evaluate both on one Dataset."
        )
    both, only_a, only_b = (int(np.sum(x)) for x in (a & b, a & ~b, b & ~a))
    return PairedDifference(
        difference=(only_a - only_b) / len(a),
        ci95=_square_and_add(both, only_a, only_b, len(a)),
        p_value=_mcnemar_exact(only_a, only_b),
        only_a=only_a,
        only_b=only_b,
        n=len(a),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for having made several tests (Holm 1979), in the same order.

    Raises
    ------
    InputError
        If one of them is no number from 0 to 1.
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise InputError(f"{list(p_values)} are no p-values; each must lie between 0 and 1.")
    if not p_values:
        return []
    from statsmodels.stats.multitest import multipletests

    _, adjusted, _, _ = multipletests(list(p_values), method="holm")
    return [float(p) for p in adjusted]


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> MeanInterval:
    """The mean over trainings that differ in their seed, with Student's t interval.

    Raises
    ------
    InputError
        If there is no value, or one that is not finite.
    """
    if not values or not all(map(math.isfinite, values)):
        raise InputError(f"There is no mean of {list(values)}; give finite numbers.")
    mean = math.fsum(values) / len(values)
    if len(values) == 1:
        return MeanInterval(mean, None, 1)
    from scipy.stats import t

    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    half = float(t.ppf((1 + confidence) / 2, len(values) - 1)) * error
    return MeanInterval(mean, Interval(mean - half, mean + half), len(values))


def _mcnemar_exact(only_a: int, only_b: int) -> float:
    if not only_a + only_b:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(only_a, only_a + only_b, 0.5).pvalue)


def _square_and_add(both: int, only_a: int, only_b: int, n: int) -> Interval:
    share_a, share_b = (both + only_a) / n, (both + only_b) / n
    low_a, high_a = wilson_interval(both + only_a, n)
    low_b, high_b = wilson_interval(both + only_b, n)
    phi = _corrected_phi(both, only_a, only_b, n - both - only_a - only_b)
    difference = share_a - share_b
    below = _combine(share_a - low_a, high_b - share_b, phi)
    above = _combine(high_a - share_a, share_b - low_b, phi)
    return Interval(difference - below, difference + above)


def _combine(first: float, second: float, phi: float) -> float:
    return math.sqrt(first**2 - 2 * phi * first * second + second**2)


def _corrected_phi(both: int, only_a: int, only_b: int, neither: int) -> float:
    """Correlation of the two models' answers, with Newcombe's continuity correction."""
    n = both + only_a + only_b + neither
    margins = (both + only_a, only_b + neither, both + only_b, only_a + neither)
    if not all(margins):
        return 0.0
    covariance = float(both * neither - only_a * only_b)
    if covariance > 0:
        covariance = max(covariance - n / 2, 0.0)
    return covariance / math.sqrt(math.prod(margins))

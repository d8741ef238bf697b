"""Two reasons for which an accuracy could have been another: other seeds, other test images."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from glyphlab.evaluation.statistics import Interval, wilson_interval

Correct = Bool[np.ndarray, "trainings n"]


@dataclass(frozen=True)
class Variation:
    """How far a mean accuracy over trainings varies, and why.

    Attributes
    ----------
    images : float
        Standard deviation that the draw of the test images gives the accuracy.
    seeds : float or None
        Standard deviation of the accuracy over trainings, on the same images; None for a single
        training, whose spread is unknown.
    ci95 : Interval
        95 % interval of the accuracy that holds both: other trainings, tested on other images.
        For a single training it is Wilson's, and holds the draw of the images only.
    """

    images: float
    seeds: float | None
    ci95: Interval


def variation(correct: Correct) -> Variation:
    """Separate the two for several trainings of one model.

    Parameters
    ----------
    correct : bool [trainings, n]
        Whether each training is right on each image.

    Notes
    -----
    The interval is Student's t on the sum of both variances, with the degrees of freedom of F. E.
    Satterthwaite (Biometrics Bulletin 2, 1946, 110-114), and never narrower than Wilson's.
    """
    trainings, n = correct.shape
    accuracy = float(correct.mean())
    wilson = wilson_interval(round(accuracy * n), n)
    images = _deviation(correct.mean(axis=0)) / math.sqrt(n)
    if trainings == 1:
        return Variation(images, None, wilson)
    seeds = _deviation(correct.mean(axis=1))
    half = _half_width([(images**2, n - 1), (seeds**2 / trainings, trainings - 1)])
    return Variation(
        images,
        seeds,
        Interval(
            max(min(accuracy - half, wilson.low), 0.0), min(max(accuracy + half, wilson.high), 1.0)
        ),
    )


def difference_interval(first: Correct, second: Correct) -> Interval:
    """95 % interval of the difference of two mean accuracies, each over several trainings.

    It holds both: other trainings of both models, tested on other images. Image by image the
    models are paired; seeds are not, for the seed of one model says nothing about another's.

    Parameters
    ----------
    first, second : bool [trainings, n]
        Of the same n images; two trainings or more of each.

    Notes
    -----
    As for `variation`.
    """
    difference = first.mean(axis=0) - second.mean(axis=0)
    parts = [(_deviation(difference) ** 2 / difference.size, difference.size - 1)]
    for correct in (first, second):
        trainings = len(correct)
        parts.append((_deviation(correct.mean(axis=1)) ** 2 / trainings, trainings - 1))
    half, middle = _half_width(parts), float(difference.mean())
    return Interval(middle - half, middle + half)


def _deviation(values: np.ndarray) -> float:
    """Standard deviation with n - 1; a single value has none."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _half_width(parts: Sequence[tuple[float, int]]) -> float:
    """Half of a 95 % interval of a sum of variances, each with its degrees of freedom."""
    variance = math.fsum(part for part, _ in parts)
    if not variance:
        return 0.0
    from scipy.stats import t

    freedom = variance**2 / math.fsum(part**2 / degrees for part, degrees in parts if degrees)
    return float(t.ppf(0.975, freedom)) * math.sqrt(variance)

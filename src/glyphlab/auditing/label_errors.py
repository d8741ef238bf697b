"""Images whose label is likely wrong, and how many there are, by confident learning."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from glyphlab.errors import InputError
from glyphlab.evaluation.statistics import Interval, wilson_interval

SURELY_WRONG = 1 / 7
"""Below this score, another class is more than six times as likely as the label's."""

_BOOTSTRAPS = 2_000
_LEAST = 0.03
"""Added to each probability before two are compared: far below it, they only say "no"."""


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """What confident learning says of the labels of n images.

    Attributes
    ----------
    indices : int64 [k]
        Images whose label is likely wrong, the surest first: as many as `noise_rate` says, and at
        least all with a score below `SURELY_WRONG`; never one whose label is the likeliest class.
    suggested : int64 [k]
        The likeliest class of each of them.
    scores : float64 [n]
        How surely the label of every image is right, 0 to 1: the probability of its class as a
        share of that and the likeliest other one's. 1 for an image that was not judged.
    noise_rate : float
        The share of the judged images that surely are of another class than their label says.
        Images of no class at all, whose label is as wrong, are not among them.
    noise_rate_ci95 : Interval
        Its 95 % interval, by how much it would change with other images of the same kind. What the
        models mistake for an error, or an error for right, is not part of it.
    joint : float64 [classes, classes]
        Share of the judged images by label (row) and by true class (column); it sums to 1.
    """

    indices: Int64[np.ndarray, " k"]
    suggested: Int64[np.ndarray, " k"]
    scores: Float64[np.ndarray, " n"]
    noise_rate: float
    noise_rate_ci95: Interval
    joint: Float64[np.ndarray, "classes classes"]

    @property
    def class_noise_rates(self) -> Float64[np.ndarray, " classes"]:
        """Of the judged images that bear a label, the share that bears it wrongly; 0 of none."""
        bearing = self.joint.sum(1)
        wrong: Float64[np.ndarray, " classes"] = bearing - self.joint.diagonal()
        return wrong / np.where(bearing > 0, bearing, 1)


def find_label_errors(
    probabilities: Float32[np.ndarray, "n classes"],
    labels: Int64[np.ndarray, " n"],
    judged: Bool[np.ndarray, " n"] | None = None,
    *,
    seed: int = 0,
) -> LabelErrors:
    """Rank images by how likely their label is wrong, and estimate how many labels are.

    Parameters
    ----------
    probabilities : float32 [n, classes]
        Of the classes of each image, by models that have not seen it.
    labels : int64 [n]
        As they are given.
    judged : bool [n], optional
        The images whose probabilities mean something; all where it is not given.
    seed : int
        Of the interval's bootstrap.

    Returns
    -------
    LabelErrors

    Raises
    ------
    InputError
        If arrays differ in length, or no image is judged.

    Notes
    -----
    Label errors are counted by confident learning, through cleanlab: C. G. Northcutt, L. Jiang,
    I. L. Chuang 2021 "Confident learning: estimating uncertainty in dataset labels". Images are
    ranked by probabilities from which the counted errors have been taken out. The interval is a
    percentile bootstrap over images, with confident learning's thresholds left as they are.
    """
    from cleanlab.count import compute_confident_joint, estimate_joint

    index = _judged_index(probabilities, labels, judged)
    given, believed = labels[index], probabilities[index].astype(np.float64)
    believed /= believed.sum(1, keepdims=True)
    counted = np.asarray(compute_confident_joint(given, believed, calibrate=False), np.int64)
    joint = np.asarray(estimate_joint(given, believed, confident_joint=counted), np.float64)
    true = _true_probabilities(believed, joint)
    scores, likeliest = np.ones(len(labels)), labels.copy()
    scores[index], likeliest[index] = _label_scores(true, given), true.argmax(1)
    noise_rate = max(0.0, 1 - float(joint.trace()))
    listed = max(round(noise_rate * len(index)), int((scores < SURELY_WRONG).sum()))
    ranked = np.argsort(scores, kind="stable")[:listed]
    ranked = ranked[likeliest[ranked] != labels[ranked]]
    return LabelErrors(
        indices=ranked,
        suggested=likeliest[ranked],
        scores=scores,
        noise_rate=noise_rate,
        noise_rate_ci95=_noise_interval(
            noise_rate, counted, np.bincount(given, minlength=len(joint)), seed
        ),
        joint=joint,
    )


def _judged_index(
    probabilities: Float32[np.ndarray, "n classes"],
    labels: Int64[np.ndarray, " n"],
    judged: Bool[np.ndarray, " n"] | None,
) -> Int64[np.ndarray, " judged"]:
    """Indices of the images to judge."""
    judged = np.ones(len(labels), np.bool_) if judged is None else judged
    if not len(probabilities) == len(labels) == len(judged):
        raise InputError(
            f"There are {len(labels):,} labels but probabilities of {len(probabilities):,} images; "
            "give both of the same images."
        )
    if not judged.any():
        raise InputError(
            "There is no image whose label could be judged; give more images of each class."
        )
    return np.flatnonzero(judged)


def _true_probabilities(
    probabilities: Float64[np.ndarray, "n classes"], joint: Float64[np.ndarray, "classes classes"]
) -> Float64[np.ndarray, "n classes"]:
    """Undo what wrong labels in the training did to the probabilities of the classes.

    A model trained on labels that are mistaken at known rates gives the probability of each label,
    not of each class; the one is the other times the matrix of rates (Patrini, Rozza, Menon, Nock
    & Qu 2017 "Making deep neural networks robust to label noise: a loss correction approach").
    """
    classes = joint.sum(0)
    rates = np.where(classes[:, None] > 0, joint.T, np.eye(len(joint)))
    rates /= rates.sum(1, keepdims=True)
    true = np.clip(probabilities @ np.linalg.pinv(rates), 0, None)
    shares: Float64[np.ndarray, "n classes"] = true / true.sum(1, keepdims=True)
    return shares


def _label_scores(
    probabilities: Float64[np.ndarray, "n classes"], labels: Int64[np.ndarray, " n"]
) -> Float64[np.ndarray, " n"]:
    """The label's probability beside that of the likeliest other class, as a share of both."""
    rows = np.arange(len(labels))
    others = probabilities.copy()
    others[rows, labels] = 0
    mine, rival = probabilities[rows, labels] + _LEAST, others.max(1) + _LEAST
    scores: Float64[np.ndarray, " n"] = mine / (mine + rival)
    return scores


def _noise_interval(
    rate: float,
    counted: Int64[np.ndarray, "classes classes"],
    bearing: Int64[np.ndarray, " classes"],
    seed: int,
) -> Interval:
    """95 % interval of the noise rate, by drawing the images again from their cells.

    It is no narrower than Wilson's of that share of so many images, which for few errors it would
    be: of none at all, drawing again gives none.

    Parameters
    ----------
    rate : float
    counted : int64 [classes, classes]
        Images that are surely of a true class (column), by label (row).
    bearing : int64 [classes]
        Images that bear a label; those that are surely of no class count here alone.
    seed : int
    """
    classes = len(bearing)
    unsure = np.maximum(bearing - counted.sum(1), 0)
    cells = np.concatenate([counted, unsure[:, None]], axis=1).astype(np.float64)
    total = int(bearing.sum())
    draws = np.random.default_rng(seed).multinomial(
        total, (cells / cells.sum()).ravel(), size=_BOOTSTRAPS
    )
    drawn = draws.reshape(_BOOTSTRAPS, classes, classes + 1)
    sure = drawn[:, :, :classes].sum(2)
    right = drawn[:, range(classes), range(classes)]
    wrong_share = 1 - right / np.where(sure > 0, sure, 1) * (sure > 0) - (sure == 0)
    rates = (wrong_share * drawn.sum(2)).sum(1) / total
    low, high = np.quantile(rates, (0.025, 0.975)).tolist()
    plain = wilson_interval(round(rate * total), total)
    return Interval(min(low, plain.low), max(high, plain.high))

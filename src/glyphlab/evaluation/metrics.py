"""Figures that follow from probabilities and labels."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64


def accuracy(correct: Bool[np.ndarray, " n"]) -> float:
    """Share of true entries."""
    return float(np.mean(correct))


def confusion_matrix(
    labels: Int64[np.ndarray, " n"], predictions: Int64[np.ndarray, " n"], classes: int
) -> Int64[np.ndarray, "classes classes"]:
    """Count images by true class (row) and predicted class (column).

    Parameters
    ----------
    labels, predictions : int64 [n]
        Class indices, 0 to `classes` - 1.
    classes : int
        How many classes there are.

    Returns
    -------
    int64 [classes, classes]
        The counts; they sum to n.
    """
    counts = np.bincount(labels * classes + predictions, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def class_accuracy(confusion: Int64[np.ndarray, "k k"]) -> Float[np.ndarray, " k"]:
    """Share of each class's images that were recognised; NaN for a class without images.

    Parameters
    ----------
    confusion : int64 [classes, classes]
        Counts by true class (row) and predicted class (column).

    Returns
    -------
    float64 [classes]
    """
    totals = confusion.sum(axis=1)
    shares = np.full(len(confusion), np.nan)
    np.divide(np.diagonal(confusion), totals, out=shares, where=totals > 0)
    return shares


def confident_mistakes(
    probabilities: Float32[np.ndarray, "n classes"], labels: Int64[np.ndarray, " n"], k: int
) -> Int64[np.ndarray, " at_most_k"]:
    """The wrong predictions with the highest probability for the wrong class, highest first.

    Parameters
    ----------
    probabilities : float32 [n, classes]
        The predicted class is the one with the highest probability, the first of equals.
    labels : int64 [n]
        True classes.
    k : int
        How many to give at most.

    Returns
    -------
    int64 [min(k, mistakes)]
        Indices of images; equals stand in the order of the images.
    """
    wrong: np.ndarray[Any, Any] = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    order = np.argsort(-probabilities[wrong].max(axis=1), kind="stable")
    return np.asarray(wrong[order][: max(k, 0)], np.int64)

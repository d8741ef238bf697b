"""Figures of a lab as parts of sentences."""

import math
from collections.abc import Sequence
from statistics import fmean

from glyphlab.evaluation.statistics import PairedDifference, paired_difference
from glyphlab.report.content import ModelResult

SIGNIFICANT = 0.05


def mean_accuracy(result: ModelResult) -> float:
    """Test accuracy, mean over the seeds."""
    return fmean(run.evaluation.accuracy for run in result.runs)


def mean_seconds(result: ModelResult) -> float:
    """Seconds of training, mean over the seeds."""
    return fmean(run.train_seconds for run in result.runs)


def mean_of(result: ModelResult, figure: str) -> float | None:
    """Mean over the seeds of a figure of each run; None where one of them lacks it."""
    values = [getattr(run, figure) for run in result.runs]
    return None if None in values else fmean(values)


def paired(first: ModelResult, second: ModelResult) -> PairedDifference:
    """Compare the first seeds of two models image by image."""
    return paired_difference(first.evaluation.correct, second.evaluation.correct)


def accuracy_sentence(result: ModelResult) -> str:
    """How accurate a model is, and how sure that is."""
    evaluation = result.evaluation
    low, high = evaluation.accuracy_ci95
    first = (
        f"{result.model} recognises {evaluation.accuracy:.4f} of {evaluation.n:,} test images "
        f"(95 % interval {low:.4f} to {high:.4f})"
    )
    if len(result.runs) == 1:
        return f"{first}."
    accuracies = [run.evaluation.accuracy for run in result.runs]
    return (
        f"{first} with the first seed; over {len(accuracies)} seeds the mean is "
        f"{fmean(accuracies):.4f}, from {min(accuracies):.4f} to {max(accuracies):.4f}."
    )


def gap_sentence(result: ModelResult) -> str:
    """How the accuracies on training, validation and test images lie to each other."""
    train, validation = mean_of(result, "train_accuracy"), mean_of(result, "validation_accuracy")
    parts = [f"{mean_accuracy(result):.4f} on test images"]
    if validation is not None:
        parts.insert(0, f"{validation:.4f} on validation images")
    if train is not None:
        parts.insert(0, f"{train:.4f} on training images")
    return f"Its accuracy is {join(parts)}."


def difference_sentence(first: ModelResult, second: ModelResult, p_value: float) -> str:
    """Which of two models is better, by how much, and whether that can be told at all.

    Parameters
    ----------
    first, second : ModelResult
    p_value : float
        Of the paired test, corrected where several are made.
    """
    compared = paired(first, second)
    low, high = compared.ci95
    names = _name(first, second), _name(second, first)
    figures = (
        f"difference {points(compared.difference)}, 95 % interval {points(low)} to {points(high)}, "
        f"exact McNemar {_p(p_value)}, n = {compared.n:,}"
    )
    if p_value >= SIGNIFICANT:
        return (
            f"No difference between {names[0]} and {names[1]} can be told from these test images "
            f"({figures})."
        )
    better = "better" if compared.difference > 0 else "worse"
    return f"{names[0]} is {better} than {names[1]} ({figures}){_over_seeds(first, second)}."


def highest_probability(classes: int) -> float:
    """The highest probability that outputs between 0 and 1, taken for logits, allow."""
    return math.e / (math.e + classes - 1)


def lowest_loss(classes: int) -> float:
    """The lowest cross-entropy that outputs between 0 and 1, taken for logits, allow."""
    return -math.log(highest_probability(classes))


def points(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign."""
    return f"{100 * difference:+.2f} points".replace("-", "−")


def join(parts: Sequence[str]) -> str:
    """Words with commas and a last `and`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _name(result: ModelResult, other: ModelResult) -> str:
    if result.model != other.model:
        return result.model
    by = "the notebook's procedure" if result.protocol == "notebook" else "a proper training"
    return f"{result.model} by {by}"


def _over_seeds(first: ModelResult, second: ModelResult) -> str:
    if len(first.runs) == 1 or len(second.runs) == 1:
        return ""
    mean = mean_accuracy(first) - mean_accuracy(second)
    return f"; over all seeds the mean difference is {points(mean)}"


def _p(p_value: float) -> str:
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.4f}"

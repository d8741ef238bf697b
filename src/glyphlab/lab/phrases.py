"""Figures of a lab as parts of sentences."""

import math
from statistics import fmean

from glyphlab.language.numerals import listed
from glyphlab.report.content import ModelResult


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
    return f"Its accuracy is {listed(parts)}."


def highest_probability(classes: int) -> float:
    """The highest probability that outputs between 0 and 1, taken for logits, allow."""
    return math.e / (math.e + classes - 1)


def lowest_loss(classes: int) -> float:
    """The lowest cross-entropy that outputs between 0 and 1, taken for logits, allow."""
    return -math.log(highest_probability(classes))

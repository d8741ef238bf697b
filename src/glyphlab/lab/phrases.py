"""Figures of a lab as parts of sentences."""

import math
from statistics import fmean

from glyphlab.language import say
from glyphlab.language.numerals import from_to, listed, share
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
    figures: dict[str, str | int] = {
        "model": result.model,
        "accuracy": share(evaluation.accuracy),
        "n": evaluation.n,
        "interval": from_to(evaluation.accuracy_ci95),
    }
    if len(result.runs) == 1:
        return say("lab-recognises", **figures)
    accuracies = [run.evaluation.accuracy for run in result.runs]
    return say(
        "lab-recognises-over-seeds",
        **figures,
        seeds=len(accuracies),
        mean=share(fmean(accuracies)),
        low=share(min(accuracies)),
        high=share(max(accuracies)),
    )


def gap_sentence(result: ModelResult) -> str:
    """How the accuracies on training, validation and test images lie to each other."""
    train, validation = mean_of(result, "train_accuracy"), mean_of(result, "validation_accuracy")
    known = {"training": train, "validation": validation, "test": mean_accuracy(result)}
    parts = [
        say(f"lab-accuracy-on-{part}", accuracy=share(value))
        for part, value in known.items()
        if value is not None
    ]
    return say("lab-accuracies", parts=listed(parts))


def highest_probability(classes: int) -> float:
    """The highest probability that outputs between 0 and 1, taken for logits, allow."""
    return math.e / (math.e + classes - 1)


def lowest_loss(classes: int) -> float:
    """The lowest cross-entropy that outputs between 0 and 1, taken for logits, allow."""
    return -math.log(highest_probability(classes))

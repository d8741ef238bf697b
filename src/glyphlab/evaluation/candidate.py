"""A candidate of a Comparison: one model, with all trainings of it that were tested."""

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float

from glyphlab.evaluation.calibration import Calibration, calibration
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.evaluation.statistics import (
    Interval,
    MeanInterval,
    mean_interval,
    wilson_interval,
)
from glyphlab.evaluation.variation import Variation, variation

Cost = Literal["parameters", "operations", "train_seconds", "seconds_per_image"]
COSTS: tuple[Cost, ...] = ("parameters", "operations", "train_seconds", "seconds_per_image")


@dataclass(frozen=True, eq=False)
class Candidate:
    """One model in a Comparison: its Evaluations, one for each training.

    Attributes
    ----------
    name : str
    evaluations : tuple of Evaluation
        On the same images, each of a training with another seed; at least one.
    """

    name: str
    evaluations: tuple[Evaluation, ...]

    @property
    def trainings(self) -> int:
        """How many trainings were tested."""
        return len(self.evaluations)

    @property
    def n(self) -> int:
        """How many images each was tested on."""
        return self.evaluations[0].n

    @cached_property
    def correct(self) -> Bool[np.ndarray, "trainings n"]:
        """Whether each training recognises each image."""
        return np.stack([evaluation.correct for evaluation in self.evaluations])

    @property
    def accuracy(self) -> float:
        """Mean over the trainings."""
        return fmean(evaluation.accuracy for evaluation in self.evaluations)

    @property
    def accuracy_ci95(self) -> Interval:
        """Wilson's 95 % interval of the mean accuracy, for the draw of the test images."""
        return wilson_interval(round(self.accuracy * self.n), self.n)

    @property
    def over_seeds(self) -> MeanInterval:
        """The mean accuracy with Student's t interval, for the draw of the trainings."""
        return mean_interval([evaluation.accuracy for evaluation in self.evaluations])

    @cached_property
    def variation(self) -> Variation:
        """What the seeds and what the test images make of it, and the interval of both."""
        return variation(self.correct)

    @cached_property
    def class_accuracy(self) -> Float[np.ndarray, " classes"]:
        """Share of each class's images that are recognised, mean over the trainings."""
        shares = [evaluation.class_accuracy for evaluation in self.evaluations]
        return np.asarray(np.mean(shares, axis=0))

    @property
    def class_ci95(self) -> list[Interval | None]:
        """Wilson's 95 % interval of each; None for a class without images."""
        counts = np.bincount(self.evaluations[0].labels, minlength=len(self.evaluations[0].classes))
        return [
            wilson_interval(round(share * count), count) if count else None
            for share, count in zip(self.class_accuracy.tolist(), counts.tolist(), strict=True)
        ]

    @cached_property
    def calibration(self) -> Calibration:
        """Confidence against accuracy; the predictions of all trainings are gathered."""
        probabilities = np.concatenate([e.probabilities for e in self.evaluations])
        return calibration(probabilities, np.tile(self.evaluations[0].labels, self.trainings))

    def cost(self, kind: Cost) -> float | None:
        """Parameters, operations of a prediction, seconds of training, or seconds of a prediction.

        Returns
        -------
        float or None
            The mean over the trainings; None where it was not measured.
        """
        if kind == "seconds_per_image":
            return fmean(e.seconds / e.n for e in self.evaluations)
        values = [getattr(evaluation, kind) for evaluation in self.evaluations]
        return None if None in values else fmean(values)

    def to_json(self) -> dict[str, Any]:
        """The figures under stable keys."""
        gathered, spread = self.calibration, self.over_seeds.ci95
        return {
            "model": self.name,
            "dataset": self.evaluations[0].dataset,
            "n": self.n,
            "seeds": [evaluation.seed for evaluation in self.evaluations],
            "accuracy": self.accuracy,
            "accuracy_ci95": list(self.accuracy_ci95),
            "accuracy_over_seeds_ci95": None if spread is None else list(spread),
            "accuracy_both_ci95": list(self.variation.ci95),
            "accuracies": [evaluation.accuracy for evaluation in self.evaluations],
            "sd_images": self.variation.images,
            "sd_seeds": self.variation.seeds,
            "class_accuracy": _finite(self.class_accuracy),
            "class_accuracy_ci95": [list(i) if i else None for i in self.class_ci95],
            "expected_calibration_error": gathered.error,
            "calibration_error_by_chance": gathered.error_by_chance,
            "overconfidence": gathered.overconfidence,
            "reliability": {
                "confidence": _finite(gathered.confidence),
                "accuracy": _finite(gathered.accuracy),
                "counts": gathered.counts.tolist(),
            },
            **{kind: self.cost(kind) for kind in COSTS},
        }


def _finite(values: Float[np.ndarray, " k"]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]

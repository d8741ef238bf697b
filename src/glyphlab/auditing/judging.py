"""From what models say of images that they have not seen to findings about labels."""

from typing import Any

import numpy as np

from glyphlab.auditing.findings import Balance, LabelError, LeakEffect, Noise, Outlier
from glyphlab.auditing.label_errors import LabelErrors, find_label_errors
from glyphlab.auditing.out_of_sample import Opinion
from glyphlab.auditing.outliers import find_outliers
from glyphlab.data.dataset import Dataset
from glyphlab.data.sheet import balance
from glyphlab.evaluation.metrics import class_accuracy, confusion_matrix
from glyphlab.evaluation.statistics import wilson_interval
from glyphlab.progress import Bar


def judged_findings(
    dataset: Dataset, opinion: Opinion | None, seed: int, bar: Bar
) -> dict[str, Any]:
    """The fields of `Findings` that rest on an opinion; without one, only the balance."""
    if opinion is None or not opinion.judged.any():
        return {"balance": _balance(dataset, None)}
    found = find_label_errors(opinion.probabilities, dataset.labels, opinion.judged, seed=seed)
    return {
        "balance": _balance(dataset, opinion),
        "label_errors": _label_errors(dataset, found),
        "noise": _noise(dataset, found),
        "outliers": _outliers(dataset, opinion, seed, bar),
        "predicted": opinion.probabilities.argmax(1).tolist(),
    }


def leak_effect(test: Dataset, opinion: Opinion, leaked: list[int]) -> LeakEffect | None:
    """Accuracy on all test images, on the leaked ones, and without them; None if there are none."""
    right = opinion.probabilities.argmax(1) == test.labels
    inside = np.zeros(len(test), np.bool_)
    inside[leaked] = True
    if not inside.any() or inside.all():
        return None
    outside = right[~inside]
    return LeakEffect(
        accuracy=float(right.mean()),
        accuracy_ci95=wilson_interval(int(right.sum()), len(right)),
        n=len(right),
        without_leaks=float(outside.mean()),
        without_leaks_ci95=wilson_interval(int(outside.sum()), len(outside)),
        n_without_leaks=len(outside),
        on_leaks=float(right[inside].mean()),
    )


def _balance(dataset: Dataset, opinion: Opinion | None) -> Balance:
    counts = dict(zip(dataset.classes, dataset.class_counts.tolist(), strict=True))
    plain = Balance(counts=counts, p_value=balance(counts).p_value)
    if opinion is None:
        return plain
    predicted = opinion.probabilities.argmax(1)
    recall = class_accuracy(confusion_matrix(dataset.labels, predicted, len(dataset.classes)))
    return plain.model_copy(
        update={
            "recall": {
                name: float(share)
                for name, share in zip(dataset.classes, recall, strict=True)
                if np.isfinite(share)
            },
            "accuracy": float((predicted == dataset.labels).mean()),
            "balanced_accuracy": float(np.nanmean(recall)),
        }
    )


def _label_errors(dataset: Dataset, found: LabelErrors) -> list[LabelError]:
    return [
        LabelError(
            index=index,
            id=dataset.ids[index],
            label=dataset.classes[dataset.labels[index]],
            suggested=dataset.classes[suggested],
            score=round(float(found.scores[index]), 6),
        )
        for index, suggested in zip(found.indices.tolist(), found.suggested.tolist(), strict=True)
    ]


def _outliers(dataset: Dataset, opinion: Opinion, seed: int, bar: Bar) -> list[Outlier]:
    with bar(f"Searching {dataset.name} for outliers", "images") as progress:
        found = find_outliers(dataset.images, opinion.probabilities, seed=seed, progress=progress)
    return [
        Outlier(
            index=index,
            id=dataset.ids[index],
            label=dataset.classes[dataset.labels[index]],
            score=round(float(found.scores[index]), 4),
        )
        for index in found.indices.tolist()
    ]


def _noise(dataset: Dataset, found: LabelErrors) -> Noise:
    rates = found.class_noise_rates.tolist()
    return Noise(
        rate=found.noise_rate,
        rate_ci95=found.noise_rate_ci95,
        class_rates=dict(zip(dataset.classes, rates, strict=True)),
        joint=found.joint.tolist(),
    )

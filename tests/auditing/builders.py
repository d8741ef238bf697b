"""Small Datasets and Audits whose answers are known."""

from typing import Any

import numpy as np

from glyphlab.auditing.findings import Audit, Balance, Copy, Findings, LabelError
from glyphlab.data.dataset import Dataset


def patterns(labels: list[int], seed: int = 0, name: str = "toys", size: int = 12) -> Dataset:
    """Images of random pixels, all different, with the given labels."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (len(labels), size, size, 1), dtype=np.uint8)
    ids = [f"{name}/{'abc'[label]}/{k}.png" for k, label in enumerate(labels)]
    return Dataset(images, np.array(labels, np.int64), ids, ("a", "b", "c"), name, name)


def copy(
    dataset: Dataset, index: int, of: int, others: Dataset | None = None, distance: float = 0.0
) -> Copy:
    """The record that image `index` repeats image `of`."""
    others = others or dataset
    return Copy(
        index=index,
        id=dataset.ids[index],
        label=dataset.classes[dataset.labels[index]],
        of=of,
        of_id=others.ids[of],
        of_label=others.classes[others.labels[of]],
        distance=distance,
    )


def label_error(dataset: Dataset, index: int, suggested: str, score: float = 0.1) -> LabelError:
    """The record that the label of image `index` is likely wrong."""
    label = dataset.classes[dataset.labels[index]]
    return LabelError(
        index=index, id=dataset.ids[index], label=label, suggested=suggested, score=score
    )


def findings(dataset: Dataset, kind: type[Findings] = Findings, **found: Any) -> Any:
    """Findings, or an Audit, of a Dataset; nothing is wrong with it but what is given."""
    counts = dict(zip(dataset.classes, dataset.class_counts.tolist(), strict=True))
    empty: dict[str, Any] = {
        "unreadable": [],
        "duplicates": [],
        "near_duplicates": [],
        "label_conflicts": [],
    }
    return kind(
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        n=len(dataset),
        classes=list(dataset.classes),
        balance=Balance(counts=counts, p_value=1.0),
        **(empty | found),
    )


def audit_of(dataset: Dataset, **found: Any) -> Audit:
    """An Audit of a Dataset that found only what is given."""
    made: Audit = findings(dataset, Audit, **found)
    return made

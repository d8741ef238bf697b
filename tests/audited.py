"""Eight training and four test images of two classes, and an audit of them made by hand."""

import numpy as np
from tests.auditing.builders import copy, label_error

from glyphlab.auditing.findings import (
    Audit,
    Balance,
    Findings,
    Groups,
    LeakEffect,
    Noise,
    Outlier,
    UnreadableFile,
)
from glyphlab.data.dataset import Dataset

CLASSES = ("A", "B")


def train_images(classes: tuple[str, str] = CLASSES, prefix: str = "train/") -> Dataset:
    """Images 3 and 5 have the pixels of image 0, which has another label than 5; 4 is almost 1."""
    images = np.random.default_rng(0).integers(0, 256, (8, 6, 5, 1), dtype=np.uint8)
    images[[3, 5]] = images[0]
    images[4] = images[1]
    images[4, 0, 0] ^= 1
    labels = np.array([0, 0, 1, 0, 0, 1, 0, 1])
    return Dataset(images, labels, [f"{prefix}{i}.png" for i in range(8)], classes, "letters")


def held_out_images(classes: tuple[str, str] = CLASSES, prefix: str = "test/") -> Dataset:
    """Image 1 has the pixels of training image 2."""
    images = np.random.default_rng(1).integers(0, 256, (4, 6, 5, 1), dtype=np.uint8)
    images[1] = train_images().images[2]
    labels = np.array([0, 1, 0, 1])
    return Dataset(images, labels, [f"{prefix}{i}.png" for i in range(4)], classes, "held out")


def audit_of(train: Dataset, test: Dataset | None) -> Audit:
    """Every kind of finding once or twice; an estimated quarter of the labels is wrong."""
    a, b = train.classes
    return Audit(
        **own_findings(train),
        near_duplicates=[copy(train, 4, 1, distance=0.0125)],
        duplicates=[copy(train, 3, 0), copy(train, 5, 0)],
        label_conflicts=[copy(train, 5, 0)],
        label_errors=[label_error(train, 6, b, 0.0123), label_error(train, 5, a, 0.2)],
        noise=Noise(
            rate=0.25,
            rate_ci95=(0.1, 0.5),
            class_rates={a: 0.2, b: 1 / 3},
            joint=[[0.5, 0.125], [0.125, 0.25]],
        ),
        outliers=[Outlier(index=7, id=train.ids[7], label=b, score=0.75)],
        groups=Groups(where="the file name", pattern="([^/]*)$", groups=3),
        leaks=[copy(test, 1, 2, train)] if test else [],
        leak_sources=[copy(train, 2, 1, test)] if test else [],
        leak_effect=effect() if test else None,
        test=held_out_findings(test) if test else None,
        seconds=12.5,
    )


def own_findings(dataset: Dataset) -> dict[str, object]:
    """What each Dataset has."""
    counts = dict(zip(dataset.classes, dataset.class_counts.tolist(), strict=True))
    return {
        "dataset": dataset.name,
        "fingerprint": dataset.fingerprint,
        "n": len(dataset),
        "classes": list(dataset.classes),
        "unreadable": [],
        "balance": Balance(counts=counts, p_value=0.48),
    }


def held_out_findings(test: Dataset) -> Findings:
    """Nothing but a file that could not be read; labels were not judged."""
    own = own_findings(test) | {"unreadable": [UnreadableFile(id="test/9.png", reason="is empty")]}
    return Findings(**own, duplicates=[], near_duplicates=[], label_conflicts=[])  # type: ignore[arg-type]


def effect() -> LeakEffect:
    """Three of the four test images are recognised: the copy, and two of the others."""
    return LeakEffect(
        accuracy=0.75,
        accuracy_ci95=(0.3, 0.95),
        n=4,
        without_leaks=2 / 3,
        without_leaks_ci95=(0.2, 0.94),
        n_without_leaks=3,
        on_leaks=1.0,
    )

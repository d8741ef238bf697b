"""Datasets to be given to other tools."""

from collections.abc import Sequence

import numpy as np

from glyphlab.data.dataset import Dataset
from glyphlab.data.ingest import TrainTest


def toy(
    n: int = 9,
    channels: int = 1,
    classes: Sequence[str] = ("A", "B", "C"),
    ids: Sequence[str] | None = None,
) -> Dataset:
    """Images of 28×28 in an order that no folder has: labels go round."""
    images = np.random.default_rng(n).integers(0, 256, (n, 28, 28, channels), np.uint8)
    labels = np.arange(n) % len(classes)
    return Dataset(images, labels, ids or [f"some/{i:03}.png" for i in range(n)], classes, "toy")


def by_image(dataset: Dataset) -> dict[bytes, str]:
    """The class of each image, whatever their order."""
    names = [dataset.classes[label] for label in dataset.labels]
    return dict(zip((image.tobytes() for image in dataset.images), names, strict=True))


def assert_equal(one: object, other: Dataset) -> None:
    """Equal in images, labels and classes, order included."""
    assert isinstance(one, Dataset)
    assert one.classes == other.classes
    assert np.array_equal(one.labels, other.labels)
    assert np.array_equal(one.images, other.images)


def both(loaded: object) -> TrainTest:
    assert isinstance(loaded, TrainTest)
    return loaded

"""The images of an experiment, and what is changed about them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.data.splits import split_indices

DIRECTIONS = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""Right, down, left, up, as (down, right)."""


@dataclass(frozen=True)
class Budget:
    """How much an experiment may cost.

    Attributes
    ----------
    seeds : int
        Trainings of each network, with the seeds 0, 1, …
    scale : float
        1 is made for ten minutes of two cores for all experiments on images of 28×28; trainings are
        so many times as long, and see up to so many times as many images.
    """

    seeds: int = 3
    scale: float = 1.0

    @property
    def images(self) -> int:
        """The most training images."""
        return max(round(5_000 * self.scale), 50)

    @property
    def test_images(self) -> int:
        """The most test images."""
        return max(round(2_000 * self.scale), 1_000)

    def steps(self, count: int) -> int:
        """So many steps of a training, by the scale."""
        return max(round(count * self.scale), 1)


@dataclass(frozen=True, eq=False)
class Material:
    """Training and test images of all experiments, within the budget."""

    train: Dataset
    test: Dataset
    budget: Budget

    @classmethod
    def of(cls, train: Dataset, test: Dataset, budget: Budget) -> "Material":
        """Draw as many images of each class as the budget allows, by the same share."""
        return cls(draw(train, budget.images, 0), draw(test, budget.test_images, 0), budget)


def draw(dataset: Dataset, n: int, seed: int) -> Dataset:
    """About `n` images, of each class the same share; all, if there are no more."""
    if n >= len(dataset):
        return dataset
    _, chosen = split_indices(dataset.labels, n / len(dataset), seed)
    return dataset.subset(chosen)


def permuted(dataset: Dataset) -> Dataset:
    """All images with their pixels in another order, the same for every image of every Dataset."""
    height, width, channels = dataset.image_shape
    order = np.random.default_rng(2026).permutation(height * width)
    pixels = np.asarray(dataset.images).reshape(len(dataset), height * width, channels)[:, order]
    return _with_images(dataset, pixels.reshape(dataset.images.shape))


def mislabelled(dataset: Dataset, share: float, seed: int) -> Dataset:
    """A share of the images, drawn by the seed, with the label of any other class."""
    random = np.random.default_rng(seed)
    classes, labels = len(dataset.classes), np.array(dataset.labels)
    hit = random.permutation(len(labels))[: round(share * len(labels))]
    labels[hit] = (labels[hit] + random.integers(1, classes, len(hit))) % classes
    return Dataset(
        np.asarray(dataset.images),
        labels,
        dataset.ids,
        dataset.classes,
        dataset.name,
        dataset.source,
    )


def shifted(
    images: UInt8[np.ndarray, "n height width channels"], pixels: int
) -> UInt8[np.ndarray, "n height width channels"]:
    """Every image moved by so many pixels: the first to the right, then down, left, up, in turns.

    What comes into sight has the median brightness of all borders.
    """
    if not pixels:
        return images
    height, width, channels = images.shape[1:]
    edges = (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1])
    background = np.median(np.concatenate([e.reshape(-1, channels) for e in edges]), axis=0)
    framed = np.empty((len(images), height + 2 * pixels, width + 2 * pixels, channels), np.uint8)
    framed[:] = background.astype(np.uint8)
    framed[:, pixels:-pixels, pixels:-pixels] = images
    moved = np.empty_like(images)
    for turn, (down, right) in enumerate(DIRECTIONS):
        top, left = pixels * (1 - down), pixels * (1 - right)
        moved[turn::4] = framed[turn::4, top : top + height, left : left + width]
    return moved


def _with_images(dataset: Dataset, images: UInt8[np.ndarray, "n height width channels"]) -> Dataset:
    return Dataset(
        images, dataset.labels, dataset.ids, dataset.classes, dataset.name, dataset.source
    )

"""Labels made wrong on purpose, by a known seed, so that what is wrong is known."""

from typing import Literal

import numpy as np
from jaxtyping import Int64, UInt8

Kind = Literal["uniform", "confusable"]


def flip(
    labels: Int64[np.ndarray, " n"],
    images: UInt8[np.ndarray, "n height width channels"],
    share: float,
    kind: Kind,
    seed: int,
) -> Int64[np.ndarray, " n"]:
    """Give a random share of the images another label.

    Uniform noise draws it from all other classes; confusable noise takes the class whose mean image
    is nearest to that of the image's own class.
    """
    random = np.random.default_rng(seed)
    classes = int(labels.max()) + 1
    hit = random.permutation(len(labels))[: round(share * len(labels))]
    wrong = labels.copy()
    if kind == "uniform":
        wrong[hit] = (labels[hit] + random.integers(1, classes, len(hit))) % classes
    else:
        wrong[hit] = _nearest_class(labels, images, classes)[labels[hit]]
    return wrong


def _nearest_class(
    labels: Int64[np.ndarray, " n"],
    images: UInt8[np.ndarray, "n height width channels"],
    classes: int,
) -> Int64[np.ndarray, " classes"]:
    means = np.stack([images[labels == k].mean(0).ravel() for k in range(classes)])
    distances = ((means[:, None] - means[None]) ** 2).sum(2)
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(1)

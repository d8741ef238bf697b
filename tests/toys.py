"""Small Datasets whose answers are known."""

import numpy as np

from glyphlab.data.dataset import Dataset


def bars(n: int = 240, classes: int = 3, size: int = 28, seed: int = 0) -> Dataset:
    """Noisy images with one bright bar; its height tells the class, so any model can learn it."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    images = random.integers(0, 60, (n, size, size, 1), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        top = 2 + label * (size - 4) // classes
        image[top : top + 4, 4 : size - 4] += 180
    ids = [f"bars/{label}/{number}.png" for number, label in enumerate(labels)]
    names = [f"bar{k}" for k in range(classes)]
    return Dataset(images, labels.astype(np.int64), ids, names, name="bars", source="bars")

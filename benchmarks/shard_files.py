"""Sharded Datasets for benchmarks."""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.shards import ShardIndex, describe_shard, write_index

MOVES = 200
"""Of the images of a shard: so many moved alike."""


def write_shards(images: Dataset, parts: Iterable[Int64[np.ndarray, " n"]], folder: Path) -> Path:
    """Write the images at certain places, file after file; give the folder back."""
    return _write(images, (images.subset(rows) for rows in parts), folder)


def write_many(images: Dataset, n: int, size: int, folder: Path) -> Path:
    """Write images until there are `n`, each time moved to another place and mixed anew.

    They are as many as `n`, but not as different: to measure time and memory by, not accuracy.
    """

    def moved(number: int) -> Dataset:
        print(f"  shard {number + 1} of {n // size}", file=sys.stderr)
        generator = np.random.default_rng(number)
        part = images.subset(generator.integers(len(images), size=size))
        pixels = np.array(part.images)
        for some in np.array_split(np.arange(size), MOVES):
            pixels[some] = np.roll(pixels[some], generator.integers(-3, 4, 2), axis=(1, 2))
        return Dataset(pixels, part.labels, part.ids, part.classes, part.name)

    return _write(images, map(moved, range(n // size)), folder)


def _write(like: Dataset, parts: Iterable[Dataset], folder: Path) -> Path:
    infos = []
    for number, part in enumerate(parts):
        path = folder / f"{number:05}.safetensors"
        save_dataset(part, path)
        infos.append(describe_shard(path, part))
    index = ShardIndex(like.name, tuple(like.classes), like.image_shape, tuple(infos))
    write_index(index, folder)
    return folder

"""Sharded Datasets for tests."""

from pathlib import Path

import numpy as np

from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.shards import ShardIndex, describe_shard, write_index


def write_shards(dataset: Dataset, folder: Path, size: int, *, mixed: bool = True) -> Path:
    """Write a Dataset in files of at most `size` images, mixed or in its own order."""
    n = len(dataset)
    order = np.random.default_rng(0).permutation(n) if mixed else np.arange(n)
    infos = []
    for number, start in enumerate(range(0, n, size)):
        part, path = (
            dataset.subset(order[start : start + size]),
            folder / f"{number:05}.safetensors",
        )
        save_dataset(part, path)
        infos.append(describe_shard(path, part))
    index = ShardIndex(
        dataset.name, tuple(dataset.classes), dataset.image_shape, tuple(infos), dataset.source
    )
    write_index(index, folder)
    return folder

"""What is in a sharded Dataset, read shard by shard."""

from pathlib import Path

import numpy as np

from glyphlab.data.dataset import Dataset
from glyphlab.data.opening import open_dataset
from glyphlab.data.shards import INDEX, ShardIndex, check_shard, read_index

Content = dict[str, tuple[str, bytes]]


def content(dataset: Dataset) -> Content:
    """Class and pixels of each image by its id."""
    pairs = zip(dataset.ids, dataset.labels.tolist(), np.asarray(dataset.images), strict=True)
    return {image_id: (dataset.classes[label], image.tobytes()) for image_id, label, image in pairs}


def shards(folder: Path) -> tuple[ShardIndex, list[Dataset]]:
    """The index, and all shards; each must be what the index says."""
    index = read_index(folder / INDEX)
    opened = [open_dataset(folder / info.file) for info in index.shards]
    for shard, info in zip(opened, index.shards, strict=True):
        check_shard(shard, info, index, info.file)
    assert {path.name for path in folder.iterdir()} == {INDEX, *(s.file for s in index.shards)}
    return index, opened


def joined(folder: Path) -> Content:
    """All images of all shards; none is in two."""
    together: Content = {}
    for shard in shards(folder)[1]:
        assert together.keys().isdisjoint(shard.ids)
        together |= content(shard)
    return together


def files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file in a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }

"""Several sharded Datasets as one, of which nothing is read before it is asked for."""

from collections.abc import Sequence
from typing import TypeGuard

import numpy as np

from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.sharded import ShardedDataset, Shards
from glyphlab.data.shards import ShardIndex


class JoinedShards(Shards):
    """The files of several sharded Datasets, end to end.

    Parameters
    ----------
    index : ShardIndex
        Of all their shards, each named with its folder.
    parts : sequence of ShardedDataset
        Their names are what ids begin with.
    """

    def __init__(self, index: ShardIndex, parts: Sequence[ShardedDataset]) -> None:
        where = " + ".join(part.shards.where for part in parts)
        super().__init__(index, self._open_from_part, where)
        self._parts = parts
        self._starts = np.cumsum([0, *(len(part.shards.index.shards) for part in parts)])

    def path(self, number: int) -> str:
        """What messages call a shard: its own folder and its name."""
        return self.index.shards[number].file

    def prefix(self, number: int) -> str:
        """The name of the Dataset that a shard comes from, with a slash."""
        part, own = self._find_part(number)
        return f"{part.name}/{part.shards.prefix(own)}"

    def _open_from_part(self, number: int) -> Dataset:
        part, own = self._find_part(number)
        # Of all parts together only the last few shards stay open, not the last few of each.
        return part.shards.read(own)

    def _find_part(self, number: int) -> tuple[ShardedDataset, int]:
        """The Dataset that a shard comes from, and its number there."""
        place = int(np.searchsorted(self._starts, number, side="right")) - 1
        return self._parts[place], number - int(self._starts[place])


def are_sharded(datasets: Sequence[Dataset]) -> TypeGuard[Sequence[ShardedDataset]]:
    """Whether all of these are sharded."""
    return all(isinstance(dataset, ShardedDataset) for dataset in datasets)


def joined(
    parts: Sequence[ShardedDataset], name: str, source: str, skipped: Sequence[Skipped]
) -> ShardedDataset:
    """Make one sharded Dataset of several with the same classes and image shape, end to end.

    Parameters
    ----------
    parts : sequence of ShardedDataset
        At least one.
    name, source, skipped
        As of a `Dataset`.
    """
    first = parts[0].shards.index
    index = ShardIndex(
        name=name,
        classes=first.classes,
        image_shape=first.image_shape,
        shards=tuple(
            info._replace(file=part.shards.path(number))
            for part in parts
            for number, info in enumerate(part.shards.index.shards)
        ),
        source=source,
        skipped=skipped,
    )
    return ShardedDataset(JoinedShards(index, tuple(parts)))

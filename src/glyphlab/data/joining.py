"""Several Datasets as one; of sharded ones nothing is read before it is asked for."""

from collections.abc import Sequence
from typing import TypeGuard

import numpy as np

from glyphlab.data.dataset import Dataset, Skipped, check_compatible
from glyphlab.data.ids import Ids
from glyphlab.data.sharded import ShardedDataset, Shards
from glyphlab.data.shards import ShardIndex
from glyphlab.errors import InputError


def concatenate(datasets: Sequence[Dataset]) -> Dataset:
    """Put Datasets of the same classes and image shape end to end.

    Ids are prefixed with the name of the Dataset that they come from. Sharded Datasets alone give
    a sharded one, of which nothing is read; all others are put together in memory.

    Raises
    ------
    InputError
        If there is none, or classes or image shapes differ.
    """
    if not datasets:
        raise InputError("There is no Dataset to concatenate; give at least one.")
    first, *others = datasets
    if not others:
        return first
    for other in others:
        check_compatible(first, other)
    name = "+".join(d.name for d in datasets)
    source = " + ".join(d.source for d in datasets)
    skipped = [Skipped(f"{d.name}/{s.path}", s.reason) for d in datasets for s in d.skipped]
    if _are_sharded(datasets):
        return _joined(datasets, name, source, skipped)
    return Dataset(
        images=np.concatenate([d.images for d in datasets]),
        labels=np.concatenate([d.labels for d in datasets]),
        ids=Ids.from_strings([f"{d.name}/{i}" for d in datasets for i in d.ids]),
        classes=first.classes,
        name=name,
        source=source,
        skipped=skipped,
    )


class _JoinedShards(Shards):
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


def _are_sharded(datasets: Sequence[Dataset]) -> TypeGuard[Sequence[ShardedDataset]]:
    """Whether all of these are sharded."""
    return all(isinstance(dataset, ShardedDataset) for dataset in datasets)


def _joined(
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
    return ShardedDataset(_JoinedShards(index, tuple(parts)))

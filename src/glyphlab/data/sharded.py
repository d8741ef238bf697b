"""A Dataset in many files, of which only those in use are open."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, overload

import numpy as np
from jaxtyping import Int64, UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import open_file
from glyphlab.data.ids import Ids
from glyphlab.data.shards import INDEX, ShardIndex, check_shard, read_index
from glyphlab.errors import InputError

OPEN_AT_ONCE = 2

Indices = Int64[np.ndarray, " k"]
OpenShard = Callable[[int], Dataset]


class ShardedImages(Sequence[UInt8[np.ndarray, "height width channels"]]):
    """Images in many files, read when they are asked for; as an array that can be indexed.

    `np.asarray` of it reads them all.

    Parameters
    ----------
    shards : Shards
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(self, shards: "Shards") -> None:
        self._shards = shards

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Images, height, width, channels."""
        return (len(self._shards), *self._shards.index.image_shape)

    @property
    def size(self) -> int:
        """How many pixels, over all channels."""
        return self.nbytes

    @property
    def nbytes(self) -> int:
        """Bytes of all pixels."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __len__(self) -> int:
        return len(self._shards)

    def __getitem__(self, key: Any) -> Any:
        first, *rest = key if isinstance(key, tuple) else (key,)
        if isinstance(first, int | np.integer):
            number, row = self._shards.find(int(first))
            return self._shards.open(number).images[row][tuple(rest)]
        index = np.arange(len(self))[first]
        return self._shards.images(index)[(slice(None), *rest)]

    def __iter__(self) -> Iterator[UInt8[np.ndarray, "height width channels"]]:
        for number in range(len(self._shards.index.shards)):
            yield from self._shards.open(number).images

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if copy is False:
            raise ValueError("Images in many files can't be one array without a copy.")
        return self._shards.images(np.arange(len(self))).astype(dtype or np.uint8, copy=False)

    def view(self) -> UInt8[np.ndarray, "n height width channels"]:
        """All of them in memory."""
        return np.asarray(self)


class ShardedIds(Sequence[str]):
    """Ids in many files, read when they are asked for."""

    def __init__(self, shards: "Shards") -> None:
        self._shards = shards

    def __len__(self) -> int:
        return len(self._shards)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return list(self.take(np.arange(len(self))[index]))
        number, row = self._shards.find(index)
        return self._shards.prefix(number) + self._shards.open(number).ids[row]

    def __iter__(self) -> Iterator[str]:
        for number in range(len(self._shards.index.shards)):
            prefix = self._shards.prefix(number)
            yield from (prefix + each for each in self._shards.open(number).ids)

    def take(self, indices: Indices) -> Ids:
        """The strings at `indices`, in that order."""
        found = [""] * len(indices)
        for number, places, rows in self._shards.by_shard(indices):
            ids, prefix = self._shards.open(number).ids, self._shards.prefix(number)
            for place, row in zip(places.tolist(), rows.tolist(), strict=True):
                found[place] = prefix + ids[row]
        return Ids.from_strings(found)


class Shards:
    """The files of a sharded Dataset, opened when they are needed; the last few stay open.

    Parameters
    ----------
    index : ShardIndex
    open_shard : callable
        Opens the Dataset file of a number.
    where : str
        The folder, for messages.
    """

    def __init__(self, index: ShardIndex, open_shard: OpenShard, where: str) -> None:
        self.index, self.where = index, where
        self.ends = np.cumsum([shard.n for shard in index.shards])
        self._open_shard = open_shard
        self._opened: OrderedDict[int, Dataset] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return int(self.ends[-1])

    def open(self, number: int) -> Dataset:
        """The shard of this number, memory-mapped; its ids are as they stand in its file.

        Raises
        ------
        InputError
            If it is missing, damaged, or not what the index says.
        """
        with self._lock:
            shard = self._opened.pop(number, None)
        if shard is None:
            shard = self.read(number)
        with self._lock:
            self._opened[number] = shard
            while len(self._opened) > OPEN_AT_ONCE:
                self._opened.popitem(last=False)
        return shard

    def read(self, number: int) -> Dataset:
        """The shard of this number, opened anew, and not kept open here.

        Raises
        ------
        InputError
            As `open`.
        """
        shard = self._open_shard(number)
        check_shard(shard, self.index.shards[number], self.index, self.path(number))
        return shard

    def path(self, number: int) -> str:
        """What messages call a shard: its folder and its name."""
        return f"{self.where}/{self.index.shards[number].file}"

    def prefix(self, number: int) -> str:
        """What ids of a shard begin with, before what stands in its file."""
        return ""

    def find(self, index: int) -> tuple[int, int]:
        """The number of an image's shard, and its place there."""
        place = range(len(self))[index]
        number = int(np.searchsorted(self.ends, place, side="right"))
        return number, place - self.start(number)

    def by_shard(self, indices: Indices) -> Iterator[tuple[int, Indices, Indices]]:
        """Each shard that holds some of these: its number, places in `indices`, rows in it."""
        numbers = np.searchsorted(self.ends, indices, side="right")
        order = np.lexsort((indices, numbers))
        cuts = np.flatnonzero(np.diff(numbers[order])) + 1
        for places in np.split(order, cuts) if len(order) else ():
            number = int(numbers[places[0]])
            yield number, places, indices[places] - self.start(number)

    def images(self, indices: Indices) -> UInt8[np.ndarray, "k height width channels"]:
        """The images at `indices`, in that order."""
        found = np.empty((len(indices), *self.index.image_shape), np.uint8)
        for number, places, rows in self.by_shard(indices):
            found[places] = self.open(number).images[rows]
        return found

    def start(self, number: int) -> int:
        """The place of the first image of a shard."""
        return int(self.ends[number]) - self.index.shards[number].n


class ShardedDataset(Dataset):
    """A Dataset in many files; what is asked of it is read then, and nothing else.

    It is used as any other: `images` can be indexed as an array. `labels` are read at the first
    use, 8 bytes for each image; a training reads neither `images` nor `labels` whole.

    Parameters
    ----------
    shards : Shards
    name : str, optional
        Instead of the index's.
    """

    shards: Shards

    def __init__(self, shards: Shards, name: str | None = None) -> None:
        index = shards.index
        values = {
            "shards": shards,
            "images": ShardedImages(shards),
            "ids": ShardedIds(shards),
            "classes": index.classes,
            "name": name or index.name,
            "source": index.source,
            "source_sha256": index.source_sha256,
            "skipped": tuple(index.skipped),
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)

    def __len__(self) -> int:
        return len(self.shards)

    @cached_property
    def labels(self) -> Int64[np.ndarray, " n"]:
        """Index into `classes` of each image; read at the first use."""
        numbers = range(len(self.shards.index.shards))
        labels = np.concatenate([self.shards.open(number).labels for number in numbers])
        labels.flags.writeable = False
        return labels

    @property
    def class_counts(self) -> Int64[np.ndarray, " classes"]:
        """How many images each class has, by the index."""
        counts = np.array([shard.class_counts for shard in self.shards.index.shards], np.int64)
        total: Int64[np.ndarray, " classes"] = counts.sum(axis=0)
        return total

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of class names and of what the index says of each file: of the content."""
        index = self.shards.index
        content = (len(self), index.image_shape, index.classes, [s.sha256 for s in index.shards])
        return sha256(repr(content).encode()).hexdigest()

    def check_unchanged(self) -> None:
        """Nothing: shards may lie in a store, and may be too many to read all of them once more."""

    def subset(self, indices: Indices, name: str | None = None) -> Dataset:
        """The images at `indices`, in that order, in memory."""
        indices = np.asarray(indices)
        labels = np.empty(len(indices), np.int64)
        for number, places, rows in self.shards.by_shard(indices):
            labels[places] = self.shards.open(number).labels[rows]
        return Dataset(
            images=self.shards.images(indices),
            labels=labels,
            ids=ShardedIds(self.shards).take(indices),
            classes=self.classes,
            name=name or self.name,
            source=self.source,
            source_sha256=self.source_sha256,
            skipped=self.skipped,
        )

    def renamed(self, name: str) -> "ShardedDataset":
        """The same Dataset under another name."""
        return ShardedDataset(self.shards, name)


def holds_shards(folder: Path) -> bool:
    """Whether a folder is a sharded Dataset."""
    return (folder / INDEX).is_file()


def open_shards(folder: Path) -> ShardedDataset:
    """Open a sharded Dataset; only its index is read.

    Raises
    ------
    InputError
        If the index is damaged, or a shard is not there or not as long as it should be.
    """
    index = read_index(folder / INDEX)
    for info in index.shards:
        path = folder / info.file
        size = path.stat().st_size if path.is_file() else None
        if size != info.size:
            found = "is missing" if size is None else f"has {size:,} bytes, not {info.size:,}"
            raise InputError(
                f"The shard {path} {found}; bring it back, or make the Dataset again with "
                "`glyphlab data add --shard-size`."
            )

    def open_shard(number: int) -> Dataset:
        return open_file(folder / index.shards[number].file)

    return ShardedDataset(Shards(index, open_shard, str(folder)))

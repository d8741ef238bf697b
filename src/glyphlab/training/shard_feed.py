"""Images of many files, of which a window at a time is in memory, mixed."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import prod

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from glyphlab.data.batches import as_floats, batch_bounds, epoch_order
from glyphlab.data.dataset import Dataset
from glyphlab.data.sharded import ShardedDataset
from glyphlab.data.splits import draw_images, held_out_counts
from glyphlab.models.normalisation import normalisation
from glyphlab.training.feed import VALIDATION_BATCH, Batch, Feed, Indices
from glyphlab.training.group import Group
from glyphlab.training.recipe import Recipe

SHARDS_LOOKED_AT = 8
"""From which mean and spread of the pixels are taken; all where there are no more."""
IMAGES_LOOKED_AT = 20_000
"""From which examples are chosen, and the training accuracy is taken."""


class ShardSplit:
    """Which images of each shard are held out: of each class its share over all shards, exactly.

    Parameters
    ----------
    dataset : ShardedDataset
    share : float
        0 for none.
    seed : int
        Another seed holds other images out.
    """

    def __init__(self, dataset: ShardedDataset, share: float, seed: int) -> None:
        counts = np.array([s.class_counts for s in dataset.shards.index.shards], np.int64)
        total = counts.sum(axis=0)
        wanted = held_out_counts(total, share) if share else np.zeros_like(total)
        # What is held out of the shards up to each, rounded, so that all add up to what is wanted.
        up_to = counts.cumsum(axis=0) * wanted / np.maximum(total, 1)
        steps = np.diff(np.rint(up_to), axis=0, prepend=0).astype(np.int64)
        self.held_out: Int64[np.ndarray, "shards classes"] = steps
        self.trained: Int64[np.ndarray, "shards classes"] = counts - self.held_out
        self.dataset, self.seed = dataset, seed
        self._drawn: dict[int, UInt8[np.ndarray, " bytes"]] = {}

    def rows(self, number: int, *, held_out: bool) -> tuple[Dataset, Indices]:
        """The shard of this number, and its rows that are held out, or those that are not."""
        shard = self.dataset.shards.open(number)
        if number not in self._drawn:
            generator = np.random.default_rng([self.seed, number])
            drawn = draw_images(np.asarray(shard.labels), self.held_out[number], generator)
            self._drawn[number] = np.packbits(drawn)  # One bit an image, for it takes long.
        is_held_out = np.unpackbits(self._drawn[number], count=len(shard))
        return shard, np.flatnonzero(is_held_out == held_out)


@dataclass(frozen=True)
class Window:
    """Shards whose images are mixed.

    Attributes
    ----------
    number : int
        In its epoch.
    shards : sequence of int
    start, end : int
        Places of its images in the order of the epoch.
    """

    number: int
    shards: Sequence[int]
    start: int
    end: int


class _Loaded:
    """The images of a window that are this process's, to be taken in a random order.

    Parameters
    ----------
    images : uint8 [k, height, width, channels]
    labels : int64 [k]
    order : int64 [k]
        The places of the images, in the order in which they are taken.
    """

    def __init__(
        self,
        images: UInt8[np.ndarray, "k height width channels"],
        labels: Int64[np.ndarray, " k"],
        order: Int64[np.ndarray, " k"],
    ) -> None:
        self.images, self.labels, self.order = map(torch.from_numpy, (images, labels, order))
        self.taken = 0

    @classmethod
    def nothing(cls, dataset: Dataset) -> "_Loaded":
        """No images of the shape of these."""
        none = np.empty(0, np.int64)
        return cls(np.empty((0, *dataset.image_shape), np.uint8), none, none)

    def take(
        self, most: int
    ) -> tuple[UInt8[Tensor, "n height width channels"], Int64[Tensor, " n"]]:
        """A copy of the next images, up to so many: what they lie in is used again."""
        chosen = self.order[self.taken : self.taken + most]
        self.taken += len(chosen)
        return self.images.index_select(0, chosen), self.labels[chosen]


class ShardFeed(Feed):
    """Images of a sharded Dataset.

    In each epoch the shards come in random order. The images of as many as fill half of
    `recipe.window` megabytes are mixed and trained on, while the next are read into the other half:
    that is all the memory it takes, however many images there are. Of several processes each reads
    and holds its own images only.

    Parameters
    ----------
    dataset : ShardedDataset
    recipe : Recipe
    device : torch.device
        Where batches are made.
    """

    def __init__(self, dataset: ShardedDataset, recipe: Recipe, device: torch.device) -> None:
        self.dataset, self.recipe, self.device = dataset, recipe, device
        self.split = ShardSplit(dataset, recipe.validation, recipe.seed)
        self.sizes: list[int] = self.split.trained.sum(axis=1).tolist()
        self.train_counts = self.split.trained.sum(axis=0)
        self.n_train, self.n_validation = sum(self.sizes), int(self.split.held_out.sum())
        mean, std = self._moments()
        self.mean = torch.tensor(mean, device=device).view(1, -1, 1, 1)
        self.std = torch.tensor(std, device=device).view(1, -1, 1, 1)
        self._buffers: list[UInt8[np.ndarray, "k height width channels"]] = []

    def windows(self, epoch: int) -> list[Window]:
        """The windows of an epoch, in order: a pure function of seed and epoch."""
        shards = epoch_order(len(self.sizes), self.recipe.seed, epoch).tolist()
        at_once = self.shards_at_once
        groups = [shards[i : i + at_once] for i in range(0, len(shards), at_once)]
        ends = accumulate((sum(self.sizes[s] for s in group) for group in groups), initial=0)
        return [
            Window(number, group, start, end)
            for number, (group, (start, end)) in enumerate(zip(groups, pairwise(ends), strict=True))
        ]

    @property
    def shards_at_once(self) -> int:
        """How many shards half of the window holds; one at least."""
        largest = max(shard.n for shard in self.dataset.shards.index.shards)
        half = self.recipe.window * 2**20 // 2
        return max(1, half // (largest * prod(self.dataset.image_shape)))

    def batches(
        self, epoch: int, bounds: Sequence[tuple[int, int]], group: Group
    ) -> Iterator[Batch]:
        """Batches of an epoch, window after window."""
        own = [(start, *group.part(end - start)) for start, end in bounds]
        starts, ends = (np.array([start + each[i] for start, *each in own]) for i in (0, 1))
        windows = [
            window
            for window in self.windows(epoch)
            if bounds and window.start < bounds[-1][1] and window.end > bounds[0][0]
        ]
        rest = _Loaded.nothing(self.dataset)
        loaded = self._loaded(epoch, windows, starts, ends)
        for (start, end), (_, first, last) in zip(bounds, own, strict=True):
            images, labels = rest.take(last - first)
            while (missing := last - first - len(labels)) > 0:
                rest = next(loaded)
                more_images, more_labels = rest.take(missing)
                images = torch.cat([images, more_images])
                labels = torch.cat([labels, more_labels])
            yield self._batch(images, labels, first, end - start)

    def validation(self, group: Group) -> Iterator[Batch]:
        """The part of what is held out of each shard that is this process's, in batches."""
        for number in range(len(self.sizes)):
            shard, rows = self.split.rows(number, held_out=True)
            first, last = group.part(len(rows))
            own = rows[first:last]
            for start, end in batch_bounds(len(own), VALIDATION_BATCH):
                chosen = own[start:end]
                images, labels = _tensors(shard, chosen)
                yield self._batch(images, labels, start, len(own))

    def sample(self, n: int) -> Float[Tensor, "n channels height width"]:
        """The first images of the first shard that are trained on, normalised."""
        shard, rows = self.split.rows(0, held_out=False)
        images, labels = _tensors(shard, rows[:n])
        return self.normalise(self._batch(images, labels, 0, n).images)

    def trained_on(self) -> tuple[Dataset, Indices]:
        """Some images of a few shards that are trained on, in memory."""
        generator, looked_at = np.random.default_rng(self.recipe.seed), self._shards_looked_at()
        some = []
        for number in looked_at:
            _, rows = self.split.rows(number, held_out=False)
            most = -(-IMAGES_LOOKED_AT // len(looked_at))
            chosen = np.sort(generator.permutation(rows)[:most])
            some.append(chosen + self.dataset.shards.start(number))
        images = self.dataset.subset(np.concatenate(some))
        return images, np.arange(len(images))

    def held_out(self) -> Iterator[tuple[Dataset, Indices]]:
        """Each shard, and the places of those that are held out."""
        for number in range(len(self.sizes)):
            if self.split.held_out[number].any():
                yield self.split.rows(number, held_out=True)

    def _shards_looked_at(self) -> list[int]:
        spread = np.linspace(0, len(self.sizes) - 1, SHARDS_LOOKED_AT)
        return sorted({round(place) for place in spread.tolist()})

    def _moments(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and spread of the training images of some shards."""
        found = []
        for number in self._shards_looked_at():
            shard, rows = self.split.rows(number, held_out=False)
            found.append((len(rows), *normalisation(shard.images, rows)))
        counts = np.array([n for n, _, _ in found], np.float64)[:, None]
        means, stds = (np.array([entry[i] for entry in found]) for i in (1, 2))
        mean = (counts * means).sum(axis=0) / counts.sum()
        square = (counts * (stds**2 + means**2)).sum(axis=0) / counts.sum()
        return tuple(mean.tolist()), tuple(np.sqrt(square - mean**2).tolist())

    def _loaded(
        self,
        epoch: int,
        windows: Sequence[Window],
        starts: Int64[np.ndarray, " batches"],
        ends: Int64[np.ndarray, " batches"],
    ) -> Iterator[_Loaded]:
        """Each window's images of this process, the next read while one is in use."""
        with ThreadPoolExecutor(1, "window") as pool:
            waiting: Future[_Loaded] | None = None
            for window in windows:
                coming = pool.submit(self._load, epoch, window, starts, ends)
                if waiting is not None:
                    yield waiting.result()
                waiting = coming
            if waiting is not None:
                yield waiting.result()

    def _load(
        self,
        epoch: int,
        window: Window,
        starts: Int64[np.ndarray, " batches"],
        ends: Int64[np.ndarray, " batches"],
    ) -> _Loaded:
        """Read this process's images of a window, file after file as they lie there."""
        n = window.end - window.start
        mixed = np.random.default_rng([self.recipe.seed, epoch, window.number]).permutation(n)
        own = mixed[_within(starts, ends, window)]
        is_own = np.zeros(n, np.bool_)
        is_own[own] = True
        order = (np.cumsum(is_own) - 1)[own]
        images = self._buffer(window.number, len(own))
        labels = np.empty(len(own), np.int64)
        whole, read = 0, 0
        for number in window.shards:
            shard, rows = self.split.rows(number, held_out=False)
            chosen = rows[is_own[whole : whole + len(rows)]]
            places = slice(read, read + len(chosen))
            np.take(shard.images, chosen, axis=0, out=images[places], mode="clip")
            labels[places] = shard.labels[chosen]
            whole, read = whole + len(rows), places.stop
        return _Loaded(images, labels, order)

    def _buffer(self, number: int, n: int) -> UInt8[np.ndarray, "n height width channels"]:
        """Memory for a window: one in use, one to read into, by turns."""
        while len(self._buffers) < 2:
            self._buffers.append(np.empty((0, *self.dataset.image_shape), np.uint8))
        place = number % 2
        if len(self._buffers[place]) < n:
            self._buffers[place] = np.empty((n, *self.dataset.image_shape), np.uint8)
        return self._buffers[place][:n]

    def _batch(
        self,
        images: UInt8[Tensor, "n height width channels"],
        labels: Int64[Tensor, " n"],
        first: int,
        whole: int,
    ) -> Batch:
        return Batch(as_floats(images.to(self.device)), labels.to(self.device), first, whole)


def _tensors(
    shard: Dataset, rows: Indices
) -> tuple[UInt8[Tensor, "n height width channels"], Int64[Tensor, " n"]]:
    return torch.from_numpy(shard.images[rows]), torch.from_numpy(np.array(shard.labels[rows]))


def _within(
    starts: Int64[np.ndarray, " batches"], ends: Int64[np.ndarray, " batches"], window: Window
) -> Int64[np.ndarray, " k"]:
    """Places in a window that lie between starts and ends, which rise."""
    low = np.clip(starts, window.start, window.end) - window.start
    lengths = np.clip(ends, window.start, window.end) - window.start - low
    offsets = np.cumsum(lengths) - lengths
    places: Int64[np.ndarray, " k"] = np.arange(lengths.sum()) + np.repeat(low - offsets, lengths)
    return places

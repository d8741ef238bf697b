"""Copies of images: exact and near, inside a Dataset and between two."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, UInt8

from glyphlab.auditing.duplicates import Digests, digests, first_alike, first_among, outvoted
from glyphlab.auditing.findings import Copy
from glyphlab.auditing.near_duplicates import Match, near_duplicates, near_duplicates_between
from glyphlab.data.dataset import Dataset
from glyphlab.progress import Bar, no_bar


@dataclass(frozen=True, eq=False)
class Pixels:
    """A Dataset with the digest of each image, and the first image that has the same.

    Attributes
    ----------
    dataset : Dataset
    keys : bytes [n]
    first : int64 [n]
    """

    dataset: Dataset
    keys: Digests
    first: Int64[np.ndarray, " n"]

    @classmethod
    def of(cls, dataset: Dataset, bar: Bar = no_bar) -> "Pixels":
        """Compute the digests."""
        with bar(f"Comparing the pixels of {dataset.name}", "images") as progress:
            keys = digests(dataset.images, progress)
        return cls(dataset, keys, first_alike(keys))

    @property
    def distinct(self) -> Int64[np.ndarray, " k"]:
        """Indices of the images that repeat no earlier one."""
        return np.flatnonzero(self.first == np.arange(len(self.first)))


def duplicates(pixels: Pixels) -> list[Copy]:
    """Images with the pixels of an earlier one, which is named."""
    repeated = np.flatnonzero(pixels.first != np.arange(len(pixels.first)))
    found = ((int(i), int(pixels.first[i]), 0.0) for i in repeated)
    return _copies(pixels.dataset, pixels.dataset, found)


def label_conflicts(pixels: Pixels) -> list[Copy]:
    """Images outvoted by others with the same pixels and another label."""
    found = outvoted(pixels.first, pixels.dataset.labels)
    return _copies(pixels.dataset, pixels.dataset, ((i, of, 0.0) for i, of in found))


def near_copies(pixels: Pixels, bar: Bar = no_bar) -> list[Copy]:
    """Images that are an earlier one but for a small change; of equal ones the first only."""
    distinct, dataset = pixels.distinct, pixels.dataset
    with bar(f"Searching {dataset.name} for near copies", "images") as progress:
        found = near_duplicates(_chosen(dataset, distinct), progress=progress)
    return _copies(dataset, dataset, _placed(found, distinct, distinct))


def leaks_between(train: Pixels, test: Pixels, bar: Bar = no_bar) -> tuple[list[Copy], list[Copy]]:
    """Test images that repeat a training image, and the training images that repeat one of these.

    The second search is among the leaked images alone. A training image is near to no other, but
    for pairs at the very threshold, whose distance may differ with the direction.
    """
    leaks = _copies_between(test, train, train.distinct, bar)
    if not leaks:
        return [], []
    leaked = np.unique(test.first[[leak.index for leak in leaks]])
    return leaks, _copies_between(train, test, leaked, bar)


def families(n: int, copies: Iterable[Copy]) -> Int64[np.ndarray, " n"]:
    """Number the images so that copies of each other, also by way of others, have one number."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = np.array([(copy.index, copy.of) for copy in copies], np.int64).reshape(-1, 2)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, numbers = connected_components(links, directed=False)
    return np.asarray(numbers, np.int64)


def _copies_between(
    images: Pixels, others: Pixels, among: Int64[np.ndarray, " m"], bar: Bar
) -> list[Copy]:
    """Images that repeat one of another Dataset, exactly, or nearly one of those at `among`."""
    source = first_among(images.keys, others.keys)
    exact = [(int(i), int(source[i]), 0.0) for i in np.flatnonzero(source >= 0)]
    asked = images.distinct[source[images.distinct] < 0]
    description = f"Searching {others.dataset.name} for copies of {images.dataset.name}"
    with bar(description, "images") as progress:
        found = near_duplicates_between(
            _chosen(images.dataset, asked),
            _chosen(others.dataset, among),
            progress=progress,
        )
    near = {i: (of, distance) for i, of, distance in _placed(found, asked, among)}
    alike = ((i, *near[f]) for i, f in enumerate(images.first.tolist()) if f in near)
    ordered = sorted(alike, key=lambda found: found[2])
    return _copies(images.dataset, others.dataset, [*exact, *ordered])


def _chosen(
    dataset: Dataset, indices: Int64[np.ndarray, " k"]
) -> UInt8[np.ndarray, "k height width channels"]:
    """Some of the images; all of them without a copy."""
    return dataset.images if len(indices) == len(dataset) else dataset.images[indices]


def _placed(
    found: Iterable[Match], places: Int64[np.ndarray, " k"], other_places: Int64[np.ndarray, " m"]
) -> list[tuple[int, int, float]]:
    return [(int(places[m.index]), int(other_places[m.of]), m.distance) for m in found]


def _copies(
    dataset: Dataset, others: Dataset, found: Iterable[tuple[int, int, float]]
) -> list[Copy]:
    return [
        Copy(
            index=index,
            id=dataset.ids[index],
            label=dataset.classes[dataset.labels[index]],
            of=of,
            of_id=others.ids[of],
            of_label=others.classes[others.labels[of]],
            distance=round(distance, 4),
        )
        for index, of, distance in found
    ]

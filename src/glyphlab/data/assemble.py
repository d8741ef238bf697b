"""Decoded images and their paths become Datasets, sorted by path."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import eq
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from glyphlab.data.collect import Collected, Others
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.ids import Ids
from glyphlab.data.layout import Layout, find_layout, folder_of
from glyphlab.errors import InputError

_MOST_UNREADABLE = 0.05
OUTSIDE = "outside the class folders"
REPLACED = "replaced by a later file of the same path"


class TrainTest(NamedTuple):
    """The two parts of a source that holds both; they have the same classes."""

    train: Dataset
    test: Dataset


class _Chosen(NamedTuple):
    """The images of one part: their places in `Collected`, and their labels."""

    places: Int64[np.ndarray, " n"]
    labels: Int64[np.ndarray, " n"]


class Folders(NamedTuple):
    """The folder of each image: their names, and the number of one of them for each image."""

    names: list[str]
    numbers: Int64[np.ndarray, " n"]

    @classmethod
    def of(cls, paths: Sequence[str]) -> "Folders":
        """Find the folders of image files."""
        found: dict[str, int] = {}
        each = (found.setdefault(folder_of(path), len(found)) for path in paths)
        numbers = np.fromiter(each, np.int64, len(paths))
        return cls(list(found), numbers)

    def counts(self) -> "Counter[str]":
        """How many images each folder holds."""
        return Counter(dict(zip(self.names, np.bincount(self.numbers).tolist(), strict=True)))

    def labels(self, label_of: Mapping[str, int]) -> Int64[np.ndarray, " n"]:
        """The label of each image by its folder's; -1 where that has none."""
        labels = np.array([label_of.get(name, -1) for name in self.names], np.int64)
        return labels.take(self.numbers)


def assemble(found: Collected, path: Path, *, allow_unreadable: bool) -> Dataset | TrainTest:
    """Make Datasets of what was found in a source.

    Parameters
    ----------
    found : Collected
        Decoded images, and what was left out; its pixels are used up.
    path : Path
        The source.
    allow_unreadable : bool
        Go on if over 5 % of the files named as images are unreadable.

    Raises
    ------
    InputError
        If too many files are unreadable, or as `find_layout`.
    """
    folders = Folders.of(found.paths)
    layout = layout_of(folders.counts(), found, path, allow_unreadable=allow_unreadable)
    skipped = [*found.unreadable, *found.others]
    chosen = _choose(found.paths, folders, layout, skipped)
    datasets = _datasets(found, chosen, layout, sorted(skipped), path)
    return TrainTest(*datasets) if len(datasets) > 1 else datasets[0]


def layout_of(
    readable: "Counter[str]", others: Others, path: Path, *, allow_unreadable: bool
) -> Layout:
    """Find the class folders of a source, if enough of it can be read.

    Parameters
    ----------
    readable : Counter of str
        How many images each folder holds.
    others : Others
        What else is there.
    path : Path
        The source.
    allow_unreadable : bool
        Go on if over 5 % of the files named as images are unreadable.

    Raises
    ------
    InputError
        If there are no images, too many files are unreadable, or as `find_layout`.
    """
    if not readable and not others.unreadable:
        raise InputError(f"{path} holds no images; give one with a folder of images per class.")
    read, allowed = readable.total(), allow_unreadable
    check_unreadable(read, others.unreadable, path, allowed, "--allow-unreadable")
    return find_layout(
        str(path),
        readable,
        Counter(folder_of(entry.path) for entry in others.unreadable),
        others.folders,
        [entry.path for entry in others.others],
    )


def check_unreadable(
    read: int, unreadable: Sequence[Skipped], source: str | Path, allowed: bool, option: str
) -> None:
    """Refuse a source of which over 5 % can't be read.

    Parameters
    ----------
    read : int
        How many images could be.
    allowed : bool
        Read on nevertheless.
    option : str
        How the user allows it.

    Raises
    ------
    InputError
        With the first of them.
    """
    total = read + len(unreadable)
    if len(unreadable) > _MOST_UNREADABLE * total and read and not allowed:
        first = min(unreadable)
        raise InputError(
            f"{source}: {len(unreadable):,} of {total:,} image files are unreadable, such as "
            f"{first.path!r} ({first.reason}); mend them, or read on with {option}."
        )


def _choose(
    paths: Sequence[str], folders: Folders, layout: Layout, skipped: list[Skipped]
) -> dict[str, _Chosen]:
    """Sort the images into parts, by path; what belongs to none is added to `skipped`."""
    order = np.array(sorted(range(len(paths)), key=paths.__getitem__), np.int64)
    labels = {part: folders.labels(of)[order] for part, of in layout.parts.items()}
    outside = np.all([part < 0 for part in labels.values()], axis=0)
    ordered = [paths[place] for place in order.tolist()]
    replaced = np.fromiter(map(eq, ordered, [*ordered[1:], None]), bool, len(order)) & ~outside
    for reason, which in ((OUTSIDE, outside), (REPLACED, replaced)):
        skipped.extend(Skipped(ordered[i], reason) for i in np.flatnonzero(which))
    own = {part: (part_labels >= 0) & ~replaced for part, part_labels in labels.items()}
    return {part: _Chosen(order[own[part]], labels[part][own[part]]) for part in own}


def _datasets(
    found: Collected,
    chosen: dict[str, _Chosen],
    layout: Layout,
    skipped: Sequence[Skipped],
    path: Path,
) -> list[Dataset]:
    places = np.concatenate([part.places for part in chosen.values()])
    with ThreadPoolExecutor(1, "sort") as pool:
        sorting = pool.submit(found.images.taken, places)
        ids = [
            Ids.from_strings([found.paths[i] for i in part.places.tolist()])
            for part in chosen.values()
        ]
    images = sorting.result()
    datasets, start = [], 0
    for (part, (_, labels)), part_ids in zip(chosen.items(), ids, strict=True):
        end = start + len(labels)
        datasets.append(
            Dataset(
                images=images[start:end],
                labels=labels,
                ids=part_ids,
                classes=layout.classes,
                source=str(path),
                skipped=[entry for entry in skipped if part_of(entry, layout) == part],
            )
        )
        start = end
    return datasets


def part_of(entry: Skipped, layout: Layout) -> str:
    """The part that lists a file left out: whose class folders are beside it, or the first."""
    for part, folders in layout.parts.items():
        parent = folder_of(next(iter(folders)))
        if not parent or entry.path.startswith(f"{parent}/"):
            return part
    return next(iter(layout.parts))

"""Decoded images and their paths become Datasets, sorted by path."""

from collections import Counter
from collections.abc import Sequence
from operator import eq
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from glyphlab.data.collect import Collected
from glyphlab.data.dataset import Dataset, Ids, Skipped
from glyphlab.data.layout import Layout, find_layout, folder_of
from glyphlab.errors import InputError

_MOST_UNREADABLE = 0.05
_OUTSIDE = "outside the class folders"
_REPLACED = "replaced by a later file of the same path"


class TrainTest(NamedTuple):
    """The two parts of a source that holds both; they have the same classes."""

    train: Dataset
    test: Dataset


class _Chosen(NamedTuple):
    """The images of one part: their places in `Collected`, and their labels."""

    places: Int64[np.ndarray, " n"]
    labels: Int64[np.ndarray, " n"]


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
    _check_unreadable(found, path, allow_unreadable)
    folders = [folder_of(image) for image in found.paths]
    layout = find_layout(
        str(path),
        Counter(folders),
        Counter(folder_of(entry.path) for entry in found.unreadable),
        found.folders,
        [entry.path for entry in found.others],
    )
    skipped = [*found.unreadable, *found.others]
    chosen = _choose(found.paths, folders, layout, skipped)
    datasets = _datasets(found, chosen, layout, sorted(skipped), path)
    return TrainTest(*datasets) if len(datasets) > 1 else datasets[0]


def _check_unreadable(found: Collected, path: Path, allow_unreadable: bool) -> None:
    total = len(found.paths) + len(found.unreadable)
    if not total:
        raise InputError(f"{path} holds no images; give one with a folder of images per class.")
    if len(found.unreadable) > _MOST_UNREADABLE * total and found.paths and not allow_unreadable:
        first = min(found.unreadable)
        raise InputError(
            f"{path}: {len(found.unreadable):,} of {total:,} image files are unreadable, such as "
            f"{first.path!r} ({first.reason}); mend them, or read on with --allow-unreadable."
        )


def _choose(
    paths: Sequence[str], folders: Sequence[str], layout: Layout, skipped: list[Skipped]
) -> dict[str, _Chosen]:
    """Sort the images into parts, by path; what belongs to none is added to `skipped`."""
    order = sorted(range(len(paths)), key=paths.__getitem__)
    ordered = [paths[place] for place in order]
    inside = {folder for labels in layout.parts.values() for folder in labels}
    outside = np.fromiter((folders[place] not in inside for place in order), bool, len(order))
    replaced = np.fromiter(map(eq, ordered, [*ordered[1:], None]), bool, len(order)) & ~outside
    for reason, which in ((_OUTSIDE, outside), (_REPLACED, replaced)):
        skipped.extend(Skipped(ordered[i], reason) for i in np.flatnonzero(which))
    kept = ~(outside | replaced)
    chosen = {}
    for part, label_of in layout.parts.items():
        own = (label_of.get(folders[place], -1) for place in order)
        labels = np.where(kept, np.fromiter(own, np.int64, len(order)), -1)
        chosen[part] = _Chosen(np.array(order)[labels >= 0], labels[labels >= 0])
    return chosen


def _datasets(
    found: Collected,
    chosen: dict[str, _Chosen],
    layout: Layout,
    skipped: Sequence[Skipped],
    path: Path,
) -> list[Dataset]:
    places = np.concatenate([part.places for part in chosen.values()])
    images = found.blocks.gather(np.array(found.rows, np.int64)[places])
    datasets, start = [], 0
    for part, (part_places, labels) in chosen.items():
        end = start + len(labels)
        datasets.append(
            Dataset(
                images=images[start:end],
                labels=labels,
                ids=Ids.from_strings([found.paths[place] for place in part_places.tolist()]),
                classes=layout.classes,
                source=str(path),
                skipped=[entry for entry in skipped if _part_of(entry, layout) == part],
            )
        )
        start = end
    return datasets


def _part_of(entry: Skipped, layout: Layout) -> str:
    """The part whose class folders are beside the file, or the first."""
    for part, folders in layout.parts.items():
        parent = folder_of(next(iter(folders)))
        if not parent or entry.path.startswith(f"{parent}/"):
            return part
    return next(iter(layout.parts))

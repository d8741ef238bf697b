"""Decoded images and their paths become Datasets, sorted by path."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from glyphlab.data.collect import Collected
from glyphlab.data.dataset import Dataset, Ids, Skipped
from glyphlab.data.layout import Layout, find_layout, folder_of
from glyphlab.errors import InputError

_MOST_UNREADABLE = 0.05


class TrainTest(NamedTuple):
    """The two parts of a source that holds both; they have the same classes."""

    train: Dataset
    test: Dataset


class _Chosen(NamedTuple):
    """The images of one part: their places in `Collected`, and their labels."""

    places: list[int]
    labels: list[int]


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


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
    chosen = {part: _Chosen([], []) for part in layout.parts}
    place_of = {
        folder: (chosen[part], label)
        for part, labels in layout.parts.items()
        for folder, label in labels.items()
    }
    order = sorted(range(len(paths)), key=paths.__getitem__)
    for place, following in zip(order, [*order[1:], -1], strict=True):
        target = place_of.get(folders[place])
        if target is None:
            skipped.append(Skipped(paths[place], "outside the class folders"))
        elif following >= 0 and paths[following] == paths[place]:
            skipped.append(Skipped(paths[place], "replaced by a later file of the same path"))
        else:
            target[0].places.append(place)
            target[0].labels.append(target[1])
    return chosen


def _datasets(
    found: Collected,
    chosen: dict[str, _Chosen],
    layout: Layout,
    skipped: Sequence[Skipped],
    path: Path,
) -> list[Dataset]:
    sha256 = digest(path) if path.is_file() else None
    all_rows = np.array(found.rows, np.int64)
    places = _joined([part.places for part in chosen.values()])
    images = found.blocks.gather(all_rows[places])
    datasets, start = [], 0
    for part, (part_places, labels) in chosen.items():
        end = start + len(part_places)
        datasets.append(
            Dataset(
                images=images[start:end],
                labels=np.array(labels, np.int64),
                ids=Ids.from_strings([found.paths[place] for place in part_places]),
                classes=layout.classes,
                source=str(path),
                source_sha256=sha256,
                skipped=[entry for entry in skipped if _part_of(entry, layout) == part],
            )
        )
        start = end
    return datasets


def _joined(parts: Sequence[Sequence[int]]) -> Int64[np.ndarray, " n"]:
    return np.concatenate([np.array(part, np.int64) for part in parts])


def _part_of(entry: Skipped, layout: Layout) -> str:
    """The part whose class folders are beside the file, or the first."""
    for part, folders in layout.parts.items():
        parent = folder_of(next(iter(folders)))
        if not parent or entry.path.startswith(f"{parent}/"):
            return part
    return next(iter(layout.parts))

"""What was read of another tool's dataset, on its way to a Dataset."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.labelled import Labelled, to_datasets
from glyphlab.data.wish import Wish
from glyphlab.errors import InputError

_HIGHEST = 2**63 - 1

Labels = Sequence[int] | Sequence[str]


class Part(NamedTuple):
    """Images of one source, or of its training or test part.

    Parameters
    ----------
    images : uint8 [n, height, width] or [n, height, width, 1 or 3]
        Of any size.
    labels : sequence of n int, or of n str
        As the source gives them.
    ids : sequence of n str
        Where in the source each image came from.
    skipped : sequence of Skipped
        What could not be read.
    """

    images: UInt8[np.ndarray, "n height width *channels"]
    labels: Labels
    ids: Sequence[str]
    skipped: Sequence[Skipped] = ()


def as_datasets(
    parts: Sequence[Part], source: str, wish: Wish, classes: Sequence[str] | None
) -> Dataset | TrainTest:
    """Make Datasets with one list of classes of one part, or of training and test.

    Parameters
    ----------
    classes : sequence of str, optional
        Names, if labels are indices into them; else labels that are strings are the names, and
        of others each that occurs is a class, called as it is written.

    Raises
    ------
    InputError
        If there are no images, or fewer than two classes.
    """
    if classes is None and all(part.labels and _is_text(part.labels) for part in parts):
        classes = sorted({str(label) for part in parts for label in part.labels})
    if classes is not None:
        parts = [_numbered(part, classes) for part in parts]
    labelled = [Labelled(_own(part.images), np.asarray(part.labels), source) for part in parts]
    datasets = [
        replace(dataset, ids=part.ids, skipped=part.skipped, name=source)
        for dataset, part in zip(
            to_datasets(labelled, source, wish.size, wish.mode, classes), parts, strict=True
        )
    ]
    return datasets[0] if len(datasets) == 1 else TrainTest(*datasets)


def checked_labels(labels: Sequence[Any], ids: Sequence[str], source: str) -> Labels:
    """Give labels as plain whole numbers of 0 or more, or all of them as strings.

    Raises
    ------
    InputError
        Naming the first image whose label is missing or something else.
    """
    plain = [_plain(label) for label in labels]
    for label, image_id in zip(plain, ids, strict=True):
        if (problem := _problem(label)) is not None:
            raise InputError(
                f"{source}: the label of {image_id} {problem}; give each image a whole number from "
                "0 or a string."
            )
    if len({type(label) for label in plain}) > 1:
        raise InputError(f"{source} has numbers and strings as labels; give one kind.")
    return plain


def numbered_ids(where: str, count: int) -> list[str]:
    """Ids of images that have nothing but their place."""
    width = max(5, len(str(count - 1)))
    return [f"{where}/{i:0{width}d}" for i in range(count)]


def _plain(label: Any) -> Any:
    """The label as Python's own, where it is a number of NumPy or PyTorch."""
    with suppress(AttributeError, ValueError, RuntimeError):
        label = label.item()
        label = int(label) if isinstance(label, bool) else label
    return int(label) if isinstance(label, float) and label.is_integer() else label


def _problem(label: Any) -> str | None:
    if isinstance(label, str):
        return None
    if label is None or (isinstance(label, float) and math.isnan(label)):
        return "is missing"
    if not isinstance(label, int):
        return f"is {label!r}"[:80]
    if label < 0:
        return f"is {label}, which stands for none"
    if label > _HIGHEST:
        return f"is {label}"[:80]
    return None


def _is_text(labels: Labels) -> bool:
    return isinstance(labels[0], str)


def _numbered(part: Part, classes: Sequence[str]) -> Part:
    if not part.labels or not _is_text(part.labels):
        return part
    number = {name: i for i, name in enumerate(classes)}
    return part._replace(labels=[number[str(label)] for label in part.labels])


def _own(images: UInt8[np.ndarray, "n h w *c"]) -> UInt8[np.ndarray, "n h w *c"]:
    """The images as an array that nobody else writes to: a Dataset is immutable."""
    return np.array(images) if images.flags.writeable else np.ascontiguousarray(images)

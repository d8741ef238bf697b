"""Arrays of images and of labels, from IDX or npz, on their way to a Dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.data.ids import Ids
from glyphlab.data.resize import channels_of, check_bytes, fit_all
from glyphlab.errors import InputError


class Labelled(NamedTuple):
    """Images and labels as a file gives them.

    Parameters
    ----------
    images : uint8 [n, height, width] or [n, height, width, 1 or 3]
        Of any size.
    labels : integers or strings [n]
        Of any range.
    where : str
        What ids and errors call them.
    """

    images: UInt8[np.ndarray, "n height width *channels"]
    labels: np.ndarray[Any, Any]
    where: str


def to_datasets(
    parts: Sequence[Labelled], source: str, size: int, mode: str, classes: Sequence[str] | None
) -> list[Dataset]:
    """Make Datasets with one list of classes from the parts of one source.

    Parameters
    ----------
    parts : sequence of Labelled
        One, or training and test.
    source : str
        Where they came from.
    size : int
        Side of the images in pixels.
    mode : str
        `grey` or `rgb`.
    classes : sequence of str, optional
        Class names, if labels are indices into them; else each label that occurs in any part
        is a class, called as it is written, in ascending order.

    Raises
    ------
    InputError
        If images and labels differ in number, there is none, fewer than two classes, or more
        pixels than are held at once.
    """
    for part in parts:
        _check_lengths(part, source)
    if classes is None:
        values = np.unique(np.concatenate([part.labels for part in parts]))
        classes = [str(value) for value in values]
        numbers = [np.searchsorted(values, part.labels).astype(np.int64) for part in parts]
    else:
        numbers = [_indices(part, source) for part in parts]
    if len(classes) < 2:
        raise InputError(f"{source} holds one class only; a classifier needs two or more.")
    check_bytes(sum(len(part.images) for part in parts), size * size * channels_of(mode))
    return [
        Dataset(
            images=fit_all(part.images, size, mode),
            labels=labels,
            ids=_numbered(part.where, len(labels)),
            classes=classes,
            source=source,
        )
        for part, labels in zip(parts, numbers, strict=True)
    ]


def checked_images(
    images: np.ndarray[Any, Any], name: str, source: str | Path
) -> UInt8[np.ndarray, "n height width *channels"]:
    """Give images as bytes: whole numbers as they are, floating-point ones times 255.

    Raises
    ------
    InputError
        If the shape is none of images, or values are not from 0 to 255, or 0 to 1.
    """
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] not in (1, 3)):
        raise InputError(
            f"{source}: {name} has the shape {list(images.shape)}; give [n, height, width] or "
            "[n, height, width, 1 or 3]."
        )
    if not images.size:
        raise InputError(f"{source}: {name} holds no pixels; give images.")
    if images.dtype == np.uint8:
        return images
    highest = {"f": 1, "i": 255, "u": 255, "b": 1}.get(images.dtype.kind)
    if highest is None or not (images.min() >= 0 and images.max() <= highest):
        raise InputError(
            f"{source}: {name} is {images.dtype} with values that are no pixels; give whole "
            "numbers from 0 to 255, or floating-point ones from 0 to 1."
        )
    if images.dtype.kind in "iu":
        return images.astype(np.uint8)
    return np.rint(images * np.float32(255)).astype(np.uint8)


def _check_lengths(part: Labelled, source: str) -> None:
    if len(part.images) != len(part.labels):
        raise InputError(
            f"{source}: {part.where} has {len(part.images):,} images and {len(part.labels):,} "
            "labels; give one label for each image."
        )
    if not len(part.images):
        raise InputError(f"{source}: {part.where} holds no images; give a file that does.")


def _indices(part: Labelled, source: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    if part.labels.dtype.kind not in "iu":
        raise InputError(
            f"{source}: with a list of classes the labels of {part.where} must be integers, "
            f"not {part.labels.dtype}; leave the classes out, or number the labels."
        )
    return part.labels.astype(np.int64)


def _numbered(where: str, count: int) -> Ids:
    width = max(5, len(str(count - 1)))
    return Ids.from_strings([f"{where}/{i:0{width}d}" for i in range(count)])

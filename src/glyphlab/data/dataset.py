"""The Dataset: images with labels, class names and a traceable id for each image."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from jaxtyping import Int64, UInt8

from glyphlab.data.ids import Ids
from glyphlab.errors import InputError
from glyphlab.language import say
from glyphlab.progress import Progress, no_progress

if TYPE_CHECKING:
    import datasets
    import pandas as pd

    from glyphlab.data.interchange.pytorch import TorchImages


MOST_CLASSES = 10_000
"""So that the table of which class was taken for which fits into memory: below a gigabyte."""


class Skipped(NamedTuple):
    """A file that ingest left out: its path inside the source, and why."""

    path: str
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Labelled images of one size; immutable; saved as one file.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]
        Grey (1 channel) or RGB (3 channels); 0 is the background of notMNIST and MNIST.
    labels : int64 [n]
        Index into `classes`.
    ids : sequence of n str
        Where each image came from: the path inside the source.
    classes : sequence of str
        Class names, in the order of the labels.
    name : str
        What reports call this Dataset.
    source : str
        The folder, archive or address that it was read from.
    source_sha256 : str, optional
        SHA-256 of the source, where the source is one file.
    skipped : sequence of Skipped
        Files that ingest left out, with reasons.

    Raises
    ------
    InputError
        If lengths differ, a type or shape is wrong, a label names no class, or there are more than
        10,000 classes.
    """

    images: UInt8[np.ndarray, "n height width channels"]
    labels: Int64[np.ndarray, " n"]
    ids: Sequence[str]
    classes: Sequence[str]
    name: str = "unnamed"
    source: str = ""
    source_sha256: str | None = None
    skipped: Sequence[Skipped] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", Ids.from_strings(self.ids))
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "skipped", tuple(Skipped(*entry) for entry in self.skipped))
        _check(self)
        for array in (self.images, self.labels):
            array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        height, width, channels = self.image_shape
        return say(
            "notebook-dataset",
            dataset=repr(self.name),
            n=len(self),
            mode="grey" if channels == 1 else "rgb",
            size=f"{height}×{width}",
            classes=len(self.classes),
            names=", ".join(self.classes),
        )

    def _repr_html_(self) -> str:
        from glyphlab.data.sheet import dataset_html

        return dataset_html(self)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height and width in pixels, and channels (1 or 3)."""
        _, height, width, channels = self.images.shape
        return height, width, channels

    @property
    def class_counts(self) -> Int64[np.ndarray, " classes"]:
        """How many images each class has."""
        return np.bincount(self.labels, minlength=len(self.classes)).astype(np.int64)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of images, labels and class names: equal only for the same content."""
        return self._digest()

    def check_unchanged(self) -> None:
        """Read everything again, and compare it with the fingerprint.

        Raises
        ------
        InputError
            If the content has changed since, as by a program that writes into the file.
        """
        if self._digest() != self.fingerprint:
            raise InputError(
                f"The images of {self.name} were changed while they were in use, so what came of "
                "them means nothing; leave the file as it is, and begin again."
            )

    def _digest(self) -> str:
        digest = sha256(repr((self.images.shape, tuple(self.classes))).encode())
        digest.update(np.ascontiguousarray(self.labels).data)
        digest.update(np.ascontiguousarray(self.images).data)
        return digest.hexdigest()

    def subset(self, indices: Int64[np.ndarray, " k"], name: str | None = None) -> "Dataset":
        """The images at `indices`, in that order, as a Dataset with the same classes."""
        return replace(
            self,
            images=self.images[indices],
            labels=self.labels[indices],
            ids=Ids.from_strings(self.ids).take(indices),
            name=name or self.name,
        )

    def renamed(self, name: str) -> "Dataset":
        """The same Dataset under another name."""
        return replace(self, name=name)

    def to_numpy(
        self,
    ) -> tuple[UInt8[np.ndarray, "n height width channels"], Int64[np.ndarray, " n"]]:
        """Give images and labels as arrays that can't be written to, without a copy."""
        return self.images.view(), self.labels.view()

    def to_torch(self, *, as_float: bool = True) -> "TorchImages":
        """Give the images to PyTorch, for its `DataLoader`, without a copy of them all.

        Parameters
        ----------
        as_float : bool
            Items are float32 from 0 to 1; else uint8 from 0 to 255.

        Returns
        -------
        torch.utils.data.Dataset
            Of items (tensor [channels, height, width], int).
        """
        from glyphlab.data.interchange.pytorch import TorchImages

        return TorchImages(self, as_float=as_float)

    def to_huggingface(self, *, progress: Progress = no_progress) -> "datasets.Dataset":
        """Make a Hugging Face `datasets.Dataset`, in memory, of lossless PNGs.

        Returns
        -------
        datasets.Dataset
            With the columns `image` (Image), `label` (ClassLabel) and `id` (string).

        Raises
        ------
        InputError
            If the package `datasets` is missing.
        """
        from glyphlab.data.interchange.huggingface import to_huggingface

        return to_huggingface(self, progress)

    def to_pandas(self) -> "pd.DataFrame":
        """Make a pandas frame of `path`, which is the id, and `label`, the class (categorical).

        The paths are those inside the source: `load(frame, root=source)` reads a folder again.
        """
        from glyphlab.data.interchange.frame import to_pandas

        return to_pandas(self)

    def to_folder(self, path: str | Path, *, progress: Progress = no_progress) -> list[str]:
        """Write the images as PNG files, without loss, in one folder for each class.

        Files are named for the last part of their ids, folders for their classes; what a system
        might refuse in a name is replaced, and a name that occurs again gets a number. A class
        without images has no folder, and classes are read in the order of their names: a
        UserWarning says so where `load` of the folder gives other classes.

        Parameters
        ----------
        path : str or Path
            A new folder; it appears once all is written.
        progress : callable
            Called with the images written so far, and n.

        Returns
        -------
        list of n str
            The path of each image inside the folder.

        Raises
        ------
        InputError
            If the folder exists or can't be written, or there are no images.
        """
        from glyphlab.data.interchange.image_folder import not_kept, write_folder

        paths = write_folder(self, Path(path), progress)
        if (remark := not_kept(self)) is not None:
            warnings.warn(remark, stacklevel=2)
        return paths


def check_compatible(first: Dataset, second: Dataset) -> None:
    """Refuse two Datasets whose classes or image shapes differ.

    Raises
    ------
    InputError
        Naming both Datasets and what differs.
    """
    if first.classes != second.classes:
        raise InputError(
            f"{first.name} has the classes {', '.join(first.classes)}, but {second.name} has "
            f"{', '.join(second.classes)}; use two with the same classes."
        )
    if first.image_shape != second.image_shape:
        one, other = shape_in_words(first.image_shape), shape_in_words(second.image_shape)
        raise InputError(
            f"{first.name} has images of {one}, but {second.name} of {other}; add one "
            "of them again with --size and --mode of the other."
        )


def shape_in_words(image_shape: tuple[int, int, int]) -> str:
    """Height, width and channels for a sentence, as 28×28 in grey."""
    height, width, channels = image_shape
    return f"{height}×{width} in {'grey' if channels == 1 else 'RGB'}"


def _check(dataset: Dataset) -> None:
    for problem in _problems(dataset.images, dataset.labels, dataset.ids, dataset.classes):
        raise InputError(f"{dataset.source or dataset.name}: {problem}.")


def _problems(
    images: np.ndarray[Any, Any],
    labels: np.ndarray[Any, Any],
    ids: Sequence[str],
    classes: Sequence[str],
) -> Iterator[str]:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3):
        yield (
            f"images must be uint8 [n, height, width, 1 or 3], not {images.dtype} "
            f"{list(images.shape)}"
        )
    if labels.dtype != np.int64 or labels.ndim != 1:
        yield f"labels must be int64 [n], not {labels.dtype} {list(labels.shape)}"
    if not len(images) == len(labels) == len(ids):
        yield (
            f"there are {len(images):,} images, {len(labels):,} labels and {len(ids):,} ids; "
            "give one label and one id for each image"
        )
    if len(classes) > MOST_CLASSES:
        yield (
            f"there are {len(classes):,} classes, and at most {MOST_CLASSES:,} can be told apart; "
            "give labels that many images share"
        )
    if len(set(classes)) != len(classes):
        yield "a class name occurs twice; give each class a name of its own"
    if labels.size and not (labels.min() >= 0 and labels.max() < len(classes)):
        yield (
            f"labels run from {labels.min()} to {labels.max()}, but there are "
            f"{len(classes)} classes; number them from 0"
        )

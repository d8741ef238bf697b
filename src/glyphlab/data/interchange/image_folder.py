"""A Dataset as a folder of PNG files, one folder a class."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset
from glyphlab.data.interchange.encoding import encoded_chunks
from glyphlab.data.interchange.names import Distinct, file_name, image_name
from glyphlab.errors import InputError
from glyphlab.files import atomic_folder
from glyphlab.progress import Bar, Progress

_SHOWN = 12


def write_folder(dataset: Dataset, target: Path, progress: Progress) -> list[str]:
    """Write every image as a PNG; see `Dataset.to_folder`."""
    _refuse(dataset, target)
    paths = _paths(dataset)
    with atomic_folder(target) as folder:
        _fill(folder, dataset, paths, progress)
    return paths


def write_parts(parts: TrainTest, target: Path, bar: Bar) -> None:
    """Write training and test images into `train` and `test` of a new folder, at once or not.

    Parameters
    ----------
    parts : TrainTest
    target : Path
    bar : callable
        Makes the progress bar of a part.

    Raises
    ------
    InputError
        As `Dataset.to_folder`, or if the test images have a class that the training images lack: a
        folder of both could not be read.
    """
    for part in parts:
        _refuse(part, target)
    missing = [repr(name) for name in sorted(_present(parts.test) - _present(parts.train))]
    if missing:
        raise InputError(
            f"{parts.test.name} has images of {_listed(missing)}, of which {parts.train.name} has "
            "none, so a folder of both could not be read again; export each part on its own."
        )
    with atomic_folder(target) as folder:
        for name, part in parts._asdict().items():
            (folder / name).mkdir()
            with bar(f"Writing {part.name}", "images") as progress:
                _fill(folder / name, part, _paths(part), progress)


def not_kept(dataset: Dataset) -> str | None:
    """What differs in the classes when a written folder is read again; None if nothing does.

    A folder has no place for a class without images, nor for the order of classes: they are read in
    the order of their names.
    """
    present = _present(dataset)
    called = dict(zip(dataset.classes, _class_folders(dataset), strict=True))
    folders = [folder for name, folder in called.items() if name in present]
    empty = [repr(name) for name in called if name not in present]
    renamed = [
        f"{name!r} as {folder!r}"
        for name, folder in called.items()
        if name in present and name != folder
    ]
    in_order = [repr(folder) for folder in sorted(folders)]
    differences = [
        (empty, f"without {_listed(empty)}, of which there are no images"),
        (renamed, f"with {_listed(renamed)}"),
        (folders != sorted(folders), f"in the order {_listed(in_order)}"),
        (len(folders) == 1, "of one class, where load wants two"),
    ]
    told = ", ".join(words for differs, words in differences if differs)
    return f"The folder of {dataset.name} is read {told}." if told else None


def _refuse(dataset: Dataset, target: Path) -> None:
    if not len(dataset):
        raise InputError(f"{dataset.name} holds no images; give a Dataset that does.")
    if "\0" in str(target):
        raise InputError(f"{str(target)!r} can't be a path; give one without a zero byte.")
    if os.path.lexists(target):
        raise InputError(f"{target} exists already; give the path of a new folder, or remove it.")


def _fill(folder: Path, dataset: Dataset, paths: Sequence[str], progress: Progress) -> None:
    for label in np.unique(dataset.labels):
        first = int(np.argmax(dataset.labels == label))
        (folder / paths[first]).parent.mkdir()

    def write(start: int, contents: list[bytes]) -> None:
        for path, content in zip(paths[start:], contents, strict=False):
            (folder / path).write_bytes(content)

    for _ in encoded_chunks(dataset.images, write, progress):
        pass


def _paths(dataset: Dataset) -> list[str]:
    """Where each image goes: the folder of its class, and a name made of its id."""
    folders = _class_folders(dataset)
    taken = [Distinct() for _ in folders]
    return [
        f"{folders[label]}/{taken[label].name(image_name(image_id))}.png"
        for label, image_id in zip(dataset.labels.tolist(), dataset.ids, strict=True)
    ]


def _class_folders(dataset: Dataset) -> list[str]:
    different = Distinct()
    return [different.name(file_name(name)) for name in dataset.classes]


def _present(dataset: Dataset) -> set[str]:
    """The classes of which there are images."""
    return {dataset.classes[label] for label in np.unique(dataset.labels)}


def _listed(words: Sequence[str]) -> str:
    more = [f"{len(words) - _SHOWN:,} more"] if len(words) > _SHOWN else []
    return ", ".join([*words[:_SHOWN], *more])

"""A Dataset as a folder of PNG files, one folder a class."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from glyphlab.data.dataset import Dataset
from glyphlab.data.interchange.encoding import encoded_chunks
from glyphlab.data.interchange.names import Distinct, file_name, image_name
from glyphlab.errors import InputError
from glyphlab.progress import Progress


def write_folder(dataset: Dataset, target: Path, progress: Progress) -> list[str]:
    """Write every image as a PNG; see `Dataset.to_folder`."""
    if not len(dataset):
        raise InputError(f"{dataset.name} holds no images; give a Dataset that does.")
    if "\0" in str(target):
        raise InputError(f"{str(target)!r} can't be a path; give one without a zero byte.")
    paths = _paths(dataset)
    with _new_folder(target) as folder:
        for label in np.unique(dataset.labels):
            first = int(np.argmax(dataset.labels == label))
            (folder / paths[first]).parent.mkdir()

        def write(start: int, contents: list[bytes]) -> None:
            for path, content in zip(paths[start:], contents, strict=False):
                (folder / path).write_bytes(content)

        for _ in encoded_chunks(dataset.images, write, progress):
            pass
    return paths


def _paths(dataset: Dataset) -> list[str]:
    """Where each image goes: the folder of its class, and a name made of its id."""
    different = Distinct()
    folders = [different.name(file_name(name)) for name in dataset.classes]
    taken = [Distinct() for _ in folders]
    return [
        f"{folders[label]}/{taken[label].name(image_name(image_id))}.png"
        for label, image_id in zip(dataset.labels.tolist(), dataset.ids, strict=True)
    ]


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """Give a folder beside `target` to fill; rename it into place if the block succeeds."""
    if os.path.lexists(target):
        raise InputError(f"{target} exists already; give the path of a new folder, or remove it.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        yield part
        part.rename(target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"Can't write {target}: {reason}; free some space or choose another place."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)

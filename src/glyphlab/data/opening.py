"""A Dataset as it lies on disk: one file, a folder of shards, or any folder of files."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glyphlab.data.dataset import Dataset, check_compatible
from glyphlab.data.formats import open_file
from glyphlab.data.ids import Ids
from glyphlab.data.sharded import holds_shards, open_shards
from glyphlab.errors import InputError


def open_dataset(path: Path) -> Dataset:
    """Open a Dataset file memory-mapped, or a folder of them as one Dataset.

    Images of one file stay on disk until they are touched, and so do those of a sharded Dataset,
    whose folder has an index. The files of any other folder are put end to end in the order of
    their names, in memory.

    Parameters
    ----------
    path : Path
        A file that `save_dataset` wrote, or a folder of such files.

    Raises
    ------
    InputError
        If there is no such file, it is no Dataset file, it is truncated, or its header lies.
    """
    if not path.is_dir():
        return open_file(path)
    if holds_shards(path):
        return open_shards(path)
    files = sorted(path.glob("*.safetensors"))
    if not files:
        raise InputError(f"{path} holds no Dataset file (.safetensors); give a folder that does.")
    return _joined([open_file(file) for file in files], path)


def _joined(parts: Sequence[Dataset], folder: Path) -> Dataset:
    if len(parts) == 1:
        return parts[0]
    for part in parts[1:]:
        check_compatible(parts[0], part)
    return Dataset(
        images=np.concatenate([part.images for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        ids=Ids.from_strings([image_id for part in parts for image_id in part.ids]),
        classes=parts[0].classes,
        name=folder.name,
        source=str(folder),
        skipped=[entry for part in parts for entry in part.skipped],
    )

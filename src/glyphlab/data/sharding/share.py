"""One shard's share of the images, and how a shard is made of it, here or on another machine."""

import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import ne
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from jaxtyping import Int64

from glyphlab.data.assemble import REPLACED, Folders
from glyphlab.data.collect import collect
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.formats import save_dataset
from glyphlab.data.growing import reorder
from glyphlab.data.ids import Ids
from glyphlab.data.sharding.order import order_of_ids
from glyphlab.data.sharding.sources import Reader
from glyphlab.data.shards import ShardInfo, describe_shard
from glyphlab.progress import Progress

Report = Callable[[tuple[str, int], int], None]
"""Called with part and number of a shard, and how many of its images are done."""


class Images(NamedTuple):
    """What became of a share.

    Parameters
    ----------
    dataset : Dataset
        In the order of the hashes of the ids.
    unreadable : list of Skipped
        Files named as images that can't be read.
    replaced : list of Skipped
        Files that have a later one of the same path.
    """

    dataset: Dataset
    unreadable: list[Skipped]
    replaced: list[Skipped]


class Share(Protocol):
    """The images of one shard, not yet read or made; it can be sent to another process."""

    def images(self, progress: Progress) -> Images:
        """Read or make them."""
        ...


@dataclass(frozen=True)
class Form:
    """What all shards of a part have in common.

    Parameters
    ----------
    name, source : str
        As of a Dataset.
    classes : tuple of str
    """

    name: str
    source: str
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class FilesShare:
    """Image files of a source, to be decoded.

    Parameters
    ----------
    reader : Reader
    paths : Ids
        In the order of the source; of a path that stands twice the last one that can be read
        counts.
    places, sizes : int64 [n]
        As the reader wants them.
    label_of : dict of str to int
        The label of each folder.
    form : Form
    size : int
        Side of the images in pixels.
    mode : str
        `grey` or `rgb`.
    """

    reader: Reader
    paths: Ids
    places: Int64[np.ndarray, " n"]
    sizes: Int64[np.ndarray, " n"]
    label_of: Mapping[str, int]
    form: Form
    size: int
    mode: str

    def images(self, progress: Progress) -> Images:
        """Read and decode them."""
        members = self.reader.read(self.paths, self.places.tolist(), self.sizes.tolist())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = collect(members, self.size, self.mode, progress, len(self.paths), decoders=1)
        order = order_of_ids(found.paths)
        ids = [found.paths[i] for i in order.tolist()]
        last = np.fromiter(map(ne, ids, [*ids[1:], None]), bool, len(ids))
        places = order[last]
        kept = [found.paths[i] for i in places.tolist()]
        dataset = Dataset(
            images=found.images.taken(places),
            labels=Folders.of(kept).labels(self.label_of),
            ids=kept,
            classes=self.form.classes,
            name=self.form.name,
            source=self.form.source,
        )
        replaced = [Skipped(ids[i], REPLACED) for i in np.flatnonzero(~last).tolist()]
        return Images(dataset, found.unreadable, replaced)


@dataclass(frozen=True, eq=False)
class RowsShare:
    """Images of an open Dataset; it stays in this process.

    Parameters
    ----------
    dataset : Dataset
    rows : int64 [n]
        Which, in the order of the hashes of their ids.
    name : str
    """

    dataset: Dataset
    rows: Int64[np.ndarray, " n"]
    name: str

    def images(self, progress: Progress) -> Images:
        """Copy them, read in their order on disk."""
        sorting = np.argsort(self.rows)
        images = self.dataset.images[self.rows[sorting]]
        reorder(images, np.argsort(sorting))
        dataset = Dataset(
            images=images,
            labels=np.ascontiguousarray(self.dataset.labels[self.rows]),
            ids=Ids.from_strings([self.dataset.ids[i] for i in self.rows.tolist()]),
            classes=self.dataset.classes,
            name=self.name,
            source=self.dataset.source,
        )
        progress(len(self.rows), len(self.rows))
        return Images(dataset, [], [])


@dataclass(frozen=True)
class Target:
    """Where a shard goes.

    Parameters
    ----------
    folder : Path
        Absolute; a machine that does not see it sends the bytes of the shard.
    part : str
    number : int
    token, token_file : str, Path
        A machine that finds the one in the other sees the folder.
    """

    folder: Path
    part: str
    number: int
    token: str
    token_file: Path

    @property
    def file(self) -> str:
        """The name of the shard's file."""
        return shard_name(self.number)

    def is_seen(self) -> bool:
        """Whether this machine sees the folder."""
        try:
            return self.token in self.token_file.read_text()
        except OSError:
            return False


class Made(NamedTuple):
    """A shard that is made.

    Parameters
    ----------
    info : ShardInfo, optional
        None if none of its images can be read; then there is no file.
    unreadable, replaced : sequence of Skipped
        As of `Images`.
    content : bytes, optional
        The shard's file, from a machine that does not see its folder.
    """

    info: ShardInfo | None
    unreadable: Sequence[Skipped]
    replaced: Sequence[Skipped]
    content: bytes | None = None


def shard_name(number: int) -> str:
    """The file of a shard, in the order of whose names the shards are."""
    return f"{number:05d}.safetensors"


def make_shard(share: Share, target: Target, report: Report) -> Made:
    """Make one shard: a task of a place.

    Raises
    ------
    InputError
        If the source is not to be seen here, is damaged, or the disk is full.
    """
    dataset, unreadable, replaced = share.images(
        lambda done, total: report((target.part, target.number), done)
    )
    if not len(dataset):
        return Made(None, unreadable, replaced)
    if target.is_seen():
        info = _save(dataset, target.folder / target.file)
        return Made(info, unreadable, replaced)
    with tempfile.TemporaryDirectory() as folder:
        info = _save(dataset, Path(folder, target.file))
        return Made(info, unreadable, replaced, Path(folder, target.file).read_bytes())


def _save(dataset: Dataset, path: Path) -> ShardInfo:
    save_dataset(dataset, path)
    return describe_shard(path, dataset)

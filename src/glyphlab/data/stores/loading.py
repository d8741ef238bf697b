"""From the address of a file or a sharded Dataset in a store to Datasets."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset, check_compatible
from glyphlab.data.formats import open_file
from glyphlab.data.sharded import ShardedDataset, Shards
from glyphlab.data.shards import INDEX, read_index
from glyphlab.data.stores.address import is_file, join, local_path, shown
from glyphlab.data.stores.fetching import fetch
from glyphlab.data.stores.finding import Found, find
from glyphlab.errors import InputError
from glyphlab.progress import Progress

Loaded = Dataset | TrainTest


def load_address(address: str, read: Callable[[Path], Loaded], progress: Progress) -> Loaded:
    """Read what lies at an address.

    Parameters
    ----------
    address : str
    read : callable
        Reads a local file or folder.
    progress : callable
        Told the bytes of a file while it is fetched.

    Raises
    ------
    InputError
        If there is nothing to be read, or the file is none that glyphlab reads.
    StoreError
        If the store fails.
    """
    if is_file(address):
        return read(local_path(address))
    match find(address):
        case Found.SHARDS:
            return _open_shards(address)
        case Found.SHARDED_PARTS:
            train, test = _open_shards(join(address, "train")), _open_shards(join(address, "test"))
            check_compatible(train, test)
            return TrainTest(train, test)
    return _read_file(address, read, progress)


def _open_shards(address: str) -> ShardedDataset:
    """Open a sharded Dataset of a store; shards are fetched when they are needed."""
    place = join(address, INDEX)
    index = read_index(fetch(place), shown(place))

    def open_shard(number: int) -> Dataset:
        info = index.shards[number]
        return open_file(fetch(join(address, info.file), size=info.size, sha256=info.sha256))

    return ShardedDataset(Shards(index, open_shard, shown(address)))


def _read_file(address: str, read: Callable[[Path], Loaded], progress: Progress) -> Loaded:
    path = fetch(address, progress=progress)
    try:
        loaded = read(path)
    except InputError as error:
        raise InputError(str(error).replace(str(path), shown(address))) from error
    if isinstance(loaded, Dataset):
        return _from(loaded, path, address)
    return TrainTest(*(_from(part, path, address) for part in loaded))


def _from(dataset: Dataset, path: Path, address: str) -> Dataset:
    """The Dataset with the address for its source, not the copy of that; Dataset files have one."""
    is_copy = dataset.source == str(path)
    return replace(dataset, source=shown(address)) if is_copy else dataset

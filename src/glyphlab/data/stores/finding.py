"""What an address leads to: a file, or a folder that holds a sharded Dataset."""

from enum import Enum, auto
from pathlib import Path

from glyphlab.data.idx import has_idx_name
from glyphlab.data.shards import INDEX
from glyphlab.data.stores.address import file_name, is_file, is_remote, join, shown
from glyphlab.data.stores.fetching import fetch
from glyphlab.data.stores.trouble import NoPermissionError, NothingThereError
from glyphlab.errors import InputError
from glyphlab.progress import Bar, Progress, no_bar, no_progress

ENDINGS = (".tar.gz", ".tgz", ".tar", ".zip", ".npz", ".safetensors", ".gz")
"""By which an address is known to lead to a file."""
PARTS = (":train", ":test")


class Found(Enum):
    """What lies at an address."""

    FILE = auto()
    SHARDS = auto()
    SHARDED_PARTS = auto()


def find(address: str, progress: Progress = no_progress) -> Found:
    """Find out what lies at an address, without fetching more than an index.

    Parameters
    ----------
    address : str
        One that ends as files do (`.tar.gz`, `.zip`, …) is taken for one; at others an
        `index.json` is looked for, and one in each of `train` and `test`.
    progress : callable

    Raises
    ------
    InputError
        If there is none and the address ends in a slash, it leads to IDX, or as `fetch`.
    """
    if has_idx_name(Path(file_name(address))):
        raise InputError(
            f"{shown(address)} is one of two IDX files, which are read side by side; download both "
            "and give the path of one."
        )
    if file_name(address).lower().endswith(ENDINGS):
        return Found.FILE
    if _is_there(join(address, INDEX), progress):
        return Found.SHARDS
    if _is_there(join(address, f"train/{INDEX}"), progress):
        fetch(join(address, f"test/{INDEX}"), progress=progress)
        return Found.SHARDED_PARTS
    if address.partition("?")[0].endswith("/"):
        raise InputError(
            f"{shown(address)} holds no sharded Dataset that you may read: there is no {INDEX}; "
            "check the address, or give that of a file."
        )
    return Found.FILE


def bring(source: str, bar: Bar = no_bar) -> None:
    """Fetch the file that a source names in a store, if it does, so that `load` has it at hand.

    Parameters
    ----------
    source : str
        As `load` takes it. Nothing is done for a path, a name, or a folder of a store.
    bar : callable
        Makes a progress bar, in bytes.
    """
    if not is_remote(source) or is_file(source):
        return
    address, _ = without_part(source)
    if find(address) is Found.FILE:
        with bar(f"Fetching {file_name(address)}", "bytes") as progress:
            fetch(address, progress=progress)


def without_part(source: str) -> tuple[str, str | None]:
    """A source without `:train` or `:test` at its end, and which of the two was there."""
    for ending in PARTS:
        if source.endswith(ending):
            return source.removesuffix(ending), ending[1:]
    return source, None


def _is_there(address: str, progress: Progress) -> bool:
    try:
        fetch(address, progress=progress)
    except (NothingThereError, NoPermissionError):  # some stores say this of what is not there
        return False
    return True

"""Datasets that the user has added, each under a name, in one folder.

What reads and writes them is imported where it is used, so that listing names is instant.
"""

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import platformdirs

from glyphlab.data.replacing import bring_back, replaced_folder
from glyphlab.errors import InputError
from glyphlab.files import is_there
from glyphlab.progress import Bar, Progress, no_bar, no_progress

if TYPE_CHECKING:
    from glyphlab.data.assemble import TrainTest
    from glyphlab.data.dataset import Dataset

BUILT_IN = "glyphs"
"""The name of the images that come with the package; nothing can be added under it."""
PARTS = ("data", "train", "test")
"""What a name can hold: `data` alone, or `train` and `test`."""

_INDEX = "index.json"
"""As in `shards.py`, which imports NumPy."""
ADVICE = "free some space, or set GLYPHLAB_HOME to a folder of yours"
"""What to do where nothing can be kept."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_ENDINGS = re.compile(r"(\.(tar|gz|tgz|zip|npz|safetensors|bz2|xz))+$")


class Stored(NamedTuple):
    """A name of the catalogue and its parts, `data`, or `train` and `test`.

    Each is a Dataset file, or a folder of shards and an index.
    """

    name: str
    parts: dict[str, Path]

    @property
    def bytes_on_disk(self) -> int:
        """Bytes of all its files."""
        return sum(_bytes(path) for path in self.parts.values())


def home() -> Path:
    """The folder of all that glyphlab keeps: `GLYPHLAB_HOME`, or the user's data folder."""
    return Path(os.environ.get("GLYPHLAB_HOME") or platformdirs.user_data_dir("glyphlab"))


def names() -> list[str]:
    """All added names, sorted."""
    folder = _datasets()
    if not is_there(folder):
        return []
    return sorted(path.name for path in folder.iterdir() if stored(path.name))


def stored(name: str) -> dict[str, Path]:
    """The files of an added name by part, or their folders; empty if there is no such name."""
    if not _NAME.fullmatch(name):
        return {}
    folder = _datasets() / name
    bring_back(folder)
    return {part: path for part in PARTS if (path := _part(folder, part)) is not None}


def _part(folder: Path, part: str) -> Path | None:
    file, shards = folder / f"{part}.safetensors", folder / part
    if is_there(file):
        return file
    return shards if is_there(shards / _INDEX) else None


def open_stored(name: str) -> "Dataset | TrainTest | None":
    """Open an added Dataset memory-mapped, or its two parts; None if there is no such name."""
    from glyphlab.data.assemble import TrainTest
    from glyphlab.data.opening import open_dataset

    parts = stored(name)
    if "data" in parts:
        return open_dataset(parts["data"])
    if "train" in parts and "test" in parts:
        return TrainTest(open_dataset(parts["train"]), open_dataset(parts["test"]))
    return None


def add(
    source: str | Path,
    name: str | None = None,
    *,
    size: int = 28,
    mode: Literal["grey", "rgb"] = "grey",
    allow_unreadable: bool = False,
    force: bool = False,
    progress: Progress = no_progress,
) -> Stored:
    """Read images and keep them under a name.

    Parameters
    ----------
    source : str or Path
        A folder, archive or file, as `glyphlab.load` takes; a path that exists goes before a
        name.
    name : str, optional
        Default: the file name in lower case, without ending.
    size, mode, allow_unreadable
        As `glyphlab.load` takes them.
    force : bool
        Replace what the name holds; that stays whole until the new one is written.
    progress : Progress
        Told the files so far.

    Returns
    -------
    Stored
        The name and the files written.

    Raises
    ------
    InputError
        If the name can't be used or is taken, or as `glyphlab.load`.
    """
    from glyphlab.data.ingest import load

    name = check_name(default_name(source) if name is None else name)
    if not force:
        refuse_taken(name)
    loaded = load(
        Path(source) if Path(source).exists() else str(source),
        name=name,
        size=size,
        mode=mode,
        allow_unreadable=allow_unreadable,
        progress=progress,
    )
    return keep(loaded, name, force=force)


def add_sharded(
    source: str | Path,
    name: str | None = None,
    *,
    shard_size: int,
    size: int = 28,
    mode: Literal["grey", "rgb"] = "grey",
    allow_unreadable: bool = False,
    force: bool = False,
    jobs: int | None = None,
    on: str = "local",
    bar: Bar = no_bar,
) -> Stored:
    """Read images and keep them under a name, spread at random over files of so many.

    What is in memory is bounded by the size of a shard, not by the number of images. A call that
    was killed goes on if it is made again, and ends in the same bytes.

    Parameters
    ----------
    source, name, size, mode, allow_unreadable, force
        As of `add`.
    shard_size : int
        Images of a shard, at most.
    jobs : int, optional
        How many processes of this machine work on it; as many as it has cores if not given.
    on : str
        Where else: `ray`, or `ray://HOST:PORT`.
    bar : Bar
        Makes a progress bar for each stage.

    Returns
    -------
    Stored
        The name, and the folders written.

    Raises
    ------
    InputError
        As `add`, or if the shards would be too large, too many, or more than the disk can hold.
    Interrupted
        On Ctrl-C; what is done stays for the next call.
    """
    from glyphlab.data.sharding.adding import add_sharded as make
    from glyphlab.data.sharding.making import open_workers
    from glyphlab.data.sharding.wish import ShardWish

    name = check_name(default_name(source) if name is None else name)
    wish = ShardWish(name, shard_size, size, mode, allow_unreadable, bar)
    refuse = (lambda: None) if force else partial(refuse_taken, name)
    with open_workers(jobs, on) as place:
        make(source, _datasets() / name, wish, place, refuse_taken=refuse, advice=ADVICE)
    return Stored(name, stored(name))


def keep(loaded: "Dataset | TrainTest", name: str, *, force: bool = False) -> Stored:
    """Write a Dataset, or a training and a test part, under a name.

    Raises
    ------
    InputError
        If the name can't be used or is taken, or the place can't be written to.
    """
    from glyphlab.data.dataset import Dataset
    from glyphlab.data.formats import save_dataset

    check_name(name)
    if not force:
        refuse_taken(name)
    if isinstance(loaded, Dataset):
        parts = {"data": loaded.renamed(name)}
    else:
        parts = {
            "train": loaded.train.renamed(f"{name}:train"),
            "test": loaded.test.renamed(f"{name}:test"),
        }
    taken = (lambda: None) if force else partial(refuse_taken, name)
    with replaced_folder(_datasets() / name, ADVICE, taken) as folder:
        for part, dataset in parts.items():
            save_dataset(dataset, folder / f"{part}.safetensors")
    return Stored(name, stored(name))


def check_name(name: str) -> str:
    """Give the name back if it can be used.

    Raises
    ------
    InputError
        If it is the built-in one, or holds something else than a–z, 0–9, dot, dash, underscore.
    """
    if name == BUILT_IN:
        raise InputError(
            f"{BUILT_IN!r} is the name of the built-in images; choose another with --name."
        )
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} can't be a name: it takes up to 100 of a-z, 0-9, '.', '_' and '-', and "
            "begins with a letter or digit; choose another with --name."
        )
    return name


def default_name(source: str | Path) -> str:
    """The name that a source gets if the user gives none.

    Raises
    ------
    InputError
        If the file name leaves nothing to make a name of.
    """
    stem = _ENDINGS.sub("", Path(source).resolve().name.lower())
    name = re.sub(r"[^a-z0-9._-]+", "-", stem).strip("-._")[:100]
    if not name:
        raise InputError(f"{source} gives no name to keep it under; choose one with --name.")
    return name


def refuse_taken(name: str) -> None:
    """Raise an InputError if the name is in the catalogue."""
    if stored(name):
        raise InputError(
            f"There is already a Dataset {name!r}; replace it with --force, or choose another "
            "name with --name."
        )


def _datasets() -> Path:
    return home() / "datasets"


def _bytes(path: Path) -> int:
    """Bytes of a part; of a sharded one as its index says, without a look at the shards."""
    if not path.is_dir():
        return path.stat().st_size if path.is_file() else 0
    from glyphlab.data.shards import read_index

    try:
        shards = sum(shard.size for shard in read_index(path / _INDEX).shards)
    except InputError:
        return sum(file.stat().st_size for file in path.iterdir() if file.is_file())
    return (path / _INDEX).stat().st_size + shards

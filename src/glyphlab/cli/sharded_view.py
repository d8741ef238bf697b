"""What `glyphlab data` shows of a sharded Dataset: of its index, and of its first shard."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glyphlab.cli.console import amount, results

if TYPE_CHECKING:
    from glyphlab.data.dataset import Dataset
    from glyphlab.data.shards import ShardIndex
    from glyphlab.data.sheet import Description

_PARTS = ("train", "test")


@dataclass(frozen=True)
class Sharded:
    """One part of a sharded Dataset.

    Parameters
    ----------
    folder : Path
    index : ShardIndex
    """

    folder: Path
    index: "ShardIndex"

    @property
    def bytes_on_disk(self) -> int:
        """Bytes of the shards, as the index says."""
        return sum(shard.size for shard in self.index.shards)

    def first(self) -> "Dataset":
        """Open the first shard, whose images are drawn at random from all."""
        from glyphlab.data.opening import open_dataset

        return open_dataset(self.folder / self.index.shards[0].file).renamed(self.index.name)

    def describe(self) -> "Description":
        """Count by the index; pixels are those of the first shard."""
        from glyphlab.data.sheet import balance, describe

        index = self.index
        totals = [sum(of) for of in zip(*(s.class_counts for s in index.shards), strict=True)]
        counts = dict(zip(index.classes, totals, strict=True))
        return describe(self.first())._replace(
            n=len(index), counts=counts, balance=balance(counts), skipped=tuple(index.skipped)
        )


def sharded_parts(source: str, *, named: bool = True) -> dict[str, Sharded]:
    """Find the parts of a sharded Dataset by its name or path; none if the source is none.

    One part that is asked for is called `data`, as that of a source of one.

    Parameters
    ----------
    source : str
        NAME, NAME:train, NAME:test, or the path of a folder of shards or of two such.
    named : bool
        Whether it can be a name.

    Raises
    ------
    InputError
        If an index is damaged.
    """
    from glyphlab.data import catalog
    from glyphlab.data.shards import INDEX, read_index

    whole, colon, asked = source.rpartition(":")
    if not colon or asked not in _PARTS:
        whole, asked = source, ""
    folders = (catalog.stored(whole) if named else {}) or _folders(Path(whole))
    if not all((folder / INDEX).is_file() for folder in folders.values()):
        return {}
    if asked:
        folders = {"data": folders[asked]} if asked in folders else {}
    return {part: Sharded(f, read_index(f / INDEX)) for part, f in folders.items()}


def count_of_shards(index: "ShardIndex") -> str:
    """How many shards there are, in words."""
    shards = len(index.shards)
    return "1 shard" if shards == 1 else f"{shards:,} shards"


def tell_of_shards(sharded: Sharded) -> None:
    """Say where the shards are, and that values and thumbnails are those of the first."""
    room = amount(sharded.bytes_on_disk, "bytes")
    results.print(f"{count_of_shards(sharded.index)}, {room}, in {sharded.folder}")
    if len(sharded.index.shards) > 1:
        first = sharded.index.shards[0].n
        results.print(f"Values and thumbnails: of the first shard, {first:,} images at random.")


def sharded_facts(sharded: Sharded) -> dict[str, Any]:
    """The same for JSON."""
    return {
        "shards": len(sharded.index.shards),
        "bytes": sharded.bytes_on_disk,
        "measured_on": sharded.index.shards[0].n,
    }


def _folders(path: Path) -> dict[str, Path]:
    from glyphlab.data.shards import INDEX

    if (path / INDEX).is_file():
        return {"data": path}
    folders = {part: path / part for part in _PARTS}
    return folders if all((folder / INDEX).is_file() for folder in folders.values()) else {}

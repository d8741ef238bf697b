"""The index of a sharded Dataset: a folder of Dataset files, and what is in each of them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from glyphlab.data.dataset import MOST_CLASSES, Dataset, Skipped
from glyphlab.errors import InputError
from glyphlab.files import parse_json, read_limited, write_text

INDEX = "index.json"
FORMAT = "glyphlab.shards"
FORMAT_VERSION = "1"

_MOST_BYTES = 500_000_000
_MOST_SHARDS = 1_000_000
_LARGEST_SHARD = 1 << 40


class ShardInfo(NamedTuple):
    """One Dataset file of a sharded Dataset.

    Attributes
    ----------
    file : str
        Its name in the folder; of several sharded Datasets joined, with its folder.
    n : int
        How many images it holds.
    class_counts : tuple of int
        How many of each class.
    size : int
        Bytes of the file.
    sha256 : str
        Of the file, in hexadecimal.
    """

    file: str
    n: int
    class_counts: tuple[int, ...]
    size: int
    sha256: str


@dataclass(frozen=True)
class ShardIndex:
    """All that is known of a sharded Dataset without opening a shard.

    Parameters
    ----------
    name, source, source_sha256, skipped
        As of a `Dataset`.
    classes : sequence of str
    image_shape : (int, int, int)
        Height, width and channels.
    shards : sequence of ShardInfo
        In the order of the images.
    """

    name: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    shards: tuple[ShardInfo, ...]
    source: str = ""
    source_sha256: str | None = None
    skipped: Sequence[Skipped] = field(default=())

    def __len__(self) -> int:
        return sum(shard.n for shard in self.shards)


def describe_shard(path: Path, dataset: Dataset) -> ShardInfo:
    """Say what the index shall hold of a Dataset file that was just written."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    counts = tuple(dataset.class_counts.tolist())
    return ShardInfo(path.name, len(dataset), counts, path.stat().st_size, sha256)


def write_index(index: ShardIndex, folder: Path) -> None:
    """Write the index, atomically; it comes last, so that a folder that has one is whole.

    Raises
    ------
    InputError
        If the place can't be written to, or the disk is full.
    """
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": index.name,
        "classes": list(index.classes),
        "image_shape": list(index.image_shape),
        "n": len(index),
        "source": index.source,
        "source_sha256": index.source_sha256,
        "shards": [shard._asdict() for shard in index.shards],
        "skipped": [list(entry) for entry in index.skipped],
    }
    write_text(folder / INDEX, json.dumps(content, ensure_ascii=True, indent=1) + "\n")


def read_index(path: Path, where: str | None = None) -> ShardIndex:
    """Read an index, and check that it agrees with itself.

    Parameters
    ----------
    path : Path
        The file.
    where : str, optional
        What errors call it, where the file is a copy of one elsewhere.

    Raises
    ------
    InputError
        If it can't be read, is no index, or contradicts itself.
    """
    where = where or str(path)
    read = read_limited(path, "index", _MOST_BYTES)
    try:
        content = parse_json(read)
    except ValueError:
        raise _wrong(where, "it is no JSON") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _wrong(where, f"its format is not {FORMAT!r}")
    if content.get("format_version") != FORMAT_VERSION:
        raise InputError(
            f"{where} has format version {content.get('format_version')!r}, and this glyphlab "
            f"reads version {FORMAT_VERSION}; update glyphlab."
        )
    return _checked(content, where)


def _checked(content: dict[str, Any], where: str) -> ShardIndex:
    match content:
        case {
            "name": str(name),
            "classes": [*classes],
            "image_shape": [int(height), int(width), 1 | 3 as channels],
            "n": int(n),
            "shards": [*shards],
            "source": str(source),
            "source_sha256": str() | None as sha256,
            "skipped": [*skipped],
        } if height > 0 and width > 0 and all(isinstance(each, str) for each in classes):
            pass
        case _:
            raise _wrong(where, "a key is missing or of a wrong type")
    if len(set(classes)) != len(classes):
        raise _wrong(where, "a class name occurs twice")
    if len(classes) > MOST_CLASSES:
        raise _wrong(where, f"it names {len(classes):,} classes, not at most {MOST_CLASSES:,}")
    if not 1 <= len(shards) <= _MOST_SHARDS:
        raise _wrong(where, f"it names {len(shards):,} shards, not 1 to {_MOST_SHARDS:,}")
    infos = tuple(_shard(entry, len(classes), where) for entry in shards)
    for info in infos:
        if info.n * height * width * channels > info.size:
            raise _wrong(where, f"{info.file} is too small for its images")
    if len({info.file for info in infos}) != len(infos):
        raise _wrong(where, "a shard stands twice")
    if sum(info.n for info in infos) != n:
        raise _wrong(where, f"it promises {n:,} images, its shards {sum(i.n for i in infos):,}")
    return ShardIndex(
        name=name,
        classes=tuple(classes),
        image_shape=(height, width, channels),
        shards=infos,
        source=source,
        source_sha256=sha256,
        skipped=tuple(_skipped(entry, where) for entry in skipped),
    )


def _shard(entry: object, classes: int, where: str) -> ShardInfo:
    match entry:
        case {
            "file": str(file),
            "n": int(n),
            "class_counts": [*counts],
            "size": int(size),
            "sha256": str(sha256),
        } if len(counts) == classes and all(type(c) is int and c >= 0 for c in counts):
            if (
                not file
                or Path(file).name != file
                or file.startswith(".")
                or "\\" in file
                or ":" in file
            ):
                raise _wrong(where, f"{file!r} is no name of a file beside it")
            sizes_fit = 8 <= size <= _LARGEST_SHARD and n >= 1
            if sum(counts) != n or not sizes_fit or len(sha256) != 64:
                raise _wrong(where, f"what it says of {file} contradicts itself")
            return ShardInfo(file, n, tuple(counts), size, sha256)
        case _:
            raise _wrong(where, "it describes a shard wrongly")


def _skipped(entry: object, where: str) -> Skipped:
    match entry:
        case [str(path), str(reason)]:
            return Skipped(path, reason)
        case _:
            raise _wrong(where, "its 'skipped' is no list of path and reason")


def check_shard(shard: Dataset, info: ShardInfo, index: ShardIndex, where: str) -> None:
    """Refuse a shard that is not what the index says.

    Raises
    ------
    InputError
        If images, classes or labels differ.
    """
    if tuple(shard.classes) != index.classes:
        raise _differs(where, f"the classes {', '.join(shard.classes)}", ", ".join(index.classes))
    if shard.image_shape != index.image_shape:
        raise _differs(where, f"images of {shard.image_shape}", str(index.image_shape))
    if not np.array_equal(shard.class_counts, info.class_counts):
        raise _differs(where, f"{len(shard):,} images, not all", f"{info.n:,} of certain classes")


def _differs(where: str, found: str, promised: str) -> InputError:
    return InputError(
        f"{where} holds {found}, but the index promises {promised}; make the Dataset again, or "
        "bring the file back that belongs there."
    )


def _wrong(where: str, problem: str) -> InputError:
    return InputError(
        f"{where} is no index of a sharded Dataset: {problem}; make it again with `glyphlab data "
        "add --shard-size`."
    )

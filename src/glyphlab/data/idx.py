"""IDX files, as MNIST and its relatives come: one of images and one of labels beside it."""

import io
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.archives import Bounds
from glyphlab.data.labelled import Labelled
from glyphlab.data.tar import unpacked
from glyphlab.errors import InputError

_BYTES = 8
_MAXIMUM_INFLATION = 1_100
_STORAGE = ("", ".gz")
_TEST_WORDS = ("t10k", "test")


def looks_like_idx(head: bytes) -> bool:
    """Whether a file's first four bytes are IDX's magic for bytes in 1, 3 or 4 dimensions."""
    return len(head) >= 4 and head[:3] == bytes([0, 0, _BYTES]) and head[3] in (1, 3, 4)


def has_idx_name(path: Path) -> bool:
    """Whether a file is named as IDX files are, such as `t10k-images-idx3-ubyte.gz`."""
    return "idx1" in path.name or "idx3" in path.name or path.suffix == ".idx"


def read_idx(path: Path, bounds: Bounds) -> UInt8[np.ndarray, "..."]:
    """Read one IDX file of bytes, packed with gzip or not.

    Parameters
    ----------
    path : Path
        The file.
    bounds : Bounds
        How much it may hold.

    Returns
    -------
    uint8 [n], [n, height, width] or [n, height, width, channels]

    Raises
    ------
    InputError
        If the magic is wrong, or it holds fewer or more bytes than its header says.
    """
    with path.open("rb") as file:
        stream = unpacked(file, path, bounds)
        shape = _shape(stream, path)
        size = prod(shape)
        bounds.check_total(size, size, path)
        if size > _MAXIMUM_INFLATION * path.stat().st_size:
            raise _wrong_length(path, size, "far less")
        bounds.check_total(size, path.stat().st_size, path)
        content = np.empty(size, np.uint8)
        held = _fill(stream, content)
        if held < size:
            raise _wrong_length(path, size, f"{held:,}")
        if stream.read(1):
            raise _wrong_length(path, size, "more")
    return content.reshape(shape)


def read_pair(path: Path, bounds: Bounds) -> Labelled:
    """Read the IDX file of images, and the labels that lie beside it; either may be named.

    Raises
    ------
    InputError
        If the other file is missing, or one is damaged.
    """
    images_path = _sibling(path, "labels", "images") if "labels" in path.name else path
    labels_path = _sibling(images_path, "images", "labels")
    images, labels = read_idx(images_path, bounds), read_idx(labels_path, bounds)
    if images.ndim == 1:
        raise InputError(f"{images_path} holds labels, not images; give the file of images.")
    if images.ndim == 4 and images.shape[3] not in (1, 3):
        raise InputError(f"{images_path} has {images.shape[3]} channels; give 1 or 3.")
    if images.size == 0:
        raise InputError(f"{images_path} holds no pixels; give a file that does.")
    if labels.ndim != 1:
        raise InputError(f"{labels_path} holds images, not labels; give the file of labels.")
    return Labelled(images, labels, images_path.name.removesuffix(".gz"))


def find_idx_images(folder: Path) -> list[Path]:
    """Find the IDX files of images in a folder: none, one, or training and test, in this order.

    Raises
    ------
    InputError
        If it holds several sets.
    """
    by_name = {
        path.name.removesuffix(".gz"): path
        for path in sorted(folder.iterdir(), reverse=True)
        if has_idx_name(path) and "images" in path.name and not path.name.startswith(".")
    }
    found = sorted(by_name.values())
    test = [path for path in found if any(word in path.name for word in _TEST_WORDS)]
    train = [path for path in found if path not in test]
    if len(found) > 1 and not len(train) == len(test) == 1:
        raise InputError(
            f"{folder} holds several IDX sets ({', '.join(path.name for path in found)}); "
            "give one file of images."
        )
    return [*train, *test]


def _shape(stream: io.BufferedReader | BinaryIO, path: Path) -> tuple[int, ...]:
    magic = stream.read(4)
    if not looks_like_idx(magic):
        raise InputError(
            f"{path} begins with {magic.hex() or 'nothing'}, which is no IDX magic for bytes "
            "(00000801 or 00000803); check that it is the right file."
        )
    lengths = stream.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise _wrong_length(path, 4 + 4 * magic[3], f"{4 + len(lengths)}")
    return tuple(int(length) for length in np.frombuffer(lengths, ">u4"))


def _fill(stream: io.BufferedReader | BinaryIO, content: np.ndarray[Any, Any]) -> int:
    """Read until the array is full or the file ends; how many bytes came."""
    held, room = 0, content.data
    while held < len(content):
        piece = stream.read(min(1 << 20, len(content) - held))
        if not piece:
            break
        room[held : held + len(piece)] = piece
        held += len(piece)
    return held


def _sibling(path: Path, old: str, new: str) -> Path:
    """The file of labels beside one of images, or the other way round."""
    dimensions = {"images": "idx3", "labels": "idx1"}
    plain = path.name.removesuffix(".gz").replace(old, new)
    plain = plain.replace(dimensions[old], dimensions[new])
    for ending in _STORAGE:
        candidate = path.with_name(plain + ending)
        if candidate != path and candidate.is_file():
            return candidate
    raise InputError(
        f"{path} needs its {new} beside it, but there is no {plain} nor {plain}.gz; put it there."
    )


def _wrong_length(path: Path, promised: int, held: str) -> InputError:
    return InputError(
        f"{path} is cut off or damaged: its header promises {promised:,} bytes, it has {held}; "
        "download it again."
    )

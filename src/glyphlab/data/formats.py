"""The Dataset file: one `.safetensors`, written whole or not at all, opened memory-mapped."""

import json
import mmap
from collections.abc import Iterator
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn, TypeGuard

import numpy as np

from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.ids import Ids
from glyphlab.errors import InputError
from glyphlab.files import atomic_path, parse_json

FORMAT = "glyphlab.dataset"
FORMAT_VERSION = "1"

_MAXIMUM_HEADER_BYTES = 100_000_000
_MAXIMUM_SIDE = 16_384
_BLOCK_BYTES = 64 << 20
_DTYPES: dict[str, np.dtype[Any]] = {"U8": np.dtype(np.uint8), "I64": np.dtype(np.int64)}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_TENSORS = {
    "labels": ("I64", 1),
    "id_offsets": ("I64", 1),
    "images": ("U8", 4),
    "id_bytes": ("U8", 1),
}


class _Tensor(NamedTuple):
    """Where one array lies in the file, in bytes from the header's end."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def save_dataset(dataset: Dataset, path: Path | str) -> None:
    """Write a Dataset as one `.safetensors` file, atomically.

    The same Dataset gives the same bytes. The file holds `labels` int64 [n], `id_offsets`
    int64 [n + 1], `images` uint8 [n, height, width, channels] and `id_bytes` uint8, in this
    order, so that the 8-byte numbers are aligned; images are streamed, never copied.

    Parameters
    ----------
    dataset : Dataset
        What to write.
    path : Path or str
        Where to; its folder is made if need be.

    Raises
    ------
    InputError
        If the place can't be written to, or the disk is full.
    """
    ids = Ids.from_strings(dataset.ids)
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "labels": dataset.labels,
        "id_offsets": ids.id_offsets,
        "images": dataset.images,
        "id_bytes": ids.id_bytes,
    }
    header = _header(arrays, _metadata(dataset))
    with atomic_path(Path(path)) as part, part.open("wb") as file:
        file.write(len(header).to_bytes(8, "little"))
        file.write(header)
        for array in arrays.values():
            _write_array(file, array)


def looks_like_dataset(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a `.safetensors` file."""
    length = int.from_bytes(head[:8], "little")
    return head[8:9] == b"{" and length <= _MAXIMUM_HEADER_BYTES


def _metadata(dataset: Dataset) -> dict[str, str]:
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": _printable(dataset.name),
        "classes": json.dumps(list(dataset.classes)),
        "source": _printable(dataset.source),
        "skipped": json.dumps([list(entry) for entry in dataset.skipped]),
    }
    if dataset.source_sha256 is not None:
        metadata["sha256"] = dataset.source_sha256
    return metadata


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _header(arrays: dict[str, np.ndarray[Any, Any]], metadata: dict[str, str]) -> bytes:
    header: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        header[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [start, end],
        }
    encoded = json.dumps(header, ensure_ascii=False).encode()
    return encoded + b" " * (-len(encoded) % 8)


def _write_array(file: BinaryIO, array: np.ndarray[Any, Any]) -> None:
    rows = max(1, _BLOCK_BYTES // max(1, array[:1].nbytes))
    for start in range(0, len(array), rows):
        file.write(np.ascontiguousarray(array[start : start + rows]).data)


def open_file(path: Path) -> Dataset:
    """Open one Dataset file, memory-mapped: images stay on disk until they are touched.

    Parameters
    ----------
    path : Path
        A file that `save_dataset` wrote.

    Raises
    ------
    InputError
        If there is no such file, it is no Dataset file, it is truncated, or its header lies.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            header, data_start = _read_header(file, size, path)
            tensors = _tensors(header, size - data_start, path)
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"Can't read {path}: {reason}; check the path.") from error
    arrays = {name: _view(content, data_start, tensor) for name, tensor in tensors.items()}
    ids = Ids(arrays["id_bytes"], arrays["id_offsets"])
    if not ids.are_in_order:
        _refuse(path, "its ids are out of order")
    metadata = _texts(header.get("__metadata__"), path)
    return Dataset(
        images=arrays["images"],
        labels=arrays["labels"],
        ids=ids,
        classes=_json_list(metadata, "classes", path),
        name=metadata.get("name", path.stem),
        source=metadata.get("source", str(path)),
        source_sha256=metadata.get("sha256"),
        skipped=list(_skipped(metadata, path)),
    )


def _read_header(file: BinaryIO, size: int, path: Path) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(file.read(8), "little")
    if length > min(size - 8, _MAXIMUM_HEADER_BYTES):
        _refuse(path, "it is truncated, or no Dataset file at all")
    try:
        header = parse_json(file.read(length))
    except ValueError:
        _refuse(path, "its header is no JSON")
    if not isinstance(header, dict):
        _refuse(path, "its header is no JSON object")
    metadata = _texts(header.get("__metadata__"), path)
    if metadata.get("format") != FORMAT:
        _refuse(path, "it is a .safetensors file of something else")
    if metadata.get("format_version") != FORMAT_VERSION:
        raise InputError(
            f"{path} has format version {metadata.get('format_version')!r}, and this glyphlab "
            f"reads version {FORMAT_VERSION}; update glyphlab."
        )
    return header, 8 + length


def _tensors(header: dict[str, Any], data_size: int, path: Path) -> dict[str, _Tensor]:
    """The arrays' places, after checking that they tile the data exactly."""
    if set(header) - {"__metadata__"} != set(_TENSORS):
        _refuse(path, f"it must hold exactly {', '.join(sorted(_TENSORS))}")
    tensors = {name: _tensor(name, header[name], path) for name in _TENSORS}
    places = sorted((tensor.start, tensor.end) for tensor in tensors.values())
    tiled = all(before[1] == after[0] for before, after in pairwise(places))
    if places[0][0] != 0 or not tiled:
        _refuse(path, "its header names overlapping or scattered data")
    if places[-1][1] != data_size:
        _refuse(path, f"its header promises {places[-1][1]:,} bytes of data, it has {data_size:,}")
    count, height, width, channels = tensors["images"].shape
    if not (1 <= height <= _MAXIMUM_SIDE and 1 <= width <= _MAXIMUM_SIDE):
        _refuse(path, f"its images are {height}×{width}")
    if channels not in (1, 3):
        _refuse(path, f"its images have {channels} channels")
    if tensors["id_offsets"].shape != (count + 1,):
        _refuse(path, "it does not have one id for each image")
    return tensors


def _tensor(name: str, entry: object, path: Path) -> _Tensor:
    dtype, dimensions = _TENSORS[name]
    fields: dict[str, object] = entry if isinstance(entry, dict) else {}
    shape, offsets = fields.get("shape"), fields.get("data_offsets")
    if (
        fields.get("dtype") != dtype
        or not _counts(shape, dimensions)
        or not _counts(offsets, 2)
        or offsets[1] - offsets[0] != prod(shape) * _DTYPES[dtype].itemsize
    ):
        _refuse(path, f"its header describes {name!r} wrongly")
    return _Tensor(dtype, tuple(shape), offsets[0], offsets[1])


def _counts(value: object, length: int) -> TypeGuard[list[int]]:
    """Whether this is a list of so many whole numbers ≥ 0."""
    return (
        isinstance(value, list)
        and len(value) == length
        and all(type(item) is int and item >= 0 for item in value)
    )


def _view(content: mmap.mmap, data_start: int, tensor: _Tensor) -> np.ndarray[Any, Any]:
    dtype = _DTYPES[tensor.dtype]
    array = np.frombuffer(content, np.uint8)[data_start + tensor.start : data_start + tensor.end]
    if (data_start + tensor.start) % dtype.itemsize:
        array = array.copy()
    viewed: np.ndarray[Any, Any] = array.view(dtype).reshape(tensor.shape)
    return viewed


def _texts(value: object, path: Path) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        _refuse(path, "it has no metadata")
    return value


def _json_list(metadata: dict[str, str], key: str, path: Path) -> list[str]:
    entries = _parsed(metadata, key, path)
    if not all(isinstance(entry, str) for entry in entries):
        _refuse(path, f"its metadata {key!r} is no list of names")
    return entries


def _skipped(metadata: dict[str, str], path: Path) -> Iterator[Skipped]:
    for entry in _parsed(metadata, "skipped", path) if "skipped" in metadata else ():
        match entry:
            case [str(file), str(reason)]:
                yield Skipped(file, reason)
            case _:
                _refuse(path, "its metadata 'skipped' is no list of path and reason")


def _parsed(metadata: dict[str, str], key: str, path: Path) -> list[Any]:
    try:
        value = parse_json(metadata.get(key, ""))
    except ValueError:
        value = None
    if not isinstance(value, list):
        _refuse(path, f"its metadata {key!r} is no JSON list")
    return value


def _refuse(path: Path, problem: str) -> NoReturn:
    raise InputError(
        f"{path} can't be opened as a Dataset: {problem}; "
        "make it again with `glyphlab data add` from its source."
    )

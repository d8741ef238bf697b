"""From a folder, archive, IDX pair, npz, Dataset file or stored name to Datasets."""

import hashlib
import logging
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path
from typing import Any

from glyphlab.data.archives import Bounds
from glyphlab.data.assemble import TrainTest, assemble
from glyphlab.data.collect import collect
from glyphlab.data.dataset import Dataset, check_compatible
from glyphlab.data.formats import looks_like_dataset
from glyphlab.data.idx import find_idx_images, has_idx_name, looks_like_idx, read_pair
from glyphlab.data.interchange.columns import TableOptions
from glyphlab.data.interchange.objects import read_object
from glyphlab.data.labelled import Labelled, to_datasets
from glyphlab.data.members import open_members
from glyphlab.data.npz import is_npz, read_npz
from glyphlab.data.opening import open_dataset
from glyphlab.data.resize import channels_of, check_size
from glyphlab.data.sharded import holds_shards
from glyphlab.data.stores.address import is_remote, shown
from glyphlab.data.stores.finding import ENDINGS, without_part
from glyphlab.data.stores.loading import load_address
from glyphlab.data.tar import looks_like_tar, unpacked
from glyphlab.data.wish import Wish
from glyphlab.errors import InputError
from glyphlab.progress import Progress, no_progress

__all__ = ["TrainTest", "load"]

_log = logging.getLogger(__name__)

_READS = (
    "a folder or an archive (.tar, .tar.gz, .zip) with one folder per class, IDX, .npz, or a "
    "Dataset file (.safetensors)"
)


class _Kind(Enum):
    FOLDER = auto()
    TAR = auto()
    ZIP = auto()
    NPZ = auto()
    IDX = auto()
    IDX_FOLDER = auto()
    DATASET = auto()


def load(
    source: Any,
    *,
    name: str | None = None,
    size: int = 28,
    mode: str = "grey",
    allow_unreadable: bool = False,
    image_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    root: str | Path | None = None,
    progress: Progress = no_progress,
) -> Dataset | TrainTest:
    """Read labelled images.

    Parameters
    ----------
    source : str, Path or dataset
        A folder with one folder per class, or such a one inside a `.tar`, `.tar.gz` or `.zip`;
        a file of IDX images with its labels beside it, or a folder of such; an `.npz`; a
        Dataset file or a folder of them; or the name of a stored Dataset, which goes before a
        path of the same name if it is a plain word; or the address of a file or of a sharded
        Dataset in a store (`https://`, `s3://`, `gs://`, …). With `:train` or `:test` at its end,
        one part only. Or a dataset of another tool: a torch `Dataset` or any finite iterable of
        (image, label); a Hugging Face `datasets.Dataset` or `DatasetDict`; a pandas frame of
        paths and labels; arrays (images, labels).
    name : str, optional
        What to call the Dataset; else it is named for its source. Parts are called
        `name:train` and `name:test`.
    size : int
        Side of the images in pixels; has no effect on Dataset files, which have theirs.
    mode : str
        `grey` or `rgb`; has no effect on Dataset files.
    allow_unreadable : bool
        Read on if over 5 % of the files that are named as images can't be read.
    image_column, label_column : str, optional
        Names of columns of a table; else they are found by their types and usual names.
    split_column : str, optional
        Column of a frame that says `train` or `test` of each row; else one called `split`, `part`
        or `subset`, if it says so. Other rows are skipped.
    root : str or Path, optional
        Where relative paths of a frame begin; else in the working folder.
    progress : callable
        Called with the files done so far, and how many there are if that is known; before, while
        a file of a store is fetched, with its bytes.

    Returns
    -------
    Dataset or TrainTest
        Images sorted by id, which is the path inside the source; those of arrays and of other
        tools in their own order. TrainTest if the source has both parts.

    Raises
    ------
    InputError
        If there is nothing, or nothing usable, at that place: no images, one class, a class
        without readable images, a damaged or dangerous archive, images and labels that differ
        in number.
    """
    check_size(size)
    channels_of(mode)
    wish = Wish(size, mode, allow_unreadable, progress, Bounds())
    options = TableOptions(image_column, label_column, split_column, root)
    started = time.perf_counter()
    if isinstance(source, str | Path):
        what, loaded = shown(str(source)), _find_path(source, wish, options)
    else:
        what, loaded = f"a {type(source).__name__}", read_object(source, wish, options)
    _log.info("Read %s in %.1f s: %s.", what, time.perf_counter() - started, loaded)
    if name is None:
        return loaded
    return _renamed(loaded, name)


def _find_path(source: str | Path, wish: Wish, options: TableOptions) -> Dataset | TrainTest:
    if options != TableOptions():
        raise InputError(
            f"Names of columns and root are for tables, not for {shown(str(source))}; leave them "
            "out."
        )
    return _find(source, wish)


def _find(source: str | Path, wish: Wish) -> Dataset | TrainTest:
    if isinstance(source, str) and is_remote(source):
        return _find_remote(source, wish)
    stored = _stored(source) if isinstance(source, str) else None
    if stored is not None:
        return stored
    path = Path(source)
    if path.exists():
        return _read(path, wish)
    text = str(source)
    whole, part = without_part(text)
    if part is not None:
        return _part(_find(whole, wish), part, whole)
    raise InputError(
        f"There is no file, folder or stored Dataset {text!r}; check the path, or see the names "
        "with `glyphlab data list`."
    )


def _find_remote(source: str, wish: Wish) -> Dataset | TrainTest:
    address, part = without_part(source)
    loaded = load_address(address, lambda path: _find(path, wish), wish.progress)
    return loaded if part is None else _part(loaded, part, shown(address))


def _stored(name: str) -> Dataset | TrainTest | None:
    from glyphlab.data.catalog import BUILT_IN, open_stored

    if name == BUILT_IN:
        from glyphlab.data.glyphs import load_glyphs

        return load_glyphs()
    return open_stored(name)


def _part(loaded: Dataset | TrainTest, part: str, whole: str) -> Dataset:
    if isinstance(loaded, Dataset):
        raise InputError(f"{whole} has no part {part!r}: it is one Dataset; leave :{part} out.")
    return loaded.train if part == "train" else loaded.test


def _renamed(loaded: Dataset | TrainTest, name: str) -> Dataset | TrainTest:
    if isinstance(loaded, Dataset):
        return loaded.renamed(name)
    return TrainTest(loaded.train.renamed(f"{name}:train"), loaded.test.renamed(f"{name}:test"))


def _read(path: Path, wish: Wish) -> Dataset | TrainTest:
    readers: dict[_Kind, Callable[[Path, Wish], Dataset | TrainTest]] = {
        _Kind.FOLDER: _read_images,
        _Kind.TAR: _read_images,
        _Kind.ZIP: _read_images,
        _Kind.NPZ: _read_npz,
        _Kind.IDX: _read_idx_file,
        _Kind.IDX_FOLDER: _read_idx_folder,
        _Kind.DATASET: _read_dataset,
    }
    try:
        kind = _folder_kind(path) if path.is_dir() else _file_kind(path)
        loaded = readers[kind](path, wish)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"Can't read {path}: {reason}; check its permissions.") from error
    except MemoryError as error:
        raise InputError(
            f"{path} needs more memory than there is; give a smaller part of it, or another "
            "machine."
        ) from error
    return loaded if kind is _Kind.DATASET else _renamed(loaded, _stem(path))


def _folder_kind(path: Path) -> _Kind:
    if any(path.glob("*.safetensors")) or _both_parts(path):
        return _Kind.DATASET
    return _Kind.IDX_FOLDER if find_idx_images(path) else _Kind.FOLDER


def _file_kind(path: Path) -> _Kind:
    """Tell a file's kind by its content; only a damaged IDX file is known by its name."""
    if not path.is_file():
        raise InputError(f"{path} is neither a file nor a folder; give {_READS}.")
    with path.open("rb") as file:
        start = file.read(16)
        file.seek(0)
        head = unpacked(file, path, Bounds()).read(512)
    if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _Kind.NPZ if is_npz(path) else _Kind.ZIP
    if looks_like_idx(head) or has_idx_name(path):
        return _Kind.IDX
    if looks_like_tar(head):
        return _Kind.TAR
    if looks_like_dataset(start) or path.suffix == ".safetensors":
        return _Kind.DATASET
    raise InputError(f"{path} is nothing that glyphlab reads; give {_READS}.")


def _read_images(path: Path, wish: Wish) -> Dataset | TrainTest:
    members, total = open_members(path, wish.bounds)
    with warnings.catch_warnings(), ThreadPoolExecutor(1, "digest") as pool:
        warnings.simplefilter("ignore")
        sha256 = pool.submit(_digest, path)
        found = collect(members, wish.size, wish.mode, wish.progress, total)
    loaded = assemble(found, path, allow_unreadable=wish.allow_unreadable)
    return _signed(loaded, sha256.result())


def _read_npz(path: Path, wish: Wish) -> Dataset | TrainTest:
    parts, classes = read_npz(path, wish.bounds)
    return _pair(parts, path, wish, classes)


def _read_idx_file(path: Path, wish: Wish) -> Dataset | TrainTest:
    return _pair([read_pair(path, wish.bounds)], path, wish)


def _read_idx_folder(path: Path, wish: Wish) -> Dataset | TrainTest:
    parts = [read_pair(images, wish.bounds) for images in find_idx_images(path)]
    return _pair(parts, path, wish)


def _pair(
    parts: list[Labelled], path: Path, wish: Wish, classes: list[str] | None = None
) -> Dataset | TrainTest:
    datasets = to_datasets(parts, str(path), wish.size, wish.mode, classes)
    count = sum(map(len, datasets))
    wish.progress(count, count)
    loaded = datasets[0] if len(datasets) == 1 else TrainTest(*datasets)
    return _signed(loaded, _digest(path))


def _digest(path: Path) -> str | None:
    """SHA-256 of a file, in hexadecimal; None for a folder."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _signed(loaded: Dataset | TrainTest, sha256: str | None) -> Dataset | TrainTest:
    if isinstance(loaded, Dataset):
        return replace(loaded, source_sha256=sha256)
    return TrainTest(*(replace(part, source_sha256=sha256) for part in loaded))


def _read_dataset(path: Path, wish: Wish) -> Dataset | TrainTest:
    parts = _both_parts(path)
    if parts is not None:
        loaded = TrainTest(*map(open_dataset, parts))
        check_compatible(loaded.train, loaded.test)
        return loaded
    return open_dataset(path)


def _both_parts(path: Path) -> tuple[Path, Path] | None:
    """The training and the test images of a folder that has both, in shards or in files."""
    shards = path / "train", path / "test"
    if all(map(holds_shards, shards)):
        return shards
    files = path / "train.safetensors", path / "test.safetensors"
    return files if all(file.is_file() for file in files) else None


def _stem(path: Path) -> str:
    """The name of a file without the ending that tells its kind."""
    name = path.resolve().name
    for ending in ENDINGS:
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name

"""NumPy's `.npz` with images and labels; nothing in it is unpickled."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from glyphlab.data.archives import Bounds
from glyphlab.data.labelled import Labelled, checked_images
from glyphlab.data.zips import listed_entries
from glyphlab.errors import InputError

_NAMES = (("images", "labels"), ("x", "y"), ("X", "y"), ("arr_0", "arr_1"))
_SPLIT_NAMES = (
    ("x_train", "y_train", "x_test", "y_test"),
    ("X_train", "y_train", "X_test", "y_test"),
    ("train_images", "train_labels", "test_images", "test_labels"),
)


class Npz(NamedTuple):
    """What an npz holds.

    Parameters
    ----------
    parts : list of Labelled
        One, or training and test.
    classes : list of str, optional
        Class names, if the file has them.
    """

    parts: list[Labelled]
    classes: list[str] | None


def read_npz(path: Path, bounds: Bounds) -> Npz:
    """Read an npz with images and labels.

    The arrays are named `images` and `labels`, `x` and `y`, or `x_train`, `y_train`, `x_test`
    and `y_test`; there may be `classes`, a list of strings that the labels are indices into.
    Images are [n, height, width] or [n, height, width, 1 or 3]: whole numbers from 0 to 255,
    or floating-point ones from 0 to 1, which are multiplied by 255 and rounded. Labels are
    whole numbers or strings [n].

    Parameters
    ----------
    path : Path
        The file.
    bounds : Bounds
        How much it may unpack to.

    Raises
    ------
    InputError
        If it is damaged, holds pickled objects, lacks these names, or has other shapes or
        values.
    """
    _check_members(path, bounds)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            names = _names(set(arrays.files), path)
            held = {name: arrays[name] for name in (*names, "classes") if name in arrays.files}
    except InputError:
        raise
    except Exception as error:  # NumPy raises nearly anything on a damaged file
        raise InputError(_why_unread(path, error)) from error
    for name, array in held.items():
        if not isinstance(array, np.ndarray):  # NumPy gives the bytes of what is no array.
            raise InputError(
                f"{path}: {name} is no array, so it is damaged; copy or make it again."
            )
    parts = [
        Labelled(checked_images(held[x], x, path), _labels(held[y], y, path), x)
        for x, y in zip(names[::2], names[1::2], strict=True)
    ]
    return Npz(parts, _classes(held.get("classes"), path))


def is_npz(path: Path) -> bool:
    """Whether a zip holds NumPy arrays and nothing else."""
    try:
        names = [entry.filename for entry in listed_entries(path)]
    except (InputError, OSError):
        return path.suffix.lower() == ".npz"
    return bool(names) and all(name.endswith(".npy") for name in names)


def _check_members(path: Path, bounds: Bounds) -> None:
    try:
        entries = listed_entries(path)
    except InputError as error:
        raise InputError(f"{path} is cut off or damaged; copy or make it again.") from error
    bounds.check_entries(len(entries), path)
    bounds.check_total(sum(entry.file_size for entry in entries), path.stat().st_size, path)


def _names(held: set[str], path: Path) -> tuple[str, ...]:
    for names in (*_SPLIT_NAMES, *_NAMES):
        if held.issuperset(names):
            return names
    raise InputError(
        f"{path} holds {', '.join(sorted(held)) or 'nothing'}; name the arrays images and "
        "labels, x and y, or x_train, y_train, x_test and y_test."
    )


def _labels(labels: np.ndarray[Any, Any], name: str, path: Path) -> np.ndarray[Any, Any]:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "iuU":
        raise InputError(
            f"{path}: {name} is {labels.dtype} {list(labels.shape)}; give one whole number or "
            "string for each image."
        )
    return labels


def _classes(classes: np.ndarray[Any, Any] | None, path: Path) -> list[str] | None:
    if classes is None:
        return None
    if classes.ndim != 1 or classes.dtype.kind != "U":
        raise InputError(f"{path}: classes is no list of strings; give one name for each class.")
    return [str(name) for name in classes]


def _why_unread(path: Path, error: Exception) -> str:
    if "pickle" in str(error).lower():
        return f"{path} holds pickled objects, which are never loaded; save plain arrays."
    return f"{path} is cut off or damaged; copy or make it again."

"""Some training images that a finished Run keeps beside its weights, and what it says of them."""

from collections.abc import Callable
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float32, Int64
from safetensors import SafetensorError
from safetensors.numpy import load, save

from glyphlab.data.dataset import Dataset
from glyphlab.data.opening import open_dataset
from glyphlab.errors import InputError
from glyphlab.files import read_limited, write_bytes

MOST = 2_000
MOST_BYTES = 16_000_000
"""Of pixels: fewer examples are kept of large images."""
_LOGITS = "logits"
_LARGEST_FILE = 256_000_000
"""With ids and class names, which a Dataset does not bound."""

Kept = TypeVar("Kept")


def choose_examples(
    dataset: Dataset, trained_on: Int64[np.ndarray, " n_train"], seed: int
) -> Dataset:
    """Draw up to `MOST` of the images trained on, without the path of their source.

    Parameters
    ----------
    dataset : Dataset
    trained_on : int64 [n_train]
        Indices of the images trained on; no other is chosen.
    seed : int
        Decides which ones.

    Returns
    -------
    Dataset
        Empty where a single image has more than `MOST_BYTES`.
    """
    most = min(MOST, MOST_BYTES // prod(dataset.image_shape))
    chosen = trained_on[draw_evenly(dataset.labels[trained_on], most, seed)]
    return replace(dataset.subset(chosen), source="", source_sha256=None, skipped=())


def open_examples(path: Path) -> Dataset | None:
    """Open the examples of a run, memory-mapped; None where there is no such file.

    Raises
    ------
    InputError
        If the file is damaged, or of something else.
    """
    return _whole(path, "examples", _read_examples)


def _read_examples(path: Path) -> Dataset | None:
    return open_dataset(path) if path.stat().st_size <= _LARGEST_FILE else None


def save_logits(logits: Float32[np.ndarray, "n classes"], path: Path) -> None:
    """Write what a model says of the examples, as one `.safetensors` file, atomically.

    Raises
    ------
    InputError
        If the place can't be written to, or the disk is full.
    """
    write_bytes(path, save({_LOGITS: np.ascontiguousarray(logits)}))


def open_logits(path: Path) -> Float32[np.ndarray, "n classes"] | None:
    """Read what `save_logits` wrote; None where there is no such file.

    Raises
    ------
    InputError
        If the file is damaged, or of something else.
    """
    return _whole(path, "logits", _read_logits)


def _read_logits(path: Path) -> Float32[np.ndarray, "n classes"] | None:
    logits = load(read_limited(path, "file of logits", _LARGEST_FILE))[_LOGITS]
    return logits if logits.ndim == 2 and logits.dtype == np.float32 else None


def _whole(path: Path, kind: str, read: Callable[[Path], Kept | None]) -> Kept | None:
    """What is read of a file; None where there is none, and an InputError where it is damaged."""
    if not path.exists():
        return None
    problem: Exception | None = None
    try:
        if (kept := read(path)) is not None:
            return kept
    except (OSError, InputError, SafetensorError, KeyError) as error:
        problem = error
    raise InputError(
        f"{path} is no whole file of {kind}; delete it to do without them, or train again."
    ) from problem


def draw_evenly(labels: Int64[np.ndarray, " n"], most: int, seed: int) -> Int64[np.ndarray, " k"]:
    """Draw images so that no class has more than another, unless that one has no more.

    Parameters
    ----------
    labels : int64 [n]
    most : int
        Images to draw; all are taken where there are fewer.
    seed : int

    Returns
    -------
    int64 [min(n, most)]
        Indices in rising order.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    counts = np.bincount(labels)
    rank_in_class = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = np.argsort(rank_in_class, kind="stable")[:most]
    return np.sort(by_class[first])

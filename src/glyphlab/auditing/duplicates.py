"""Exact duplicates: images with the same pixels, and those of them with different labels."""

from hashlib import blake2b

import numpy as np
from jaxtyping import Int64, Shaped, UInt8

from glyphlab.progress import Progress, no_progress

DIGEST_BYTES = 16
NOBODY = -1
"""In place of a label that most images with some pixels bear, where there is none."""
_STEP = 10_000

Digests = Shaped[np.ndarray, " n"]
"""The digest of each image, as one value of 16 bytes."""


def digests(
    images: UInt8[np.ndarray, "n height width channels"], progress: Progress = no_progress
) -> Digests:
    """Compute a 128-bit digest of each image's pixels (BLAKE2b), the same for the same pixels.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]
        All of one shape; two sets can be compared if their shapes are equal.
    progress : callable
        Told how many images are done.

    Returns
    -------
    bytes [n]
        16 bytes each.
    """
    made = np.empty(len(images), f"V{DIGEST_BYTES}")
    for start in range(0, len(images), _STEP):
        part = np.ascontiguousarray(images[start : start + _STEP])
        for number, image in enumerate(part, start):
            made[number] = blake2b(image.data, digest_size=DIGEST_BYTES).digest()
        progress(start + len(part), len(images))
    return made


def first_alike(keys: Digests) -> Int64[np.ndarray, " n"]:
    """Find, for each image, the first one with the same digest: itself, if there is none before.

    Returns
    -------
    int64 [n]
    """
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return np.asarray(first[which], np.int64)


def first_among(keys: Digests, others: Digests) -> Int64[np.ndarray, " n"]:
    """Find, for each image, the first of another set with the same digest; -1 if there is none.

    Returns
    -------
    int64 [n]
        Indices into `others`.
    """
    both = np.concatenate([others, keys])
    first = first_alike(both)[len(others) :]
    return np.where(first < len(others), first, -1)


def outvoted(
    first: Int64[np.ndarray, " n"], labels: Int64[np.ndarray, " n"]
) -> list[tuple[int, int]]:
    """Find images whose pixels occur with another label as well, which can't both be right.

    Where one label holds more than half of the images with these pixels, the others are outvoted;
    where none does, all of them are.

    Parameters
    ----------
    first : int64 [n]
        As `first_alike` gives it.
    labels : int64 [n]

    Returns
    -------
    list of (int, int)
        Index of an outvoted image, and of the first image with its pixels and another label.
    """
    pairs = np.unique(np.stack([first, labels], 1), axis=0)
    firsts, sizes = np.unique(pairs[:, 0], return_counts=True)
    found: list[tuple[int, int]] = []
    order = np.argsort(first, kind="stable")
    ordered, disputed = first[order], firsts[sizes > 1]
    starts = np.searchsorted(ordered, disputed, "left")
    ends = np.searchsorted(ordered, disputed, "right")
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        group = order[start:end]
        counts = np.bincount(labels[group])
        winner = counts.argmax() if 2 * counts.max() > len(group) else NOBODY
        for index in group[labels[group] != winner].tolist():
            other = group[labels[group] != labels[index]][0]
            found.append((index, int(other)))
    return found

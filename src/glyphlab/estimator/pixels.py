"""From the arrays of scikit-learn to images of uint8."""

import math
from collections.abc import Iterator, Sequence
from numbers import Integral
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float64, UInt8

from glyphlab.errors import InputError
from glyphlab.models.shapes import ImageShape

LEAST_SIDE = 28
TOGETHER = 64
CHUNK = 1 << 22

Features = np.ndarray[Any, np.dtype[Any]]
Limits = tuple[Float64[np.ndarray, " one_or_features"], Float64[np.ndarray, " one_or_features"]]
"""The values that become levels 0 and 255: one pair for all pixels, or one for each feature."""

LEVELS: Limits = (np.array([0.0]), np.array([255.0]))
SHARES: Limits = (np.array([0.0]), np.array([1.0]))


def as_rows(X: Any) -> tuple[Any, ImageShape | None]:
    """Give what may be an array of images one row for each, and tell the shape that it had.

    Parameters
    ----------
    X : array-like [n, features], [n, height, width] or [n, height, width, channels]

    Returns
    -------
    rows, shape
        X itself and None where it has no axes of images.

    Raises
    ------
    InputError
        If it has more axes, or other than 1 or 3 channels.
    """
    rows = np.asarray(X) if isinstance(X, list | tuple) else X
    if getattr(rows, "ndim", 2) < 3:
        return rows, None
    images = np.asarray(rows)
    axes = images.shape[1:]
    return images.reshape(len(images), math.prod(axes)), _image_shape(axes, "X")


def choose_shape(
    features: int, given: ImageShape | None, asked: Sequence[int] | None
) -> ImageShape:
    """Tell what images rows of so many features are.

    Parameters
    ----------
    features : int
        Numbers of an image.
    given : (height, width, channels), optional
        As the axes of the array say.
    asked : sequence of int, optional
        Height, width and, where there are several, channels, as the user says.

    Returns
    -------
    (height, width, channels)
        What is given, or asked for. With neither, the image is grey and as near to a square as can
        be: with as many columns as the root of the number of features, rounded up, and as few rows
        as hold them. What they leave of the last row stays black.

    Raises
    ------
    InputError
        If what is asked for is no image, or not what is given.
    """
    if asked is None:
        columns = math.isqrt(features - 1) + 1
        return given or (-(-features // columns), columns, 1)
    shape = _image_shape(tuple(np.atleast_1d(asked).tolist()), "image_shape")
    if math.prod(shape) != features or given not in (None, shape):
        there = f"images of {by(given)}" if given else f"{features} features"
        raise InputError(
            f"image_shape says {by(shape)}, but X has {there}; "
            "give the height, width and channels that its images have."
        )
    return shape


def learn_limits(X: Features, are_pixels: bool) -> Limits:
    """Tell which values of X shall become levels 0 and 255.

    Numbers of uint8, and others that are all whole and from 0 to 255, are levels already; numbers
    that all lie from 0 to 1 are shares of white. Of others, the lowest and the highest become black
    and white: over all images where they are pixels, and otherwise feature by feature, since the
    columns of a table have units of their own.

    Parameters
    ----------
    X : numbers [n, features]
        What is learned from; finite.
    are_pixels : bool
        Whether features are known to be pixels.
    """
    low, high = float(X.min()), float(X.max())
    if X.dtype == np.uint8:
        return LEVELS
    if low >= 0 and high <= 1:
        return SHARES
    if low >= 0 and high <= 255 and _is_whole(X):
        return LEVELS
    if are_pixels:
        return np.array([low]), np.array([high])
    return X.min(axis=0).astype(np.float64), X.max(axis=0).astype(np.float64)


def to_images(
    X: Features, limits: Limits, shape: ImageShape
) -> UInt8[np.ndarray, "n height width channels"]:
    """Make images of numbers, whose sides are at least `LEAST_SIDE`.

    Parameters
    ----------
    X : numbers [n, features]
        What lies outside the limits is set to the nearer one.
    limits : pair of float64 [1] or [features]
        See `learn_limits`; a feature that has only one value is black.
    shape : (height, width, channels)
        Of the images before they are enlarged; of at least as many pixels as features.

    Returns
    -------
    uint8 [n, height, width, channels]
        A view of X where there is nothing to be done.
    """
    size = math.prod(shape)
    if X.dtype == np.uint8 and X.shape[1] == size and np.array_equal(limits, LEVELS):
        levels = np.ascontiguousarray(X)
    else:
        levels = np.zeros((len(X), size), np.uint8)
        for rows in _chunks(X):
            levels[rows, : X.shape[1]] = _to_levels(X[rows], limits)
    return _enlarge(levels.reshape(-1, *shape))


def filled_up(
    images: UInt8[np.ndarray, "n height width channels"],
) -> UInt8[np.ndarray, "filled height width channels"]:
    """Add black images up to whole batches of `TOGETHER`.

    In batches of other sizes, what is said of an image changes in its last digits with its place
    and with the number of those beside it, since processors round what is left over otherwise.
    """
    missing = -len(images) % TOGETHER
    return np.concatenate([images, np.zeros((missing, *images.shape[1:]), np.uint8)])


def _to_levels(X: Features, limits: Limits) -> UInt8[np.ndarray, "n features"]:
    low, high = limits
    span = np.where(high > low, high - low, np.inf)
    return np.rint((np.clip(X, low, high) - low) * (255 / span)).astype(np.uint8)


def _enlarge(
    images: UInt8[np.ndarray, "n height width channels"],
) -> UInt8[np.ndarray, "n height width channels"]:
    """Stretch each side that is below `LEAST_SIDE` to it, linearly, in the same way everywhere."""
    n, height, width, channels = images.shape
    size = max(height, LEAST_SIDE), max(width, LEAST_SIDE)
    if size == (height, width):
        return images
    enlarged = np.empty((n, *size, channels), np.uint8)
    for i, image in enumerate(images):
        stretched = cv2.resize(image, size[::-1], interpolation=cv2.INTER_LINEAR_EXACT)
        enlarged[i] = stretched.reshape(*size, channels)
    return enlarged


def _is_whole(X: Features) -> bool:
    if X.dtype.kind in "iub":
        return True
    return all(np.array_equal(X[rows], np.rint(X[rows])) for rows in _chunks(X))


def _chunks(X: Features) -> Iterator[slice]:
    """Rows of some million numbers, so that what is made of them is small beside X."""
    step = max(1, CHUNK // X.shape[1])
    return (slice(start, start + step) for start in range(0, len(X), step))


def _image_shape(axes: Sequence[int], name: str) -> ImageShape:
    whole = all(isinstance(side, Integral) and side >= 1 for side in axes)
    if whole and len(axes) in (2, 3):
        height, width, channels = map(int, (*axes, 1)[:3])
        if channels in (1, 3):
            return height, width, channels
    raise InputError(f"{name} has images of {by(axes)}; give height, width, and 1 or 3 channels.")


def by(axes: Sequence[int]) -> str:
    """Axes for a sentence, as 28×28×1."""
    return "×".join(map(str, axes))

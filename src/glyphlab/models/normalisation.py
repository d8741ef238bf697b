"""Mean and spread of the pixels of a Dataset."""

from collections.abc import Iterator

import cv2
import numpy as np
from jaxtyping import Int64, UInt8

CHUNK = 1 << 22
LEAST_STD = 1 / 255


def normalisation(
    images: UInt8[np.ndarray, "n height width channels"],
    index: Int64[np.ndarray, " k"] | None = None,
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, of pixels as shares of 255.

    They are worked out exactly, from counts of the 256 levels, over a few million pixels at a
    time, so that the images are never copied whole.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]
    index : int64 [k], optional
        The images that count; all of them by default.

    Returns
    -------
    mean, std : float [channels], float [channels]
        The standard deviation is at least one grey level, 1/255, so that dividing by it is safe
        for images of one level; it is 1 and the mean 0 where there is no image.
    """
    if index is None:
        index = np.arange(len(images))
    moments = [_moments(counts) for counts in _level_counts(images, index).tolist()]
    return tuple(mean for mean, _ in moments), tuple(std for _, std in moments)


def _level_counts(
    images: UInt8[np.ndarray, "n height width channels"], index: Int64[np.ndarray, " k"]
) -> Int64[np.ndarray, "channels 256"]:
    channels = images.shape[3]
    counts = np.zeros((channels, 256), np.int64)
    for rows in _rows(images, index):
        for channel in range(channels):
            found = cv2.calcHist([rows], [channel], None, [256], [0, 256])
            counts[channel] += found.ravel().astype(np.int64)
    return counts


def _rows(
    images: UInt8[np.ndarray, "n height width channels"], index: Int64[np.ndarray, " k"]
) -> Iterator[UInt8[np.ndarray, "rows width channels"]]:
    """The rows of pixels of these images, few enough that their counts are exact in float32."""
    _, height, width, channels = images.shape
    images_at_once, rows_at_once = max(1, CHUNK // (height * width)), max(1, CHUNK // width)
    for start in range(0, len(index), images_at_once):
        rows = images[index[start : start + images_at_once]].reshape(-1, width, channels)
        yield from (rows[i : i + rows_at_once] for i in range(0, len(rows), rows_at_once))


def _moments(counts: list[int]) -> tuple[float, float]:
    total = sum(counts)
    if total == 0:
        return 0.0, 1.0
    first = sum(level * count for level, count in enumerate(counts))
    second = sum(level * level * count for level, count in enumerate(counts))
    variance = (total * second - first * first) / (total * total)
    return first / (total * 255), max(variance**0.5 / 255, LEAST_STD)

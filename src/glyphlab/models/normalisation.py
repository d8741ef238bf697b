"""Mean and spread of the pixels of a Dataset."""

import numpy as np
from jaxtyping import UInt8

CHUNK = 1 << 22
LEAST_STD = 1 / 255


def normalisation(
    images: UInt8[np.ndarray, "n height width channels"],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, of pixels as shares of 255.

    They are worked out exactly, from counts of the 256 levels.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]

    Returns
    -------
    mean, std : float [channels], float [channels]
        The standard deviation is at least one grey level, 1/255, so that dividing by it is safe
        for images of one level; it is 1 and the mean 0 where there is no image.
    """
    channels = [_moments(_level_counts(images, c)) for c in range(images.shape[3])]
    return tuple(mean for mean, _ in channels), tuple(std for _, std in channels)


def _level_counts(images: UInt8[np.ndarray, "n height width channels"], channel: int) -> list[int]:
    per_image = max(1, images.shape[1] * images.shape[2])
    step = max(1, CHUNK // per_image)
    counts = np.zeros(256, np.int64)
    for start in range(0, len(images), step):
        levels = images[start : start + step, :, :, channel]
        counts += np.bincount(levels.ravel(), minlength=256)
    return [int(count) for count in counts]


def _moments(counts: list[int]) -> tuple[float, float]:
    total = sum(counts)
    if total == 0:
        return 0.0, 1.0
    first = sum(level * count for level, count in enumerate(counts))
    second = sum(level * level * count for level, count in enumerate(counts))
    variance = (total * second - first * first) / (total * total)
    return first / (total * 255), max(variance**0.5 / 255, LEAST_STD)

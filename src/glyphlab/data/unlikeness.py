"""How unlike all of some examples an image is: by its distances to the nearest of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import prod
from typing import Any

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8

SHARE = 0.01
"""Share of images of the right kind that are called unlike, by the choice of the limits."""
FEWEST = 100
"""Images from which limits can be taken."""
LONGEST = 14
"""Pixels on the longer side of the images that are compared."""
NEIGHBOURS = 3
_LEAST_CONTRAST = 0.05
_LEAST_LIMIT = 0.002
"""Half a level of grey, of 255; distances are not exact below."""
_AT_ONCE = 512

Images = UInt8[np.ndarray, "n height width channels"]
Logits = Float32[np.ndarray, "n classes"]


@dataclass(frozen=True)
class Limits:
    """Distances of which one at least is passed by an image that is called unlike.

    Attributes
    ----------
    distance : float
        In units of the whole range of grey levels.
    by_contrast : float
        In units of the image's own contrast.
    by_logits : float or None
        Between directions of logits, from 0 to 2; None for runs of before it was judged.
    """

    distance: float
    by_contrast: float
    by_logits: float | None = None

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> "Limits":
        """Read what `to_json` gave."""
        return cls(**saved)

    def to_json(self) -> dict[str, float | None]:
        """All under stable keys."""
        return asdict(self)


class Unlikeness:
    """Measures how far images lie from all of some examples.

    Each distance is that to the third nearest example: Ramaswamy, Rastogi & Shim, Efficient
    algorithms for mining outliers from large data sets, SIGMOD 2000. Two are of pixels: the root
    of their mean squared difference, of images shrunk to 14 pixels, once as it is and once over
    the standard deviation of the image's own pixels, since faint and grey images are near to
    everything. The third is of what a network says: the Euclidean distance between logits at unit
    length, which tells signs that are as clear as the examples but none of their classes; Sun,
    Ming, Zhu & Li, Out-of-distribution detection with deep nearest neighbors, ICML 2022, with
    logits for features. Threads may share one.

    Parameters
    ----------
    examples : uint8 [k, height, width, channels]
        At least one.
    logits : float32 [k, classes], optional
        What the network says of them; without, only pixels are compared.
    """

    def __init__(self, examples: Images, logits: Logits | None = None) -> None:
        self._pixels = _Neighbours(_rows(examples))
        self._said = None if logits is None else _Neighbours(_unit(logits))

    def distances(
        self, images: Images, logits: Logits | None = None
    ) -> Float32[np.ndarray, "n kinds"]:
        """Measure images of the examples' size.

        Parameters
        ----------
        images : uint8 [n, height, width, channels]
        logits : float32 [n, classes]
            What the network says of them; needed where the examples have logits.

        Returns
        -------
        float32 [n, 2 or 3]
            Of pixels as they are, from 0 to 1; of these over the image's contrast; of logits.
        """
        rows = _rows(images)
        distance = self._pixels.distances(rows) / np.sqrt(np.float32(rows.shape[1]))
        kinds = [distance, distance / np.maximum(rows.std(1), _LEAST_CONTRAST)]
        if self._said is not None and logits is not None:
            kinds.append(self._said.distances(_unit(logits)))
        return np.stack(kinds, axis=1).astype(np.float32)

    def limits(self, held_out: Images, logits: Logits | None = None) -> Limits | None:
        """Find the limits that `SHARE` of these images pass, none of which is an example.

        None for fewer than `FEWEST` images, which tell nothing of so small a share.
        """
        if len(held_out) < FEWEST:
            return None
        distances = self.distances(held_out, logits)
        usual = np.maximum(np.quantile(distances, 1 - SHARE, axis=0), _LEAST_LIMIT)
        # Any one is passed by more than each alone, so all are moved out by the same factor.
        factor = max(1, np.quantile((distances / usual).max(1), 1 - SHARE))
        return Limits(*(float(limit) for limit in factor * usual))

    def passes(
        self, images: Images, limits: Limits, logits: Logits | None = None
    ) -> Bool[np.ndarray, " n"]:
        """Which images pass one of the limits at least."""
        kinds = [limit for limit in limits.to_json().values() if limit is not None]
        above = self.distances(images, logits) > np.array(kinds)
        return np.asarray(above.any(axis=1))


class _Neighbours:
    """Finds how far the third nearest of some rows of numbers is."""

    def __init__(self, known: Float32[np.ndarray, "k values"]) -> None:
        # A row, 1 after it, times one of these is the squared distance less the row's square.
        squares = (known**2).sum(1, keepdims=True)
        self._products = np.ascontiguousarray(np.hstack([-2 * known, squares]).T)
        self._place = min(NEIGHBOURS, len(known))

    def distances(self, rows: Float32[np.ndarray, "n values"]) -> Float32[np.ndarray, " n"]:
        """From each row to the third nearest known one, or to the farthest of fewer."""
        found = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            ones = np.ones((len(some), 1), np.float32)
            nearest = _smallest(np.hstack([some, ones]) @ self._products, self._place)
            found[start : start + len(some)] = nearest + (some**2).sum(1)
        return np.sqrt(np.maximum(found, 0))


def _smallest(numbers: Float32[np.ndarray, "n k"], place: int) -> Float32[np.ndarray, " n"]:
    """The first, second, … smallest number of each row; overwrites the ones before it."""
    each = np.arange(len(numbers))
    for _ in range(place - 1):
        numbers[each, numbers.argmin(1)] = np.inf
    return np.asarray(numbers.min(1))


def _rows(images: Images) -> Float32[np.ndarray, "n values"]:
    """Images as rows of levels from 0 to 1, none with a side above `LONGEST`."""
    height, width = images.shape[1:3]
    scale = LONGEST / max(height, width)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = np.empty((len(images), size[1], size[0], images.shape[3]), np.uint8)
        for image, place in zip(images, small, strict=True):
            place[:] = cv2.resize(image, size, interpolation=cv2.INTER_AREA).reshape(place.shape)
        images = small
    # Not -1 for the width, which could be anything where there is no image.
    return np.asarray(images.reshape(len(images), prod(images.shape[1:])) / np.float32(255))


def _unit(logits: Logits) -> Logits:
    """Each row at length 1; zeros stay, and are what a network says that diverged in training."""
    finite = np.nan_to_num(logits, posinf=0, neginf=0)
    lengths = np.linalg.norm(finite, axis=1, keepdims=True)
    return np.asarray(finite / np.maximum(lengths, 1e-12), np.float32)

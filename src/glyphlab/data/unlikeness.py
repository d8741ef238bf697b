"""How unlike all of some examples an image is: by its distance to the nearest of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

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


@dataclass(frozen=True)
class Limits:
    """Distances of which one at least is passed by an image that is called unlike.

    Attributes
    ----------
    distance : float
        In units of the whole range of grey levels.
    by_contrast : float
        In units of the image's own contrast.
    """

    distance: float
    by_contrast: float

    @classmethod
    def from_json(cls, saved: Mapping[str, float]) -> "Limits":
        """Read what `to_json` gave."""
        return cls(**saved)

    def to_json(self) -> dict[str, float]:
        """Both under stable keys."""
        return asdict(self)


class Unlikeness:
    """Measures how far images lie from all of some examples.

    The distance is the root of the mean squared difference of the pixels to the third nearest
    example, of images shrunk to 14 pixels; once as it is and once over the standard deviation of
    the image's own pixels, since faint and grey images are near to everything. Distance to the
    k-th nearest neighbour: Ramaswamy, Rastogi & Shim, Efficient algorithms for mining outliers
    from large data sets, SIGMOD 2000. Threads may share one.

    Parameters
    ----------
    examples : uint8 [k, height, width, channels]
        At least one.
    """

    def __init__(self, examples: Images) -> None:
        self._known = _rows(examples)
        self._squares = (self._known**2).sum(1)

    def distances(self, images: Images) -> Float32[np.ndarray, "n 2"]:
        """Measure images of the examples' size.

        Parameters
        ----------
        images : uint8 [n, height, width, channels]

        Returns
        -------
        float32 [n, 2]
            As it is, from 0 to 1; and over the image's contrast.
        """
        found = np.empty((len(images), 2), np.float32)
        for start in range(0, len(images), _AT_ONCE):
            rows = _rows(images[start : start + _AT_ONCE])
            distances = self._to_neighbour(rows)
            contrast = np.maximum(rows.std(1), _LEAST_CONTRAST)
            found[start : start + len(rows)] = np.stack([distances, distances / contrast], axis=1)
        return found

    def limits(self, held_out: Images) -> Limits | None:
        """Find the limits that `SHARE` of these images pass, none of which is an example.

        None for fewer than `FEWEST` images, which tell nothing of so small a share.
        """
        if len(held_out) < FEWEST:
            return None
        distances = self.distances(held_out)
        usual = np.maximum(np.quantile(distances, 1 - SHARE, axis=0), _LEAST_LIMIT)
        # Either one is passed by more than one alone, so both are moved out by the same factor.
        factor = np.quantile((distances / usual).max(1), 1 - SHARE)
        distance, by_contrast = (float(limit) for limit in factor * usual)
        return Limits(distance, by_contrast)

    def passes(self, images: Images, limits: Limits) -> Bool[np.ndarray, " n"]:
        """Which images pass one of the limits at least."""
        above = self.distances(images) > np.array([limits.distance, limits.by_contrast])
        return np.asarray(above.any(axis=1))

    def _to_neighbour(self, rows: Float32[np.ndarray, "n values"]) -> Float32[np.ndarray, " n"]:
        """From each row to the third nearest example, or to the farthest of fewer."""
        squared = (rows**2).sum(1)[:, None] + self._squares - 2 * rows @ self._known.T
        place = min(NEIGHBOURS, len(self._known)) - 1
        nearest = np.partition(squared, place, axis=1)[:, place]
        return np.asarray(np.sqrt(np.maximum(nearest, 0) / rows.shape[1]), np.float32)


def _rows(images: Images) -> Float32[np.ndarray, "n values"]:
    """Images as rows of levels from 0 to 1, none with a side above `LONGEST`."""
    height, width = images.shape[1:3]
    scale = LONGEST / max(height, width)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        images = np.stack([cv2.resize(i, size, interpolation=cv2.INTER_AREA) for i in images])
    return np.asarray(images.reshape(len(images), -1) / np.float32(255))

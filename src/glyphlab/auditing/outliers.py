"""Images that belong to no class: pictures, scribbles and noise among letters."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8

from glyphlab.auditing.pictures import shrunk_size
from glyphlab.errors import InputError
from glyphlab.progress import Progress, no_progress
from glyphlab.threads import side_by_side

THRESHOLD = 2.0
"""The score of an image of which models know nothing, and the nearest images only the mean grey."""

_LARGEST_SIDE = 28
_NEIGHBOURS = 10
_REFERENCES = 5_000
_AT_ONCE = 1_000
_LEAST_CONTRAST = 0.05


@dataclass(frozen=True, eq=False)
class Outliers:
    """How strange each of n images is, and which are outliers.

    Attributes
    ----------
    indices : int64 [k]
        Images with a score above `THRESHOLD`, the strangest first.
    scores : float64 [n]
        Of every image, see `find_outliers`.
    """

    indices: Int64[np.ndarray, " k"]
    scores: Float64[np.ndarray, " n"]


def find_outliers(
    images: UInt8[np.ndarray, "n height width channels"],
    probabilities: Float32[np.ndarray, "n classes"],
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Outliers:
    """Rank images by how little they look like a class, or like any other image.

    The score adds two measures, so that it is comparable between sets:

    - hesitation: the entropy of the class probabilities as a share of the largest, 0 where the
      models are sure, 1 where they know nothing;
    - distance, `strangeness`: 0 for an image that others repeat, 1 where the nearest ones differ as
      much from it as an even grey would.

    Labels don't count, so a good image with a wrong label is no outlier.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]
        Those larger than 28 pixels are compared at that size.
    probabilities : float32 [n, classes]
        Of the classes of each image, by models that have not seen it.
    seed : int
        Of more than 5,000 images, it decides to which 5,000 of them distances are measured.
    progress : callable
        Told how many images are done.

    Returns
    -------
    Outliers

    Raises
    ------
    InputError
        If the arrays differ in length, or there are fewer than two images or classes.

    Notes
    -----
    D. Hendrycks, K. Gimpel 2017 "A baseline for detecting misclassified and out-of-distribution
    examples in neural networks"; J. Kuan, J. Mueller 2022 "Back to the basics: revisiting
    out-of-distribution detection baselines", with neighbours among pixels in place of features.
    """
    if len(images) != len(probabilities):
        raise InputError(
            f"There are {len(images):,} images but probabilities of {len(probabilities):,}; "
            "give both of the same images."
        )
    if min(probabilities.shape) < 2:
        raise InputError(
            f"Outliers can't be told among {len(images)} images of {probabilities.shape[1]} "
            "classes; give at least 2 of both."
        )
    scores = hesitation(probabilities) + strangeness(images, seed, progress)
    ranked = np.argsort(-scores, kind="stable")
    return Outliers(ranked[scores[ranked] > THRESHOLD], scores)


def hesitation(probabilities: Float32[np.ndarray, "n classes"]) -> Float64[np.ndarray, " n"]:
    """Entropy of each row as a share of the largest, that of equal probabilities."""
    shares = probabilities.astype(np.float64)
    nats = -(shares * np.log(np.maximum(shares, 1e-12))).sum(1)
    return np.asarray(nats / np.log(probabilities.shape[1]), np.float64)


def strangeness(
    images: UInt8[np.ndarray, "n height width channels"],
    seed: int = 0,
    progress: Progress = no_progress,
) -> Float64[np.ndarray, " n"]:
    """Mean distance of each image to the ten nearest others, in units of its own contrast.

    Without the contrast, flat images are near to everything.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]
    seed, progress
        As `find_outliers`.

    Returns
    -------
    float64 [n]
        The root mean squared difference of the pixels to the ten nearest of the other images (at
        most 5,000 of them are looked at) over the standard deviation of the image's own pixels.
    """
    order = np.random.default_rng(seed).permutation(len(images))
    chosen = np.sort(order[:_REFERENCES])
    references = _rows(images, chosen)
    place = np.full(len(images), -1)
    place[chosen] = np.arange(len(chosen))

    def measure(start: int) -> Float64[np.ndarray, " part"]:
        part = np.arange(start, min(start + _AT_ONCE, len(images)))
        return _relative_distance(_rows(images, part), references, place[part])

    found = []
    starts = range(0, len(images), _AT_ONCE)
    for start, distances in zip(starts, side_by_side(measure, starts), strict=True):
        found.append(distances)
        progress(start + len(distances), len(images))
    return np.concatenate(found)


def _rows(
    images: UInt8[np.ndarray, "n height width channels"], index: Int64[np.ndarray, " k"]
) -> Float32[np.ndarray, "k pixels"]:
    """The chosen images as rows of pixels from 0 to 1, none with a side above 28."""
    height, width = shrunk_size(images.shape[1:3], _LARGEST_SIDE)
    chosen = images[index]
    if images.shape[1:3] != (height, width):
        chosen = np.stack(
            [cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA) for image in chosen]
        )
    return np.asarray(chosen.reshape(len(index), -1) / np.float32(255))


def _relative_distance(
    rows: Float32[np.ndarray, "k pixels"],
    references: Float32[np.ndarray, "r pixels"],
    place: Int64[np.ndarray, " k"],
) -> Float64[np.ndarray, " k"]:
    """As `strangeness`, of some images; `place` is where an image itself lies among the others."""
    squared = (rows**2).sum(1)[:, None] + (references**2).sum(1) - 2 * rows @ references.T
    among = np.flatnonzero(place >= 0)
    squared[among, place[among]] = np.inf
    neighbours = min(_NEIGHBOURS, len(references) - 1)
    nearest = np.partition(squared, neighbours - 1, axis=1)[:, :neighbours]
    distances = np.sqrt(np.maximum(nearest, 0) / rows.shape[1]).mean(1, dtype=np.float64)
    contrast = np.maximum(rows.std(1, dtype=np.float64), _LEAST_CONTRAST)
    return np.asarray(distances / contrast, np.float64)

"""The training images that a trained model takes to be most like an image."""

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.models.classifier import Classifier
from glyphlab.models.features import Features

_AT_ONCE = 512


class Neighbours:
    """Finds the examples whose features are nearest to those of an image.

    Features are what the last dense layer is given, see `glyphlab.models.features`, at unit
    length. Threads may share one.

    Parameters
    ----------
    classifier : Classifier
    examples : Dataset
        As `Run.examples`.

    Raises
    ------
    InputError
        If there are no examples, or the classifier takes images of another shape.
    """

    def __init__(self, classifier: Classifier, examples: Dataset) -> None:
        if not len(examples):
            raise InputError(f"{examples.name} has no images to compare with; give at least one.")
        self.examples = examples
        self._features = Features(classifier)
        self._known = _unit(self._features(examples.images))

    def nearest(
        self, images: UInt8[np.ndarray, "n height width channels"], k: int
    ) -> tuple[Int64[np.ndarray, "n k"], Float32[np.ndarray, "n k"]]:
        """Find the nearest examples of each image.

        Parameters
        ----------
        images : uint8 [n, height, width, channels]
        k : int
            How many, at least 1; all are given where there are fewer examples.

        Returns
        -------
        indices : int64 [n, k]
            Of the examples, the nearest first.
        distances : float32 [n, k]
            Euclidean, from 0 (the same direction) to 2 (the opposite one), within some 0.002.

        Raises
        ------
        InputError
            If `k` is below 1, or the images have another type or shape than the classifier takes.
        """
        if k < 1:
            raise InputError(f"The number of neighbours must be at least 1, not {k}.")
        k = min(k, len(self._known))
        found = [
            self._nearest(images[start : start + _AT_ONCE], k)
            for start in range(0, len(images), _AT_ONCE)
        ]
        if not found:
            return np.empty((0, k), np.int64), np.empty((0, k), np.float32)
        indices, distances = zip(*found, strict=True)
        return np.concatenate(indices), np.concatenate(distances)

    def _nearest(
        self, images: UInt8[np.ndarray, "n height width channels"], k: int
    ) -> tuple[Int64[np.ndarray, "n k"], Float32[np.ndarray, "n k"]]:
        cosines = _unit(self._features(images)) @ self._known.T
        indices = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(cosines, indices, axis=1), axis=1, kind="stable")
        indices = np.take_along_axis(indices, order, axis=1)
        nearest = np.take_along_axis(cosines, indices, axis=1)
        distances = np.sqrt(np.maximum(2 - 2 * nearest, 0), dtype=np.float32)
        return indices.astype(np.int64), distances


def _unit(features: Float32[np.ndarray, "n features"]) -> Float32[np.ndarray, "n features"]:
    """Each row at length 1; a row of zeros stays."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(lengths, 1e-12), np.float32)

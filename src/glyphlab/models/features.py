"""The features by which a classifier compares images: what its last dense layer is given."""

import copy
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64, UInt8
from torch import Tensor, nn

from glyphlab.models.classifier import Classifier, normalise
from glyphlab.models.watching import Seen, watch

WIDEST = 1_024
"""Numbers in a feature vector; what is wider is hashed to so many."""
_BATCH = 64


class Features:
    """From images to the input of a classifier's last dense layer.

    For logistic regression that is the normalised pixels. These are also taken for a module whose
    last dense layer, if it has one, is not given one row for each image.

    More than `WIDEST` numbers are hashed: each is added, with a random sign, to one of `WIDEST`
    sums. The products of two vectors stay, but for noise of some 3 % of the product of their
    lengths; Weinberger, Dasgupta, Langford, Smola & Attenberg, Feature hashing for large scale
    multitask learning, ICML 2009.

    Threads may share one: they compute in turn, on a copy of the module.

    Parameters
    ----------
    classifier : Classifier
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._module = copy.deepcopy(classifier.module).eval()
        _look_once(self._module)
        weights = next(self._module.parameters(), None)
        self._device = torch.device("cpu") if weights is None else weights.device
        self._turn = Lock()

    def __call__(
        self, images: UInt8[np.ndarray, "n height width channels"]
    ) -> Float32[np.ndarray, "n features"]:
        """Compute the features of images.

        Parameters
        ----------
        images : uint8 [n, height, width, channels]
            At least one.

        Returns
        -------
        float32 [n, features]
            Of a model that looks at several views of an image, those of the first.

        Raises
        ------
        InputError
            If the images have another type or shape than the classifier takes.
        """
        self._classifier.check_images(images)
        starts = range(0, len(images), _BATCH)
        return np.concatenate([self._compute(images[k : k + _BATCH]) for k in starts])

    def _compute(
        self, images: UInt8[np.ndarray, "n height width channels"]
    ) -> Float32[np.ndarray, "n features"]:
        batch = torch.from_numpy(np.array(images)).to(self._device)
        pixels = normalise(batch, self._classifier.mean, self._classifier.std)
        with self._turn:
            seen = watch(self._module, pixels, (nn.Linear,))
        given = _last_input(seen, pixels)
        features = hashed(given.reshape(len(images), -1).float().cpu())
        return np.asarray(features.numpy())


def _look_once(module: Any) -> None:
    """Let a model that averages over views of an image, as `GlyphNet`, take the first alone."""
    if hasattr(module, "views"):
        module.views = 1


def _last_input(seen: list[Seen], pixels: Tensor) -> Tensor:
    """What the last dense layer is given; the pixels where none is given a row for each image."""
    fits = bool(seen) and len(seen[-1].given) == len(pixels)
    return seen[-1].given if fits else pixels


def hashed(features: Float[Tensor, "n wide"]) -> Float[Tensor, "n features"]:
    """Bring features wider than `WIDEST` to so many sums; others stay as they are."""
    n, wide = features.shape
    if wide <= WIDEST:
        return features
    sums, signs = _sums_and_signs(wide)
    return torch.zeros(n, WIDEST).index_add_(1, sums, features * signs)


@cache
def _sums_and_signs(wide: int) -> tuple[Int64[Tensor, " wide"], Float[Tensor, " wide"]]:
    """To which sum each feature is added, and with which sign; always the same."""
    random = np.random.default_rng(0)
    sums, signs = random.integers(0, WIDEST, wide), random.choice([-1.0, 1.0], wide)
    return torch.from_numpy(sums), torch.from_numpy(signs).float()

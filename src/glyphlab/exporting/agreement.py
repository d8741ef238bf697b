"""Whether an exported file says what glyphlab says."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from glyphlab.errors import GlyphlabError
from glyphlab.models.shapes import ImageShape

Predict = Callable[[UInt8[np.ndarray, "n height width channels"]], Float32[np.ndarray, "n classes"]]
"""From images to probabilities."""

TOLERANCE = 1e-5
"""By how much two probabilities may differ that are the same but for the order of sums."""
WRONG = 1e-3
"""By how much they differ if a file is wrong."""
EXAMPLES = "built-in examples"


@dataclass(frozen=True)
class Agreement:
    """How near an exported file is to glyphlab.

    Attributes
    ----------
    images : str
        The Dataset on which both were asked, or `EXAMPLES`.
    n : int
        How many images.
    largest_difference : float
        Of two probabilities.
    """

    images: str
    n: int
    largest_difference: float

    @property
    def within_tolerance(self) -> bool:
        """Whether no probability differs by more than `TOLERANCE`."""
        return self.largest_difference <= TOLERANCE


def agreement(
    predict: Predict,
    name: str,
    images: UInt8[np.ndarray, "n height width channels"],
    ours: Float32[np.ndarray, "n classes"],
) -> Agreement:
    """Compare what a file says of images with what glyphlab says.

    Raises
    ------
    GlyphlabError
        If they differ by more than `WRONG`: the file is no copy of the model.
    """
    difference = float(np.abs(predict(images) - ours).max())
    if not difference <= WRONG:
        raise GlyphlabError(
            f"The exported model differs by {difference:.2g} in a probability on {name}, so it was "
            "not written; a module that computes otherwise each time can't be exported."
        )
    return Agreement(name, len(images), difference)


def example_images(image_shape: ImageShape) -> UInt8[np.ndarray, "16 height width channels"]:
    """Black, white, two ramps, and noise, always the same."""
    height, width, _ = image_shape
    images = np.random.default_rng(0).integers(0, 256, (16, *image_shape), np.uint8)
    images[0], images[1] = 0, 255
    images[2] = np.linspace(0, 255, width).astype(np.uint8)[None, :, None]
    images[3] = np.linspace(0, 255, height).astype(np.uint8)[:, None, None]
    return images

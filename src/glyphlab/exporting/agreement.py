"""Whether an exported model says what glyphlab says."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from glyphlab.errors import GlyphlabError
from glyphlab.models.shapes import ImageShape

TOLERANCE = 1e-5
"""By how much two probabilities may differ."""
NOISE = "noise"


class Differs(GlyphlabError):
    """An exported model says otherwise."""


@dataclass(frozen=True)
class Agreement:
    """How near an exported model is to glyphlab.

    Attributes
    ----------
    images : str
        The Dataset's name, or "noise".
    n : int
        How many images both were asked about.
    largest_difference : float
        Of two probabilities.
    """

    images: str
    n: int
    largest_difference: float


def agreement(
    name: str,
    theirs: Float32[np.ndarray, "n classes"],
    ours: Float32[np.ndarray, "n classes"],
) -> Agreement:
    """Compare the probabilities that both give of the same images.

    Raises
    ------
    Differs
        If two of them differ by more than `TOLERANCE`.
    """
    difference = float(np.abs(theirs - ours).max())
    if not difference <= TOLERANCE:
        raise Differs(
            f"The exported model differs from glyphlab's by {difference:.2g} in a probability on "
            f"{len(ours):,} images ({name}), more than {TOLERANCE:g}; nothing was written."
        )
    return Agreement(name, len(ours), difference)


def noise_images(image_shape: ImageShape) -> UInt8[np.ndarray, "16 height width channels"]:
    """Black, white, and noise, always the same."""
    images = np.random.default_rng(0).integers(0, 256, (16, *image_shape), np.uint8)
    images[0], images[1] = 0, 255
    return images

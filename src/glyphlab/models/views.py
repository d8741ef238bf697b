"""Views of an image: itself, and copies moved by a pixel, to average over when predicting."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

SHIFTS = ((0, 0), (1, 1), (-1, -1), (-1, 1), (1, -1), (0, 1), (0, -1), (1, 0), (-1, 0))
"""How far each view looks (down, right), in pixels; the first ones see the most that is new."""


def shifted_views(
    images: Float[Tensor, "batch channels height width"], views: int
) -> Float[Tensor, "views*batch channels height width"]:
    """The first `views` of the nine views of each image, all of one view after another.

    What comes into sight at a border repeats the border.
    """
    height, width = images.shape[2:]
    framed = functional.pad(images, (1, 1, 1, 1), mode="replicate")
    return torch.cat(
        [
            framed[:, :, 1 + down : 1 + down + height, 1 + right : 1 + right + width]
            for down, right in SHIFTS[:views]
        ]
    )

"""Images as the search for near duplicates looks at them: small, and on a background of 0."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64, UInt8
from torch import Tensor
from torch.nn import functional

LARGEST_SIDE = 32
"""Pixels; larger images are shrunk by averaging areas."""

LEAST_CONTRAST = 2.0
"""Grey levels (root mean square) below which an image counts as having this contrast."""

Images = UInt8[np.ndarray, "n height width channels"]


class Pictures(NamedTuple):
    """Images and the background that is subtracted from them.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]
    background : float [channels]
    """

    images: Images
    background: Float32[np.ndarray, " channels"]

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of what `take` gives, in pixels."""
        return shrunk_size(self.images.shape[1:3], LARGEST_SIDE)

    def take(self, which: slice | Int64[np.ndarray, " k"]) -> Float[Tensor, "k c h w"]:
        """Some of the images, at most 32 pixels wide and high, on a background of 0."""
        pictures = torch.from_numpy(self.images[which].astype(np.float32) - self.background)
        pictures = pictures.permute(0, 3, 1, 2)
        if pictures.shape[2:] == self.size:
            return pictures.contiguous()
        return functional.interpolate(pictures, self.size, mode="area")


def shrunk_size(size: Sequence[int], largest: int) -> tuple[int, int]:
    """Height and width in pixels with the same aspect, neither above `largest`."""
    height, width = size
    shrink = min(1.0, largest / max(height, width))
    return max(1, round(height * shrink)), max(1, round(width * shrink))


def common_background(sets: Sequence[Images]) -> Float32[np.ndarray, " channels"]:
    """Median of the outermost pixels of all images of all sets, for each channel."""
    counts = np.zeros((sets[0].shape[3], 256), np.int64)
    for images in sets:
        for edge in (images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]):
            for channel in range(edge.shape[2]):
                counts[channel] += np.bincount(edge[:, :, channel].ravel(), minlength=256)
    half = counts.sum(1, keepdims=True) / 2
    return np.asarray((np.cumsum(counts, 1) >= half).argmax(1), np.float32)


def contrast(pictures: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """Norm of the pixels' differences from the image's mean, and never below a faint image's."""
    differences = pictures - pictures.mean((2, 3), keepdim=True)
    norm: Tensor = torch.linalg.vector_norm(differences, dim=(1, 2, 3))
    return norm.clamp_min(LEAST_CONTRAST * pictures[0].numel() ** 0.5)

"""The order of images, and batches gathered from uint8 arrays in one operation."""

import warnings
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor


def epoch_order(n: int, seed: int, epoch: int) -> Int64[np.ndarray, " n"]:
    """Give the order of `n` images in an epoch: a pure function of seed and epoch."""
    return np.random.default_rng([seed, epoch]).permutation(n)


def batch_bounds(n: int, batch_size: int) -> list[tuple[int, int]]:
    """Cut `n` images into the fewest batches of at most `batch_size`, sizes differing by one.

    So every image is seen in every epoch, and no batch is a small remainder.

    Returns
    -------
    list of (start, end)
        Half-open, in order; none of no images.
    """
    if n == 0:
        return []
    count = -(-n // batch_size)
    edges = [i * n // count for i in range(count + 1)]
    return list(pairwise(edges))


class ImageStore:
    """Images as they lie in a Dataset, ready to be gathered into float batches.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]
        Kept as they are, on the device.
    mean, std : sequence of float
        Per channel, of images scaled to [0, 1].
    device : torch.device
        Where batches are made.
    """

    def __init__(
        self,
        images: UInt8[np.ndarray, "n height width channels"],
        mean: tuple[float, ...],
        std: tuple[float, ...],
        device: torch.device,
    ) -> None:
        self.images = as_tensor(images).to(device)
        self.mean = torch.tensor(mean, device=device).view(1, -1, 1, 1)
        self.std = torch.tensor(std, device=device).view(1, -1, 1, 1)

    def gather(
        self, index: Int64[Tensor, " batch"]
    ) -> Float[Tensor, "batch channels height width"]:
        """The images at `index`, scaled to [0, 1], in channels-last memory."""
        return as_floats(self.images.index_select(0, index))

    def normalise(
        self, batch: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Subtract the mean and divide by the standard deviation of each channel."""
        return (batch - self.mean) / self.std


def as_floats(
    images: UInt8[Tensor, "batch height width channels"],
) -> Float[Tensor, "batch channels height width"]:
    """Scale pixels to [0, 1], in channels-last memory."""
    return images.permute(0, 3, 1, 2).float().div_(255)


def as_tensor(array: UInt8[np.ndarray, "..."]) -> UInt8[Tensor, "..."]:
    """Share an array with PyTorch without a copy, though it is read-only.

    PyTorch warns of read-only memory because it can't refuse to write there; nothing here writes.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)

"""A Dataset as PyTorch's."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset

from glyphlab.data.dataset import Dataset

Item = tuple[Float32[Tensor, "c h w"] | UInt8[Tensor, "c h w"], int]


class TorchImages(TorchDataset[Item]):
    """The images of a Dataset, as PyTorch's loaders want them.

    Its attributes are named as those of torchvision's.

    Attributes
    ----------
    data : uint8 [n, height, width, channels]
        All images; of a Dataset file they stay on the disk until they are asked for.
    targets : int64 [n]
        Their labels.
    classes : list of str
        What the labels mean.
    as_float : bool
        Whether items are float32 from 0 to 1, or else uint8.
    """

    transform = None
    target_transform = None

    def __init__(self, dataset: Dataset, *, as_float: bool) -> None:
        self.data: UInt8[np.ndarray, "n height width channels"] = dataset.images
        self.targets: Int64[np.ndarray, " n"] = dataset.labels
        self.classes = list(dataset.classes)
        self.as_float = as_float

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> Item:
        position = range(len(self))[index]
        return self.__getitems__([position])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Item]:
        """Give several items, as loaders ask for a batch; much faster than one by one."""
        channels_first = self.data[indices].transpose(0, 3, 1, 2)
        images = torch.from_numpy(np.ascontiguousarray(channels_first))
        if self.as_float:
            images = images.float().div_(255)
        return list(zip(images, self.targets[indices].tolist(), strict=True))

"""Plain PyTorch in place of what models have to learn faster, for files that others read.

Weights and predictions are the same. Each name here is that of what it stands for.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Conv2d = nn.Conv2d
Dropout = nn.Dropout
InputError = ValueError


def convolve_and_pool(
    images: Tensor,
    conv: nn.Conv2d,
    activation: Callable[[Tensor], Tensor],
    pool: nn.MaxPool2d | nn.AvgPool2d,
) -> Tensor:
    """A convolution, an activation and a pooling."""
    pooled: Tensor = pool(activation(conv(images)))
    return pooled


def learning_scaled_tanh(inputs: Tensor) -> Tensor:
    """1.7159·tanh(2x/3), which is 1 at 1 and -1 at -1."""
    return 1.7159 * torch.tanh(inputs * (2 / 3))

"""Convolution and pooling as one matrix product, for training on a CPU."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


def convolve_and_pool(
    images: Float[Tensor, "batch channels height width"],
    conv: nn.Conv2d,
    activation: Callable[[Tensor], Tensor],
    pool: nn.MaxPool2d | nn.AvgPool2d,
) -> Float[Tensor, "batch maps height_out width_out"]:
    """Give `pool(activation(conv(images)))`: for training on a CPU, by fewer and faster steps.

    In channels-last memory PyTorch's pooling takes longer than the convolution before it. So the
    four places of a square are computed side by side in one matrix product; their mean is a second
    one, and their maximum is taken before the activation, which thus has a quarter of the work.

    Parameters
    ----------
    images : float [batch, channels, height, width]
        Needs no gradient.
    conv : nn.Conv2d
        With stride 1, a square kernel and a bias.
    activation : callable
        Works on each number alone, and never falls.
    pool : nn.MaxPool2d or nn.AvgPool2d
        Of squares of 2×2.

    Returns
    -------
    float [batch, maps, height_out, width_out]
        In channels-last memory.
    """
    if not conv.training or images.device.type != "cpu":
        pooled: Tensor = pool(activation(conv(images)))
        return pooled
    places = _four_places(_bordered(images, conv), conv)
    if isinstance(pool, nn.MaxPool2d):
        pooled = activation(_MaximumOfFour.apply(places))  # type: ignore[no-untyped-call]
    else:
        quarter = torch.eye(conv.out_channels).repeat(1, 4) / 4
        pooled = functional.linear(activation(places).flatten(3), quarter)
    return pooled.permute(0, 3, 1, 2)


def _bordered(
    images: Float[Tensor, "batch channels height width"], conv: nn.Conv2d
) -> Float[Tensor, "batch channels height_in width_in"]:
    """The images with the border that the convolution wants, in the precision of its product."""
    if torch.is_autocast_enabled("cpu"):
        images = images.to(torch.get_autocast_dtype("cpu"))
    rows, columns = map(int, conv.padding)
    if not (rows or columns):
        return images
    mode = "constant" if conv.padding_mode == "zeros" else conv.padding_mode
    return functional.pad(images, (columns, columns, rows, rows), mode)


def _four_places(
    images: Float[Tensor, "batch channels height width"], conv: nn.Conv2d
) -> Float[Tensor, "batch height_out width_out 4 maps"]:
    """The convolution at each square's four places, down the left column, then down the right.

    The four kernels, one place apart, are laid in one larger kernel that moves by two.
    """
    kernels = torch.stack(
        [
            functional.pad(conv.weight, (right, 1 - right, down, 1 - down))
            for right in (0, 1)
            for down in (0, 1)
        ]
    )
    rows = kernels.permute(0, 1, 4, 2, 3).flatten(2).flatten(0, 1)
    bias = conv.bias if conv.bias is None else conv.bias.repeat(4)
    places = functional.linear(_patches(images, conv.kernel_size[0] + 1), rows, bias)
    return places.view(*places.shape[:3], 4, conv.out_channels)


def _patches(
    images: Float[Tensor, "batch channels height width"], size: int
) -> Float[Tensor, "batch height_out width_out size*channels*size"]:
    """Squares of the images, two pixels apart, each as one row: column by column.

    Bands of rows are copied first, in which each square is a run of neighbours.
    """
    channels = images.shape[1]
    bands = images.unfold(2, size, 2).permute(0, 2, 3, 1, 4).flatten(2)
    return bands.unfold(2, size * channels * size, 2 * channels * size).contiguous()


class _MaximumOfFour(torch.autograd.Function):
    """Maximum over the last axis but one; the gradient goes to the first place that has it."""

    @staticmethod
    def forward(
        context: Any, places: Float[Tensor, "batch height width 4 maps"]
    ) -> Float[Tensor, "batch height width maps"]:
        left, right = places.chunk(2, dim=3)
        upper, lower = torch.maximum(left, right).unbind(3)
        context.save_for_backward(_at_least(left, right), _at_least(upper, lower))
        return torch.maximum(upper, lower)

    @staticmethod
    def backward(
        context: Any, gradient: Float[Tensor, "batch height width maps"]
    ) -> Float[Tensor, "batch height width 4 maps"]:
        is_left, is_upper = context.saved_tensors
        upper = gradient * is_upper
        rows = torch.stack([upper, gradient - upper], dim=3)
        left = rows * is_left
        return torch.cat([left, rows - left], dim=3)


def _at_least(numbers: Float[Tensor, "*shape"], others: Float[Tensor, "*shape"]) -> Tensor:
    """1 where a number is no less than the other, else 0: in their own type, four times as fast."""
    return torch.ge(numbers, others, out=torch.empty_like(numbers))

"""Layers for inference alone: functions whose weights are constants in one precision."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

Layer = Callable[..., Tensor]


def convolution(layer: nn.Conv2d, dtype: torch.dtype, relu: bool) -> Layer:
    """What a convolution computes, in `dtype`, and the ReLU behind it where `relu` says so."""
    weight = layer.weight.detach().to(dtype).clone(memory_format=torch.channels_last)
    bias = _copy(layer.bias, dtype)
    stride, dilation, groups = layer.stride, layer.dilation, layer.groups
    border, mode = layer._reversed_padding_repeated_twice, layer.padding_mode
    padding = layer.padding if mode == "zeros" else (0, 0)

    def convolve(images: Tensor) -> Tensor:
        images = images.to(dtype)
        if mode != "zeros":
            images = functional.pad(images, border, mode)
        features = functional.conv2d(images, weight, bias, stride, padding, dilation, groups)
        return relu_(features) if relu else features

    return convolve


def dense(layer: nn.Linear, dtype: torch.dtype, relu: bool) -> Layer:
    """What a dense layer computes, in `dtype`, and the ReLU behind it where `relu` says so."""
    weight = layer.weight.detach().to(dtype, copy=True)
    bias = _copy(layer.bias, dtype)

    def multiply(features: Tensor) -> Tensor:
        product = functional.linear(features.to(dtype), weight, bias)
        return relu_(product) if relu else product

    return multiply


def plain(layer: nn.Module) -> Layer:
    """What any other layer computes."""
    forward = layer.forward

    def compute(*features: Tensor, **options: Any) -> Tensor:
        computed: Tensor = forward(*features, **options)
        return computed

    return compute


def _copy(bias: Tensor | None, dtype: torch.dtype) -> Tensor | None:
    return None if bias is None else bias.detach().to(dtype, copy=True)


def relu_(features: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Set what is negative to 0, in place.

    The sign of a bfloat16 is that of its bits as a whole number, and whole numbers are compared
    five times as fast.
    """
    if features.dtype == torch.bfloat16:
        return features.view(torch.int16).clamp_min_(0).view(torch.bfloat16)
    return features.relu_()


def relu_of_sum(
    left: Float[Tensor, "*shape"], right: Float[Tensor, "*shape"]
) -> Float[Tensor, "*shape"]:
    """ReLU of a sum, as at the end of a residual block."""
    return relu_(left + right)


def in_float32(function: Callable[[Tensor], Tensor]) -> Layer:
    """Tanh or sigmoid of float32: a third of the time of bfloat16's, conversion included."""

    def compute(features: Tensor) -> Tensor:
        return function(features.float())

    return compute


def largest_of_squares(
    features: Float[Tensor, "batch channels height width"],
) -> Float[Tensor, "batch channels height/2 width/2"]:
    """Max pooling 2×2 of features that are not negative, without the places of the maxima.

    The bits of bfloat16 numbers that are not negative, as whole numbers, have the same order.
    """
    if features.dtype == torch.bfloat16:
        return _join_squares(features.view(torch.int16), torch.maximum).view(torch.bfloat16)
    return _join_squares(features, torch.maximum)


def mean_of_squares(
    features: Float[Tensor, "batch channels height width"],
) -> Float[Tensor, "batch channels height/2 width/2"]:
    """Mean pooling 2×2; in float32 by three sums, a third of the time for few maps."""
    if features.dtype == torch.bfloat16:
        return functional.avg_pool2d(features, 2)
    return _join_squares(features, torch.add).mul_(0.25)


def _join_squares(features: Tensor, join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    height, width = (side // 2 * 2 for side in features.shape[2:])
    rows = join(features[:, :, 0:height:2, :width], features[:, :, 1:height:2, :width])
    return join(rows[..., 0::2], rows[..., 1::2])

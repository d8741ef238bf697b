"""Initial weights from the literature."""

import math

import torch
from torch import nn


def glorot_uniform_(module: nn.Module) -> None:
    """Set weights as Keras does by default: Glorot's uniform, with biases of zero.

    Each weight is drawn from ±√(6 / (fan_in + fan_out)), Glorot & Bengio 2010, where the fans of
    a convolution count its kernel's area.

    Parameters
    ----------
    module : nn.Module
        Its linear and convolution layers are set in place, from torch's global generator.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(layer.weight)
            _zero_bias_(layer)


def lecun_uniform_(module: nn.Module) -> None:
    """Set weights with a standard deviation of 1/√fan_in, and biases of zero.

    LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998, for units with a scaled tanh.

    Parameters
    ----------
    module : nn.Module
        Its linear and convolution layers are set in place, from torch's global generator.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = math.sqrt(3 / layer.weight[0].numel())
            nn.init.uniform_(layer.weight, -bound, bound)
            _zero_bias_(layer)


def _zero_bias_(layer: nn.Linear | nn.Conv2d) -> None:
    if layer.bias is not None:
        with torch.no_grad():
            layer.bias.zero_()

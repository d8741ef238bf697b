"""Initial weights."""

import math

import torch
from torch import nn

from glyphlab.models.initialisation import glorot_uniform_, lecun_uniform_


def test_glorots_uniform_fills_the_range_that_keras_documents() -> None:
    torch.manual_seed(0)
    dense, convolution = nn.Linear(784, 100), nn.Conv2d(3, 32, 5)
    glorot_uniform_(nn.Sequential(convolution, dense))
    for layer, bound in (
        (dense, math.sqrt(6 / (784 + 100))),
        (convolution, math.sqrt(6 / (3 * 25 + 32 * 25))),
    ):
        largest = layer.weight.abs().max().item()
        assert 0.98 * bound < largest <= bound
        assert layer.bias.count_nonzero() == 0


def test_lecuns_weights_keep_the_variance_of_their_inputs() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(400, 500)
    lecun_uniform_(layer)
    outputs = layer(torch.randn(200, 400))
    assert abs(outputs.std().item() - 1) < 0.02


def test_layers_without_bias_are_set_too() -> None:
    layer = nn.Linear(4, 4, bias=False)
    torch.nn.init.zeros_(layer.weight)
    glorot_uniform_(layer)
    assert layer.weight.count_nonzero() == 16

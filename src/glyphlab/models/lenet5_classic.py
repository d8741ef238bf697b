"""LeNet-5 of LeCun, Bottou, Bengio and Haffner 1998."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from glyphlab.models.dropout import Dropout
from glyphlab.models.flatten import Flatten
from glyphlab.models.initialisation import lecun_uniform_
from glyphlab.models.pooling import convolve_and_pool
from glyphlab.models.shapes import ImageShape, Rate, features_of


class LeNet5Classic(nn.Module):
    """LeNet-5: 6 maps, 16 maps, 120 and 84 units, with kernels of 5×5 and scaled tanh.

    | layer | output, for 28×28 grey images of 10 classes | parameters |
    | --- | --- | --- |
    | input | 1, 28, 28 | |
    | a border of 2 pixels that repeats the edge | 1, 32, 32 | |
    | C1: convolution 5×5, scaled tanh | 6, 28, 28 | 156 |
    | S2: mean pooling 2×2 | 6, 14, 14 | |
    | C3: convolution 5×5, scaled tanh | 16, 10, 10 | 2,416 |
    | S4: mean pooling 2×2 | 16, 5, 5 | |
    | flatten, dropout | 400 | |
    | C5: dense, scaled tanh | 120 | 48,120 |
    | F6: dense, scaled tanh | 84 | 10,164 |
    | output: dense | 10 | 850 |

    61,706 parameters in all. The scaled tanh is 1.7159·tanh(2x/3), as in the paper.

    Where it departs from LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86 (11), 1998:

    - C3 sees all six maps of S2; the paper's table connects each of its maps to three, four or
      all of them (1,516 parameters instead of 2,416).
    - S2 and S4 take plain means; the paper's multiply them by a trained coefficient, add a trained
      bias and squash the sum (12 and 32 parameters more).
    - The output is a linear layer whose logits go to a cross-entropy; the paper's units measure
      the squared distance to a fixed 7×12 picture of each character (radial basis functions),
      trained by a criterion of their own.
    - Weights begin uniform with a standard deviation of 1/√fan_in ("Efficient BackProp", 1998),
      not within ±2.4/fan_in.
    - C5 is written as a dense layer, which on an image of 28×28 is the paper's convolution.

    Parameters
    ----------
    image_shape : (height, width, channels)
        At least 12×12.
    classes : int
    dropout : float
        Share of the features that is silenced at each step of training; the paper has none.

    Raises
    ------
    InputError
        If the images are too small.
    """

    def __init__(self, image_shape: ImageShape, classes: int, *, dropout: Rate = 0.0) -> None:
        super().__init__()
        height, width = features_of(
            "lenet5-classic", image_shape, lambda side: (side // 2 - 4) // 2
        )
        self.c1 = nn.Conv2d(image_shape[2], 6, 5, padding=2, padding_mode="replicate")
        self.s2 = nn.AvgPool2d(2)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.s4 = nn.AvgPool2d(2)
        self.flatten = Flatten()
        self.dropout = Dropout(dropout)
        self.c5 = nn.Linear(16 * height * width, 120)
        self.f6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, classes)
        lecun_uniform_(self)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of normalised images."""
        squash = learning_scaled_tanh if self.training else scaled_tanh
        features = convolve_and_pool(images, self.c1, squash, self.s2)
        features = self.s4(squash(self.c3(features)))
        features = self.dropout(self.flatten(features))
        features = squash(self.c5(features))
        features = squash(self.f6(features))
        logits: Tensor = self.output(features)
        return logits


def scaled_tanh(inputs: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """1.7159·tanh(2x/3), which is 1 at 1 and -1 at -1, as float32.

    It is computed as 3.4318·σ(4x/3) - 1.7159, since PyTorch takes three times as long for a tanh
    as for a sigmoid σ (Zen 3, float32).
    """
    return torch.sigmoid(inputs.float() * (4 / 3)) * 3.4318 - 1.7159


def learning_scaled_tanh(inputs: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The same in the type of the inputs, with values and gradient in half the time."""
    outputs: Tensor = _ScaledTanh.apply(inputs)  # type: ignore[no-untyped-call]
    return outputs


class _ScaledTanh(torch.autograd.Function):
    """A sigmoid in float32, where it is fastest, and one derivative for all parts."""

    @staticmethod
    def forward(context: Any, inputs: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        wide = inputs.to(torch.promote_types(inputs.dtype, torch.float32))
        share = torch.sigmoid(wide * (4 / 3))
        context.save_for_backward(share.to(inputs.dtype))
        return share.mul(3.4318).sub_(1.7159).to(inputs.dtype)

    @staticmethod
    def backward(context: Any, gradient: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        (share,) = context.saved_tensors
        slope: Tensor = torch.ops.aten.sigmoid_backward(gradient, share)
        return slope * (3.4318 * 4 / 3)

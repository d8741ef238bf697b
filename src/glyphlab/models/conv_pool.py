"""Task 2's network: pooling in place of the second convolution."""

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.models.dropout import Dropout
from glyphlab.models.flatten import Flatten
from glyphlab.models.pooling import convolve_and_pool
from glyphlab.models.shapes import ImageShape, Rate, features_of


class ConvPool(nn.Module):
    """A convolution with ReLU, a pooling of 2×2, then one dense layer.

    | layer | output, for 28×28 grey images of 10 classes | parameters |
    | --- | --- | --- |
    | input | 1, 28, 28 | |
    | convolution 3×3, ReLU | 32, 26, 26 | 320 |
    | pooling 2×2 | 32, 13, 13 | |
    | flatten, dropout | 5,408 | |
    | dense | 10 | 54,090 |

    54,410 parameters in all, as the notebook's.

    Parameters
    ----------
    image_shape : (height, width, channels)
        At least 4×4.
    classes : int
    pooling : {"max", "mean"}
        What becomes of each square of 2×2.
    dropout : float
        Share of the features that is silenced at each step of training; the notebook has none.

    Raises
    ------
    InputError
        If the images are too small.
    """

    def __init__(
        self,
        image_shape: ImageShape,
        classes: int,
        *,
        pooling: Literal["max", "mean"] = "max",
        dropout: Rate = 0.0,
    ) -> None:
        super().__init__()
        height, width = features_of("conv-pool", image_shape, lambda side: (side - 2) // 2)
        self.conv = nn.Conv2d(image_shape[2], 32, 3)
        self.pool = nn.MaxPool2d(2) if pooling == "max" else nn.AvgPool2d(2)
        self.flatten = Flatten()
        self.dropout = Dropout(dropout)
        self.dense = nn.Linear(32 * height * width, classes)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of normalised images."""
        features = convolve_and_pool(images, self.conv, functional.relu, self.pool)
        logits: Tensor = self.dense(self.dropout(self.flatten(features)))
        return logits

"""Task 1's network: two convolutions and one dense layer."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.models.dropout import Dropout
from glyphlab.models.flatten import Flatten
from glyphlab.models.shapes import ImageShape, Rate, Width, features_of


class Conv2(nn.Module):
    """Two convolutions with ReLU, then one dense layer.

    | layer | output, for 28×28 grey images of 10 classes | parameters |
    | --- | --- | --- |
    | input | 1, 28, 28 | |
    | convolution 3×3, ReLU | 32, 26, 26 | 320 |
    | convolution 3×3 with the size kept, ReLU | 32, 26, 26 | 9,248 |
    | flatten, dropout | 21,632 | |
    | dense | 10 | 216,330 |

    225,898 parameters in all, as the notebook's.

    Parameters
    ----------
    image_shape : (height, width, channels)
        At least 3×3.
    classes : int
    maps : int
        Of both convolutions; the notebook has 32.
    dropout : float
        Share of the features that is silenced at each step of training; the notebook has none.

    Raises
    ------
    InputError
        If the images are too small.
    """

    def __init__(
        self, image_shape: ImageShape, classes: int, *, maps: Width = 32, dropout: Rate = 0.0
    ) -> None:
        super().__init__()
        height, width = features_of("conv2", image_shape, lambda side: side - 2)
        self.conv1 = nn.Conv2d(image_shape[2], maps, 3)
        self.conv2 = nn.Conv2d(maps, maps, 3, padding=1)
        self.flatten = Flatten()
        self.dropout = Dropout(dropout)
        self.dense = nn.Linear(maps * height * width, classes)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of normalised images."""
        features = functional.relu(self.conv1(images))
        features = functional.relu(self.conv2(features))
        logits: Tensor = self.dense(self.dropout(self.flatten(features)))
        return logits

"""Task 3's network: the notebook's own variant of LeNet-5."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.models.dropout import Dropout
from glyphlab.models.flatten import Flatten
from glyphlab.models.pooling import convolve_and_pool
from glyphlab.models.shapes import ImageShape, Rate, features_of


class LeNet5(nn.Module):
    """The notebook's variant of LeNet-5: wider, with larger kernels and ReLU.

    | layer | output, for 28×28 grey images of 10 classes | parameters |
    | --- | --- | --- |
    | input | 1, 28, 28 | |
    | convolution 6×6, ReLU | 32, 23, 23 | 1,184 |
    | mean pooling 2×2 | 32, 11, 11 | |
    | convolution 6×6, ReLU | 32, 6, 6 | 36,896 |
    | mean pooling 2×2 | 32, 3, 3 | |
    | flatten, dropout | 288 | |
    | dense, ReLU | 120 | 34,680 |
    | dense, ReLU | 84 | 10,164 |
    | dense | 10 | 850 |

    83,774 parameters in all. For the network of the paper see `LeNet5Classic`.

    Parameters
    ----------
    image_shape : (height, width, channels)
        At least 19×19.
    classes : int
    dropout : float
        Share of the features that is silenced at each step of training; the notebook has none.

    Raises
    ------
    InputError
        If the images are too small.
    """

    def __init__(self, image_shape: ImageShape, classes: int, *, dropout: Rate = 0.0) -> None:
        super().__init__()
        height, width = features_of("lenet5", image_shape, lambda side: ((side - 5) // 2 - 5) // 2)
        self.conv1 = nn.Conv2d(image_shape[2], 32, 6)
        self.pool1 = nn.AvgPool2d(2)
        self.conv2 = nn.Conv2d(32, 32, 6)
        self.pool2 = nn.AvgPool2d(2)
        self.flatten = Flatten()
        self.dropout = Dropout(dropout)
        self.dense1 = nn.Linear(32 * height * width, 120)
        self.dense2 = nn.Linear(120, 84)
        self.dense3 = nn.Linear(84, classes)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of normalised images."""
        features = convolve_and_pool(images, self.conv1, functional.relu, self.pool1)
        features = self.pool2(functional.relu(self.conv2(features)))
        features = self.dropout(self.flatten(features))
        features = functional.relu(self.dense1(features))
        features = functional.relu(self.dense2(features))
        logits: Tensor = self.dense3(features)
        return logits

"""Networks that differ from the lab's in one thing, for experiments."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.models.conv_pool import ConvPool
from glyphlab.models.dropout import Dropout
from glyphlab.models.flatten import Flatten
from glyphlab.models.shapes import ImageShape


class StridedConv(nn.Module):
    """As `ConvPool`, with a convolution of stride 2 where that pools.

    Parameters
    ----------
    image_shape : (height, width, channels)
    classes : int
    """

    def __init__(self, image_shape: ImageShape, classes: int) -> None:
        super().__init__()
        height, width, channels = image_shape
        self.conv1 = nn.Conv2d(channels, 32, 3)
        self.conv2 = nn.Conv2d(32, 32, 2, stride=2)
        self.flatten = Flatten()
        self.dropout = Dropout(0.0)
        self.dense = nn.Linear(32 * ((height - 2) // 2) * ((width - 2) // 2), classes)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of normalised images."""
        features = functional.relu(self.conv1(images))
        features = functional.relu(self.conv2(features))
        logits: Tensor = self.dense(self.dropout(self.flatten(features)))
        return logits


class SigmoidConvPool(ConvPool):
    """`ConvPool` with the notebook's defect: sigmoid outputs, which are then taken for logits."""

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Numbers from 0 to 1, of normalised images."""
        return super().forward(images).sigmoid()

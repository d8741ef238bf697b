"""Lab 1's classifier: multinomial logistic regression."""

from jaxtyping import Float
from torch import Tensor, nn

from glyphlab.models.shapes import ImageShape


class Logistic(nn.Module):
    """Logistic regression: one weight for each pixel and class.

    | layer | output, for 28×28 grey images of 10 classes | parameters |
    | --- | --- | --- |
    | input | 1, 28, 28 | |
    | flatten | 784 | |
    | dense | 10 | 7,850 |

    Parameters
    ----------
    image_shape : (height, width, channels)
    classes : int
    """

    def __init__(self, image_shape: ImageShape, classes: int) -> None:
        super().__init__()
        height, width, channels = image_shape
        self.flatten = nn.Flatten()
        self.dense = nn.Linear(height * width * channels, classes)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of normalised images."""
        logits: Tensor = self.dense(self.flatten(images))
        return logits

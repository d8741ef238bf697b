"""The most accurate model of the ladder that trains in minutes on two processor cores."""

from typing import Annotated

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.models.convolution import Conv2d
from glyphlab.models.dropout import Dropout
from glyphlab.models.shapes import ImageShape, Rate
from glyphlab.models.views import SHIFTS, shifted_views

BaseWidth = Annotated[int, Field(ge=1, le=1024)]
Views = Annotated[int, Field(ge=1, le=len(SHIFTS))]


class GlyphNet(nn.Module):
    """A small residual network: an early stride, three blocks, and the mean over all places.

    | layer | output, for 28×28 grey images of 10 classes | parameters |
    | --- | --- | --- |
    | input | 1, 28, 28 | |
    | convolution 3×3 with stride 2, batch norm, ReLU | 32, 14, 14 | 352 |
    | residual block | 32, 14, 14 | 18,560 |
    | residual block with stride 2 | 64, 7, 7 | 57,728 |
    | residual block with stride 2 | 128, 4, 4 | 230,144 |
    | mean over all places, dropout | 128 | |
    | dense | 10 | 1,290 |

    308,074 parameters in all. A block is convolution 3×3, batch norm, ReLU, convolution 3×3,
    batch norm, added to its input, ReLU (He, Zhang, Ren & Sun, "Deep residual learning for image
    recognition", 2016). Where a block changes the size, its input is averaged over 2×2 and goes
    through a convolution 1×1 and batch norm (He et al., "Bag of tricks for image classification",
    2019).

    Trained on the built-in letters for about as long, a network twice as wide took fewer steps and
    had no better validation accuracy.

    When it predicts, it looks at the image and at a copy moved by a pixel, and gives the mean of
    both logits: the stride of the first convolution passes over other pixels in each.

    Parameters
    ----------
    image_shape : (height, width, channels)
        Any size.
    classes : int
    width : int
        Maps of the first block; the next ones have two and four times as many.
    dropout : float
        Share of the features that is silenced before the dense layer at each step of training.
    views : int
        Over how many of nine views, moved by up to a pixel, a prediction is averaged; its time
        grows with them. Training sees one.
    """

    def __init__(
        self,
        image_shape: ImageShape,
        classes: int,
        *,
        width: BaseWidth = 32,
        dropout: Rate = 0.0,
        views: Views = 2,
    ) -> None:
        super().__init__()
        self.views = views
        self.stem = nn.Sequential(
            nn.Conv2d(image_shape[2], width, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )
        self.blocks = nn.Sequential(
            ResidualBlock(width, width),
            ResidualBlock(width, 2 * width, stride=2),
            ResidualBlock(2 * width, 4 * width, stride=2),
        )
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = Dropout(dropout)
        self.dense = nn.Linear(4 * width, classes)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of normalised images; in evaluation mode, their mean over the views."""
        if self.training or self.views == 1:
            return self._logits(images)
        logits = self._logits(shifted_views(images, self.views))
        return logits.view(self.views, -1, self.dense.out_features).mean(0)

    def _logits(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        features = self.flatten(self.mean(self.blocks(self.stem(images))))
        logits: Tensor = self.dense(self.dropout(features))
        return logits


class ResidualBlock(nn.Module):
    """Two convolutions 3×3 with batch norm, added to what they were given.

    Parameters
    ----------
    channels_in, channels_out : int
        Maps that come and go.
    stride : int
        1 keeps height and width; 2 halves them, rounded up.
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels_out)
        self.conv2 = Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels_out)
        self.shortcut = nn.Sequential()
        if stride > 1 or channels_in != channels_out:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True),
                nn.Conv2d(channels_in, channels_out, 1, bias=False),
                nn.BatchNorm2d(channels_out),
            )

    def forward(
        self, features: Float[Tensor, "batch channels_in height width"]
    ) -> Float[Tensor, "batch channels_out height_out width_out"]:
        """Features of the next size."""
        changed = functional.relu(self.norm1(self.conv1(features)), inplace=True)
        changed = self.norm2(self.conv2(changed))
        return functional.relu(changed + self.shortcut(features), inplace=True)

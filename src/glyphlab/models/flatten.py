"""Flattening in the order in which images lie in memory."""

from jaxtyping import Float
from torch import Tensor, nn


class Flatten(nn.Flatten):
    """Lay the features of each image in one row: place by place, all maps of a place together.

    That is the order of Keras, and of features in channels-last memory, so nothing is copied.
    `nn.Flatten` goes map by map: for conv2 its copies, forward and backward, and the slower
    operations on gradients that then lie across, took a third of a step.
    """

    def forward(
        self, features: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch height*width*channels"]:
        """The features as rows."""
        return features.permute(0, 2, 3, 1).flatten(1)

"""Lab 2's classifier: a fully connected network."""

from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Literal

import torch
from jaxtyping import Float
from pydantic import BeforeValidator, Field
from torch import Tensor, nn

from glyphlab.models.dropout import Dropout
from glyphlab.models.shapes import ImageShape, Rate, Width


def _as_sequence(value: object) -> object:
    """Take 512 and the text "512,256" as layers, too, for the command line."""
    if isinstance(value, str):
        return value.split(",")
    return (value,) if isinstance(value, int) else value


Activation = Literal["linear", "sigmoid", "tanh", "relu"]
Widths = Annotated[
    tuple[Width, ...],
    Field(min_length=1, max_length=5),
    BeforeValidator(_as_sequence),
]

_ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "linear": lambda inputs: inputs,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
}


class MLP(nn.Module):
    """Fully connected network of one to five hidden layers.

    | layer | output, for 28×28 grey images of 10 classes | parameters |
    | --- | --- | --- |
    | input | 1, 28, 28 | |
    | flatten | 784 | |
    | dense, activation, dropout | 512 | 401,920 |
    | dense, activation, dropout | 256 | 131,328 |
    | dense | 10 | 2,570 |

    Parameters
    ----------
    image_shape : (height, width, channels)
    classes : int
    hidden : one to five int
        Width of each hidden layer.
    activation : {"linear", "sigmoid", "tanh", "relu"}
        Of the hidden layers.
    dropout : float
        Share of the hidden units that is silenced at each step of training.
    """

    def __init__(
        self,
        image_shape: ImageShape,
        classes: int,
        *,
        hidden: Widths = (512, 256),
        activation: Activation = "relu",
        dropout: Rate = 0.5,
    ) -> None:
        super().__init__()
        height, width, channels = image_shape
        widths = (height * width * channels, *hidden)
        self.flatten = nn.Flatten()
        self.hidden = nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(widths))
        self.dropouts = nn.ModuleList(Dropout(dropout) for _ in hidden)
        self.dense = nn.Linear(widths[-1], classes)
        self.activation = _ACTIVATIONS[activation]

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of normalised images."""
        features = self.flatten(images)
        for hidden, dropout in zip(self.hidden, self.dropouts, strict=True):
            features = dropout(self.activation(hidden(features)))
        logits: Tensor = self.dense(features)
        return logits

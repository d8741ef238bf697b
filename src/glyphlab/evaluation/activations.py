"""What each layer of a network makes of one image."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import nn

from glyphlab.models.classifier import Classifier, normalise
from glyphlab.models.watching import watch

SHOWN = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)


class Activation(NamedTuple):
    """The maps that a layer gives.

    Parameters
    ----------
    layer : str
        Its name in the module, as "blocks.0.conv1".
    maps : float32 [maps, height, width]
    """

    layer: str
    maps: Float32[np.ndarray, "maps height width"]


def activations(
    classifier: Classifier, image: UInt8[np.ndarray, "height width channels"]
) -> tuple[Activation, ...]:
    """The maps of every convolution and pooling, in the order in which they are computed.

    Parameters
    ----------
    classifier : Classifier
    image : uint8 [height, width, channels]

    Returns
    -------
    tuple of Activation
        Empty for a network without such layers. Of several views of the image, the first.
    """
    module = classifier.module
    batch = torch.from_numpy(np.array(image[None])).to(_device(module))
    found: dict[str, Activation] = {}
    for seen in watch(module, normalise(batch, classifier.mean, classifier.std), SHOWN):
        maps = np.ascontiguousarray(seen.made[0].float().cpu().numpy())
        found.setdefault(seen.name, Activation(seen.name, maps))
    return tuple(found.values())


def _device(module: nn.Module) -> torch.device:
    return next(module.parameters()).device

"""What each layer of a network makes of one image."""

from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor, nn

from glyphlab.models.classifier import Classifier, normalise

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
    found: dict[str, Activation] = {}

    def watch(name: str) -> Any:
        def keep(module: nn.Module, given: Any, made: Tensor) -> None:
            maps = made[0].float().cpu().numpy()
            found.setdefault(name, Activation(name, np.ascontiguousarray(maps)))

        return keep

    module = classifier.module
    layers = [(name, m) for name, m in module.named_modules() if isinstance(m, SHOWN)]
    hooks = [layer.register_forward_hook(watch(name)) for name, layer in layers]
    was_training = module.training
    try:
        module.eval()
        with torch.inference_mode():
            batch = torch.from_numpy(np.array(image[None])).to(_device(module))
            module(normalise(batch, classifier.mean, classifier.std))
    finally:
        module.train(was_training)
        for hook in hooks:
            hook.remove()
    return tuple(found.values())


def _device(module: nn.Module) -> torch.device:
    return next(module.parameters()).device

"""What the layers of a module are given and make, while it computes."""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Seen(NamedTuple):
    """One call of a layer.

    Parameters
    ----------
    name : str
        Of the layer in the module, as "blocks.0.conv1".
    given, made : Tensor
        The first of what it was called with, and its output.
    """

    name: str
    given: Tensor
    made: Tensor


def watch(
    module: nn.Module,
    images: Float[Tensor, "batch channels height width"],
    kinds: tuple[type[nn.Module], ...],
) -> list[Seen]:
    """Compute in evaluation mode, and tell every call of the layers of some kinds, in order.

    Hooks are put on the module meanwhile, so no other thread may compute with it.
    """
    seen: list[Seen] = []

    def note(name: str) -> Any:
        def keep(layer: nn.Module, given: tuple[Any, ...], made: Any) -> None:
            if given and isinstance(given[0], Tensor) and isinstance(made, Tensor):
                seen.append(Seen(name, given[0], made))

        return keep

    layers = [(name, layer) for name, layer in module.named_modules() if isinstance(layer, kinds)]
    hooks = [layer.register_forward_hook(note(name)) for name, layer in layers]
    was_training = module.training
    try:
        module.eval()
        with torch.inference_mode():
            module(images)
    finally:
        module.train(was_training)
        for hook in hooks:
            hook.remove()
    return seen

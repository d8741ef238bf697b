"""Batches that are computed in parts, so that what a part leaves behind stays in the cache."""

from contextlib import AbstractContextManager
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.modules.batchnorm import _BatchNorm

from glyphlab.models import MODELS, name_of

CACHED_BYTES = 32 << 20
FEWEST = 32


def micro_batch(
    module: nn.Module,
    images: Float[Tensor, "batch channels height width"],
    autocast: AbstractContextManager[Any],
) -> int | None:
    """How many images to compute at once: the gradients of the parts of a batch add up to its own.

    On a CPU, a forward pass of too many images writes more than the cache holds, and the backward
    pass reads it all from memory again. So much is computed at once that what is kept from the
    one to the other is about 32 MB, whatever the machine, so that results don't depend on it.

    Parameters
    ----------
    module : nn.Module
        Left as it was.
    images : float [batch, channels, height, width]
        A few, normalised.
    autocast : context manager
        In which the training computes.

    Returns
    -------
    int or None
        None: the whole batch. So it is on a GPU; with batch norm, which must see all of it; and
        for users' modules, which may look at other images of the batch, too.
    """
    has_batch_norm = any(isinstance(layer, _BatchNorm) for layer in module.modules())
    if has_batch_norm or name_of(module) not in MODELS or images.device.type != "cpu":
        return None
    return max(FEWEST, CACHED_BYTES * len(images) // max(1, kept_bytes(module, images, autocast)))


def kept_bytes(
    module: nn.Module,
    images: Float[Tensor, "batch channels height width"],
    autocast: AbstractContextManager[Any],
) -> int:
    """Bytes that a forward pass keeps for the backward pass, parameters left aside."""
    kept = {parameter.untyped_storage().data_ptr(): 0 for parameter in module.parameters()}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept.setdefault(storage.data_ptr(), storage.nbytes())
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor), autocast:
        output = module(images)
    del output
    return sum(kept.values())

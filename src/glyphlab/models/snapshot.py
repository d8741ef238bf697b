"""Telling whether a module has changed."""

from operator import attrgetter, is_
from typing import Any

from torch import Tensor, nn

_version = attrgetter("_version")
_SAMPLES = 8


class Snapshot:
    """What a module was: its layers and weights, where these lie, their versions, some numbers.

    PyTorch counts up the version of a tensor that it changes, but not for a change through `.data`
    or NumPy; that shows in the samples, unless it is of few numbers. Asking costs some µs, since
    each image that is classified alone waits for it; so its loops are built-in ones.

    Parameters
    ----------
    module : nn.Module
    """

    def __init__(self, module: nn.Module) -> None:
        holders: list[dict[str, Any]] = [
            holder
            for layer in module.modules()
            for holder in (layer._modules, layer._parameters, layer._buffers)
            if holder
        ]
        self._module = module
        self._holders = [holder for holder in holders for _ in holder]
        self._names = [name for holder in holders for name in holder]
        self._parts = [part for holder in holders for part in holder.values()]
        self._sizes = list(map(len, self._holders))
        self._tensors = [part for part in self._parts if isinstance(part, Tensor)]
        self._samples = [_sample(weight) for weight in module.parameters() if weight.ndim > 1]
        self._places = list(map(Tensor.data_ptr, self._tensors))
        self._counted = [tensor for tensor in self._tensors if not tensor.is_inference()]
        self._versions = list(map(_version, self._counted))
        self._sampled = list(map(_read, self._samples))

    def differs_from(self, module: nn.Module) -> bool:
        """Whether a module is another one than it was."""
        return not (
            module is self._module
            and all(map(is_, map(dict.get, self._holders, self._names), self._parts))
            and list(map(len, self._holders)) == self._sizes
            and list(map(Tensor.data_ptr, self._tensors)) == self._places
            and list(map(_version, self._counted)) == self._versions
            and list(map(_read, self._samples)) == self._sampled
        )


def _sample(weight: Tensor) -> Tensor:
    """A view of some eight numbers, evenly spread over a weight."""
    order = sorted(range(weight.ndim), key=weight.stride, reverse=True)
    in_memory_order = weight.detach().permute(order).reshape(-1)
    return in_memory_order[:: max(1, weight.numel() // _SAMPLES)]


def _read(sample: Tensor) -> bytes:
    return sample.float().cpu().numpy().tobytes()

"""How many floating-point operations a training takes, and how many a second the machine can."""

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

SECONDS_OF_MEASURING = 0.2


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the operations of all products and convolutions within, by PyTorch's own table."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(
        self,
        function: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        keywords = kwargs or {}
        result = function(*args, **keywords)
        count = flop_registry.get(function.overloadpacket)
        self.total += count(*args, **keywords, out_val=result) if count else 0
        return result


# PyTorch wraps this method so that its compiler is imported at the first call: two seconds.
_Counter.__torch_dispatch__ = inspect.unwrap(_Counter.__torch_dispatch__)  # type: ignore[method-assign]


def training_flops(module: nn.Module, batch: Tensor) -> float:
    """Floating-point operations of forward and backward pass for one image.

    Products and convolutions count, as `torch.utils.flop_counter` counts them; the module's
    gradients and state are left as they were. It is counted as the network is described, in
    evaluation mode: how a training computes it may take more operations in less time. Of the
    views that a prediction is averaged over, as of `GlyphNet`, a training sees one.
    """
    training = module.training
    module.eval()
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    with _Counter() as counter:
        torch.autograd.backward(module(batch).sum())
    module.zero_grad(set_to_none=True)
    module.train(training)
    for name, buffer in module.named_buffers():
        buffer.copy_(buffers[name])
    return float(counter.total) / len(batch) / getattr(module, "views", 1)


@torch.no_grad()
def prediction_flops(module: nn.Module, batch: Tensor) -> int:
    """Floating-point operations of the prediction of one image, counted as `training_flops` does.

    All the views that a prediction is averaged over count.
    """
    training = module.training
    module.eval()
    with _Counter() as counter:
        module(batch)
    module.train(training)
    return int(counter.total) // len(batch)


@cache
def measured_peak(device: torch.device, dtype: torch.dtype) -> float:
    """What `measure_peak` gives, measured once in a process."""
    return measure_peak(device, dtype)


def measure_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations per second that PyTorch reaches here at its best.

    The best of some products of 2048×2048 (8192×8192 on a GPU) and of some convolutions 3×3 from
    64 maps to 64: on some processors the one is faster, on some the other. Half a second.
    """
    size, batch = (8192, 1024) if device.type == "cuda" else (2048, 64)
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    maps, kernel = torch.randn(batch, 64, 28, 28, device=device), torch.randn(64, 64, 3, 3)
    maps = maps.to(dtype, memory_format=torch.channels_last)
    kernel = kernel.to(device, dtype, memory_format=torch.channels_last)
    product = 2.0 * size**3 / _fastest(partial(torch.matmul, left, right))
    convolution = (
        2.0 * 9 * 64 * maps.numel() / _fastest(partial(functional.conv2d, maps, kernel, padding=1))
    )
    return max(product, convolution)


def _fastest(compute: Callable[[], Tensor]) -> float:
    """The least seconds that it took, after a first time to warm up."""
    times, begun = [_seconds(compute)], time.perf_counter()
    while len(times) < 2 or time.perf_counter() - begun < SECONDS_OF_MEASURING:
        times.append(_seconds(compute))
    return min(times[1:])


def _seconds(compute: Callable[[], Tensor]) -> float:
    start = time.perf_counter()
    if compute().is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - start

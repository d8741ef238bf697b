"""Where and in which precision to compute, and how fast the machine can."""

import platform
import time
from functools import cache

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from glyphlab.errors import InputError


def choose_device(name: str) -> torch.device:
    """Turn "auto", "cpu", "cuda" or "mps" into a device; "auto" takes the fastest present.

    Raises
    ------
    InputError
        If the device named is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not present.get(name.split(":")[0], True):
        raise InputError(f"There is no device {name} on this machine; use device=auto or cpu.")
    return torch.device(name)


def describe_machine(device: torch.device) -> str:
    """One line for a report: processor or GPU, threads, and system."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, {platform.system()}"
    threads = torch.get_num_threads()
    return f"{platform.machine()} CPU, {threads} threads, {platform.system()}"


@cache
def measured_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations per second that a large matrix product reaches here.

    The best of five products of 2048×2048 (8192×8192 on a GPU), after one to warm up; a fifth of
    a second.
    """
    size = 8192 if device.type == "cuda" else 2048
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    fastest = min(_time_product(left, right) for _ in range(6))
    return 2.0 * size**3 / fastest


def _time_product(left: Tensor, right: Tensor) -> float:
    start = time.perf_counter()
    product = left @ right
    if product.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def training_flops(module: nn.Module, batch: Tensor) -> float:
    """Floating-point operations of forward and backward pass for one image.

    Products and convolutions count, as `torch.utils.flop_counter` counts them; the module's
    gradients and state are left as they were. It is counted as the network is described, in
    evaluation mode: how a training computes it may take more operations in less time.
    """
    training = module.training
    module.eval()
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    with FlopCounterMode(display=False) as counter:
        torch.autograd.backward(module(batch).sum())
    module.zero_grad(set_to_none=True)
    module.train(training)
    for name, buffer in module.named_buffers():
        buffer.copy_(buffers[name])
    return float(counter.get_total_flops()) / len(batch)

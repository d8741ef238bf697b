"""The processes that train one model together; most trainings have one only."""

import gc
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from glyphlab.errors import GlyphlabError, InputError, ProcessLost

SECONDS_OF_SILENCE = 300
"""After which a process that still runs but says nothing is taken for lost."""

_SOURCE = re.compile(r"^\[\S+:\d+\] ")
"""Where in PyTorch's sources an error was found, at the beginning of what it says."""


class Group:
    """One process on its own.

    Attributes
    ----------
    rank, size : int
        The number of this process, from 0, and how many there are.
    device : torch.device
        Where a tensor must be to be added up.
    """

    rank = 0
    size = 1
    device = torch.device("cpu")

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def part(self, n: int) -> tuple[int, int]:
        """Which of `n` images are this process's: from the first to before the second number."""
        return n * self.rank // self.size, n * (self.rank + 1) // self.size

    def sum(self, tensor: Tensor) -> Tensor:
        """The sum of a tensor over all processes."""
        return tensor

    def any(self, wish: bool) -> bool:
        """Whether one of the processes wishes it."""
        return wish

    def wrap(self, module: nn.Module) -> nn.Module:
        """The module, such that its gradients become the means over all processes."""
        return module

    @contextmanager
    def without_exchange(self, network: nn.Module) -> Iterator[None]:
        """Let gradients within the block be added up here, until some come after it."""
        yield

    @contextmanager
    def found_lost(self) -> Iterator[None]:
        """Turn what PyTorch raises where gradients are exchanged into a `ProcessLost`."""
        yield

    def average(self, tensors: Iterable[Tensor]) -> None:
        """Give each of these the mean that it has over all processes, if it is a floating one."""

    def from_first(self, make: Callable[[], bytes]) -> bytes:
        """What the first process makes, given to all; its errors, too."""
        return make()


class _Several(Group):
    """One process among others, by `torch.distributed`."""

    def __init__(self) -> None:
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self.device = torch.device("cuda" if dist.get_backend() == "nccl" else "cpu")

    def sum(self, tensor: Tensor) -> Tensor:
        with found_lost():
            dist.all_reduce(tensor)
        return tensor

    def any(self, wish: bool) -> bool:
        return bool(self.sum(torch.tensor([float(wish)], device=self.device)).item())

    def wrap(self, module: nn.Module) -> nn.Module:
        on_gpu = next(module.parameters()).device.type == "cuda"
        if on_gpu:
            module = nn.SyncBatchNorm.convert_sync_batchnorm(module)  # type: ignore[no-untyped-call]
        with found_lost():
            return DistributedDataParallel(module, gradient_as_bucket_view=True)

    @contextmanager
    def without_exchange(self, network: nn.Module) -> Iterator[None]:
        assert isinstance(network, DistributedDataParallel)
        with network.no_sync():
            yield

    @contextmanager
    def found_lost(self) -> Iterator[None]:
        with found_lost():
            yield

    def average(self, tensors: Iterable[Tensor]) -> None:
        for tensor in tensors:
            if tensor.is_floating_point():
                tensor.copy_(self.sum(tensor.detach().clone()) / self.size)

    def from_first(self, make: Callable[[], bytes]) -> bytes:
        content, failure = b"", None
        if self.is_first:
            try:
                content = make()
            except GlyphlabError as error:
                failure = error
        length = len(content) if failure is None else -1 - failure.exit_status
        said = int(self.sum(torch.tensor([float(length)], dtype=torch.float64)).item())
        if failure is not None:
            raise failure
        if said < 0:
            kind = InputError if said == -1 - InputError.exit_status else GlyphlabError
            raise kind("The first process of the training says what is wrong.")
        buffer = torch.zeros(said, dtype=torch.uint8, device=self.device)
        if self.is_first:
            buffer.copy_(torch.frombuffer(bytearray(content), dtype=torch.uint8))
        with found_lost():
            dist.broadcast(buffer, 0)
        return buffer.cpu().numpy().tobytes()


ALONE = Group()


@contextmanager
def joined_group() -> Iterator[Group]:
    """Join the processes that `torchrun`, `glyphlab train --workers` or Ray Train has started.

    They are found as PyTorch's own documents say, by the variables RANK, WORLD_SIZE, MASTER_ADDR
    and MASTER_PORT. On GPUs NCCL moves gradients, elsewhere Gloo.

    Yields
    ------
    Group
        Of one, where this process was started alone.

    Raises
    ------
    InputError
        If the variables contradict each other.
    ProcessLost
        If the others can't be reached.
    """
    if dist.is_available() and dist.is_initialized():
        yield _Several() if dist.get_world_size() > 1 else ALONE
        return
    if _world_size() < 2:
        yield ALONE
        return
    with found_lost():
        dist.init_process_group(timeout=timedelta(seconds=SECONDS_OF_SILENCE))
    try:
        yield _Several()
    finally:
        gc.collect()  # What holds the group in circles, as DistributedDataParallel does.
        dist.destroy_process_group()


def local_device(name: str) -> str:
    """The device of this process, where each GPU of a machine has its own process."""
    if _world_size() < 2 or name not in ("auto", "cuda") or not torch.cuda.is_available():
        return name
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}"


@contextmanager
def found_lost() -> Iterator[None]:
    """Turn what PyTorch raises within the block into a sentence.

    Raises
    ------
    ProcessLost
        Of a RuntimeError.
    """
    try:
        yield
    except RuntimeError as error:
        said = _SOURCE.sub("", str(error).strip()).partition("\n")[0].partition(". ")[0]
        raise ProcessLost(
            f"A process of this training ended or can't be reached ({said})."
        ) from error


def _world_size() -> int:
    given: Any = os.environ.get("WORLD_SIZE", "1")
    try:
        return int(given)
    except ValueError:
        raise InputError(
            f"WORLD_SIZE is {given!r}, which is no number of processes; unset it, or start by "
            "torchrun."
        ) from None

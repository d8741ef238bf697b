"""Computing with a trained module: by a folded copy, kept until the module changes."""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn

from glyphlab.memory import keep_freed_memory
from glyphlab.models.folding import fold
from glyphlab.models.precision import Precision, autocast, choose_precision
from glyphlab.models.shapes import ImageShape
from glyphlab.models.snapshot import Snapshot
from glyphlab.threads import side_by_side

Forward = Callable[[Tensor], Tensor]

_TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.1}
NEAR_BYTES = 6 << 20
_SMALLEST_BATCH, _UNKNOWN_BATCH, _LARGEST_BATCH = 16, 64, 512


@dataclass(frozen=True)
class FoldedCopy:
    """A folded copy of a module, and what the module was when it was made.

    Attributes
    ----------
    forward : callable or None
        From normalised images to logits; None where the module can't be folded.
    device : torch.device
        Where the weights are.
    dtype : torch.dtype
        Of products and convolutions.
    batch_size : int
        How many images to compute at once, so that their features stay near the processor.
    snapshot : Snapshot
        Of the module.
    """

    forward: Forward | None
    device: torch.device
    dtype: torch.dtype
    batch_size: int
    snapshot: Snapshot


class FoldedCopies:
    """The folded copies of one module, a copy for each precision.

    They are never saved, copied or trained, and one is made again when the module has changed.
    Threads may share them: at worst, two make the same copy.
    """

    def __init__(self) -> None:
        self._copies: dict[Precision, FoldedCopy] = {}

    def __reduce__(self) -> tuple[type["FoldedCopies"], tuple[()]]:
        return FoldedCopies, ()

    def of(self, module: nn.Module, precision: Precision, image_shape: ImageShape) -> FoldedCopy:
        """The folded copy of a module.

        Parameters
        ----------
        module : nn.Module
        precision : {"auto", "float32", "bfloat16"}
            Of products and convolutions.
        image_shape : (height, width, channels)
            Of the images that the module takes.
        """
        kept = self._copies.get(precision)
        if kept is None or kept.snapshot.differs_from(module):
            kept = self._copies[precision] = _fold(module, precision, image_shape)
        return kept


def _fold(module: nn.Module, precision: Precision, image_shape: ImageShape) -> FoldedCopy:
    weights = next(module.parameters(), None)
    device = torch.device("cpu") if weights is None else weights.device
    dtype = choose_precision(precision, device)
    height, width, channels = image_shape
    noise = np.random.default_rng(0).standard_normal((2, channels, height, width), np.float32)
    images = torch.from_numpy(noise).to(device)
    snapshot = Snapshot(module)
    folded = _folded(module, dtype, images)
    forward = None if folded is None else folded.forward
    return FoldedCopy(forward, device, dtype, _batch_size(folded, images), snapshot)


def _folded(module: nn.Module, dtype: torch.dtype, images: Tensor) -> fx.GraphModule | None:
    """Fold a module, and take the result only if it says the same of some images."""
    try:
        with torch.inference_mode():
            copied = copy.deepcopy(module).eval()
            expected = copied(images).float()
            folded = fold(copied, dtype)
            difference = (folded(images).float() - expected).abs().max()
            return folded if difference <= _TOLERANCE[dtype] * (1 + expected.abs().max()) else None
    except Exception:
        return None


def _batch_size(folded: fx.GraphModule | None, images: Tensor) -> int:
    if folded is None:
        return _UNKNOWN_BATCH
    if images.device.type != "cpu":
        return _LARGEST_BATCH
    with torch.inference_mode():
        sizes = _Sizes(folded)
        sizes.run(images)
    fitting = NEAR_BYTES * len(images) // max(1, sizes.largest)
    return min(max(fitting, _SMALLEST_BATCH), _LARGEST_BATCH)


class _Sizes(fx.Interpreter):
    """Runs a folded module node by node, and notes the bytes of the largest features."""

    largest = 0

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        if isinstance(result, Tensor):
            self.largest = max(self.largest, result.nbytes)
        return result


def compute_in_turn(compute: Callable[[int], None], starts: Sequence[int]) -> None:
    """Call `compute` for each start of a batch."""
    for start in starts:
        compute(start)


def compute_in_threads(compute: Callable[[int], None], starts: Sequence[int]) -> None:
    """Call `compute` for each start of a batch, in as many threads as PyTorch would use.

    Each thread computes batches of its own on one core: no operation waits until all threads are
    done, and what is small isn't cut smaller. From then on the process keeps what memory it frees,
    see `keep_freed_memory`.
    """
    keep_freed_memory()
    for _ in side_by_side(compute, starts):
        pass


@contextmanager
def evaluation_mode(module: nn.Module, copy: FoldedCopy) -> Iterator[None]:
    """Meanwhile the module itself is in evaluation mode, and multiplies in the copy's dtype."""
    training = module.training
    module.eval()
    try:
        with autocast(copy.device, copy.dtype):
            yield
    finally:
        module.train(training)

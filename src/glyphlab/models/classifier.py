"""The Classifier: a trained model with all it needs to name the class of an image."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor, nn

from glyphlab.errors import InputError
from glyphlab.models.inference import (
    FoldedCopies,
    compute_in_threads,
    compute_in_turn,
    evaluation_mode,
)
from glyphlab.models.normalisation import normalisation
from glyphlab.models.precision import Precision, choose_precision
from glyphlab.models.shapes import ImageShape

__all__ = ["Classifier", "Head", "Precision", "apply_head", "normalisation", "normalise"]

_log = logging.getLogger(__name__)

Head = Literal["logits", "sigmoid", "softmax"]


@dataclass(eq=False, repr=False)
class Classifier:
    """A module with its classes, image shape and normalisation; saved as one file.

    Parameters
    ----------
    module : nn.Module
        From normalised float [batch, channels, height, width] to logits [batch, classes].
    model : str
        A registered name, or what names a module of the user's.
    classes : sequence of str
        Class names, in the order of the logits.
    image_shape : (height, width, channels)
    mean, std : sequence of float
        Of each channel, of pixels as shares of 255: the module sees (x/255 - mean)/std.
    arguments : dict
        What the model was built with beside image shape and classes.
    head : {"logits", "sigmoid", "softmax"}
        What is applied to the module's output before it is taken for logits. Only the notebook's
        protocol has another than "logits", and by that a loss that can't fall below 1.46.
    """

    module: nn.Module
    model: str
    classes: Sequence[str]
    image_shape: ImageShape
    mean: Sequence[float]
    std: Sequence[float]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    head: Head = "logits"
    _folded: FoldedCopies = field(default_factory=FoldedCopies, init=False)

    def __post_init__(self) -> None:
        self.classes = tuple(self.classes)
        self.mean, self.std = tuple(self.mean), tuple(self.std)

    def __repr__(self) -> str:
        height, width, channels = self.image_shape
        return (
            f"Classifier {self.model!r}: {self.parameters:,} parameters, images of "
            f"{height}×{width}×{channels}, {len(self.classes)} classes ({', '.join(self.classes)})"
        )

    @property
    def parameters(self) -> int:
        """How many numbers the module has learned; frozen ones count, too."""
        return sum(p.numel() for p in self.module.parameters())

    def logits(
        self,
        images: UInt8[np.ndarray, "n height width channels"],
        batch_size: int | None = None,
        precision: Precision = "float32",
    ) -> Float32[np.ndarray, "n classes"]:
        """What the module says of each image, before it is made a probability.

        Parameters
        ----------
        images : uint8 [n, height, width, channels]
        batch_size : int, optional
            Images that are computed at once; as many as stay near the processor where none is
            given.
        precision : {"float32", "bfloat16", "auto"}
            Of the matrix products and convolutions; "auto" is bfloat16 where the hardware
            multiplies in it.

        Returns
        -------
        float32 [n, classes]

        Raises
        ------
        InputError
            If the images have another type or shape than the model takes.
        """
        self._check_images(images)
        logits = np.empty((len(images), len(self.classes)), np.float32)
        if not len(images):
            return logits
        copy = self._folded.of(self.module, precision, self.image_shape)
        forward, size = copy.forward or self.module, batch_size or copy.batch_size
        starts = range(0, len(images), size)
        dtype = str(choose_precision(precision, copy.device)).removeprefix("torch.")
        _log.info(
            "Predicting by %s on %s in %s by %d threads.",
            *(self.model, copy.device, dtype, torch.get_num_threads()),
        )

        def compute(start: int) -> None:
            with torch.inference_mode():
                batch = torch.from_numpy(np.array(images[start : start + size]))
                output = forward(normalise(batch.to(copy.device), self.mean, self.std)).float()
                logits[start : start + size] = apply_head(output, self.head).cpu().numpy()

        if copy.forward is None:
            with evaluation_mode(self.module, copy):
                compute_in_turn(compute, starts)
        elif len(starts) > 1 and copy.device.type == "cpu":
            compute_in_threads(compute, starts)
        else:
            compute_in_turn(compute, starts)
        return logits

    def probabilities(
        self,
        images: UInt8[np.ndarray, "n height width channels"],
        batch_size: int | None = None,
        precision: Precision = "float32",
    ) -> Float32[np.ndarray, "n classes"]:
        """The softmax of `logits`: each row sums to 1.

        Parameters, Returns, Raises
        ---------------------------
        As `logits`.
        """
        logits = torch.from_numpy(self.logits(images, batch_size, precision))
        probabilities: Float32[np.ndarray, "n classes"] = torch.softmax(logits, dim=1).numpy()
        return probabilities

    def save(self, path: Path | str) -> None:
        """Write weights and all the rest to one `.safetensors` file, atomically.

        Raises
        ------
        InputError
            If the place can't be written to, or an argument is no JSON.
        """
        from glyphlab.models.weights import save_weights

        save_weights(self, Path(path))

    @classmethod
    def load(cls, path: Path | str, module: nn.Module | None = None) -> "Classifier":
        """Read a file that `save` wrote; nothing in it is executed.

        Parameters
        ----------
        path : Path or str
        module : nn.Module, optional
            Takes the weights. Needed for models of the user's, since importing what a file names
            would be executing it; registered models are built by name.

        Returns
        -------
        Classifier
            In evaluation mode, on the CPU or where `module` is.

        Raises
        ------
        InputError
            If the file is missing, foreign, truncated, lying, or of another model than `module`.
        """
        from glyphlab.models.weights import load_weights

        return load_weights(Path(path), module)

    def _check_images(self, images: UInt8[np.ndarray, "n height width channels"]) -> None:
        if images.dtype != np.uint8 or images.shape[1:] != tuple(self.image_shape):
            expected = ", ".join(map(str, self.image_shape))
            raise InputError(
                f"{self.model} takes images uint8 [n, {expected}], not {images.dtype} "
                f"{list(images.shape)}; make them of that size and number of channels."
            )


def apply_head(
    output: Float[Tensor, "batch classes"], head: Head
) -> Float[Tensor, "batch classes"]:
    """What is taken for logits: the output itself, or its sigmoid or softmax."""
    if head == "sigmoid":
        return torch.sigmoid(output)
    return torch.softmax(output, dim=1) if head == "softmax" else output


def normalise(
    images: UInt8[Tensor, "batch height width channels"],
    mean: Sequence[float],
    std: Sequence[float],
) -> Float[Tensor, "batch channels height width"]:
    """What a module sees of images: (x/255 - mean)/std for each channel, as float32.

    Channels come to the front as a view, so the result is in channels-last memory.
    """
    scale, shift = scale_and_shift(tuple(mean), tuple(std), images.device)
    return images.permute(0, 3, 1, 2).float().mul_(scale).add_(shift)


@lru_cache
def scale_and_shift(
    mean: tuple[float, ...], std: tuple[float, ...], device: torch.device
) -> tuple[Float[Tensor, "channels 1 1"], Float[Tensor, "channels 1 1"]]:
    """What pixels from 0 to 255 are multiplied by, and what is added, to normalise them."""
    with torch.inference_mode(False):
        centre, spread = (
            torch.tensor(numbers, dtype=torch.float64).view(-1, 1, 1) for numbers in (mean, std)
        )
        scale, shift = 1 / (255 * spread), -centre / spread
        return scale.float().to(device), shift.float().to(device)

"""What an exported Python file does with its network; `python_file` writes it out.

The constants and `build` are in each file its own.
"""

import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from glyphlab.models.classifier import Head, apply_head

CLASSES: tuple[str, ...] = ()
IMAGE_SHAPE: tuple[int, int, int] = (28, 28, 1)
MEAN: tuple[float, ...] = (0.0,)
STD: tuple[float, ...] = (1.0,)
HEAD: Head = "logits"


def build() -> nn.Module:
    """The network, built as for its training; its weights are random."""
    raise NotImplementedError


WEIGHTS = Path(__file__).with_suffix(".safetensors")
BATCH = 256


def load(weights: str | Path = WEIGHTS) -> nn.Module:
    """The trained network, ready to predict."""
    network = build()
    network.load_state_dict(load_file(weights))
    return network.eval()


def logits(network: nn.Module, images: Tensor) -> Tensor:
    """What the network says of images, uint8 [n, height, width, channels], as float32 [n, classes].

    It sees (x/255 - mean)/std of each channel.
    """
    mean, std = torch.tensor(MEAN).view(-1, 1, 1), torch.tensor(STD).view(-1, 1, 1)
    pixels = images.permute(0, 3, 1, 2).float() / 255
    return apply_head(network((pixels - mean) / std), HEAD)


@torch.inference_mode()
def predict(images: Any, network: nn.Module | None = None) -> Tensor:
    """Probabilities of the classes, float32 [n, classes].

    Parameters
    ----------
    images : path, or uint8 [n, height, width, channels]
        An image file; or images as a tensor or a NumPy array, of which a single one may lack n.
    network : nn.Module, optional
        As `load` gives it; it is loaded where none is given.
    """
    network = network if network is not None else load()
    batch = read_image(images) if isinstance(images, str | Path) else torch.as_tensor(images)
    batch = batch[None] if batch.ndim == 3 else batch
    if batch.dtype != torch.uint8 or tuple(batch.shape[1:]) != IMAGE_SHAPE:
        raise ValueError(f"uint8 [n, {IMAGE_SHAPE}] is wanted, not {batch.dtype} {batch.shape}")
    parts = [torch.softmax(logits(network, part), dim=1) for part in torch.split(batch, BATCH)]
    return torch.cat(parts)


def read_image(path: str | Path) -> Tensor:
    """An image file, scaled to the network's size: uint8 [1, height, width, channels].

    It needs Pillow. glyphlab itself brings photographs and scans to the form of the training images
    first; this does not.
    """
    from PIL import Image

    height, width, channels = IMAGE_SHAPE
    with Image.open(path) as file:
        image = file.convert("L" if channels == 1 else "RGB").resize((width, height))
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return pixels.view(1, height, width, channels)


def main(paths: list[str]) -> None:
    """Name the class of each image file, with its probability."""
    network = load()
    for path in paths:
        probabilities = predict(path, network)[0]
        best = int(probabilities.argmax())
        sys.stdout.write(f"{path}: {CLASSES[best]} ({probabilities[best]:.3f})\n")

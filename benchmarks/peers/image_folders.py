"""Peers of `images_in.py`: read a folder of images, a folder per class, into arrays.

Usage: python peers/image_folders.py '{"way": "torch", "folder": "…", "batch": 1000}'
Timed: from the folder's name to the last batch of pixels and labels; imports are not.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def keras_generator(folder: str, batch: int) -> Callable[[], int]:
    """The notebook's own: ImageDataGenerator, which reads one image after the other."""
    from tensorflow import keras

    def read() -> int:
        generator = keras.preprocessing.image.ImageDataGenerator(rescale=1.0 / 255)
        batches = generator.flow_from_directory(
            folder, (28, 28), color_mode="grayscale", batch_size=batch, shuffle=True
        )
        return sum(len(next(batches)[0]) for _ in range(len(batches)))

    return read


def keras_dataset(folder: str, batch: int) -> Callable[[], int]:
    """Keras's newer way: a tf.data pipeline, in threads, without Python per image."""
    from tensorflow import keras

    def read() -> int:
        batches = keras.utils.image_dataset_from_directory(
            folder,
            color_mode="grayscale",
            image_size=(28, 28),
            batch_size=batch,
            shuffle=False,
            verbose=False,
        )
        return sum(len(images) for images, _ in batches)

    return read


def torch_folder(folder: str, batch: int) -> Callable[[], int]:
    """What torchvision's ImageFolder does, with Pillow, in a DataLoader of two processes."""
    import numpy as np
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    class ImageFolder(Dataset[tuple[torch.Tensor, int]]):
        def __init__(self) -> None:
            classes = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
            self.samples = [
                (entry.path, label)
                for label, name in enumerate(classes)
                for entry in sorted(os.scandir(Path(folder) / name), key=lambda e: e.name)
            ]

        def __len__(self) -> int:
            return len(self.samples)

        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            path, label = self.samples[index]
            with Path(path).open("rb") as file, Image.open(file) as image:
                return torch.from_numpy(np.array(image.convert("L"))), label

    def read() -> int:
        loader = DataLoader(ImageFolder(), batch_size=batch, num_workers=2)
        return sum(len(images) for images, _ in loader)

    return read


def huggingface(folder: str, batch: int) -> Callable[[], int]:
    """Hugging Face's imagefolder: built into a cache that is empty, then decoded to arrays."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets

    datasets.disable_progress_bars()

    def read() -> int:
        with tempfile.TemporaryDirectory() as cache:
            built = datasets.load_dataset(
                "imagefolder", data_dir=folder, split="train", cache_dir=cache
            )
            return sum(len(part["image"]) for part in built.with_format("numpy").iter(batch))

    return read


WAYS = {
    "generator": keras_generator,
    "tf.data": keras_dataset,
    "torch": torch_folder,
    "datasets": huggingface,
}


def measured(options: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Images, seconds, and seconds of processor time in this process and its children."""
    read = WAYS[options["way"]](options["folder"], options["batch"])
    before, start = sum(os.times()[:4]), time.perf_counter()
    yield "images", read()
    yield "seconds", time.perf_counter() - start
    yield "cpu_seconds", sum(os.times()[:4]) - before


if __name__ == "__main__":
    print(json.dumps(dict(measured(json.loads(sys.argv[1])))))

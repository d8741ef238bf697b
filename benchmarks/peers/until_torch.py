"""PyTorch with Adam, batches of 128, epoch by epoch until the accuracy is reached."""

import json
import sys

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from until import train_until


def example() -> nn.Module:
    """The network of Keras's MNIST example."""
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)),
    )


def tensors(arrays: np.lib.npyio.NpzFile, part: str) -> TensorDataset:
    """Images [n, 1, 28, 28] and labels of one part."""
    images = torch.from_numpy(arrays[f"{part}_images"]).permute(0, 3, 1, 2).contiguous()
    return TensorDataset(images, torch.from_numpy(arrays[f"{part}_labels"]))


def train(model: nn.Module, batches: DataLoader, optimizer: torch.optim.Optimizer) -> None:
    """One epoch."""
    model.train()
    for images, labels in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()


@torch.inference_mode()
def test(model: nn.Module, part: TensorDataset) -> float:
    """The accuracy."""
    model.eval()
    images, labels = part.tensors
    predictions = torch.cat([model(batch).argmax(1) for batch in images.split(512)])
    return (predictions == labels).double().mean().item()


def main() -> None:
    """Train what the JSON argument asks for."""
    options = json.loads(sys.argv[1])
    torch.manual_seed(options["seed"])
    model = example()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    with np.load(options["arrays"]) as arrays:
        parts = {part: tensors(arrays, part) for part in ("train", "test")}
    batches = DataLoader(parts["train"], batch_size=128, shuffle=True)
    told = train_until(
        options,
        lambda: train(model, batches, optimizer),
        lambda: test(model, parts["test"]),
    )
    print(json.dumps(told))


if __name__ == "__main__":
    main()

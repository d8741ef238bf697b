"""PyTorch, eager: prediction by a plain network, normalised images to logits."""

import json
from collections.abc import Callable

import numpy as np
import torch
from predicting import Predict, random_floats, read_task, time_ways
from torch import Tensor, nn
from torch_training import network as network_of_training

BATCH_SIZES = (32, 128, 512)
LAYOUTS = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}


DENSE = {
    "logistic": [nn.Linear(784, 10)],
    "mlp": [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)],
}


def network(name: str) -> nn.Sequential:
    """The network of that name; those that training leaves out are dense throughout."""
    if name in DENSE:
        return nn.Sequential(nn.Flatten(), *DENSE[name])
    return network_of_training(name)


def in_batches(
    module: nn.Module, batch_size: int, to_images: Callable[[np.ndarray], Tensor]
) -> Predict:
    """Predict batch by batch."""

    def predict(floats: np.ndarray) -> Tensor:
        return torch.cat([module(batch) for batch in to_images(floats).split(batch_size)])

    return predict


def main() -> None:
    """Time what the JSON argument asks for, in each layout of memory."""
    task, options = read_task()
    bulk: dict[str, Predict] = {}
    one: dict[str, Predict] = {}
    for name, layout in LAYOUTS.items():
        torch.manual_seed(0)
        module = network(task.model).eval().to(memory_format=layout)

        def to_images(floats: np.ndarray, layout: torch.memory_format = layout) -> Tensor:
            return torch.from_numpy(floats).permute(0, 3, 1, 2).contiguous(memory_format=layout)

        for size in BATCH_SIZES:
            bulk[f"{name}, batches of {size}"] = in_batches(module, size, to_images)
        one[name] = in_batches(module, 1, to_images)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, options["bfloat16"]):
        print(json.dumps(time_ways(task, random_floats(task.images), bulk, one)))


if __name__ == "__main__":
    main()

"""PyTorch in float32: images per second of training, eager or compiled."""

import json
import sys

import torch
from timing import CLASSES, Task, batches, random_floats, time_steps
from torch import Tensor, nn
from torch.nn import functional


class ScaledTanh(nn.Module):
    """1.7159·tanh(2x/3)."""

    def forward(self, inputs: Tensor) -> Tensor:
        """The activation."""
        return 1.7159 * torch.tanh(inputs * (2 / 3))


class Block(nn.Module):
    """A residual block of glyphnet."""

    def __init__(self, width_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = convolution(width_in, width, 3, stride)
        self.conv2, self.norm2 = convolution(width, width, 3, 1)
        self.shortcut = nn.Sequential()
        if stride > 1:
            pool = nn.AvgPool2d(2, ceil_mode=True)
            self.shortcut = nn.Sequential(pool, *convolution(width_in, width, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Features of the next size."""
        changed = functional.relu(self.norm1(self.conv1(features)))
        return functional.relu(self.norm2(self.conv2(changed)) + self.shortcut(features))


def convolution(width_in: int, width: int, kernel: int, stride: int) -> list[nn.Module]:
    """A convolution without bias, then batch norm."""
    conv = nn.Conv2d(width_in, width, kernel, stride, padding=kernel // 2, bias=False)
    return [conv, nn.BatchNorm2d(width)]


def network(name: str) -> nn.Sequential:
    """The network of that name, from images [batch, 1, 28, 28] to logits."""
    conv, dense, flat = nn.Conv2d, nn.Linear, nn.Flatten()
    relu, tanh, mean = nn.ReLU(), ScaledTanh(), nn.AvgPool2d(2)
    blocks = (Block(32, 32, 1), Block(32, 64, 2), Block(64, 128, 2))
    networks = {
        "conv2": [
            *(conv(1, 32, 3), relu, conv(32, 32, 3, padding=1), relu),
            *(flat, dense(21_632, CLASSES)),
        ],
        "conv-pool": [conv(1, 32, 3), relu, nn.MaxPool2d(2), flat, dense(5_408, CLASSES)],
        "lenet5": [
            *(conv(1, 32, 6), relu, mean, conv(32, 32, 6), relu, mean),
            *(flat, dense(288, 120), relu, dense(120, 84), relu, dense(84, CLASSES)),
        ],
        "lenet5-classic": [
            *(conv(1, 6, 5, padding=2), tanh, mean, conv(6, 16, 5), tanh, mean),
            *(flat, dense(400, 120), tanh, dense(120, 84), tanh, dense(84, CLASSES)),
        ],
        "glyphnet": [
            *(*convolution(1, 32, 3, 2), relu, *blocks),
            *(nn.AdaptiveAvgPool2d(1), flat, dense(128, CLASSES)),
        ],
    }
    return nn.Sequential(*networks[name])


def time_layout(
    task: Task, compiled: bool, bfloat16: bool, layout: torch.memory_format
) -> dict[str, float]:
    """Time the training with features in one layout of memory."""
    floats, classes = random_floats()
    images = torch.from_numpy(floats).permute(0, 3, 1, 2).contiguous(memory_format=layout)
    labels = torch.from_numpy(classes)
    module = network(task.model).to(memory_format=layout)
    optimizer = torch.optim.SGD(module.parameters(), 0.01)
    model, order = torch.compile(module) if compiled else module, batches(task.batch_size)

    def step() -> None:
        chosen = torch.from_numpy(next(order))
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, bfloat16):
            loss = functional.cross_entropy(model(images[chosen]), labels[chosen])
        loss.backward()
        optimizer.step()

    parameters = sum(p.numel() for p in module.parameters())
    return {**time_steps(task, step, int), "parameters": parameters}


def main() -> None:
    """Time what the JSON argument asks for, in the faster of two layouts."""
    options = json.loads(sys.argv[1])
    compiled, bfloat16 = options.pop("compiled"), options.pop("bfloat16", False)
    layouts = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}
    answers = {
        name: time_layout(Task(**options), compiled, bfloat16, layout)
        for name, layout in layouts.items()
    }
    layout = max(answers, key=lambda name: answers[name]["images_per_second"])
    print(json.dumps({**answers[layout], "by": layout}))


if __name__ == "__main__":
    main()

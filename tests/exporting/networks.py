"""Classifiers of every kind, with weights of chance, and runs of them."""

from pathlib import Path
from typing import Any

import torch
from tests.toys import bars

import glyphlab
from glyphlab.models import build, names
from glyphlab.models.classifier import Classifier, Head
from glyphlab.training.run import Run

CLASSES = ("bar0", "bar1", "Ж")
KINDS: dict[str, tuple[str, dict[str, Any], int, Head]] = {
    **{name: (name, {}, 1, "logits") for name in names()},
    "mlp of tanh": ("mlp", {"hidden": [20, 10], "activation": "tanh"}, 1, "logits"),
    "conv-pool of means, RGB": ("conv-pool", {"pooling": "mean"}, 3, "logits"),
    "glyphnet of nine views, RGB": ("glyphnet", {"width": 8, "views": 9}, 3, "logits"),
    "conv2 of the notebook": ("conv2", {}, 1, "sigmoid"),
    "lenet5 of the notebook": ("lenet5", {}, 1, "softmax"),
}
"""Model, arguments, channels and head."""


def classifier(kind: str) -> Classifier:
    """One with statistics of batch norms, too, that are not those of the beginning."""
    model, arguments, channels, head = KINDS[kind]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = build(model, (28, 28, channels), len(CLASSES), **arguments)
        for layer in module.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                torch.nn.init.uniform_(layer.running_mean, -0.5, 0.5)
                torch.nn.init.uniform_(layer.running_var, 0.5, 2)
    return Classifier(
        module=module.to(memory_format=torch.channels_last).eval(),
        model=model,
        classes=CLASSES,
        image_shape=(28, 28, channels),
        mean=[0.4, 0.45, 0.5][:channels],
        std=[0.3, 0.25, 0.2][:channels],
        arguments=arguments,
        head=head,
    )


def run_of(folder: Path, model: str = "logistic", n: int = 120) -> Run:
    """A run of a few steps on bars."""
    recipe = glyphlab.default_recipe(model).replace(steps=20, batch_size=32, precision="float32")
    return glyphlab.fit(model, bars(n), recipe, out=folder)


def run_of_built(folder: Path, model: str, **arguments: Any) -> Run:
    """A run of a module that was built before its training, read from its files alone."""
    recipe = glyphlab.default_recipe(model).replace(steps=20, batch_size=32, precision="float32")
    data = bars(120)
    module = build(model, data.image_shape, len(data.classes), **arguments)
    return Run(glyphlab.fit(module, data, recipe, out=folder).path)

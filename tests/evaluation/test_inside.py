"""Looking inside a network: maps of its layers, and pixels that a mistake hangs on."""

import numpy as np
import pytest
import torch
from torch import nn

from glyphlab.evaluation.activations import activations
from glyphlab.evaluation.saliency import saliency
from glyphlab.models import build
from glyphlab.models.classifier import Classifier

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 1), dtype=np.uint8)


def classifier(model: str | nn.Module, classes: int = 10) -> Classifier:
    torch.manual_seed(0)
    module = build(model, (28, 28, 1), classes)
    names = [f"c{k}" for k in range(classes)]
    return Classifier(module, "any", names, (28, 28, 1), mean=[0.5], std=[0.25])


@pytest.mark.parametrize(
    ("model", "shapes"),
    [
        ("logistic", []),
        ("conv2", [("conv1", (32, 26, 26)), ("conv2", (32, 26, 26))]),
        ("conv-pool", [("conv", (32, 26, 26)), ("pool", (32, 13, 13))]),
    ],
)
def test_each_layer_gives_its_maps_in_order(
    model: str, shapes: list[tuple[str, tuple[int, ...]]]
) -> None:
    found = activations(classifier(model), IMAGES[0])
    assert [(layer, maps.shape) for layer, maps in found] == shapes


def test_the_maps_are_those_of_the_convolution() -> None:
    made = classifier("conv-pool")
    image = (torch.from_numpy(IMAGES[0].astype(np.float32) / 255)[None, None, :, :, 0] - 0.5) / 0.25
    with torch.no_grad():
        expected = made.module.conv(image)[0].numpy()
    assert activations(made, IMAGES[0])[0].maps == pytest.approx(expected, abs=1e-5)


def test_a_network_of_several_views_shows_the_first_and_stays_in_its_mode() -> None:
    made = classifier("glyphnet")
    made.module.train()
    found = activations(made, IMAGES[0])
    assert found[0].maps.shape == (32, 14, 14)
    assert made.module.training
    assert not any(m._forward_hooks for m in made.module.modules())


def test_saliency_of_a_linear_model_is_the_difference_of_its_weights() -> None:
    made = classifier("logistic")
    said, meant = np.array([3, 1, 0, 7]), np.array([5, 2, 9, 8])
    weights = made.module.dense.weight.detach().numpy().reshape(10, 28, 28)
    expected = np.abs(weights[said] - weights[meant])
    expected /= expected.max(axis=(1, 2), keepdims=True)
    found = saliency(made, IMAGES, said, meant)
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, abs=1e-5)


def test_saliency_leaves_the_network_without_gradients_and_in_its_mode() -> None:
    made = classifier("glyphnet")
    made.module.train()
    found = saliency(made, IMAGES, np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4]))
    assert found.shape == (4, 28, 28)
    assert found.max(axis=(1, 2)) == pytest.approx(1)
    assert all(p.grad is None for p in made.module.parameters())
    assert made.module.training

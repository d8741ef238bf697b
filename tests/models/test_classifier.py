"""Classifying images with a trained module."""

import copy
import math
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from glyphlab.errors import InputError
from glyphlab.models import build
from glyphlab.models.classifier import Classifier, Head


class Modes(nn.Module):
    """Counts what it is asked, and in which mode."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(12, 2)
        self.seen: list[tuple[int, bool, bool]] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.seen.append((len(images), self.training, torch.is_inference_mode_enabled()))
        return self.dense(images.flatten(1))


def classifier(module: nn.Module | None = None, **changes: Any) -> Classifier:
    keywords = {
        "module": module or build("logistic", (2, 2, 3), 2),
        "model": "logistic",
        "classes": ["a", "b"],
        "image_shape": (2, 2, 3),
        "mean": [0.1, 0.2, 0.3],
        "std": [0.5, 0.6, 0.7],
    }
    return Classifier(**(keywords | changes))


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (7, 2, 2, 3), np.uint8)


def test_logits_are_those_of_the_module_on_normalised_images(images: np.ndarray) -> None:
    made = classifier()
    shares = (images / 255 - [0.1, 0.2, 0.3]) / [0.5, 0.6, 0.7]
    flat = shares.transpose(0, 3, 1, 2).reshape(7, 12)
    dense = made.module.dense
    expected = flat @ dense.weight.detach().numpy().T + dense.bias.detach().numpy()
    logits = made.logits(images)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


def test_probabilities_are_the_softmax_of_the_logits(images: np.ndarray) -> None:
    made = classifier()
    powers = np.exp(made.logits(images).astype(np.float64))
    probabilities = made.probabilities(images)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, powers / powers.sum(1, keepdims=True), rtol=1e-5)


@pytest.mark.parametrize(
    ("head", "function"),
    [
        ("sigmoid", lambda output: 1 / (1 + np.exp(-output))),
        ("softmax", lambda output: np.exp(output) / np.exp(output).sum(1, keepdims=True)),
    ],
)
def test_the_notebooks_heads_are_applied_to_the_output_and_taken_for_logits(
    head: Head, function: Callable[[np.ndarray], np.ndarray], images: np.ndarray
) -> None:
    made = classifier()
    output = made.logits(images).astype(np.float64)
    made.head = head
    np.testing.assert_allclose(made.logits(images), function(output), rtol=1e-5)


def test_no_sigmoid_reaches_a_probability_above_e_over_e_plus_9() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(12, 10))
    nn.init.zeros_(module[1].weight)
    with torch.no_grad():
        module[1].bias.copy_(torch.tensor([100.0] + [-100.0] * 9))
    made = classifier(module, classes=list("ABCDEFGHIJ"), head="sigmoid")
    best = made.probabilities(np.zeros((1, 2, 2, 3), np.uint8)).max()
    assert best == pytest.approx(math.e / (math.e + 9), rel=1e-5)


def test_images_go_through_in_batches_in_evaluation_mode_without_gradients(
    images: np.ndarray,
) -> None:
    module = Modes().train()
    classifier(module).logits(images, batch_size=3)
    assert module.seen == [(3, False, True), (3, False, True), (1, False, True)]
    assert module.training


def test_the_size_of_batches_does_not_matter(images: np.ndarray) -> None:
    made = classifier()
    np.testing.assert_allclose(
        made.logits(images, batch_size=2), made.logits(images), rtol=1e-5, atol=1e-6
    )


def test_many_batches_are_computed_in_threads_and_come_in_order(images: np.ndarray) -> None:
    made = classifier(build("mlp", (2, 2, 3), 2))
    one_by_one = np.concatenate([made.logits(images[i : i + 1]) for i in range(7)])
    threads = torch.get_num_threads()
    np.testing.assert_allclose(made.logits(images, batch_size=1), one_by_one, rtol=1e-6)
    assert torch.get_num_threads() == threads


def test_a_classifier_can_be_pickled_and_copied_after_use(images: np.ndarray) -> None:
    made = classifier()
    expected = made.logits(images)
    for copied in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made), replace(made)):
        assert np.array_equal(copied.logits(images), expected)


def test_read_only_images_are_taken_without_a_warning(images: np.ndarray) -> None:
    images.flags.writeable = False
    assert classifier().logits(images).shape == (7, 2)


def test_no_images_give_no_logits() -> None:
    assert classifier().probabilities(np.empty((0, 2, 2, 3), np.uint8)).shape == (0, 2)


def test_bfloat16_gives_nearly_the_same_as_float32(images: np.ndarray) -> None:
    made = classifier(build("mlp", (2, 2, 3), 2))
    low = made.logits(images, precision="bfloat16")
    assert low.dtype == np.float32
    assert not np.array_equal(low, made.logits(images))
    np.testing.assert_allclose(low, made.logits(images), atol=0.1)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((3, 2, 2, 1), np.uint8),
        np.zeros((3, 4, 4, 3), np.uint8),
        np.zeros((2, 2, 3), np.uint8),
        np.zeros((3, 2, 2, 3), np.float32),
    ],
)
def test_images_of_another_shape_or_type_are_refused(images: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"logistic takes images uint8 \[n, 2, 2, 3\], not"):
        classifier().logits(images)


def test_it_says_what_it_is() -> None:
    text = repr(classifier())
    assert text == "Classifier 'logistic': 26 parameters, images of 2×2×3, 2 classes (a, b)"


def test_frozen_weights_count_as_parameters() -> None:
    made = classifier()
    made.module.requires_grad_(False)
    assert made.parameters == 26

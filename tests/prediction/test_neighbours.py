"""The training images that a model takes to be most like an image."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.toys import bars

from glyphlab.errors import InputError
from glyphlab.models import build
from glyphlab.models.classifier import Classifier
from glyphlab.prediction import neighbours
from glyphlab.prediction.neighbours import Neighbours

EXAMPLES = bars(60)


def classifier(model: str = "logistic") -> Classifier:
    torch.manual_seed(0)
    module = build(model, (28, 28, 1), 3)
    return Classifier(module.eval(), model, EXAMPLES.classes, (28, 28, 1), mean=[0.3], std=[0.2])


def test_an_example_is_its_own_nearest_and_the_others_follow_by_angle() -> None:
    found, distances = Neighbours(classifier(), EXAMPLES).nearest(EXAMPLES.images[:7], 4)
    pixels = (EXAMPLES.images.reshape(60, -1) / 255 - 0.3) / 0.2
    directions = pixels / np.linalg.norm(pixels, axis=1, keepdims=True)
    apart = np.linalg.norm(directions[:7, None] - directions[None], axis=2)
    assert found.tolist() == np.argsort(apart, axis=1)[:, :4].tolist()
    assert found[:, 0].tolist() == list(range(7))
    assert distances == pytest.approx(np.sort(apart, axis=1)[:, :4], abs=3e-3)
    assert (found.dtype, distances.dtype) == (np.int64, np.float32)


def test_images_of_a_class_lie_near_examples_of_that_class() -> None:
    images = bars(30, seed=5)
    found, _ = Neighbours(classifier("lenet5"), EXAMPLES).nearest(images.images, 1)
    assert EXAMPLES.labels[found[:, 0]].tolist() == images.labels.tolist()


def test_where_there_are_fewer_examples_all_are_given() -> None:
    few = Neighbours(classifier(), EXAMPLES.subset(np.arange(3)))
    assert few.nearest(EXAMPLES.images[:2], 6)[0].shape == (2, 3)


def test_many_images_are_looked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Neighbours(classifier(), EXAMPLES)
    expected = made.nearest(EXAMPLES.images, 2)
    monkeypatch.setattr(neighbours, "_AT_ONCE", 7)
    found, distances = made.nearest(EXAMPLES.images, 2)
    assert found.tolist() == expected[0].tolist()
    assert distances == pytest.approx(expected[1], abs=3e-3)
    assert [part.shape for part in made.nearest(EXAMPLES.images[:0], 2)] == [(0, 2), (0, 2)]


def test_a_blank_image_has_neighbours_too() -> None:
    dark = replace(classifier(), mean=[0.0])
    _, distances = Neighbours(dark, EXAMPLES).nearest(np.zeros((1, 28, 28, 1), np.uint8), 1)
    assert np.isfinite(distances).all()


def test_what_can_not_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="has no images to compare with"):
        Neighbours(classifier(), EXAMPLES.subset(np.arange(0)))
    with pytest.raises(InputError, match="takes images uint8"):
        Neighbours(classifier(), bars(6, size=20))
    with pytest.raises(InputError, match="must be at least 1, not 0"):
        Neighbours(classifier(), EXAMPLES).nearest(EXAMPLES.images, 0)

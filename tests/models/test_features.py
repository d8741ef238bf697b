"""The features by which a classifier compares images."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from glyphlab.errors import InputError
from glyphlab.models import build
from glyphlab.models.classifier import Classifier
from glyphlab.models.features import WIDEST, Features

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 28, 28, 1), dtype=np.uint8)
PIXELS = (torch.from_numpy(IMAGES).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.25


def classifier(model: str | nn.Module) -> Classifier:
    torch.manual_seed(0)
    module = build(model, (28, 28, 1), 10)
    names = [f"c{k}" for k in range(10)]
    return Classifier(module.eval(), "any", names, (28, 28, 1), mean=[0.5], std=[0.25])


class Tokens(nn.Module):
    """Its last dense layer is given 28 rows for each image."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(28, 10)

    def forward(self, images: Tensor) -> Tensor:
        return self.dense(images.reshape(-1, 28)).view(len(images), 28, 10).mean(1)


@pytest.mark.parametrize(("model", "width"), [("lenet5", 84), ("mlp", 256), ("logistic", 784)])
def test_the_last_layer_makes_the_logits_of_them(model: str, width: int) -> None:
    made = classifier(model)
    features = torch.from_numpy(Features(made)(IMAGES))
    last = [layer for layer in made.module.modules() if isinstance(layer, nn.Linear)][-1]
    assert features.shape == (5, width)
    assert last(features).detach().numpy() == pytest.approx(made.logits(IMAGES), abs=1e-4)


def test_a_network_of_several_views_gives_the_features_of_the_first() -> None:
    made = classifier("glyphnet")
    with torch.no_grad():
        expected = made.module.blocks(made.module.stem(PIXELS)).mean((2, 3)).numpy()
    assert Features(made)(IMAGES) == pytest.approx(expected, abs=1e-5)
    assert made.module.views == 2


@pytest.mark.parametrize("module", [Tokens(), nn.Sequential(nn.Conv2d(1, 10, 28), nn.Flatten())])
def test_without_a_row_for_each_image_they_are_the_normalised_pixels(module: nn.Module) -> None:
    features = Features(classifier(module))(IMAGES)
    assert features == pytest.approx(PIXELS.flatten(1).numpy(), abs=1e-5)


def test_wide_ones_are_hashed_and_keep_their_products() -> None:
    made = classifier("conv2")
    with torch.no_grad():
        wide = made.module.conv2(made.module.conv1(PIXELS).relu()).relu().flatten(1).numpy()
    features = Features(made)(IMAGES)
    assert features.shape == (5, WIDEST)
    lengths = np.linalg.norm(wide, axis=1)
    noise = (features @ features.T - wide @ wide.T) / np.outer(lengths, lengths)
    assert np.abs(noise).max() < 5 / np.sqrt(WIDEST)


def test_threads_share_one_and_the_module_has_no_hooks_left() -> None:
    made = classifier("lenet5")
    features = Features(made)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(features, [IMAGES[[k % 5]] for k in range(40)]))
    assert np.concatenate(found) == pytest.approx(np.tile(features(IMAGES), (8, 1)), abs=1e-4)
    assert not any(layer._forward_hooks for layer in made.module.modules())


def test_images_of_another_shape_are_refused() -> None:
    with pytest.raises(InputError, match=r"takes images uint8 \[n, 28, 28, 1\]"):
        Features(classifier("logistic"))(IMAGES[:, :20])

"""The folded copy is kept, and made again when the module has changed."""

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from glyphlab.models import build
from glyphlab.models.classifier import Classifier
from glyphlab.models.inference import NEAR_BYTES, FoldedCopies


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 12, 12, 1), np.uint8)


def classifier(module: nn.Module) -> Classifier:
    return Classifier(module, "mine", ["a", "b", "c"], (12, 12, 1), [0.4], [0.5])


def by_the_module(module: nn.Module, images: np.ndarray) -> np.ndarray:
    """Logits without Classifier."""
    shares = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        return copy.deepcopy(module).eval()((shares - 0.4) / 0.5).numpy()


def _train(module: nn.Module) -> None:
    optimizer = torch.optim.SGD(module.parameters(), 0.1)
    module.train()
    module(torch.randn(8, 1, 12, 12)).square().sum().backward()
    optimizer.step()


def _by_data(module: nn.Module) -> None:
    for weight in module.parameters():
        weight.data -= 0.01


def _new_memory(module: nn.Module) -> None:
    module.dense.weight.data = module.dense.weight.data + 1


def _new_layer(module: nn.Module) -> None:
    module.dense = nn.Linear(module.dense.in_features, 3)


def _longer(module: nn.Module) -> None:
    module.blocks.append(nn.Sigmoid())


def _load(module: nn.Module) -> None:
    module.load_state_dict({key: value * 2 for key, value in module.state_dict().items()})


@pytest.mark.parametrize("change", [_train, _by_data, _new_memory, _new_layer, _longer, _load])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_change_of_the_module_is_seen(
    change: Callable[[nn.Module], None], precision: str, images: np.ndarray
) -> None:
    torch.manual_seed(0)
    module = build("glyphnet", (12, 12, 1), 3, width=4)
    made = classifier(module)
    before = made.logits(images, precision=precision)
    change(module)
    after = made.logits(images, precision=precision)
    assert not np.allclose(after, before, rtol=0.02)
    expected = by_the_module(module, images)
    np.testing.assert_allclose(after, expected, rtol=0.05, atol=0.02 * np.abs(expected).max())


def test_another_module_is_seen(images: np.ndarray) -> None:
    made = classifier(build("logistic", (12, 12, 1), 3))
    made.logits(images)
    made.module = build("logistic", (12, 12, 1), 3)
    np.testing.assert_allclose(
        made.logits(images), by_the_module(made.module, images), rtol=1e-4, atol=1e-5
    )


def test_the_module_is_not_touched(images: np.ndarray) -> None:
    module = build("glyphnet", (12, 12, 1), 3, width=4).train()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    classifier(module).probabilities(images, precision="bfloat16")
    assert all(layer.training for layer in module.modules())
    assert all(weight.requires_grad for weight in module.parameters())
    assert module.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())


def test_an_unchanged_module_is_folded_once(
    images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = classifier(build("glyphnet", (12, 12, 1), 3, width=4))
    first = made.logits(images)
    monkeypatch.setattr("glyphlab.models.inference.fold", None)
    assert np.array_equal(made.logits(images), first)


def test_logits_that_are_not_finite_are_told_as_such(images: np.ndarray) -> None:
    module = build("conv-pool", (12, 12, 1), 3)
    with torch.no_grad():
        module.conv.weight.fill_(-torch.nan)
    assert np.isnan(classifier(module).logits(images, precision="bfloat16")).all()


def test_a_module_that_chooses_its_way_is_called_itself(images: np.ndarray) -> None:
    class Choosing(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            corner = images[:, 0, 0, :3]
            return corner if len(images) > 1 and float(images.sum()) > -1e9 else -corner

    made = classifier(Choosing())
    corner = (images[:, 0, :3, 0] / 255 - 0.4) / 0.5
    np.testing.assert_allclose(made.logits(images), corner, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(made.logits(images[:1]), -corner[:1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("model", "side", "largest_features"),
    [("conv2", 28, 32 * 26 * 26), ("lenet5-classic", 28, 6 * 28 * 28), ("conv2", 48, 32 * 46 * 46)],
)
def test_as_many_images_at_once_as_stay_near(model: str, side: int, largest_features: int) -> None:
    shape = (side, side, 1)
    folded = FoldedCopies().of(build(model, shape, 10), "float32", shape)
    assert folded.batch_size == NEAR_BYTES // (4 * largest_features)


@pytest.mark.parametrize(("model", "side", "size"), [("logistic", 28, 512), ("conv2", 200, 16)])
def test_neither_all_nor_single_images_at_once(model: str, side: int, size: int) -> None:
    shape = (side, side, 1)
    assert FoldedCopies().of(build(model, shape, 10), "float32", shape).batch_size == size

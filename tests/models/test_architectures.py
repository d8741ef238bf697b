"""Layers, shapes and sizes of the networks."""

import copy
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.errors import InputError
from glyphlab.models import build, names
from glyphlab.models.flatten import Flatten
from glyphlab.models.lenet5_classic import learning_scaled_tanh, scaled_tanh


def parameter_count(name: str, **arguments: str) -> int:
    return sum(p.numel() for p in build(name, (28, 28, 1), 10, **arguments).parameters())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("logistic", 784 * 10 + 10),
        ("mlp", 784 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10),
        ("conv2", 225_898),
        ("conv-pool", 54_410),
        ("lenet5", 83_774),
        ("lenet5-classic", 156 + 2_416 + 48_120 + 10_164 + 850),
    ],
)
def test_parameters_are_as_many_as_the_notebook_and_the_papers_say(
    name: str, expected: int
) -> None:
    assert parameter_count(name) == expected


def test_mean_pooling_has_as_many_parameters_as_max_pooling() -> None:
    assert parameter_count("conv-pool", pooling="mean") == 54_410


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize(
    ("shape", "classes"), [((28, 28, 1), 10), ((32, 32, 3), 4), ((20, 37, 3), 2)]
)
def test_other_sizes_colours_and_classes_work(
    name: str, shape: tuple[int, int, int], classes: int
) -> None:
    height, width, channels = shape
    model = build(name, shape, classes).eval()
    with torch.no_grad():
        logits = model(torch.randn(3, channels, height, width))
    assert logits.shape == (3, classes)
    assert logits.isfinite().all()


@pytest.mark.parametrize("name", names())
def test_logits_are_the_same_in_either_memory_format(name: str) -> None:
    torch.manual_seed(0)
    model = build(name, (28, 28, 3), 10).eval()
    images = torch.randn(4, 3, 28, 28)
    with torch.no_grad():
        plain = model(images)
        last = copy.deepcopy(model).to(memory_format=torch.channels_last)(
            images.to(memory_format=torch.channels_last)
        )
    torch.testing.assert_close(last, plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "least"), [("conv2", 3), ("conv-pool", 4), ("lenet5", 19), ("lenet5-classic", 12)]
)
def test_too_small_an_image_is_refused_naming_the_least_size(name: str, least: int) -> None:
    assert build(name, (least, least, 1), 10) is not None
    with pytest.raises(InputError, match=f"{least - 1}×28.*least size is {least}×{least}"):
        build(name, (least - 1, 28, 1), 10)


def test_logistic_regression_is_one_affine_map() -> None:
    model = build("logistic", (2, 3, 1), 4)
    images = torch.randn(5, 1, 2, 3)
    expected = images.reshape(5, 6) @ model.dense.weight.T + model.dense.bias
    torch.testing.assert_close(model(images), expected)


def test_conv2_is_the_notebooks_stack_of_layers() -> None:
    torch.manual_seed(1)
    model = build("conv2", (28, 28, 1), 10)
    images = torch.randn(2, 1, 28, 28)
    features = model.conv2(model.conv1(images).relu()).relu()
    torch.testing.assert_close(model(images), model.dense(place_by_place(features)))


def place_by_place(features: Tensor) -> Tensor:
    """Rows in the order of Keras, whose features are [height, width, channels]."""
    return torch.from_numpy(
        np.ascontiguousarray(np.moveaxis(features.detach().numpy(), 1, 3))
    ).flatten(1)


def test_features_in_channels_last_memory_are_flattened_without_a_copy() -> None:
    features = torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)
    rows = Flatten()(features)
    assert torch.equal(rows, place_by_place(features))
    assert rows.data_ptr() == features.data_ptr()


@pytest.mark.parametrize(("pooling", "expected"), [("max", 4.0), ("mean", 1.75)])
def test_pooling_takes_the_maximum_or_the_mean_of_each_square(
    pooling: str, expected: float
) -> None:
    model = build("conv-pool", (4, 4, 1), 2, pooling=pooling)
    square = torch.tensor([[[[1.0, 2.0], [0.0, 4.0]]]])
    assert model.pool(square).item() == expected


def test_lenet5_has_a_relu_after_each_layer_but_the_last() -> None:
    torch.manual_seed(2)
    model = build("lenet5", (28, 28, 1), 10)
    images = torch.randn(2, 1, 28, 28)
    features = functional.avg_pool2d(model.conv1(images).relu(), 2)
    features = place_by_place(functional.avg_pool2d(model.conv2(features).relu(), 2))
    features = model.dense2(model.dense1(features).relu()).relu()
    torch.testing.assert_close(model(images), model.dense3(features))


def test_the_classic_network_sees_an_edge_of_background_around_a_digit() -> None:
    model = build("lenet5-classic", (28, 28, 1), 10)
    background = torch.full((1, 1, 28, 28), -0.42)
    maps = model.c1(background)
    assert maps.shape == (1, 6, 28, 28)
    torch.testing.assert_close(maps, maps[:, :, :1, :1].expand_as(maps))


def test_the_scaled_tanh_passes_through_one_and_minus_one() -> None:
    values = scaled_tanh(torch.tensor([-1.0, 0.0, 1.0, 100.0]))
    expected = torch.tensor([-1.0, 0.0, 1.0, 1.7159])
    torch.testing.assert_close(values, expected, atol=1e-4, rtol=0)


def test_the_scaled_tanh_has_the_slope_of_its_formula() -> None:
    inputs = torch.tensor([-2.0, 0.0, 0.7], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(learning_scaled_tanh, (inputs,))
    expected = 1.7159 * torch.tanh(2 / 3 * inputs)
    torch.testing.assert_close(learning_scaled_tanh(inputs), expected)
    torch.testing.assert_close(scaled_tanh(inputs), expected.float())


@pytest.mark.parametrize(
    ("activation", "function"),
    [
        ("linear", lambda value: value),
        ("sigmoid", lambda value: 1 / (1 + math.exp(-value))),
        ("tanh", math.tanh),
        ("relu", lambda value: max(value, 0.0)),
    ],
)
def test_mlp_activations_are_the_notebooks(
    activation: str, function: Callable[[float], float]
) -> None:
    model = build("mlp", (1, 1, 1), 2, hidden=(1,), activation=activation).eval()
    for layer in (model.hidden[0], model.dense):
        nn.init.ones_(layer.weight)
        nn.init.zeros_(layer.bias)
    for value in (-1.5, 0.5):
        logit = model(torch.full((1, 1, 1, 1), value))[0, 0].item()
        assert logit == pytest.approx(function(value), rel=1e-5)


def test_mlp_has_one_layer_for_each_width() -> None:
    model = build("mlp", (28, 28, 1), 10, hidden=[30, 20, 10, 9, 8])
    assert [layer.out_features for layer in model.hidden] == [30, 20, 10, 9, 8]


@pytest.mark.parametrize("name", [n for n in names() if n != "logistic"])
def test_dropout_is_there_to_be_set_and_works_in_training_only(name: str) -> None:
    model = build(name, (28, 28, 1), 10, dropout=0.5)
    images = torch.randn(8, 1, 28, 28)
    assert any(isinstance(m, nn.Dropout) and m.p == 0.5 for m in model.modules())
    with torch.no_grad():
        assert not torch.equal(model.train()(images), model(images))
        assert torch.equal(model.eval()(images), model(images))
